"""HDF5 files that could harm: each generator changes a good weight file of `tests.saving.models.small`."""

from __future__ import annotations

import functools
import io
import struct
from collections.abc import Callable

import h5py
import numpy as np

from ranvier.saving.keras_v3 import weights_bytes
from tests.saving.models import small

TARGET = "layers/dense/vars/0"


@functools.cache
def good() -> bytes:
    return weights_bytes(small())


def changed(change: Callable[[h5py.File], None], **kwargs) -> bytes:
    buffer = io.BytesIO(good())
    with h5py.File(buffer, "r+", **kwargs) as file:
        change(file)
    return buffer.getvalue()


def replaced(make: Callable[[h5py.File], None]) -> bytes:
    def change(file: h5py.File) -> None:
        del file[TARGET]
        make(file)

    return changed(change)


def _virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((3, 4), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (3, 4))
    file.create_virtual_dataset(TARGET, layout)


def _unwritten(shape: tuple[int, ...]) -> Callable[[h5py.File], None]:
    return lambda file: file.create_dataset(TARGET, shape, "f4")


def _chunk_bomb(file: h5py.File) -> None:
    data = np.zeros((3, 2**20), "f4")
    file.create_dataset(TARGET, data=data, chunks=(3, 2**20), compression="gzip", compression_opts=9)


def _without_chunk(file: h5py.File) -> None:
    made = file.create_dataset(TARGET, (3, 4), "f4", chunks=(1, 4), compression="gzip")
    made[0] = 1


def _self_loop() -> bytes:
    """A chunk index whose root names itself as its own child."""
    data = bytearray(
        replaced(
            lambda file: file.create_dataset(TARGET, data=np.ones((3, 4), "f4"), chunks=(1, 4), compression="gzip")
        )
    )
    at = next(i for i in range(len(data)) if data[i : i + 5] == b"TREE\x01")
    data[at + 5] = 1
    data[at + 24 + 8 + 24 : at + 24 + 8 + 32] = struct.pack("<Q", at)
    return bytes(data)


def _endless_group() -> bytes:
    """A group index of 200 levels in which every node is the same one."""
    data = bytearray(good())
    at = data.index(b"TREE\x00")
    data[at + 5] = 200
    data[at + 6 : at + 8] = struct.pack("<H", 16)
    for entry in range(16):
        start = at + 24 + 16 * entry + 8
        data[start : start + 8] = struct.pack("<Q", at)
    return bytes(data)


def _shifted() -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=512) as file:
        file["x"] = 1
    return buffer.getvalue()


def _flipped() -> bytes:
    data = bytearray(good())
    with h5py.File(io.BytesIO(good())) as file:
        data[file[TARGET].id.get_offset() + 5] ^= 4
    return bytes(data)


def _swapped(file: h5py.File) -> None:
    """Two weights of one shape under each other's names."""
    group = file["layers/batch_normalization/vars"]
    group.move("0", "x")
    group.move("1", "0")
    group.move("x", "1")


def _many_names(file: h5py.File) -> None:
    file.attrs["layer_names"] = np.array([b"layers"] * 3)


def put(data, **kwargs) -> Callable[[], bytes]:
    return lambda: replaced(lambda file: file.create_dataset(TARGET, data=data, **kwargs))


def link(make: Callable[[], object], name: str = TARGET) -> Callable[[], bytes]:
    return lambda: replaced(lambda file: file.__setitem__(name, make()))


MATRIX = np.ones((3, 4), "f4")
FILES = {
    "external link": (link(lambda: h5py.ExternalLink("/etc/passwd", "/x")), "link", "layers/dense/vars"),
    "soft link": (link(lambda: h5py.SoftLink("/vars")), "soft link", "layers/dense/vars"),
    "second hard link": (
        lambda: replaced(lambda f: f.__setitem__(TARGET, f["layers/dense_1/vars/0"])), "same object", "vars/0",
    ),
    "link to the root": (lambda: changed(lambda f: f.__setitem__("layers/loop", f["/"])), "same object", "loop"),
    "external storage": (
        lambda: replaced(lambda f: f.create_dataset(TARGET, (3, 4), "f4", external=[("/etc/passwd", 0, 48)])),
        "external storage", TARGET,
    ),
    "virtual data set": (lambda: replaced(_virtual), "virtual", TARGET),
    "compound type": (put(np.zeros((3, 4), [("a", "f4"), ("b", "i4")])), "element type is compound", TARGET),
    "references": (
        lambda: replaced(lambda f: f.create_dataset(TARGET, (3, 4), h5py.ref_dtype)), "reference", TARGET,
    ),
    "varying texts": (put(["a", "b"]), "text", TARGET),
    "fixed texts": (put(np.array([b"a", b"bc"])), "text", TARGET),
    "varying lists": (
        lambda: replaced(lambda f: f.create_dataset(TARGET, (3,), h5py.vlen_dtype("f4"))), "variable length", TARGET,
    ),
    "array type": (put(np.zeros(3, [("a", "f4", (4,))])), "element type", TARGET),
    "complex numbers": (put(MATRIX.astype("c8")), "element type", TARGET),
    "opaque bytes": (put(np.zeros((3, 4), "V2")), "opaque", TARGET),
    "integers for floats": (put(MATRIX.astype("i4")), "another kind", TARGET),
    "another shape": (put(np.ones((4, 3), "f4")), "another shape", TARGET),
    "shape bomb": (lambda: replaced(_unwritten((2**20, 2**9))), "more data than the file holds", TARGET),
    "over the budget": (lambda: replaced(_unwritten((2**40, 2))), "element|budget|more data", "x.h5"),
    "absurd shape": (lambda: replaced(_unwritten((2**40, 2**20))), "absurdly large", TARGET),
    "never written": (lambda: replaced(_unwritten((3, 4))), "more data than the file holds", TARGET),
    "chunk bomb": (lambda: replaced(_chunk_bomb), "another shape|unpack", TARGET),
    "missing chunk": (lambda: replaced(_without_chunk), "cover it exactly once", TARGET),
    "other filter": (put(MATRIX, chunks=(3, 4), compression="lzf"), "filter", TARGET),
    "checksum filter": (put(MATRIX, chunks=(3, 4), fletcher32=True), "filter", TARGET),
    "chunk index names itself": (_self_loop, "failed", TARGET),
    "endless group index": (_endless_group, "failed|repeats", "x.h5"),
    "addresses shifted": (_shifted, "not an HDF5 file|shifted", "x.h5"),
    "missing weight": (lambda: replaced(lambda f: None), "another number", "layers/dense/vars"),
    "one weight more": (lambda: changed(lambda f: f.__setitem__("layers/dense/vars/2", 1.0)), "number", "dense/vars"),
    "flipped bit": (_flipped, "checksum", TARGET),
    "swapped weights": (lambda: changed(_swapped), "checksum", "batch_normalization"),
    "no checksum": (put(MATRIX), "checksum", TARGET),
    "names that are no lists": (lambda: changed(_many_names), "repeats a name", "layer_names"),
    "cut short": (lambda: good()[: len(good()) // 2], "outside|more data", "x.h5"),
    "signature only": (lambda: good()[:8], "failed|outside", "x.h5"),
    "no HDF5": (lambda: b"not a file of any kind", "not an HDF5 file", "x.h5"),
    "empty": (lambda: b"", "not an HDF5 file", "x.h5"),
}  # fmt: skip
