"""Hash numbers of texts and of whole numbers, as TensorFlow's `to_hash_bucket_fast` and `to_hash_bucket_strong` give.

The algorithms are written once, for numbers of 64 bits that know `+ * ^ | << >>`: on the host these are NumPy's, inside
a compiled program, which has 32 bits only, they are `Words`.

Source: FarmHash, Pike and Alakuijala (2014); SipHash-2-4, Aumasson and Bernstein (2012).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import jax.numpy as jnp
import numpy as np

from ranvier._typing import Array
from ranvier.layers.preprocessing.words import Words

__all__ = ["cross", "hash_numbers", "hash_texts", "text_hashes"]

_MASK = 2**64 - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
_CAT = 0xC6A4A7935BD1E995
_CROSS_KEY = 956888297470
_DIGITS = 11
"""Characters of the longest int32, `-2147483648`."""


class _Text(Protocol):
    """Texts of one length, as bytes."""

    length: int

    def word(self, start: int, count: int = 8) -> Any:
        """Return some bytes of each text as numbers, the first byte lowest."""


class _HostText:
    def __init__(self, rows: np.ndarray) -> None:
        self.rows, self.length = rows, rows.shape[1]

    def word(self, start: int, count: int = 8) -> Any:
        taken = np.zeros((len(self.rows), 8), np.uint8)
        taken[:, :count] = self.rows[:, start : start + count]
        return taken.view("<u8")[:, 0]


class _DeviceText:
    def __init__(self, columns: Sequence[Any]) -> None:
        self.columns, self.length = columns, len(columns)

    def word(self, start: int, count: int = 8) -> Any:
        halves = [jnp.zeros_like(self.columns[0]), jnp.zeros_like(self.columns[0])]
        for number in range(count):
            halves[number // 4] = halves[number // 4] | (self.columns[start + number] << (8 * (number % 4)))
        return Words(halves[1], halves[0])


# --- the algorithms --------------------------------------------------------------------------------------------------


def _rotated(x: Any, bits: int) -> Any:
    """Rotate to the right."""
    return (x >> bits) | (x << (64 - bits))


def _mixed(x: Any) -> Any:
    return x ^ (x >> 47)


def _joined(u: Any, v: Any, mul: Any) -> Any:
    a = _mixed((u ^ v) * mul)
    return _mixed((v ^ a) * mul) * mul


def _farmhash(text: _Text) -> Any:
    """FarmHash's Fingerprint64 of texts of one length."""
    if text.length <= 16:
        return _up_to_16(text)
    if text.length <= 32:
        return _joined(*_middle(text, _K1))
    return _up_to_64(text) if text.length <= 64 else _beyond_64(text)


def _up_to_16(text: _Text) -> Any:
    n = text.length
    mul = (_K2 + 2 * n) & _MASK
    if n >= 8:
        a, b = text.word(0) + _K2, text.word(n - 8)
        return _joined(_rotated(b, 37) * mul + a, (_rotated(a, 25) + b) * mul, mul)
    if n >= 4:
        return _joined((text.word(0, 4) << 3) + n, text.word(n - 4, 4), mul)
    y = text.word(0, 1) + (text.word(n >> 1, 1) << 8)
    z = (text.word(n - 1, 1) << 2) + n
    return _mixed((y * _K2) ^ (z * _K0)) * _K2


def _middle(text: _Text, first: int) -> tuple[Any, Any, int]:
    """Return what is joined of the first and the last sixteen bytes."""
    n = text.length
    mul = (_K2 + 2 * n) & _MASK
    a, b = text.word(0) * first, text.word(8)
    c, d = text.word(n - 8) * mul, text.word(n - 16) * _K2
    return _rotated(a + b, 43) + _rotated(c, 30) + d, _rotated(b + _K2, 18) + a + c, mul


def _up_to_64(text: _Text) -> Any:
    n = text.length
    a = text.word(0) * _K2
    y, other, mul = _middle(text, _K2)
    z = _joined(y, other, mul)
    e, f = text.word(16) * mul, text.word(24)
    g, h = (y + text.word(n - 32)) * mul, (z + text.word(n - 24)) * mul
    return _joined(_rotated(e + f, 43) + _rotated(g, 30) + h, _rotated(f + a, 18) + e + g, mul)


def _weak(text: _Text, start: int, a: Any, b: Any) -> tuple[Any, Any]:
    w, x, y, z = (text.word(start + 8 * number) for number in range(4))
    a = a + w
    b = _rotated(b + a + z, 21)
    c = a
    a = a + x + y
    return a + z, b + _rotated(a, 44) + c


def _beyond_64(text: _Text) -> Any:
    n = text.length
    zero = text.word(0) ^ text.word(0)
    x, y = zero + 81 * _K2 % 2**64, zero + (81 * _K1 + 113) % 2**64
    z, v, w = _mixed(y * _K2 + 113) * _K2, (zero, zero), (zero, zero)
    x = x + text.word(0)
    for start in range(0, (n - 1) // 64 * 64, 64):
        x, y, z, v, w = _block(text, start, x, y, z, v, w, _K1, 1)
    mul = ((z & 0xFF) << 1) + _K1
    w = (w[0] + ((n - 1) & 63), w[1])
    v = (v[0] + w[0], v[1])
    w = (w[0] + v[0], w[1])
    x, y, z, v, w = _block(text, n - 64, x, y, z, v, w, mul, 9)
    first = _joined(v[0], w[0], mul) + _mixed(y) * _K0 + z
    return _joined(first, _joined(v[1], w[1], mul) + x, mul)


def _block(text: _Text, at: int, x: Any, y: Any, z: Any, v: Any, w: Any, mul: Any, times: int) -> tuple[Any, ...]:
    """Take in 64 bytes; the last ones with another multiplier."""
    x = _rotated(x + y + v[0] + text.word(at + 8), 37) * mul
    y = _rotated(y + v[1] + text.word(at + 48), 42) * mul
    x = x ^ (w[1] * times)
    y = y + v[0] * times + text.word(at + 40)
    z = _rotated(z + w[0], 33) * mul
    v = _weak(text, at, v[1] * mul, x + w[0])
    w = _weak(text, at + 32, z + w[1], y + text.word(at + 16))
    return z, y, x, v, w


def _siphash(text: _Text, salt: Sequence[int]) -> Any:
    zero = text.word(0, 1) ^ text.word(0, 1) if text.length else text.word(0, 0)
    k0, k1 = (int(key) & _MASK for key in salt)
    state = [zero + (k0 ^ 0x736F6D6570736575), zero + (k1 ^ 0x646F72616E646F6D)]
    state += [zero + (k0 ^ 0x6C7967656E657261), zero + (k1 ^ 0x7465646279746573)]
    whole = text.length // 8 * 8
    blocks = [text.word(start) for start in range(0, whole, 8)]
    rest = text.word(whole, text.length - whole) if text.length > whole else zero
    for block in [*blocks, rest + ((text.length & 0xFF) << 56)]:
        state[3] = state[3] ^ block
        state = _sip_round(_sip_round(state))
        state[0] = state[0] ^ block
    state[2] = state[2] ^ 0xFF
    for _ in range(4):
        state = _sip_round(state)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _sip_round(state: list[Any]) -> list[Any]:
    a, b, c, d = state
    a, c = a + b, c + d
    b, d = _rotated(b, 51) ^ a, _rotated(d, 48) ^ c
    a = _rotated(a, 32)
    a, c = a + d, c + b
    b, d = _rotated(b, 47) ^ c, _rotated(d, 43) ^ a
    return [a, b, _rotated(c, 32), d]


def _hash(text: _Text, salt: Sequence[int] | None) -> Any:
    return _farmhash(text) if salt is None else _siphash(text, salt)


# --- texts and numbers -----------------------------------------------------------------------------------------------


def text_hashes(texts: Sequence[str], salt: Sequence[int] | None = None) -> np.ndarray:
    """Return the hash numbers of texts, uint64.

    Args:
        texts: any number of them.
        salt: two whole numbers that make the hash SipHash; FarmHash when None.

    Example:
        >>> text_hashes(["a"]).tolist()
        [12917804110809363939]
    """
    encoded = [text.encode("utf-8", "surrogateescape") for text in texts]
    lengths = np.array([len(text) for text in encoded], np.int64)
    result = np.empty(len(encoded), np.uint64)
    for length in np.unique(lengths):
        chosen = np.flatnonzero(lengths == length)
        rows = np.frombuffer(b"".join(encoded[i] for i in chosen), np.uint8).reshape(len(chosen), int(length))
        short = not length and salt is None
        result[chosen] = _K2 if short else _hash(_HostText(rows), salt)
    return result


def hash_texts(texts: Sequence[str], bins: int, salt: Sequence[int] | None = None) -> np.ndarray:
    """Return the bin of each text, int32."""
    if not len(texts):
        return np.zeros(0, np.int32)
    different, inverse = np.unique(np.asarray(texts, object), return_inverse=True)
    numbers = text_hashes(list(different), salt) % np.uint64(bins)
    return numbers.astype(np.int32)[inverse.reshape(-1)]


def hash_numbers(numbers: Array, bins: int, salt: Sequence[int] | None = None) -> Array:
    """Return the bin of each whole number, hashed as its decimal text; inside a compiled program.

    Args:
        numbers: int32, any shape.
        bins: number of bins, below 2**31.
        salt: as for `text_hashes`.
    """
    negative = numbers < 0
    rest = jnp.where(negative, -numbers, numbers).astype("uint32")
    digits = []
    for _ in range(_DIGITS - 1):
        digits.append(rest % 10 + ord("0"))
        rest = rest // 10
    size = jnp.abs(numbers).astype("uint32")
    count = 1 + sum((size >= 10**power).astype("int32") for power in range(1, _DIGITS - 1))
    digits.append(jnp.zeros_like(rest))
    # From the right: the digits, then the sign where there is one.
    characters = [jnp.where(negative & (count == place), ord("-"), digit) for place, digit in enumerate(digits)]
    result = jnp.zeros(numbers.shape, "int32")
    for length in range(1, _DIGITS + 1):
        found = _hash(_DeviceText(characters[:length][::-1]), salt) % bins
        result = jnp.where(count + negative == length, found, result)
    return result


def cross(features: Sequence[Any], bins: int) -> Any:
    """Return the bin of each combination: of `Words`, or of NumPy's uint64 arrays, one per feature."""
    result: Any = (features[0] ^ features[0]) + _CROSS_KEY
    for feature in features:
        result = (result ^ _CAT) ^ (_mixed(feature * _CAT) * _CAT)
        result = _mixed(_mixed(result * _CAT) * _CAT)
    return result % bins
