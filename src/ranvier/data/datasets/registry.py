"""Every named data set: what there is, and one in memory. Adding one takes a file and a row here."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, cast

from ranvier._errors import DataError, InvalidArgument
from ranvier.data.datasets.download import Progress
from ranvier.data.datasets.info import Dataset, DatasetInfo, Split, Where
from ranvier.data.datasets.lookup import obtain, present

__all__ = ["NAMES", "infos", "list_datasets", "load"]

NAMES = (
    "digits",
    "mnist",
    "fashion_mnist",
    "cifar10",
    "cifar100",
    "california_housing",
    "boston_housing",
    "imdb",
    "reuters",
)
"""The data sets; each is the module of that name in this package."""


class _Module(Protocol):
    """What the module of a data set has."""

    INFO: DatasetInfo
    read: Callable[..., Split]


def infos() -> dict[str, DatasetInfo]:
    """Return what is known about every data set, by name; nobody looks where it is.

    Example:
        >>> infos()["digits"].task
        'image-classification'
    """
    return {name: _module(name).INFO for name in NAMES}


def list_datasets() -> tuple[DatasetInfo, ...]:
    """Return what is known about every data set, and where each is found at this moment.

    Example:
        >>> [info.where for info in list_datasets() if info.name == "digits"]
        ['bundled']
    """
    return tuple(replace(info, where=_where(info)) for info in infos().values())


def load(name: str, progress: Progress | None = None) -> Dataset:
    """Return a named data set, from the local folder, the cache, or a download.

    Args:
        name: one of `NAMES`.
        progress: told the bytes of a download; a bar on the terminal when None.

    Raises:
        InvalidArgument: there is no data set of that name.
        DataError: the local folder lacks some of its files.
        FileRefused: a file is damaged, or not what its name says.
        DownloadError: a file had to be downloaded and could not be.

    Example:
        >>> digits = load("digits")
        >>> digits.task, digits.x_train.shape, digits.class_names[:3]
        ('image-classification', (1437, 8, 8), ('0', '1', '2'))
    """
    if name not in NAMES:
        raise InvalidArgument(
            f"There is no data set named {name!r}.",
            code="unknown-data-set",
            expected=", ".join(NAMES),
            received=repr(name),
            fix="correct the name; `ranvier datasets` lists them",
        )
    module = _module(name)
    info = module.INFO
    if info.sources:
        found = obtain(name, info.sources, info.alternatives, progress)
        where, source, files = found.where, str(found), found.files
    else:
        where, source, files = "bundled", "bundled with scikit-learn", ()
    (x_train, y_train), (x_test, y_test) = module.read(files)
    flat = y_train.reshape(len(y_train)), y_test.reshape(len(y_test))
    return Dataset(replace(info, where=where), x_train, flat[0], x_test, flat[1], source)


def _module(name: str) -> _Module:
    """Import the module of a data set; `name` is one of `NAMES`, never a caller's text."""
    return cast(_Module, importlib.import_module(f"ranvier.data.datasets.{name}"))


def _where(info: DatasetInfo) -> Where:
    if not info.sources:
        return "bundled"
    try:
        found = present(info.name, info.sources, info.alternatives)
    except DataError:
        return "incomplete"
    return "download" if found is None else found.where
