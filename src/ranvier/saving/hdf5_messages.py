"""The header messages of an HDF5 object that decide what its bytes mean: element type, shape, place of the data.

Parsed here, not by the HDF5 package, because it takes every 2-byte float for IEEE half precision and every integer
for unpadded; a wrong guess would be wrong weights.

Source: HDF5 File Format Specification 3.0, sections IV.A.2.b (dataspace), IV.A.2.d (datatype), IV.A.2.i (layout).
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np

from ranvier.saving.audit import refuse

__all__ = ["BFLOAT16_BYTES", "ElementType", "Layout", "element_type", "layout", "space"]

BFLOAT16_BYTES = np.dtype("V2")
"""How Keras stores bfloat16: two opaque bytes, with an attribute that says what they are."""

_CLASSES = (
    "fixed point",
    "floating point",
    "time",
    "string",
    "bit field",
    "opaque",
    "compound",
    "reference",
    "enumeration",
    "variable length",
    "array",
)
# bits, bit offset, exponent at, exponent bits, mantissa at, mantissa bits, bias
_FLOATS = {
    (16, 0, 10, 5, 0, 10, 15): np.dtype(np.float16),
    (16, 0, 7, 8, 0, 7, 127): np.dtype(ml_dtypes.bfloat16),
    (32, 0, 23, 8, 0, 23, 127): np.dtype(np.float32),
    (64, 0, 52, 11, 0, 52, 1023): np.dtype(np.float64),
}


@dataclass(frozen=True)
class ElementType:
    """What one element is.

    Attributes:
        kind: `number`, `text` (fixed length) or `varying text`.
        dtype: how the stored bytes are viewed.
        logical: bool where an enumeration stands for it, else `dtype`.
    """

    kind: str
    dtype: np.dtype
    logical: np.dtype


@dataclass(frozen=True)
class Layout:
    """Where the data lies: `compact`, `contiguous` or `chunked`."""

    kind: str
    address: int
    size: int
    chunk: tuple[int, ...] = ()


def element_type(buffer: bytes, offset: int, place: str) -> ElementType:
    """Read a datatype message; anything but numbers and plain text is refused."""
    head, bits0, bits1, _, size = struct.unpack_from("<BBBBI", buffer, offset)
    number, body = head & 0x0F, offset + 8
    name = _CLASSES[number] if number < len(_CLASSES) else str(number)
    if number == 0:
        kind = _integer(buffer, body, bits0, size)
        if kind is not None:
            return ElementType("number", kind, kind)
    elif number == 1:
        kind = _float(buffer, body, bits0, size)
        if kind is not None:
            return ElementType("number", kind, kind)
    elif number == 3 and 0 < size <= 65536:
        return ElementType("text", np.dtype(f"S{size}"), np.dtype(f"S{size}"))
    elif number == 5 and size == 2:
        return ElementType("number", BFLOAT16_BYTES, BFLOAT16_BYTES)
    elif number == 8 and size == 1 and bits0 | bits1 << 8 == 2 and buffer[body] & 0x0F == 0:
        return ElementType("number", np.dtype(np.int8), np.dtype(np.bool_))
    elif number == 9 and bits0 & 0x0F == 1 and size == 16:
        return ElementType("varying text", np.dtype("V16"), np.dtype(object))
    raise refuse(
        f"its element type is {name}",
        code="hdf5-element-type",
        place=place,
        expected="integers, floats (16, 32, 64 bits or bfloat16), booleans",
        received=f"{name}, {size} bytes",
    )


def _integer(buffer: bytes, offset: int, flags: int, size: int) -> np.dtype | None:
    first_bit, precision = struct.unpack_from("<HH", buffer, offset)
    if size not in (1, 2, 4, 8) or (first_bit, precision) != (0, 8 * size) or flags & 0x06:
        return None
    return np.dtype(f"{'>' if flags & 1 else '<'}{'i' if flags & 8 else 'u'}{size}")


def _float(buffer: bytes, offset: int, flags: int, size: int) -> np.dtype | None:
    first_bit, precision, e_at, e_bits, m_at, m_bits, bias = struct.unpack_from("<HHBBBBI", buffer, offset)
    found = _FLOATS.get((precision, first_bit, e_at, e_bits, m_at, m_bits, bias))
    # Bit 6 with bit 0 would be the VAX order; bits 4 and 5 say that the leading 1 of the mantissa is implied.
    if found is None or size != found.itemsize or flags & 0x40 or flags & 0x30 != 0x20:
        return None
    turned: np.dtype[Any] = found.newbyteorder(">") if flags & 1 else found
    return turned


def space(buffer: bytes, offset: int, place: str) -> tuple[int, ...]:
    """Read a dataspace message: the shape."""
    version, rank = struct.unpack_from("<BB", buffer, offset)
    if version not in (1, 2) or rank > 32 or (version == 2 and buffer[offset + 3] == 2):
        raise refuse(
            "its shape cannot be read",
            code="hdf5-shape",
            place=place,
            expected="a scalar or at most 32 axes",
            received=f"version {version}, {rank} axes",
        )
    shape = struct.unpack_from(f"<{rank}Q", buffer, offset + (8 if version == 1 else 4))
    if math.prod(shape) >= 2**48:
        raise refuse("its shape is absurdly large", code="hdf5-shape", place=place, received=shape)
    return shape


def layout(buffer: bytes, offset: int, rank: int, place: str) -> Layout:
    """Read a data layout message: plain contiguous, compact or chunked storage only."""
    version, number = struct.unpack_from("<BB", buffer, offset)
    body = offset + 2
    if version not in (3, 4) or (version == 4 and number == 2):
        raise refuse(
            "its data layout is of a version that is not read",
            code="hdf5-layout",
            place=place,
            expected="what h5py writes by default",
            received=f"version {version}",
            fix="write it again with h5py's default libver",
        )
    if number == 0:
        (size,) = struct.unpack_from("<H", buffer, body)
        return Layout("compact", body + 2, size)
    if number == 1:
        address, size = struct.unpack_from("<QQ", buffer, body)
        return Layout("contiguous", address, size)
    if number == 2:
        axes, address = struct.unpack_from("<BQ", buffer, body)
        chunk = struct.unpack_from(f"<{max(axes - 1, 0)}I", buffer, body + 9)
        if axes != rank + 1 or 0 in chunk:
            raise refuse("its chunks do not fit its shape", code="hdf5-chunks", place=place, received=chunk)
        return Layout("chunked", address, 0, chunk)
    raise refuse(
        "it is a virtual data set, whose data lies in other files" if number == 3 else "its data layout is unknown",
        code="hdf5-virtual" if number == 3 else "hdf5-layout",
        place=place,
        expected="data inside this file",
        received=f"layout class {number}",
    )
