"""Where there is no display, pictures go to files: `figures.py` becomes matplotlib's backend."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["chosen"]

_BACKEND = "module://ranvier.compat.figures"


@contextmanager
def chosen() -> Iterator[None]:
    """Choose the backend inside the block, where there is no display and nobody chose one that needs it."""
    before = os.environ.get("MPLBACKEND")
    if _has_display() or (before or "agg").lower() != "agg":
        yield
        return
    os.environ["MPLBACKEND"] = _BACKEND
    pyplot = sys.modules.get("matplotlib.pyplot")
    loaded = None if pyplot is None else pyplot.get_backend()
    if pyplot is not None:
        pyplot.switch_backend(_BACKEND)
    try:
        yield
    finally:
        os.environ.pop("MPLBACKEND")
        if before is not None:
            os.environ["MPLBACKEND"] = before
        if pyplot is not None:
            pyplot.switch_backend(loaded)


def _has_display() -> bool:
    """Whether a window could open."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
