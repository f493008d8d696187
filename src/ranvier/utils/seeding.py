"""One seed for everything."""

from __future__ import annotations

import random

import numpy as np

from ranvier._errors import InvalidArgument
from ranvier.state import rng

__all__ = ["set_random_seed"]


def set_random_seed(seed: int) -> None:
    """Seed Python's `random`, NumPy and Ranvier: equal programs then give equal numbers, bit for bit.

    Args:
        seed: from 0 to 2^32 - 1.

    Raises:
        InvalidArgument: anything else.
    """
    whole = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool)
    if not whole or not 0 <= seed < 2**32:
        raise InvalidArgument(
            "This cannot seed the random numbers.",
            code="bad-seed",
            place="set_random_seed",
            expected="a whole number from 0 to 4294967295",
            received=repr(seed),
        )
    random.seed(int(seed))
    np.random.seed(int(seed))
    rng.reset_global(int(seed))
