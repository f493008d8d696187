"""Where data comes from: named data sets now; tables, image folders, text and series in files of their own."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ranvier.data import datasets as datasets

__all__ = ["datasets"]


def __getattr__(name: str) -> ModuleType:
    """Import a part when it is first asked for, so that `import ranvier.data` stays light."""
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
