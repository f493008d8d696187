"""Warnings that point at the line of the person's own code that called us, however deep the finding was made."""

from __future__ import annotations

import sys
import warnings

__all__ = ["tell"]


def tell(message: str) -> None:
    """Warn, with the place of the first caller outside of Ranvier."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "ranvier":
        level, frame = level + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=level)
