"""Named data sets: looked for in `$RANVIER_DATA/<name>/`, then in the cache, then downloaded with a hash check.

The loaders by Keras's names are modules here (`mnist.load_data()`); `load` and `list_datasets` serve programs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ranvier.data.datasets.info import Dataset, DatasetInfo, Source
from ranvier.data.datasets.registry import NAMES, infos, list_datasets, load

if TYPE_CHECKING:
    from ranvier.data.datasets import boston_housing as boston_housing
    from ranvier.data.datasets import california_housing as california_housing
    from ranvier.data.datasets import cifar10 as cifar10
    from ranvier.data.datasets import cifar100 as cifar100
    from ranvier.data.datasets import digits as digits
    from ranvier.data.datasets import fashion_mnist as fashion_mnist
    from ranvier.data.datasets import imdb as imdb
    from ranvier.data.datasets import mnist as mnist
    from ranvier.data.datasets import reuters as reuters

__all__ = ["NAMES", "Dataset", "DatasetInfo", "Source", "infos", "list_datasets", "load"]


def __getattr__(name: str) -> Any:
    """Import a data set's module when it is first asked for: one of them imports scikit-learn."""
    if name in NAMES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *NAMES})
