"""The kernels that there are: found in the files of this package."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import NamedTuple

import ranvier.kernels as package
from ranvier.kernels.kernel import Kernel

__all__ = ["Entry", "entries"]


class Entry(NamedTuple):
    """A kernel, and what it does in a few words."""

    kernel: Kernel
    about: str


@functools.cache
def entries() -> dict[str, Entry]:
    """Return all kernels by name."""
    found: dict[str, Entry] = {}
    for file in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{file.name}")
        about = (module.__doc__ or "").partition("\n")[0].rstrip(".")
        for value in vars(module).values():
            if isinstance(value, Kernel):
                found.setdefault(value.name, Entry(value, about))
    return dict(sorted(found.items()))
