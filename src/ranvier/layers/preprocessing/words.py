"""Numbers of 64 bits for compiled programs, which have 32 bits only."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ranvier._typing import Array

__all__ = ["Words"]


class Words:
    """Numbers of 64 bits without sign, as two arrays of 32 bits."""

    def __init__(self, high: Any, low: Any) -> None:
        self.high, self.low = high, low

    def _of(self, other: Any) -> Words:
        if isinstance(other, Words):
            return other
        return Words(jnp.uint32(other >> 32), jnp.uint32(other & 0xFFFFFFFF))

    def __add__(self, other: Any) -> Words:
        other = self._of(other)
        low = self.low + other.low
        return Words(self.high + other.high + (low < self.low).astype("uint32"), low)

    def __mul__(self, other: Any) -> Words:
        other = self._of(other)
        a1, a0, b1, b0 = self.low >> 16, self.low & 0xFFFF, other.low >> 16, other.low & 0xFFFF
        cross_1, cross_2, bottom = a0 * b1, a1 * b0, a0 * b0
        middle = (bottom >> 16) + (cross_1 & 0xFFFF) + (cross_2 & 0xFFFF)
        carried = a1 * b1 + (cross_1 >> 16) + (cross_2 >> 16) + (middle >> 16)
        high = carried + self.low * other.high + self.high * other.low
        return Words(high, (bottom & 0xFFFF) | (middle << 16))

    def __xor__(self, other: Any) -> Words:
        other = self._of(other)
        return Words(self.high ^ other.high, self.low ^ other.low)

    def __or__(self, other: Any) -> Words:
        other = self._of(other)
        return Words(self.high | other.high, self.low | other.low)

    def __lshift__(self, bits: int) -> Words:
        if bits >= 32:
            return Words(self.low << (bits - 32), jnp.zeros_like(self.low))
        return self if not bits else Words((self.high << bits) | (self.low >> (32 - bits)), self.low << bits)

    def __rshift__(self, bits: int) -> Words:
        if bits >= 32:
            return Words(jnp.zeros_like(self.high), self.high >> (bits - 32))
        return self if not bits else Words(self.high >> bits, (self.low >> bits) | (self.high << (32 - bits)))

    def __mod__(self, divisor: int) -> Array:
        """Return the remainder, by long division: as many bits at a time as 32 bits can hold."""
        step = 32 - divisor.bit_length()
        rest: Any = jnp.zeros_like(self.low)
        left = 64
        while left:
            taken = min(step, left)
            left -= taken
            rest = ((rest << taken) | ((self >> left).low & ((1 << taken) - 1))) % jnp.uint32(divisor)
        result: Array = rest.astype("int32")
        return result
