"""One value in the many dresses that it leaves in: found in each, and `Field.path` says how to undo it."""

import re
from itertools import product

import pytest
from builders import make_request, opened
from encoders import ENCODERS

VALUE = "zhang.wei+test@example.test"
CHINESE = "杭州市西湖区文三路 90 号"
LAYERS = {
    "json": r"\|json\.v",
    "json string": r"\|json",
    "jsonp": r"\|jsonp\.v",
    "socket.io": r"\|jsonp\[1\]\.v",
    "ndjson": r"\|ndjson\[0\]\.v",
    "form": r"\|form\.v",
    "url": r"\|url\.query\.v",
    "percent twice": r"\|percent\|percent",
    "entities all": r"\|entities",
    "entities hex": r"\|entities",
    "escapes x": r"\|escapes",
    "base64 percent": r"(\|percent)?\|base64",
    "lz-string base64": r"\|lz-string",
    "brotli": r"\|br",
    "xml": r"\|xml\.a\.v",
    "jwt": r"\|jwt\.claims\.v",
    "protobuf": r"\|protobuf\.2",
    "grpc": r"\|grpc\[0\]\.1",
    "multipart": r"\|multipart\.v",
}
TEXTS = {name for name, encode in ENCODERS.items() if isinstance(encode("a"), str)}
OF_TEXT = {"json", "json string", "jsonp", "socket.io", "ndjson", "entities", "entities all", "entities hex", "escapes"}
OF_TEXT |= {"escapes x", "percent %u", "xml", "jwt", "utf-16", "utf-16 bom", "utf-32"}
OF_TEXT |= {name for name in ENCODERS if name.startswith("lz-string")}
ASCII = {"escapes x", "base64 percent"}
UNREAD = {  # a compressed stream without a mark is opened only if text is in it; quoted-printable is for text
    *product(set(ENCODERS) - TEXTS - {"multipart"}, ("deflate", "brotli", "quoted-printable")),
    *product(("deflate", "brotli", "lz-string bytes", "utf-16", "utf-16 bom", "utf-32", "grpc"), ("protobuf",)),
    ("zstd", "percent +"),
    ("hex space", "percent +"),
}
PAIRS = [
    (inner, outer)
    for inner, outer in product(ENCODERS, repeat=2)
    if not (inner not in TEXTS and outer in OF_TEXT)
    and inner != "lz-string utf16"  # which nobody sends but in JSON
    and (inner, outer) not in UNREAD
]


def layers(name: str) -> str:
    return LAYERS.get(name, rf"\|{name.split()[0]}")


@pytest.mark.parametrize("name", ENCODERS)
def test_a_value_is_found_in_each_encoding_and_its_path_names_it(name: str) -> None:
    found = opened(make_request(body=ENCODERS[name](VALUE)))
    assert [path for path, value in found.items() if value == VALUE and re.fullmatch("body" + layers(name), path)]


@pytest.mark.parametrize("name", sorted(set(ENCODERS) - {"escapes x", "utf-16"}))
def test_chinese_text_is_found_in_each_encoding(name: str) -> None:
    assert CHINESE in opened(make_request(body=ENCODERS[name](CHINESE))).values()


def test_two_encodings_on_each_other_are_undone_one_after_the_other() -> None:
    missed = [
        (inner, outer)
        for inner, outer in PAIRS
        if VALUE not in opened(make_request(body=ENCODERS[outer](ENCODERS[inner](VALUE)))).values()
    ]
    assert missed == []
    assert len(PAIRS) > 2000


@pytest.mark.parametrize(
    "chain",
    [
        ("json", "gzip", "base64", "form"),
        ("form", "percent", "base64", "json"),
        ("protobuf", "gzip", "base64 url-safe unpadded", "json", "zstd"),
        ("json", "lz-string uri", "url", "json string"),
        ("json", "hex", "base64", "multipart"),
        ("form", "entities", "xml", "brotli"),
        ("json", "zlib", "grpc"),
    ],
)
def test_chains_of_several_encodings_are_undone(chain: tuple[str, ...]) -> None:
    wire: str | bytes = VALUE
    for name in chain:
        wire = ENCODERS[name](wire)
    found = opened(make_request(body=wire))
    expected = "body" + "".join(layers(name) for name in reversed(chain))
    assert [path for path, value in found.items() if value == VALUE and re.fullmatch(expected, path)]
