"""Event files, the format that TensorBoard reads: protobuf messages in records that carry their checksums.

A record is `length (uint64) | masked crc of it | message | masked crc of it`, little-endian; the first message names
the version. The messages are few and small, so their encoding is written out here and needs no other package.
"""

from __future__ import annotations

import itertools
import os
import pathlib
import socket
import struct
import time
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np

from ranvier._typing import ArrayLike

__all__ = ["EventFile", "event", "graph_event", "histogram", "image", "message", "record", "scalar", "text"]

Field: TypeAlias = tuple[int, int | float | str | bytes]

_FLOAT, _DOUBLE, _STRING = 1, 2, 7
"""Numbers of TensorFlow's types."""
_SCALARS, _TENSORS, _BLOBS = 1, 2, 3
"""Kinds of data by which TensorBoard chooses its reader."""
_BUCKETS = 30
_VERSION = "brain.Event:2"
_numbers = itertools.count()


def _crc_table() -> tuple[int, ...]:
    """Return the table of CRC-32C, whose reflected polynomial is 0x82F63B78."""
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return tuple(table)


_TABLE = _crc_table()


def masked_crc(data: bytes) -> int:
    """Return the masked CRC-32C: `rotate_right(crc, 15) + 0xA282EAD8`, modulo 2^32.

    Example:
        >>> hex(masked_crc(b"123456789"))
        '0xc78ab0e5'

    Source: G. Castagnoli, S. Brauer, M. Herrmann, Optimization of cyclic redundancy-check codes (1993).
    """
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def record(data: bytes) -> bytes:
    """Return a message as one record of a file."""
    length = struct.pack("<Q", len(data))
    return b"".join([length, struct.pack("<I", masked_crc(length)), data, struct.pack("<I", masked_crc(data))])


# --- messages --------------------------------------------------------------------------------------------------------


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def message(*fields: Field) -> bytes:
    """Return a protobuf message of `(number, value)`: ints as varints, floats as doubles, texts and bytes by length.

    Example:
        >>> message((2, 300), (3, "ab")).hex()
        '10ac021a026162'
    """
    parts = []
    for number, value in fields:
        if isinstance(value, float):
            parts.append(_varint(number << 3 | 1) + struct.pack("<d", value))
        elif isinstance(value, int):
            parts.append(_varint(number << 3) + _varint(value))
        else:
            data = value.encode() if isinstance(value, str) else value
            parts.append(_varint(number << 3 | 2) + _varint(len(data)) + data)
    return b"".join(parts)


def event(step: int, *fields: Field, wall_time: float | None = None) -> bytes:
    """Return an Event at a step, now unless a time is given; as in every message, a zero is left out."""
    now = time.time() if wall_time is None else wall_time
    return message((1, now), *([(2, step)] if step else []), *fields)


def graph_event(graph: bytes, wall_time: float | None = None) -> bytes:
    """Return the Event of a GraphDef."""
    return event(0, (4, graph), wall_time=wall_time)


def _summary(tag: str, tensor: bytes, plugin: str, kind: int, content: bytes = b"") -> Field:
    """Return the summary field of an Event: one tensor, and the part of TensorBoard that shows it."""
    shown_by = message((1, plugin), *([(2, content)] if content else []))
    metadata = message((1, shown_by), *([(4, kind)] if kind else []))
    return 5, message((1, message((1, tag), (8, tensor), (9, metadata))))


def _tensor(kind: int, shape: Sequence[int], *content: Field) -> bytes:
    sizes = b"".join(message((2, message((1, size)) if size else b"")) for size in shape)
    return message((1, kind), (2, sizes), *content)


def _strings(values: Iterable[str | bytes], shape: Sequence[int]) -> bytes:
    return _tensor(_STRING, shape, *((8, value) for value in values))


def scalar(tag: str, value: Any) -> Field:
    """Return the summary of one number."""
    return _summary(tag, _tensor(_FLOAT, (), (4, struct.pack("<f", float(value)))), "scalars", _SCALARS)


def text(tag: str, value: str, plugin: str = "text", content: bytes = b"") -> Field:
    """Return the summary of a text, Markdown where the text plugin shows it."""
    return _summary(tag, _strings([value], ()), plugin, _TENSORS if plugin == "text" else 0, content)


def histogram(tag: str, values: ArrayLike) -> Field:
    """Return the summary of many numbers: 30 buckets `(left edge, right edge, count)`; what is not finite is left out.

    Equal numbers stand in the last bucket, which then has no width.
    """
    flat = np.asarray(values, dtype=np.float64).ravel()
    flat = flat[np.isfinite(flat)]
    if flat.size and flat.min() < flat.max():
        counts, edges = np.histogram(flat, bins=_BUCKETS)
        buckets = np.stack([edges[:-1], edges[1:], counts], axis=1)
    else:
        buckets = np.zeros((_BUCKETS, 3))
        buckets[:, :2] = flat[0] if flat.size else 0.0
        buckets[-1, 2] = flat.size
    data = np.ascontiguousarray(buckets, dtype="<f8").tobytes()
    return _summary(tag, _tensor(_DOUBLE, buckets.shape, (4, data)), "histograms", _TENSORS)


def image(tag: str, pixels: np.ndarray) -> Field:
    """Return the summary of grey pictures.

    Args:
        tag: its name.
        pixels: uint8 (picture, row, column).
    """
    _, height, width = pixels.shape
    parts = [str(width).encode(), str(height).encode(), *map(_png, pixels)]
    return _summary(tag, _strings(parts, (len(parts),)), "images", _BLOBS)


def _png(pixels: np.ndarray) -> bytes:
    """Return a grey picture (row, column) of uint8 as a PNG file."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = pixels.shape
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in np.ascontiguousarray(pixels))
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


# --- files -----------------------------------------------------------------------------------------------------------


class EventFile:
    """A file of events in a folder, to which records are added at the end.

    Args:
        folder: the folder of one curve, such as `logs/train`; it is made.
        name: an earlier file to go on with; a new one when None.
        size: how many bytes of it count: what follows is cut off.
    """

    def __init__(self, folder: str | os.PathLike[str], name: str | None = None, size: int = 0) -> None:
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        self.name = name or _new_name()
        self.path = pathlib.Path(folder) / self.name
        with self.path.open("ab") as file:
            file.truncate(min(size, file.tell()))
            self.size = min(size, file.tell())
        if not self.size:
            self.add(event(0, (3, _VERSION)))

    def add(self, *events: bytes) -> None:
        """Write events; a reader finds whole ones only, also when the run is killed."""
        data = b"".join(map(record, events))
        with self.path.open("ab") as file:
            file.write(data)
        self.size += len(data)


def _new_name() -> str:
    """Return a name that no other process and no earlier file has, in the form that TensorBoard looks for."""
    return f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}.{next(_numbers)}.v2"
