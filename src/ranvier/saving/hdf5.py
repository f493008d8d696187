"""Reading HDF5 under audit: every group and data set is looked at before any data is read.

Plain hard links, numbers and text only. Refused: soft, external and second hard links, external and virtual storage,
object, reference and compound types, filters other than deflate and shuffle, anything that points outside the file.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from pyfive.dataobjects import DataObjects
from pyfive.misc_low_level import SuperBlock

from ranvier.saving import chunks
from ranvier.saving.audit import Limits, damage_refused, refuse
from ranvier.saving.bounded import BoundedReader
from ranvier.saving.hdf5_messages import BFLOAT16_BYTES, ElementType, Layout, element_type, layout, space

__all__ = ["DataSet", "Hdf5File", "crc32"]

_SPACE, _LINK_INFO, _TYPE, _LINK, _EXTERNAL, _LAYOUT, _GROUP_INFO, _FILTERS, _ATTRIBUTE = 1, 2, 3, 6, 7, 8, 10, 11, 12
_SYMBOL_TABLE, _ATTRIBUTE_INFO = 17, 21
_UNDEFINED = 2**64 - 1
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_MAX_TEXT = 65536


@dataclass(frozen=True)
class DataSet:
    """One data set, not read yet."""

    path: str
    shape: tuple[int, ...]
    element: ElementType
    where: Layout
    filters: tuple[chunks.Filter, ...]
    header: Any

    @property
    def nbytes(self) -> int:
        """Its size in memory [bytes]."""
        return math.prod(self.shape) * self.element.dtype.itemsize


class Hdf5File:
    """An HDF5 file whose structure has been audited.

    Args:
        handle: the open file.
        name: for messages.
        limits: what it may cost.

    Attributes:
        groups: paths of the groups; the root is `""`.
        datasets: data sets by path.
    """

    def __init__(self, handle: BinaryIO, name: str, limits: Limits) -> None:
        self.name, self._limits = name, limits
        self._reader = BoundedReader(handle, name)
        self._heaps: dict[int, Any] = {}
        self.groups: dict[str, Any] = {}
        self.datasets: dict[str, DataSet] = {}
        with damage_refused(name, "reading the HDF5 structure"):
            self._walk(self._root_address())
        total = sum(item.nbytes for item in self.datasets.values())
        if total > limits.max_bytes:
            raise refuse(
                "its data sets declare more than the byte budget",
                code="file-over-budget",
                place=name,
                expected=f"at most {limits.max_bytes} bytes",
                received=f"{total} bytes",
                fix="if you trust the file and have the memory, pass a larger max_bytes=",
            )

    def place(self, path: str) -> str:
        """Return the file and the entry in words."""
        return f"{self.name}: entry {path or '/'!r}"

    # --- structure ---------------------------------------------------------------------------------------------------

    def _root_address(self) -> int:
        if self._reader.size < len(_SIGNATURE) or self._reader.read(len(_SIGNATURE)) != _SIGNATURE:
            raise refuse(
                "it is not an HDF5 file",
                code="hdf5-signature",
                place=self.name,
                received=f"{self._reader.size} bytes without the HDF5 signature",
            )
        block = SuperBlock(self._reader, 0)
        if block._contents["base_address"] != 0:
            raise refuse("its addresses are shifted", code="hdf5-base-address", place=self.name)
        return int(block.offset_to_dataobjects)

    def _walk(self, root: int) -> None:
        seen: set[int] = set()
        waiting = [("", root, 0)]
        while waiting:
            path, address, depth = waiting.pop()
            place = self._reader.place = self.place(path)
            if address in seen:
                raise refuse("two links lead to the same object", code="hdf5-hard-link", place=place)
            seen.add(address)
            if len(seen) > self._limits.max_entries or depth > self._limits.max_depth:
                raise refuse("it holds too many objects, or nests them too deeply", code="hdf5-size", place=place)
            with damage_refused(place, "reading the object's header"):
                header = self._header(address)
                kinds = {message["type"] for message in header.msgs}
                if _SPACE in kinds:
                    self.datasets[path] = self._dataset(path, header, kinds)
                    continue
                if not kinds & {_SYMBOL_TABLE, _LINK_INFO, _GROUP_INFO, _LINK}:
                    raise refuse("it is neither a group nor a data set", code="hdf5-object", place=place)
            self.groups[path] = header
            for name, target in self._links(header, place):
                waiting.append((f"{path}/{name}" if path else name, target, depth + 1))

    def _header(self, address: int) -> Any:
        with self._reader.limited(4 * 2**20, 256):
            return DataObjects(self._reader, address, global_heaps=self._heaps)

    def _links(self, header: Any, place: str) -> Iterator[tuple[str, int]]:
        names: set[str] = set()
        for message in header.msgs:
            if message["type"] == _LINK:
                _check_link(header.msg_data, message["offset_to_message"], place)
        with damage_refused(place, "reading the links of the group (only hard links are followed)"):
            links = list(header.iter_links())
        for name, target in links:
            if isinstance(target, str):
                raise refuse(
                    "it holds a soft link", code="hdf5-soft-link", place=place, received=f"{name!r} -> {target!r}"
                )
            if name in names or not name or "/" in name or name in (".", "..") or "\0" in name:
                raise refuse("a link's name is not usable", code="hdf5-link-name", place=place, received=repr(name))
            names.add(name)
            yield name, int(target)

    def _dataset(self, path: str, header: Any, kinds: set[int]) -> DataSet:
        place = self.place(path)
        if _EXTERNAL in kinds:
            raise refuse("its data lies in another file (external storage)", code="hdf5-external", place=place)
        shape = space(header.msg_data, _one(header, _SPACE, place), place)
        element = element_type(header.msg_data, _one(header, _TYPE, place), place)
        if element.kind != "number":
            raise refuse("it holds text, and weights are numbers", code="hdf5-element-type", place=place)
        where = layout(header.msg_data, _one(header, _LAYOUT, place), len(shape), place)
        filters = chunks.filters(header.filter_pipeline or [], place) if _FILTERS in kinds else ()
        dataset = DataSet(path, shape, element, where, filters, header)
        if where.kind != "chunked" and dataset.nbytes:
            inside = where.kind == "compact" or where.address + dataset.nbytes <= self._reader.size
            if where.size < dataset.nbytes or not inside:
                raise refuse(
                    "it declares more data than the file holds",
                    code="hdf5-shape-bomb",
                    place=place,
                    expected=f"{dataset.nbytes} bytes for shape {shape}",
                    received=f"{where.size} bytes at {where.address} of {self._reader.size}",
                )
        return dataset

    # --- attributes --------------------------------------------------------------------------------------------------

    def attribute(self, path: str, name: str) -> Any:
        """Return an attribute of a group or data set: a text, a list of texts, a number, or None when there is none."""
        header = self.groups[path] if path in self.groups else self.datasets[path].header
        place = self._reader.place = f"{self.place(path)}, attribute {name!r}"
        with damage_refused(place, "reading the attribute"):
            for message in header.msgs:
                if message["type"] == _ATTRIBUTE_INFO and not _no_heap(header.msg_data, message["offset_to_message"]):
                    raise refuse("its attributes are stored apart from it", code="hdf5-attributes", place=place)
                if message["type"] != _ATTRIBUTE or message["flags"] & 2:
                    continue
                found, kind, count = _attribute_facts(header.msg_data, message, place)
                if found == name:
                    if count == 0 and kind.kind == "number":
                        return []
                    return _plain(header.unpack_attribute(message["offset_to_message"])[1], place)
        return None

    # --- data --------------------------------------------------------------------------------------------------------

    def read(self, path: str) -> np.ndarray:
        """Return the data of one data set in the machine's byte order.

        Raises:
            FileRefused: damaged chunks, or fewer bytes than declared.
        """
        dataset = self.datasets[path]
        place = self._reader.place = self.place(path)
        with damage_refused(place, "reading the data"):
            stored = dataset.element.dtype
            if not dataset.nbytes:
                array = np.empty(dataset.shape, stored)
            elif dataset.where.kind == "chunked":
                array = chunks.read(self._reader, dataset.where, dataset.shape, stored, dataset.filters, place)
            else:
                start = dataset.where.address
                if dataset.where.kind == "compact":
                    data = dataset.header.msg_data[start : start + dataset.nbytes]
                else:
                    data = self._reader.raw(start, dataset.nbytes)
                array = np.frombuffer(data, stored).reshape(dataset.shape)
            return self._logical(array, dataset, place)

    def _logical(self, array: np.ndarray, dataset: DataSet, place: str) -> np.ndarray:
        if dataset.element.logical == np.bool_:
            if array.size and not np.isin(array, (0, 1)).all():
                raise refuse("a boolean is neither true nor false", code="hdf5-boolean", place=place)
            return array.astype(np.bool_)
        if dataset.element.dtype == BFLOAT16_BYTES:
            if self.attribute(dataset.path, "dtype") != "bfloat16":
                raise refuse("its element type is opaque", code="hdf5-element-type", place=place)
            return array.view("bfloat16")
        return array.astype(array.dtype.newbyteorder("="), copy=False)


def crc32(path: str, array: np.ndarray) -> int:
    """Return the checksum of a data set: of its path, type, shape and bytes."""
    data = np.ascontiguousarray(array)
    facts = f"{path}|{data.dtype.name}|{data.shape}".encode()
    return zlib.crc32(data.tobytes() if data.ndim == 0 else data.reshape(-1).view(np.uint8).data, zlib.crc32(facts))


def _one(header: Any, kind: int, place: str) -> int:
    """Return where the only message of a kind starts."""
    messages = [m for m in header.msgs if m["type"] == kind]
    if len(messages) != 1 or messages[0]["flags"] & 2:
        raise refuse(
            "its header is not the plain one of a data set",
            code="hdf5-header",
            place=place,
            expected=f"one message of type {kind}, not shared",
            received=f"{len(messages)} of them",
        )
    return int(messages[0]["offset_to_message"])


def _check_link(buffer: bytes, offset: int, place: str) -> None:
    flags = buffer[offset + 1]
    kind = buffer[offset + 2] if flags & 8 else 0
    if kind:
        words = {1: "a soft link", 64: "an external link"}.get(kind, "a user-defined link")
        code = {1: "hdf5-soft-link", 64: "hdf5-external-link"}.get(kind, "hdf5-link")
        raise refuse(f"it holds {words}", code=code, place=place)


def _no_heap(buffer: bytes, offset: int) -> bool:
    skip = 4 if buffer[offset + 1] & 1 else 2
    (heap,) = struct.unpack_from("<Q", buffer, offset + skip)
    return bool(heap == _UNDEFINED)


def _attribute_facts(buffer: bytes, message: Any, place: str) -> tuple[str, ElementType, int]:
    """Check an attribute's type and size before the HDF5 package allocates for it."""
    offset = message["offset_to_message"]
    version, flags, name_size, type_size, space_size = struct.unpack_from("<BBHHH", buffer, offset)
    if version not in (1, 3) or (version == 3 and flags):
        raise refuse("an attribute has an unknown form", code="hdf5-attributes", place=place, received=version)
    padding, start = (8, offset + 8) if version == 1 else (1, offset + 9)
    name = buffer[start : start + name_size].rstrip(b"\0").decode("utf-8")
    type_at = start + -(-name_size // padding) * padding
    space_at = type_at + -(-type_size // padding) * padding
    kind = element_type(buffer, type_at, place)
    count = math.prod(space(buffer, space_at, place))
    data_at = space_at + -(-space_size // padding) * padding
    if data_at + count * kind.dtype.itemsize > offset + message["size"]:
        raise refuse("an attribute declares more than it holds", code="hdf5-attributes", place=place, received=count)
    return name, kind, count


def _plain(value: Any, place: str) -> Any:
    if isinstance(value, bytes):
        return value.rstrip(b"\0").decode("utf-8")
    if isinstance(value, np.ndarray) and value.dtype.kind in "OS":
        items = [item if isinstance(item, bytes) else bytes(item or b"") for item in value.reshape(-1)]
        if any(len(item) > _MAX_TEXT for item in items):
            raise refuse("a list of names holds a very long one", code="hdf5-attributes", place=place)
        return [item.rstrip(b"\0").decode("utf-8") for item in items]
    return value.tolist() if hasattr(value, "tolist") else value
