"""Our reader against what h5py writes."""

from __future__ import annotations

import io

import h5py
import ml_dtypes
import numpy as np
import pytest

from ranvier._errors import FileRefused
from ranvier.saving.audit import Limits
from ranvier.saving.hdf5 import Hdf5File

DRAW = np.random.default_rng(0)
ARRAYS = {
    "half": DRAW.normal(size=(3, 2)).astype("f2"),
    "single": DRAW.normal(size=(4,)).astype("f4"),
    "double": DRAW.normal(size=(2, 2, 2)),
    "big endian": np.arange(5, dtype=">f8"),
    "big endian integers": np.arange(5, dtype=">i4"),
    "byte": np.arange(-3, 3, dtype="i1"),
    "unsigned": np.array([2**64 - 1], "u8"),
    "long": np.array(-(2**62)),
    "boolean": np.array([[True, False]]),
    "scalar": np.float32(2.5),
    "empty": np.zeros((0, 3)),
    "fortran": np.asfortranarray(DRAW.normal(size=(3, 4))),
}
CHUNKED = [
    {"chunks": (7, 3)},
    {"chunks": (60, 7), "compression": "gzip"},
    {"chunks": (9, 2), "compression": "gzip", "shuffle": True},
    {"chunks": (60, 1), "shuffle": True},
    {"chunks": (1, 1)},
]


def written(make, **kwargs) -> Hdf5File:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", **kwargs) as file:
        make(file)
    return Hdf5File(io.BytesIO(buffer.getvalue()), "x.h5", Limits())


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("libver", ["earliest", "v108"])
def test_types_and_shapes(name, libver):
    file = written(lambda f: f.create_dataset("a/b", data=ARRAYS[name]), libver=(libver, "v110"))
    read = file.read("a/b")
    assert read.dtype == ARRAYS[name].dtype.newbyteorder("=")
    np.testing.assert_array_equal(read, ARRAYS[name])
    assert set(file.groups) == {"", "a"}


@pytest.mark.parametrize("options", CHUNKED, ids=str)
def test_chunks_and_filters(options):
    data = DRAW.normal(size=(60, 7)).astype("f4")
    np.testing.assert_array_equal(written(lambda f: f.create_dataset("a", data=data, **options)).read("a"), data)


def test_bfloat16_as_keras_marks_it():
    data = np.array([1.5, -2.0], ml_dtypes.bfloat16)

    def make(file):
        file.create_dataset("a", data=data.view("V2")).attrs["dtype"] = "bfloat16"

    read = written(make).read("a")
    assert read.dtype == ml_dtypes.bfloat16
    np.testing.assert_array_equal(read, data)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("häuser", "häuser"),
        (b"bytes", "bytes"),
        (np.bytes_(b"fixed"), "fixed"),
        (np.array([b"a", b"bcd"]), ["a", "bcd"]),
        (["x", "longer"], ["x", "longer"]),
        ([], []),
        (3, 3),
        (np.uint32(7), 7),
        ("x" * 200_000, "x" * 200_000),
    ],
)
def test_attributes(value, expected):
    file = written(lambda f: f.create_group("g").attrs.__setitem__("a", value))
    assert file.attribute("g", "a") == expected
    assert file.attribute("g", "none") is None


def test_many_members():
    def make(file):
        for index in range(300):
            file[f"g/{index}"] = np.full(2, index)

    for libver in ("earliest", "v108"):
        file = written(make, libver=(libver, "v110"))
        assert len(file.datasets) == 300
        np.testing.assert_array_equal(file.read("g/299"), [299, 299])


def test_newest_layout_is_refused_with_the_cure():
    with pytest.raises(FileRefused, match="libver"):
        written(lambda f: f.create_dataset("a", data=np.ones((9, 9)), chunks=(3, 3)), libver="latest")


def test_half_precision_is_not_guessed():
    """A 2-byte float with the bits of bfloat16 is bfloat16, not IEEE half."""
    kind = h5py.h5t.IEEE_F16LE.copy()
    kind.set_fields(15, 7, 8, 0, 7)
    kind.set_ebias(127)

    def make(file):
        space = h5py.h5s.create_simple((2,))
        made = h5py.h5d.create(file.id, b"a", kind, space)
        made.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([1.5, -2.0], ml_dtypes.bfloat16).view("u2"), kind)

    read = written(make).read("a")
    assert read.dtype == ml_dtypes.bfloat16
    np.testing.assert_array_equal(read.astype("f4"), [1.5, -2.0])
