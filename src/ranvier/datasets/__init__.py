"""Keras's `datasets` namespace, plus `digits`, `load` and `list_datasets`: a thin face over `ranvier.data.datasets`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ranvier.data.datasets import NAMES, list_datasets, load

if TYPE_CHECKING:
    from ranvier.datasets import boston_housing as boston_housing
    from ranvier.datasets import california_housing as california_housing
    from ranvier.datasets import cifar10 as cifar10
    from ranvier.datasets import cifar100 as cifar100
    from ranvier.datasets import digits as digits
    from ranvier.datasets import fashion_mnist as fashion_mnist
    from ranvier.datasets import imdb as imdb
    from ranvier.datasets import mnist as mnist
    from ranvier.datasets import reuters as reuters

__all__ = [
    "boston_housing",
    "california_housing",
    "cifar10",
    "cifar100",
    "digits",
    "fashion_mnist",
    "imdb",
    "list_datasets",
    "load",
    "mnist",
    "reuters",
]


def __getattr__(name: str) -> Any:
    """Import a data set's module when it is first asked for."""
    if name in NAMES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
