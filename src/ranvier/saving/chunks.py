"""Chunked HDF5 data: the chunk index and the deflate and shuffle filters, under limits."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyfive.btree import BTreeV1RawDataChunks

from ranvier.saving.audit import refuse
from ranvier.saving.bounded import BoundedReader
from ranvier.saving.hdf5_messages import Layout

__all__ = ["Filter", "filters", "read"]

_DEFLATE, _SHUFFLE = 1, 2
_MAX_SPARE = 2**24
_NAMES = {3: "fletcher32", 4: "szip", 5: "n-bit", 6: "scale-offset", 32000: "lzf"}


@dataclass(frozen=True)
class Filter:
    """One step that was applied to each chunk when it was written."""

    number: int


def filters(pipeline: Sequence[Any], place: str) -> tuple[Filter, ...]:
    """Return the filters of a data set; each of deflate and shuffle at most once."""
    found = tuple(Filter(int(step["filter_id"])) for step in pipeline)
    for step in found:
        if step.number not in (_DEFLATE, _SHUFFLE) or found.count(step) > 1:
            raise refuse(
                "its data went through a filter that is not read",
                code="hdf5-filter",
                place=place,
                expected="deflate (gzip) and shuffle, once each",
                received=_NAMES.get(step.number, f"filter {step.number}"),
            )
    return found


def read(
    reader: BoundedReader,
    where: Layout,
    shape: tuple[int, ...],
    dtype: np.dtype,
    pipeline: tuple[Filter, ...],
    place: str,
) -> np.ndarray:
    """Return the whole data set; every chunk must be there, once, and have the declared size."""
    itemsize = dtype.itemsize
    if math.prod(where.chunk) * itemsize > math.prod(shape) * itemsize + _MAX_SPARE:
        raise refuse("its chunks are far larger than itself", code="hdf5-chunks", place=place, received=where.chunk)
    entries = _index(reader, where, shape, place)
    stored = sum(key["chunk_size"] for key, _ in entries)
    declared = len(entries) * math.prod(where.chunk) * itemsize
    # Deflate cannot pack more than 1032 to 1: what declares more is refused before anything is allocated.
    if declared > 1032 * stored + 2**20:
        raise refuse(
            "it would unpack to more than it can hold",
            code="hdf5-chunk-bomb",
            place=place,
            expected=f"at most {1032 * stored} bytes",
            received=f"{declared} bytes",
        )
    array = np.empty(shape, dtype)
    for key, address in entries:
        start = key["chunk_offset"][:-1]
        raw = reader.raw(address, key["chunk_size"])
        chunk = _decoded(raw, key["filter_mask"], pipeline, where.chunk, dtype, place)
        region = tuple(slice(at, min(at + n, size)) for at, n, size in zip(start, where.chunk, shape, strict=True))
        array[region] = chunk[tuple(slice(0, part.stop - part.start) for part in region)]
    return array


def _index(reader: BoundedReader, where: Layout, shape: tuple[int, ...], place: str) -> list[tuple[Any, int]]:
    """Return the chunks with their addresses, after it is known that they cover the data set exactly once."""
    count = math.prod(-(-size // step) for size, step in zip(shape, where.chunk, strict=True))
    with reader.limited(16 * 2**20 + 64 * (len(shape) + 3) * count, 10_000 + 4 * count):
        tree = BTreeV1RawDataChunks(reader, where.address, len(shape) + 1)
    entries = [entry for node in tree.all_nodes[0] for entry in zip(node["keys"], node["addresses"], strict=True)]
    starts = {key["chunk_offset"][:-1] for key, _ in entries}
    valid = all(
        at % step == 0 and at < size
        for start in starts
        for at, step, size in zip(start, where.chunk, shape, strict=True)
    )
    if len(entries) != count or len(starts) != count or not valid:
        raise refuse(
            "its chunks do not cover it exactly once",
            code="hdf5-chunks",
            place=place,
            expected=f"{count} chunks for shape {shape}",
            received=f"{len(entries)} chunks",
        )
    return entries


def _decoded(
    raw: bytes, mask: int, pipeline: tuple[Filter, ...], shape: tuple[int, ...], dtype: np.dtype, place: str
) -> np.ndarray:
    """Undo the filters of one chunk, last first."""
    nbytes = math.prod(shape) * dtype.itemsize
    for index in reversed(range(len(pipeline))):
        if mask & (1 << index):
            continue
        if pipeline[index].number == _DEFLATE:
            unpacker = zlib.decompressobj()
            raw = unpacker.decompress(raw, nbytes + 1)
            if not unpacker.eof and len(raw) <= nbytes:
                raise refuse("a chunk's packed data is cut short", code="hdf5-chunks", place=place)
        else:
            planes = np.frombuffer(raw, np.uint8).reshape(dtype.itemsize, -1)
            raw = planes.T.tobytes()
    if len(raw) != nbytes:
        raise refuse(
            "a chunk has another size than declared",
            code="hdf5-chunks",
            place=place,
            expected=f"{nbytes} bytes",
            received=f"{len(raw)} bytes or more",
        )
    return np.frombuffer(raw, dtype).reshape(shape)
