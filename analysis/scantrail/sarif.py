"""Rulings as SARIF 2.1.0 (OASIS, 2020), the format in which code hosts and editors take findings of any tool.

Values are masked: such files are shown around.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from scantrail.masking import Mask
from scantrail.model import Disclosure
from scantrail.policy import UNREAD, Ruling, Status

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(capture: Path, rulings: Iterable[Ruling], kinds: Mapping[str, str], version: str) -> dict[str, object]:
    """A SARIF log of one run.

    Args:
        capture: the file or folder that was looked at.
        rulings: what was found, and what the policy says of it.
        kinds: kinds of disclosures and what each tells.
        version: scantrail's.

    """
    rules = [*kinds.items(), (UNREAD, "something left that nobody could read")]
    mask = Mask()
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "scantrail",
                        "version": version,
                        "rules": [{"id": kind, "shortDescription": {"text": meaning}} for kind, meaning in rules],
                    }
                },
                "results": [_result(capture, ruling, mask) for ruling in rulings],
            }
        ],
    }


def _result(capture: Path, ruling: Ruling, mask: Mask) -> dict[str, object]:
    about = ruling.about
    request = ruling.request
    text = _disclosed(about, mask) if isinstance(about, Disclosure) else f"{about.why} ({about.size} bytes)"
    result: dict[str, object] = {
        "ruleId": ruling.kind,
        "level": "error" if ruling.in_clear else "warning",
        "message": {"text": f"{request.receiver or 'a host without name'} was sent {text}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": capture.as_posix()}},
                "logicalLocations": [{"fullyQualifiedName": f"request {request.index}: {about.path or 'connection'}"}],
            }
        ],
    }
    if ruling.status is Status.ALLOWED:
        result |= {"suppressions": [{"kind": "external", "justification": ruling.reason}]}
    return result


def _disclosed(disclosure: Disclosure, mask: Mask) -> str:
    named = f" ({disclosure.known})" if disclosure.known else ""
    return f"{disclosure.kind.replace('_', ' ')}{named} {mask(disclosure.value)}: {disclosure.reasoning}"
