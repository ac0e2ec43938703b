"""From tnetstrings to msgpack, compiled: the flows of a dump in a form that msgspec turns into objects.

A dump is a sequence of tnetstrings (https://tnetstrings.info, with mitmproxy's `;` for text), one dict for each flow.
Every value states its length, so what nobody asked for (certificates, timings) is stepped over unparsed. The wanted
values are written as msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md):

- bytes as text with one character for each byte, which is how the model has what was on the wire; but as bytes below
  the keys in `_BODIES`. Text that is no UTF-8 (mitmproxy writes none such) is taken for bytes;
- keys as text, whether the version wrote text or bytes;
- a decimal number as a float64 where that can be computed exactly, otherwise as the digits that it has.

Nothing in the data is trusted: an index is used only after it was compared with the end of what it lies in.
"""

from collections.abc import Callable
from typing import Any, cast

import numba
import numpy as np

WANTED = (  # at any depth; what else flows hold is left out
    *("client_conn", "error", "id", "messages", "metadata", "request", "response", "server_conn", "type", "version"),
    *("address", "ip_address", "peer_address", "peername", "sni", "timestamp_start", "tls_version", "websocket"),
    *("authority", "body", "content", "headers", "host", "http_version", "httpversion", "method", "path", "port"),
    *("code", "msg", "name", "questions", "reason", "scheme", "status_code", "timestamp", "timestamp_end", "trailers"),
    *("websocket_handshake",),
)
_BODIES = ("body", "content", "messages")
REASONS = (
    "",
    "cut short",
    "not a flow of mitmproxy",
    "a length that leads nowhere",
    "a key that is none",
    "a number that is none",
    "an unknown type of value",
    "nested too deep",
)
_CUT, _FOREIGN, _LENGTH, _KEY, _NUMBER, _TYPE, _DEPTH = range(1, len(REASONS))
FULL, CUT = 0, _CUT  # why `transcode` came back
_OFFSET, _BEGIN, _END, _REASON = range(4)  # the columns of its table
COLUMNS = _REASON + 1
GROWTH = 3
"""An upper bound of what a byte can grow to: "0:]" becomes the five bytes of an array32, "1:1^" the nine of a float."""

_LIMIT, _HEAD, _COUNT, _DICT, _IS_RAW = range(5)  # the columns of `_flow`'s stack
_LENGTH_DIGITS = 12  # as many as mitmproxy allows
_DEEPEST = 24  # mitmproxy's own nest 6 deep
_SLOTS = 256


def _compiled[F: Callable[..., Any]](function: F) -> F:
    return cast("F", numba.njit(nogil=True)(function))


def _inlined[F: Callable[..., Any]](function: F) -> F:
    """Compiled into its callers, which is a fifth faster here."""
    return cast("F", numba.njit(nogil=True, forceinline=True)(function))


def _cached[F: Callable[..., Any]](function: F) -> F:
    """Compiled, and kept on disk for the next process where some folder can be written."""
    try:
        return cast("F", numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba found no folder for its cache
        return _compiled(function)


def _hash(first: Any, last: Any, length: int) -> int:
    slot: int = (first * 7 + last * 31 + length * 101) & (_SLOTS - 1)
    return slot


def _key_table() -> tuple[Any, Any, Any]:
    """The wanted keys, their lengths, and a hash table of their numbers plus one."""
    keys = np.zeros((len(WANTED), max(map(len, WANTED))), np.uint8)
    lengths = np.array([len(name) for name in WANTED])
    slots = np.zeros(_SLOTS, np.int64)
    for number, name in enumerate(WANTED):
        data = name.encode()
        keys[number, : len(data)] = list(data)
        slot = _hash(data[0], data[-1], len(data))
        while slots[slot]:
            slot = (slot + 1) % _SLOTS
        slots[slot] = number + 1
    return keys, lengths, slots


_KEYS, _LENGTHS, _NUMBERS = _key_table()
_RAW = np.array([name in _BODIES for name in WANTED])
_U = (
    np.uint64
)  # of an index: numba makes sure that a signed one is not negative, which keeps loops from being vectorised
_POWERS = np.array([10**power for power in range(19)])
_hash_of = _inlined(_hash)


@_inlined
def _span(data: Any, at: int, end: int) -> tuple[int, int]:
    """Where the value that begins with its length at `at` lies: its first byte and its type; (0, 0) if nowhere."""
    length, stop = 0, min(end, at + _LENGTH_DIGITS + 1)
    begin = at
    while begin < stop and 48 <= data[_U(begin)] <= 57:
        length = length * 10 + (data[_U(begin)] - 48)
        begin += 1
    if begin == at or begin >= stop or data[_U(begin)] != 58 or length >= end - begin - 1:
        return 0, 0
    return begin + 1, begin + 1 + length


@_inlined
def _wanted(data: Any, begin: int, end: int) -> int:
    """The number of a wanted key, or -1."""
    length = end - begin
    if not 0 < length <= _KEYS.shape[1]:
        return -1
    slot = _hash_of(np.int64(data[_U(begin)]), np.int64(data[_U(end - 1)]), length)
    while _NUMBERS[slot]:
        number: int = _NUMBERS[slot] - 1
        if _LENGTHS[number] == length:
            same = True
            for i in range(length):
                same &= data[_U(begin + i)] == _KEYS[number, i]
            if same:
                return number
        slot = (slot + 1) & (_SLOTS - 1)
    return -1


# Writing. Each function returns where the next value goes.


@_inlined
def _put(out: Any, to: int, kind: int, value: int, width: int) -> int:
    """A type byte and an unsigned number in so many bytes, the most significant first."""
    out[_U(to)] = kind
    for i in range(width):
        out[_U(to + 1 + i)] = (value >> (8 * (width - 1 - i))) & 255
    return to + 1 + width


@_inlined
def _copy(data: Any, begin: int, end: int, out: Any, to: int) -> int:
    first, target = _U(begin), _U(to)
    for i in range(_U(end - begin)):
        out[target + i] = data[first + i]
    return to + end - begin


@_inlined
def _text_head(out: Any, to: int, length: int) -> int:
    if length < 32:
        return _put(out, to, 0xA0 | length, 0, 0)
    if length < 256:
        return _put(out, to, 0xD9, length, 1)
    return _put(out, to, 0xDA, length, 2) if length < 65536 else _put(out, to, 0xDB, length, 4)


@_inlined
def _bytes(data: Any, begin: int, end: int, out: Any, to: int) -> int:
    return _copy(data, begin, end, out, _put(out, to, 0xC6, end - begin, 4))


@_inlined
def _text(data: Any, begin: int, end: int, out: Any, to: int, utf8: bool) -> int:
    """Text as it is if it is UTF-8; otherwise a character for each byte."""
    high, first = 0, _U(begin)
    for i in range(_U(end - begin)):
        high += data[first + i] >> 7
    if not high or (utf8 and _is_utf8(data, begin, end)):
        return _copy(data, begin, end, out, _text_head(out, to, end - begin))
    to = _text_head(out, to, end - begin + high)
    for i in range(begin, end):
        if data[_U(i)] < 128:
            out[_U(to)] = data[_U(i)]
            to += 1
        else:
            out[_U(to)] = 0xC0 | (data[_U(i)] >> 6)
            out[_U(to + 1)] = 0x80 | (data[_U(i)] & 63)
            to += 2
    return to


@_compiled
def _is_utf8(data: Any, begin: int, end: int) -> bool:
    """Well-formed as table 3-7 of the Unicode Standard has it: no overlong form, no surrogate, nothing above 10FFFF."""
    at = begin
    while at < end:
        lead = data[_U(at)]
        if lead < 0x80:
            at += 1
            continue
        more = 1 if 0xC2 <= lead <= 0xDF else 2 if 0xE0 <= lead <= 0xEF else 3 if 0xF0 <= lead <= 0xF4 else 0
        if not more or end - at <= more:
            return False
        low = 0xA0 if lead == 0xE0 else 0x90 if lead == 0xF0 else 0x80
        high = 0x9F if lead == 0xED else 0x8F if lead == 0xF4 else 0xBF
        if not low <= data[_U(at + 1)] <= high:
            return False
        for i in range(at + 2, at + 1 + more):
            if data[_U(i)] & 0xC0 != 0x80:
                return False
        at += 1 + more
    return True


@_inlined
def _integer(data: Any, begin: int, end: int, out: Any, to: int) -> int:
    """An int64; -1 if it is no number of at most 18 digits."""
    first = begin + 1 if begin < end and data[_U(begin)] == 45 else begin
    if not 0 < end - first <= 18:
        return -1
    value = 0
    for i in range(first, end):
        if not 48 <= data[_U(i)] <= 57:
            return -1
        value = value * 10 + (data[_U(i)] - 48)
    return _put(out, to, 0xD3, -value if first > begin else value, 8)


@_inlined
def _float(data: Any, begin: int, end: int, out: Any, to: int, bits: Any) -> int:
    """Seconds since 1970 as float() would round them; what does not look like that stays in digits."""
    whole, fraction, places, at = 0, 0, 0, begin
    while at < end and at - begin < 10 and 48 <= data[_U(at)] <= 57:
        whole = whole * 10 + (data[_U(at)] - 48)
        at += 1
    if at < end and data[_U(at)] == 46:
        at += 1
        while at < end and places < 9 and 48 <= data[_U(at)] <= 57:
            fraction = fraction * 10 + (data[_U(at)] - 48)
            places, at = places + 1, at + 1
    if at < end or not 1 << 20 <= whole < 1 << 34:
        return _text(data, begin, end, out, to, False)
    shift = 52  # the number's binary places, so that `whole` and they together are 53 bits
    while whole >> (53 - shift):
        shift -= 1
    power = _POWERS[places]
    scaled = fraction << shift  # below 10**9 << 32
    binary, rest = scaled // power, scaled % power
    if 2 * rest > power or (2 * rest == power and binary & 1):
        binary += 1
    bits[0] = np.float64((whole << shift) + binary) / np.float64(1 << shift)
    return _put(out, to, 0xCB, bits.view(np.int64)[0], 8)


@_inlined
def _scalar(data: Any, begin: int, end: int, raw: bool, out: Any, to: int, bits: Any) -> int:
    """Any value that holds no others; `end` is where its type stands. Its error, negative, if it is none."""
    kind = data[_U(end)]
    if kind == 44 or kind == 59:  # , ;
        return _bytes(data, begin, end, out, to) if raw else _text(data, begin, end, out, to, kind == 59)
    if kind == 126:  # ~
        return _put(out, to, 0xC0, 0, 0)
    if kind == 33:  # !
        return _put(out, to, 0xC3 if end - begin == 4 and data[_U(begin)] == 116 else 0xC2, 0, 0)
    if kind == 94:  # ^
        return _float(data, begin, end, out, to, bits)
    if kind == 35:  # #
        after = _integer(data, begin, end, out, to)
        return after if after > 0 else -_NUMBER
    return -_TYPE


@_inlined
def _open(stack: Any, depth: int, limit: int, to: int, is_dict: bool, raw: bool) -> int:
    """Begin a dict or list; its head is written when the number of its values is known."""
    row = _U(depth)
    stack[row, _LIMIT], stack[row, _HEAD], stack[row, _COUNT] = limit, to, 0
    stack[row, _DICT], stack[row, _IS_RAW] = is_dict, raw
    return to + 5


@_inlined
def _key(data: Any, at: int, limit: int) -> tuple[int, int]:
    """The number of the key at `at` (-1: not wanted), and where its value is; or 0 and the error, negative."""
    begin, stop = _span(data, at, limit)
    if not begin:
        return 0, -_LENGTH
    if data[_U(stop)] != 44 and data[_U(stop)] != 59:  # , ;
        return 0, -_KEY
    return _wanted(data, begin, stop), stop + 1


@_inlined
def _key_text(out: Any, to: int, key: int) -> int:
    length: int = _LENGTHS[key]
    to = _text_head(out, to, length)
    for i in range(length):
        out[_U(to + i)] = _KEYS[key, i]
    return to + length


@_compiled
def _flow(data: Any, at: int, end: int, out: Any, to: int, stack: Any, bits: Any) -> int:  # noqa: C901 - see below
    """One flow, the dict between `at` and its type at `end`. Where its msgpack ends, or the error, negative.

    One loop with a stack, since compiled recursion would cost more than the work. A row of `stack` is a dict or list
    that is open: its end, where its head was written, how many values it has, whether it is a dict, and whether bytes
    stay bytes in it.
    """
    depth, key = 0, 0
    to = _open(stack, 0, end, to, True, False)
    while True:
        row = _U(depth)
        limit, is_dict, raw = stack[row, _LIMIT], stack[row, _DICT] != 0, stack[row, _IS_RAW] != 0
        if at == limit:
            _put(out, stack[row, _HEAD], 0xDF if is_dict else 0xDD, stack[row, _COUNT], 4)
            at, depth = at + 1, depth - 1
            if depth < 0:
                return to
            continue
        if is_dict:
            key, at = _key(data, at, limit)
            if at < 0:
                return at
        begin, stop = _span(data, at, limit)
        if not begin:
            return -_LENGTH
        at = stop + 1
        if is_dict:
            if key < 0:
                continue
            raw, to = raw or _RAW[key], _key_text(out, to, key)
        stack[row, _COUNT] += 1
        if data[_U(stop)] == 125 or data[_U(stop)] == 93:  # } ]
            depth += 1
            if depth == _DEEPEST:
                return -_DEPTH
            at, to = begin, _open(stack, depth, stop, to, data[_U(stop)] == 125, raw)
        else:
            to = _scalar(data, begin, stop, raw, out, to, bits)
            if to < 0:
                return to


@_cached
def transcode(data: Any, at: int, out: Any, table: Any) -> tuple[int, int, int, int]:
    """Transcode as many whole flows as there are, from `at`.

    Each is a row of `table`: its offset in `data`, begin and end of its msgpack in `out`, and the number of the reason
    in `REASONS` why there is none. `out` holds `GROWTH` times as much as `data` at least. Returns how many flows were
    taken, where the next one begins, why it was not taken (`FULL`: the table is; `CUT`: `data` ends in it; or the
    reason why it is none), and its length as far as known.
    """
    stack = np.zeros((_DEEPEST, _IS_RAW + 1), np.int64)
    bits = np.zeros(1, np.float64)
    to = count = 0
    while count < len(table):
        stop = at
        length = 0
        while stop < len(data) and stop - at < _LENGTH_DIGITS and 48 <= data[_U(stop)] <= 57:
            length = length * 10 + (data[_U(stop)] - 48)
            stop += 1
        if stop == len(data):
            return count, at, _CUT, 0
        if stop == at or data[_U(stop)] != 58:
            return count, at, _FOREIGN, 0
        begin, size = stop + 1, stop + 1 - at + length + 1
        if length >= len(data) - begin:
            return count, at, _CUT, size
        if data[_U(begin + length)] != 125:
            return count, at, _FOREIGN, 0
        after = _flow(data, begin, begin + length, out, to, stack, bits)
        row = table[count]
        row[_OFFSET], row[_BEGIN], row[_END], row[_REASON] = at, to, max(after, to), -min(after, 0)
        to, at, count = max(after, to), at + size, count + 1
    return count, at, 0, 0
