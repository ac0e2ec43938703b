"""HTTP archives (HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/) of any tool, tolerantly.

This module finds the entries, one by one, so that a large archive needs no more memory than its largest entry (and
than the largest value that stands before them); `har_entry` makes a Request of each. Taken as they come: a byte order
mark, UTF-16, gzip, zip (`.zhar`), `entries` before or after other members, with and without a `log` around it, a bare
list of entries, a single entry. An entry that is damaged costs no other.
"""

import io
import json
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, TextIO

import msgspec

from scantrail.model import CaptureError, Problem, Request
from scantrail.readers.har_entry import Entry, lenient, request_of
from scantrail.readers.plain import DAMAGED, opened

_CHUNK = 1 << 18  # characters; doubled while a value is larger
_NEARBY = 1 << 16  # characters in which the next entry is looked for before this one is parsed to find its end
_SPACE = re.compile(r"[\s\ufeff]*")
_BETWEEN = re.compile(r"[\s,]*")
_OPENING = re.compile(r'\{\s*"(?:[^"\\]|\\.){0,99}"')  # of an object with its first key
_ENTRIES = re.compile(r'"entries"\s{0,99}:\s{0,99}\[')
_raw_decode = json.JSONDecoder(strict=False).raw_decode  # some tools leave control characters in strings
_decode = msgspec.json.Decoder(Entry).decode
_REFUSED = (msgspec.MsgspecError, UnicodeEncodeError, RecursionError)  # what json may still take: lone surrogates, NaN

type _Found = tuple[int, Entry | None]  # where an entry begins; None if it is no object


class _DamageError(Exception):
    """Not JSON, or broken off."""


def read(path: Path, problems: list[Problem]) -> Iterator[Request]:
    """Read an archive (see `scantrail.readers` for the contract). Offsets count characters of the decoded text."""
    index = 0
    try:
        with opened(path) as plain, _text(plain) as text:
            for offset, entry in _entries(_Scanner(text), path, problems):
                if entry is None or entry.request is None:
                    problems.append(Problem(path.name, offset, "an entry without a request, skipped"))
                else:
                    yield request_of(entry, entry.request, index)
                    index += 1
    except DAMAGED as error:
        problems.append(Problem(path.name, 0, f"the compression is damaged ({error})"))
    if problems and not index:
        raise CaptureError(f"{path} is not an HTTP archive: {problems[0]}")


def _text(plain: io.BufferedReader) -> TextIO:
    """The characters: UTF-8, or UTF-16 if a byte order mark or the zeros of ASCII in 16 bits say so."""
    head = plain.peek(4)[:4]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return io.TextIOWrapper(plain, "utf-16", "replace")
    if len(head) == 4 and 0 in head:
        return io.TextIOWrapper(plain, "utf-16-be" if head[0] == 0 else "utf-16-le", "replace")
    return io.TextIOWrapper(plain, "utf-8-sig", "surrogateescape")


class _Scanner:
    """JSON that is read as far as it is looked at. `at` is where, in `buffer`, which begins at `begin` of the text."""

    def __init__(self, text: TextIO) -> None:
        self._text, self._size = text, _CHUNK
        self.buffer, self.at, self.begin = "", 0, 0

    @property
    def offset(self) -> int:
        return self.begin + self.at

    def more(self) -> bool:
        """Forget what was passed and read on, the more the longer nothing was."""
        self._size = _CHUNK if self.at else self._size * 2
        chunk = self._text.read(self._size)
        self.buffer, self.begin, self.at = self.buffer[self.at :] + chunk, self.begin + self.at, 0
        return bool(chunk)

    def peek(self, pattern: re.Pattern[str] = _SPACE) -> str:
        """The next character after what the pattern passes; nothing at the end."""
        while True:
            self.at = pattern.match(self.buffer, self.at).end()  # type: ignore[union-attr] # matches nothing at least
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self.more():
                return ""

    def value(self) -> Any:
        """The value that begins here.

        Raises:
            _DamageError: it is none, or is broken off.

        """
        while True:
            try:
                value, end = _raw_decode(self.buffer, self.at)
            except json.JSONDecodeError as error:
                if not (self._cut(error) and self.more()):
                    raise _DamageError(error) from error
            except RecursionError as error:
                raise _DamageError("nested too deep") from error
            else:
                if end < len(self.buffer) or isinstance(value, str | dict | list) or not self.more():
                    self.at = end
                    return value

    def _cut(self, error: json.JSONDecodeError) -> bool:
        """Whether it may be no error but the end of what was read."""
        return error.msg.startswith("Unterminated string") or error.pos > len(self.buffer) - 16

    def find(self, pattern: re.Pattern[str]) -> bool:
        """Go to the end of the next match, wherever in the text."""
        while not (match := pattern.search(self.buffer, self.at)):
            self.at = max(self.at, len(self.buffer) - 400)  # no pattern here is longer
            if not self.more():
                return False
        self.at = match.end()
        return True


def _entries(scanner: _Scanner, path: Path, problems: list[Problem]) -> Iterator[_Found]:
    """The members of `entries`; or, in a file without any, the one entry that the file is."""
    alone: dict[str, Any] = {}
    try:
        found = _find_entries(scanner, alone)
    except _DamageError:
        found = scanner.find(_ENTRIES)
    if found:
        while (yield from _members(scanner, path, problems)) and scanner.find(_ENTRIES):
            pass  # somebody wrote one archive behind another
    elif "request" in alone:
        yield 0, lenient(alone)
    else:
        problems.append(Problem(path.name, 0, "neither a list of entries nor an entry"))


def _find_entries(scanner: _Scanner, alone: dict[str, Any]) -> bool:
    """Go to the first member of `entries`. `alone` takes the other members of the outermost object."""
    match scanner.peek():
        case "[":
            scanner.at += 1
            return True
        case "{":
            scanner.at += 1
            return _find_in_object(scanner, alone, outermost=True)
    raise _DamageError("no object")


def _find_in_object(scanner: _Scanner, alone: dict[str, Any], *, outermost: bool) -> bool:
    while (mark := scanner.peek(_BETWEEN)) == '"':
        key = scanner.value()
        if scanner.peek() != ":":
            raise _DamageError("a key without a value")
        scanner.at += 1
        mark = scanner.peek()
        if key == "entries" and mark == "[":
            scanner.at += 1
            return True
        if key == "log" and mark == "{" and outermost:
            scanner.at += 1
            if _find_in_object(scanner, alone, outermost=False):
                return True
        else:
            value = scanner.value()
            if outermost:
                alone[key] = value
    if mark != "}":
        raise _DamageError("broken off")
    scanner.at += 1
    return False


def _members(scanner: _Scanner, path: Path, problems: list[Problem]) -> Generator[_Found, None, bool]:
    """The entries from here to the end of their list; whether it ended in order."""
    opening = ""
    while (mark := scanner.peek(_BETWEEN)) != "]":
        offset = scanner.offset
        if mark == "{":
            if not opening and (match := _OPENING.match(scanner.buffer, scanner.at)):
                opening = match.group()
            if (entry := _whole(scanner, opening)) is not None:
                yield offset, entry
                continue
        try:
            value = scanner.value()
        except _DamageError as error:
            if not mark or not opening or not _resume(scanner, opening):
                what = f"broken off or damaged ({error}); what stands before is kept"
                problems.append(Problem(path.name, offset, what))
                return False
            problems.append(Problem(path.name, offset, f"a damaged entry ({error}), skipped"))
        else:
            yield offset, lenient(value) if isinstance(value, dict) else None
    return True


def _whole(scanner: _Scanner, opening: str) -> Entry | None:
    """The entry that ends where the next one seems to begin, decoded at once; None if it has to be parsed to know.

    What decodes whole is the entry and nothing else: no part of an object that begins like it is an object.
    """
    at, buffer = scanner.at, scanner.buffer
    next_one = buffer.find(opening, at + 1, at + _NEARBY) if opening else -1
    if next_one < 0:
        return None
    try:
        entry = _decode(buffer[at:next_one].rstrip(" \t\r\n,"))
    except _REFUSED:
        return None
    scanner.at = next_one
    return entry


def _resume(scanner: _Scanner, opening: str) -> bool:
    """Go to where the next entry seems to begin."""
    scanner.at += 1
    if not scanner.find(re.compile(re.escape(opening))):
        return False
    scanner.at -= len(opening)
    return True
