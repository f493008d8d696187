"""A read-only view of a file that refuses reads outside it and ends work that a small file makes large."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from ranvier.saving.audit import refuse

__all__ = ["BoundedReader"]


class BoundedReader:
    """What the HDF5 parser gets instead of the file.

    Every loop that a malformed file could make endless (chunk indexes, heaps, continued headers) reads on each round,
    so limits on the number and the sum of reads bound them all.
    """

    def __init__(self, handle: BinaryIO, place: str) -> None:
        self._handle = handle
        self.place = place
        handle.seek(0, os.SEEK_END)
        self.size = handle.tell()
        self._position = 0
        self._bytes_left = 16 * 2**20 + 2 * self.size
        self._calls_left = min(100_000 + self.size // 16, 5_000_000)

    @contextmanager
    def limited(self, max_bytes: int, max_calls: int) -> Iterator[None]:
        """Allow at most so much inside the block."""
        before = self._bytes_left, self._calls_left
        self._bytes_left, self._calls_left = min(max_bytes, before[0]), min(max_calls, before[1])
        allowed = self._bytes_left, self._calls_left
        try:
            yield
        finally:
            self._bytes_left = before[0] - (allowed[0] - self._bytes_left)
            self._calls_left = before[1] - (allowed[1] - self._calls_left)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move; positions outside the file are found out by `read`."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        self._position = start + offset
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def read(self, count: int) -> bytes:
        """Return exactly `count` bytes.

        Raises:
            FileRefused: they are not all in the file, or the file asks for too much reading.
        """
        if count < 0 or self._position < 0 or self._position + count > self.size:
            raise refuse(
                "its structure points outside the file",
                code="hdf5-outside-file",
                place=self.place,
                expected=f"a position within {self.size} bytes",
                received=f"{count} bytes at {self._position}",
            )
        self._bytes_left -= count
        self._calls_left -= 1
        if self._bytes_left < 0 or self._calls_left < 0:
            raise refuse(
                "its structure repeats itself, so that reading it would not end",
                code="hdf5-endless-structure",
                place=self.place,
            )
        self._handle.seek(self._position)
        data = self._handle.read(count)
        self._position += count
        return data

    def raw(self, offset: int, count: int) -> bytes:
        """Return `count` bytes of stored data; they do not count as structure."""
        if offset < 0 or count < 0 or offset + count > self.size:
            raise refuse(
                "its data lies outside the file",
                code="hdf5-outside-file",
                place=self.place,
                expected=f"a position within {self.size} bytes",
                received=f"{count} bytes at {offset}",
                fix="check that the file was copied completely",
            )
        self._handle.seek(offset)
        return self._handle.read(count)
