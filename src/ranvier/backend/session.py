"""The session: display names that are numbered over the whole process."""

from __future__ import annotations

import gc
from collections import Counter

from ranvier._lookup import reset_names

__all__ = ["clear_session", "get_uid"]

_uids: Counter[str] = Counter()


def get_uid(prefix: str = "") -> int:
    """Return 1, 2, 3, ... for each prefix."""
    _uids[prefix] += 1
    return _uids[prefix]


def clear_session(free_memory: bool = True) -> None:
    """Start the numbering of names anew: the next Dense is `dense` again.

    Nothing else is global: a model's memory goes with the model.

    Args:
        free_memory: also collect garbage now.
    """
    _uids.clear()
    reset_names()
    if free_memory:
        gc.collect()
