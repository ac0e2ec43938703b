"""From tnetstrings to msgpack: the flows of a dump in a form that msgspec turns into objects.

A dump is a sequence of tnetstrings (https://tnetstrings.info, with mitmproxy's `;` for text), one dict for each flow.
Every value states its length, so what nobody asked for (certificates, timings) is stepped over unparsed. The wanted
values are written as msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md):

- bytes as text with one character for each byte, which is how the model has what was on the wire; but as bytes below
  the keys in `_BODIES`. Text that is no UTF-8 (mitmproxy writes none such) is taken for bytes;
- keys as text, whether the version wrote text or bytes;
- a decimal number as the digits that it has;
- a connection as its number: a dump repeats both in every flow, and most flows share them with others. What they are
  is written once, behind the flow that has them first.

`transcode` runs as Python does, or compiled (`compiled`), which is forty times as fast and takes seconds to make.
Nothing in the data is trusted: an index is used only after it was compared with the end of what it lies in.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import numpy as np

WANTED = (  # at any depth; what else flows hold is left out
    *("client_conn", "server_conn"),
    *("error", "id", "messages", "metadata", "request", "response", "type", "version"),
    *("address", "ip_address", "peer_address", "peername", "sni", "timestamp_start", "tls_version", "websocket"),
    *("authority", "body", "content", "headers", "host", "http_version", "httpversion", "method", "path", "port"),
    *("code", "msg", "name", "questions", "reason", "scheme", "status_code", "timestamp", "timestamp_end", "trailers"),
    *("websocket_handshake",),
)
_BODIES = ("body", "content", "messages")
_CONNECTIONS = 2  # how many of the first keys hold connections
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
_OFFSET, _BEGIN, _END, _REASON, _SIZE = range(5)  # the columns of its tables
COLUMNS = _SIZE + 1
GROWTH = 3
"""An upper bound of what a byte can grow to: "0:]" becomes the five bytes of an array32."""

_LIMIT, _HEAD, _COUNT, _DICT, _IS_RAW = range(5)  # the columns of `_values`' stack
_LENGTH_DIGITS = 12  # as many as mitmproxy allows
_DEEPEST = 24  # mitmproxy's own nest 6 deep
_SLOTS = 256
_RECENT = 64  # connections among which one is looked for, by the sum of its bytes
_ROOM = _RECENT  # where, behind their numbers, how many there are is kept


_OPTIONS: dict[str, Any] = {"_nrt": False, "error_model": "numpy"}
"""Counting references to the arrays, which outlive the call, would take two thirds of the time. Nothing allocates."""


@cache
def compiled() -> Callable[..., Any]:
    """`transcode`, compiled; kept on disk for the next process where some folder can be written."""
    import numba  # takes its time to load, and small dumps do without
    from numba.extending import overload, register_jitable

    options: Any = _OPTIONS | {"no_cfunc_wrapper": True, "no_cpython_wrapper": True}  # of what only `transcode` calls
    for function, loop in ((_copy, _copy_loop), (_high, _high_loop), (_sum, _sum_loop), (_same, _same_loop)):
        overload(function, options, strict=False)(lambda *_, loop=loop: loop)
    for called in (_hash, _span, _wanted, _put, _text, _is_utf8, _integer, _scalar, _connection, _values):
        register_jitable(**options)(called)
    try:
        jit = numba.njit(cache=True, nogil=True, **_OPTIONS)(transcode)
    except RuntimeError:  # numba found no folder for its cache
        jit = numba.njit(nogil=True, **_OPTIONS)(transcode)
    return cast("Callable[..., Any]", jit)


def room(flows: int) -> tuple[Any, Any, Any, Any]:
    """What `transcode` needs to work in, for so many flows: its last arguments."""
    table, connections = np.zeros((flows, COLUMNS), np.int64), np.zeros((2 * flows, COLUMNS), np.int64)
    return table, connections, np.zeros((_DEEPEST, _IS_RAW + 1), np.int64), np.zeros(_RECENT + 1, np.int64)


# What Python does at once for many bytes, and the loops that are compiled instead. Their indices are unsigned: numba
# makes sure that a signed one is not negative, which keeps a loop from being vectorised.


def _copy(data: Any, begin: int, end: int, out: Any, to: int) -> int:
    """Copy bytes. Like all that writes, it returns where the next value goes."""
    out[to : to + end - begin] = data[begin:end]
    return to + end - begin


def _copy_loop(data: Any, begin: int, end: int, out: Any, to: int) -> int:
    first, target = np.uint64(begin), np.uint64(to)
    for i in range(np.uint64(end - begin)):
        out[target + i] = data[first + i]
    return to + end - begin


def _high(data: Any, begin: int, end: int) -> int:
    """How many bytes are not ASCII."""
    part = data[begin:end]
    return 0 if part.isascii() else sum(byte >> 7 for byte in part)


def _high_loop(data: Any, begin: int, end: int) -> int:
    high, first = 0, np.uint64(begin)
    for i in range(np.uint64(end - begin)):
        high += data[first + i] >> 7
    return high


def _sum(data: Any, begin: int, end: int) -> int:
    return sum(data[begin:end])


def _sum_loop(data: Any, begin: int, end: int) -> int:
    total, first = 0, np.uint64(begin)
    for i in range(np.uint64(end - begin)):
        total += data[first + i]
    return total


def _same(data: Any, begin: int, end: int, other: int) -> bool:
    """Whether the bytes from `other` on are the same."""
    same: bool = data[begin:end] == data[other : other + end - begin]
    return same


def _same_loop(data: Any, begin: int, end: int, other: int) -> bool:
    differ, first, second = 0, np.uint64(begin), np.uint64(other)
    for i in range(np.uint64(end - begin)):
        differ |= data[first + i] ^ data[second + i]
    return differ == 0


# Reading


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


def _span(data: Any, at: int, end: int) -> tuple[int, int]:
    """Where the value that begins with its length at `at` lies: its first byte and its type; (0, 0) if nowhere."""
    length, stop = 0, min(end, at + _LENGTH_DIGITS + 1)
    begin = at
    while begin < stop and 48 <= data[begin] <= 57:
        length = length * 10 + (data[begin] - 48)
        begin += 1
    if begin == at or begin >= stop or data[begin] != 58 or length >= end - begin - 1:
        return 0, 0
    return begin + 1, begin + 1 + length


def _wanted(data: Any, begin: int, end: int) -> int:
    """The number of a wanted key, or -1."""
    length = end - begin
    if not 0 < length <= _KEYS.shape[1]:
        return -1
    slot = _hash(int(data[begin]), int(data[end - 1]), length)
    while _NUMBERS[slot]:
        number: int = _NUMBERS[slot] - 1
        if _LENGTHS[number] == length:
            same = True
            for i in range(length):
                same &= data[begin + i] == _KEYS[number, i]
            if same:
                return number
        slot = (slot + 1) & (_SLOTS - 1)
    return -1


def _is_utf8(data: Any, begin: int, end: int) -> bool:
    """Well-formed as table 3-7 of the Unicode Standard has it: no overlong form, no surrogate, nothing above 10FFFF."""
    at = begin
    while at < end:
        lead = data[at]
        if lead < 0x80:
            at += 1
            continue
        more = 1 if 0xC2 <= lead <= 0xDF else 2 if 0xE0 <= lead <= 0xEF else 3 if 0xF0 <= lead <= 0xF4 else 0
        if not more or end - at <= more:
            return False
        low = 0xA0 if lead == 0xE0 else 0x90 if lead == 0xF0 else 0x80
        high = 0x9F if lead == 0xED else 0x8F if lead == 0xF4 else 0xBF
        if not low <= data[at + 1] <= high:
            return False
        for i in range(at + 2, at + 1 + more):
            if data[i] & 0xC0 != 0x80:
                return False
        at += 1 + more
    return True


# Writing


def _put(out: Any, to: int, kind: int, value: int, width: int) -> int:
    """A type byte and a number in so many bytes, the most significant first."""
    out[to] = kind
    for i in range(width):
        out[to + 1 + i] = (value >> (8 * (width - 1 - i))) & 255
    return to + 1 + width


def _text(data: Any, begin: int, end: int, out: Any, to: int, utf8: bool) -> int:
    """Text as it is if it is UTF-8; otherwise a character for each byte."""
    length, high = end - begin, _high(data, begin, end)
    plain = high == 0 or (utf8 and _is_utf8(data, begin, end))
    if not plain:
        length += high
    if length < 32:
        to = _put(out, to, 0xA0 | length, 0, 0)
    else:
        to = _put(out, to, 0xD9, length, 1) if length < 256 else _put(out, to, 0xDB, length, 4)
    if plain:
        return _copy(data, begin, end, out, to)
    for i in range(begin, end):
        byte = int(data[i])
        if byte < 128:
            out[to] = byte
            to += 1
        else:
            to = _put(out, to, 0xC0 | (byte >> 6), 0x80 | (byte & 63), 1)
    return to


def _integer(data: Any, begin: int, end: int, out: Any, to: int) -> int:
    """An int64; the error, negative, if it is no number of at most 18 digits."""
    first = begin + 1 if begin < end and data[begin] == 45 else begin
    if not 0 < end - first <= 18:
        return -_NUMBER
    value = 0
    for i in range(first, end):
        if not 48 <= data[i] <= 57:
            return -_NUMBER
        value = value * 10 + (data[i] - 48)
    return _put(out, to, 0xD3, -value if first > begin else value, 8)


def _scalar(data: Any, begin: int, end: int, raw: bool, out: Any, to: int) -> int:
    """Any value that holds no others; `end` is where its type stands. Its error, negative, if it is none."""
    kind = data[end]
    if kind == 44 or kind == 59 or kind == 94:  # , ; ^
        if raw and kind != 94:
            return _copy(data, begin, end, out, _put(out, to, 0xC6, end - begin, 4))
        return _text(data, begin, end, out, to, kind == 59)
    if kind == 35:  # #
        return _integer(data, begin, end, out, to)
    if kind == 126:  # ~
        return _put(out, to, 0xC0, 0, 0)
    if kind == 33:  # !
        return _put(out, to, 0xC3 if end - begin == 4 and data[begin] == 116 else 0xC2, 0, 0)
    return -_TYPE


def _connection(data: Any, begin: int, end: int, recent: Any, connections: Any) -> int:
    """The number of the connection between `begin` and `end`: one that was seen lately, or the next free one."""
    slot = _sum(data, begin, end) & (_RECENT - 1)
    number: int = recent[slot] - 1
    if number >= 0:
        other = connections[number, _OFFSET]
        if connections[number, _SIZE] == end - begin and _same(data, begin, end, other):
            return number
    number = recent[_ROOM]
    recent[_ROOM] = number + 1
    recent[slot] = number + 1
    connections[number, _OFFSET] = begin
    connections[number, _SIZE] = end - begin
    return number


def _values(  # noqa: C901 - see below
    data: Any, at: int, end: int, out: Any, to: int, stack: Any, recent: Any, connections: Any, whole: bool
) -> int:
    """The dict between `at` and its type at `end`. Where its msgpack ends, or the error, negative.

    One loop with a stack, since recursion would cost more than the work. A row of `stack` is a dict or list that is
    open around the one that is read: its end, where its head goes, how many values it has, whether it is a dict, and
    whether bytes stay bytes in it. A flow is `whole`; a connection is not, and holds no others.
    """
    depth, limit, head, count, is_dict, raw = 0, end, to, 0, True, False
    key = 0
    to += 5
    while True:
        if at == limit:
            _put(out, head, 0xDF if is_dict else 0xDD, count, 4)
            if depth == 0:
                return to
            depth -= 1
            row = depth
            at, limit, head, count = limit + 1, stack[row, _LIMIT], stack[row, _HEAD], stack[row, _COUNT]
            is_dict, raw = stack[row, _DICT] != 0, stack[row, _IS_RAW] != 0
            continue
        begin, stop = _span(data, at, limit)
        if not begin:
            return -_LENGTH
        at = stop + 1
        inside = raw
        if is_dict:
            if data[stop] != 44 and data[stop] != 59:  # , ;
                return -_KEY
            key = _wanted(data, begin, stop)
            first, last = begin, stop
            begin, stop = _span(data, at, limit)
            if not begin:
                return -_LENGTH
            at = stop + 1
            if key < 0:
                continue
            to = _copy(data, first, last, out, _put(out, to, 0xA0 | (last - first), 0, 0))
            inside = raw or _RAW[key]
        count += 1
        kind = data[stop]
        if whole and depth == 0 and key < _CONNECTIONS and kind != 126:  # ~
            if kind != 125 or recent[_ROOM] == len(connections):  # }
                return -_TYPE
            to = _put(out, to, 0xCD, _connection(data, begin, stop, recent, connections), 2)
        elif kind == 125 or kind == 93:  # } ]
            if depth == _DEEPEST:
                return -_DEPTH
            row = depth
            stack[row, _LIMIT], stack[row, _HEAD], stack[row, _COUNT] = limit, head, count
            stack[row, _DICT], stack[row, _IS_RAW] = is_dict, raw
            depth, limit, head, count, is_dict, raw = depth + 1, stop, to, 0, kind == 125, inside
            at = begin
            to += 5
        else:
            to = _scalar(data, begin, stop, inside, out, to)
            if to < 0:
                return to


def transcode(
    data: Any, at: int, out: Any, table: Any, connections: Any, stack: Any, recent: Any
) -> tuple[int, int, int, int]:
    """Transcode as many whole flows as there are, from `at`.

    Each is a row of `table`: its offset in `data`, begin and end of its msgpack in `out`, and the number of the reason
    in `REASONS` why there is none. The numbers of connections are those of rows of `connections`, which are alike.
    Both, `stack` and `recent` are those of `room`. `out` holds `GROWTH` times as much as `data` at least. Returns how
    many flows were taken, where the next one begins, why it was not taken (`FULL`: the table is; `CUT`: `data` ends in
    it; or the reason why it is none), and its length as far as known.
    """
    for i in range(len(recent)):
        recent[i] = 0
    to = count = written = 0
    while count < len(table):
        stop = at
        length = 0
        while stop < len(data) and stop - at < _LENGTH_DIGITS and 48 <= data[stop] <= 57:
            length = length * 10 + (data[stop] - 48)
            stop += 1
        if stop == len(data):
            return count, at, _CUT, 0
        if stop == at or data[stop] != 58:
            return count, at, _FOREIGN, 0
        begin, size = stop + 1, stop + 1 - at + length + 1
        if length >= len(data) - begin:
            return count, at, _CUT, size
        if data[begin + length] != 125:
            return count, at, _FOREIGN, 0
        after = _values(data, begin, begin + length, out, to, stack, recent, connections, True)
        row = table[count]
        row[_OFFSET], row[_BEGIN], row[_END], row[_REASON] = at, to, max(after, to), -min(after, 0)
        to, at, count = max(after, to), at + size, count + 1
        while written < recent[_ROOM]:
            row = connections[written]
            begin = row[_OFFSET]
            after = _values(data, begin, begin + row[_SIZE], out, to, stack, recent, connections, False)
            row[_BEGIN], row[_END], row[_REASON] = to, max(after, to), -min(after, 0)
            to, written = max(after, to), written + 1
    return count, at, 0, 0
