"""Running sums that stay right over long epochs.

A float32 total stops growing by 1 at 2^24 = 16,777,216. Here each total carries what rounding took away:

    total', rest' = two_sum(total, increment + rest)        with  total' + rest' = total + increment + rest  exactly

so counts are exact up to about 2^47 and `total` alone is the float32 nearest to the true sum.

Source: Knuth, The Art of Computer Programming, vol. 2, section 4.2.2, theorem B; Kahan, "Further remarks on reducing
truncation errors", 1965.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from ranvier._typing import Array

__all__ = ["add"]


@jax.jit
def add(total: Array, rest: Array, increment: Array) -> tuple[Array, Array]:
    """Return the new total and what it cannot hold.

    Args:
        total: the sum so far, rounded.
        rest: what rounding took away from it.
        increment: of the shape of `total`, or one that broadcasts to it.

    Example:
        >>> total, rest = add(jnp.float32(2**24), jnp.float32(0), jnp.float32(1))
        >>> total, rest = add(total, rest, jnp.float32(1))
        >>> int(total) - 2**24
        2
    """
    # A total that somebody else assigned (a reset, for one) has no rest: a true one is below half a unit of it.
    rest = jnp.where(jnp.abs(rest) <= jnp.abs(total) * np.finfo(total.dtype).eps, rest, 0)
    increment = increment + rest
    new = total + increment
    back = new - total
    return new, (total - (new - back)) + (increment - back)
