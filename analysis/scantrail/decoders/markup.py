"""XML and Apple's property lists."""

import datetime
import plistlib
import re
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import cast
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from scantrail.decoders.values import Members, Value

_OPENING = re.compile(r"\s*<(?:\?xml\b|!--|!DOCTYPE\s+(?!html\b)|(?!html\b|svg\b|!|\?)[A-Za-z_])", re.IGNORECASE)
_PAGES = ("html", "svg")  # markup that shows something: it is left as text
_NESTING = 100  # elements within each other; the walk looks at fewer
_MAX_VALUES = 100_000  # of a binary property list, whose lists may hold one thing many times


class _RefusedError(ValueError):
    """Nested too deeply, or too large."""


def xml(text: str) -> Value:
    """A document: its elements by name, attributes as `@name`, text beside them as `#text`. Entities are refused."""
    root = _root(text)
    if root is None or _name(root.tag) in _PAGES or root.tag == "plist":
        return None
    try:
        return Members([(_name(root.tag), _element(root, 0))])
    except _RefusedError:
        return None


def plist(text: str) -> Value:
    """A property list in XML (https://www.apple.com/DTDs/PropertyList-1.0.dtd); its dates and data stay text."""
    if "<plist" not in text:
        return None
    root = _root(text)
    if root is None or root.tag != "plist" or len(root) != 1:
        return None
    try:
        return _property(root[0], 0)
    except (_RefusedError, InvalidOperation):
        return None


def binary_plist(data: bytes) -> Value:
    """A binary property list."""
    if data[:8] not in (b"bplist00", b"bplist01"):
        return None
    try:
        return _Plain().value(plistlib.loads(data, fmt=plistlib.FMT_BINARY), 0)
    except (
        plistlib.InvalidFileException,
        _RefusedError,
        RecursionError,
        MemoryError,
        ValueError,
        TypeError,
        IndexError,
    ):
        return None


def _root(text: str) -> Element | None:
    if not _OPENING.match(text) or not text.rstrip().endswith(">"):
        return None
    try:
        # As text, it is no longer in the encoding that its declaration states.
        return cast("Element", fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1)))
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        return None


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]


def _element(element: Element, nesting: int) -> Value:
    if nesting > _NESTING:
        raise _RefusedError
    pairs: list[tuple[str, Value]] = [(f"@{_name(name)}", value) for name, value in element.attrib.items()]
    pairs += [(_name(child.tag), _element(child, nesting + 1)) for child in element]
    text = "".join([element.text or "", *(child.tail or "" for child in element)]).strip()
    if not pairs:
        return text
    return Members([*pairs, ("#text", text)] if text else pairs)


def _property(element: Element, nesting: int) -> Value:
    if nesting > _NESTING:
        raise _RefusedError
    text = (element.text or "").strip()
    match element.tag:
        case "dict":
            pairs = list(pairwise(element))[::2]
            return Members([(name.text or "", _property(value, nesting + 1)) for name, value in pairs])
        case "array":
            return [_property(item, nesting + 1) for item in element]
        case "integer" | "real":
            return Decimal(text)
        case "true" | "false":
            return element.tag == "true"
    return text


class _Plain:
    """What plistlib gave, as values, so many at most."""

    def __init__(self) -> None:
        self.count = 0

    def value(self, found: object, nesting: int) -> Value:
        self.count += 1
        if self.count > _MAX_VALUES or nesting > _NESTING:
            raise _RefusedError
        match found:
            case dict():
                return Members([(str(name), self.value(item, nesting + 1)) for name, item in found.items()])
            case list():
                return [self.value(item, nesting + 1) for item in found]
            case float():
                return Decimal(repr(found))
            case datetime.datetime():
                return found.isoformat()
            case plistlib.UID():
                return int(found.data)
        return cast("Value", found)
