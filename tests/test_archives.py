"""Zip archives are opened member by member, as far as they go and no further than the limit."""

import io
import zipfile

import pytest
from builders import make_request
from hypothesis import given
from hypothesis import strategies as st

from scantrail.decoders import fields
from scantrail.decoders.archives import zip_members
from scantrail.decoders.limits import Limits
from scantrail.decoders.values import Members
from scantrail.model import Scalar


class _Unseekable(io.BytesIO):
    """A stream into which zip writers put sizes behind the members."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError


def archive(method: int = zipfile.ZIP_DEFLATED, *, streamed: bool = False, fill: int = 0) -> bytes:
    stream = _Unseekable() if streamed else io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as made:
        made.writestr("log.json", '{"lat": 30.25}')
        made.writestr("b/notes.txt", "杭州市" + " " * fill)
    return stream.getvalue()


def opened(data: bytes, limits: Limits = Limits()) -> dict[str, Scalar]:
    return {field.path: field.value for field in fields(make_request(body=data), limits)}


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_members_are_opened_by_name(method: int, streamed: bool) -> None:
    found = opened(archive(method, streamed=streamed))
    assert str(found["body|zip.log.json|json.lat"]) == "30.25"
    assert found["body|zip.b/notes.txt"] == "杭州市"


def test_what_was_cut_is_read_up_to_the_cut() -> None:
    assert str(opened(archive()[:70])["body|zip.log.json|json.lat"]) == "30.25"


def test_a_bomb_stops_at_the_limit_and_says_so() -> None:
    found = fields(make_request(body=archive(fill=1 << 20)), Limits(expansion=1 << 10))
    assert [field.limit for field in found] == ["expansion"]


@given(st.binary(max_size=200))
def test_any_bytes_after_the_mark_are_judged_without_an_error(data: bytes) -> None:
    found = zip_members(b"PK\x03\x04" + data, 1000)
    assert found is None or isinstance(found, bytes | Members)


def test_heads_without_end_cost_no_more_than_their_length() -> None:
    head = b"PK\x03\x04" + b"\x14\0\x08\0\x08\0" + bytes(20)
    assert zip_members(head * 20_000, 1 << 20) is not None
