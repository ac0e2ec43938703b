"""What may be told to whom: a policy as a file, and what of a capture it allows.

Nothing is approved that nobody could read: a gap that can hide something stays open unless the policy accepts it.
"""

import tomllib
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from scantrail.model import CaptureError, Disclosure, Gap, Request, site

ANY, UNREAD = "*", "unread"


class Allow(Struct, frozen=True, forbid_unknown_fields=True):
    """A row: this receiver (a host, or a site with all its hosts, or `*`) may be told these kinds, and why.

    `kinds` are those of `scantrail.detectors.KINDS`; `known` narrows them to known values of these names.
    """

    receiver: str
    kinds: tuple[str, ...]
    reason: str
    known: tuple[str, ...] = ()

    def covers(self, disclosure: Disclosure) -> bool:
        """Whether this row allows a disclosure."""
        host = disclosure.request.receiver
        return (
            self.receiver in (ANY, host, site(host))
            and (ANY in self.kinds or disclosure.kind in self.kinds)
            and (not self.known or disclosure.known in self.known)
        )


class Accept(Struct, frozen=True, forbid_unknown_fields=True):
    """A row: what stays unread of this receiver (or `*`) is accepted, and why."""

    receiver: str
    reason: str

    def covers(self, gap: Gap) -> bool:
        """Whether this row accepts a gap."""
        host = gap.because.receiver
        return self.receiver in (ANY, host, site(host))


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """All rows; the first that covers something speaks."""

    allow: tuple[Allow, ...] = ()
    accept_unread: tuple[Accept, ...] = ()


class Status(StrEnum):
    """What the policy says of one thing."""

    ALLOWED = "allowed"
    OPEN = "open"


class Ruling(NamedTuple):
    """One disclosure or gap, and what the policy says of it."""

    about: Disclosure | Gap
    status: Status
    reason: str
    in_clear: bool  # sent without encryption, so that anybody on the way could read it

    @property
    def request(self) -> Request:
        """The request that it was found in."""
        return self.about.request if isinstance(self.about, Disclosure) else self.about.because

    @property
    def kind(self) -> str:
        """The kind of disclosure, or `unread`."""
        return self.about.kind if isinstance(self.about, Disclosure) else UNREAD


def load(path: Path, kinds: Iterable[str]) -> Policy:
    """Read a policy.

    Args:
        path: the TOML file (docs/policy.md).
        kinds: those that there are.

    Raises:
        CaptureError: it cannot be read; the message says where and what is wrong.

    """
    try:
        policy = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Policy)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise CaptureError(f"{path}: {error}. See docs/policy.md for what a policy holds") from error
    known = {ANY, *kinds}
    for number, row in enumerate(policy.allow):
        if unknown := sorted(set(row.kinds) - known):
            raise CaptureError(f"{path}: allow[{number}].kinds: there is no kind {unknown[0]!r} (docs/tables.md)")
    return policy


def rule(policy: Policy, disclosures: Iterable[Disclosure], gaps: Iterable[Gap]) -> list[Ruling]:
    """Hold what was sent, and what of it nobody could read, against the policy."""
    rows: Any
    rulings = []
    hiding = (gap for gap in gaps if gap.hides)
    sent = (disclosure for disclosure in disclosures if disclosure.side == "sent" and not disclosure.request.unsent)
    for rows, found in ((policy.allow, sent), (policy.accept_unread, hiding)):
        for about in found:
            row = next((row for row in rows if row.covers(about)), None)
            request = about.request if isinstance(about, Disclosure) else about.because
            status = Status.ALLOWED if row else Status.OPEN
            rulings.append(Ruling(about, status, row.reason if row else "", request.url.startswith("http://")))
    return rulings
