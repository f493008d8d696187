"""What is known about a data set, where its files come from, and what a loaded one holds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from ranvier.data.datasets.partial import matches

__all__ = ["Dataset", "DatasetInfo", "Pair", "Source", "Split", "Task", "Where", "content_hash"]

Task: TypeAlias = Literal["image-classification", "tabular-classification", "regression", "text-classification"]
Where: TypeAlias = Literal["bundled", "local", "cache", "download", "incomplete"]
Pair: TypeAlias = tuple[npt.NDArray[Any], npt.NDArray[Any]]
Split: TypeAlias = tuple[Pair, Pair]
"""`(x_train, y_train), (x_test, y_test)`, as Keras returns it."""


@dataclass(frozen=True)
class Source:
    """One file that can be downloaded.

    Args:
        filename: its name in the cache and in the local folder.
        url: where it comes from.
        digest: what its bytes must hash to, `"sha256:..."` or `"md5:..."`; empty where nobody knows it.
        size: its length [bytes]; twice as much is refused before the hash is looked at.
        verified: True where the digest was computed here from known-good bytes; False where it is as published.
        tried: True where a download from `url` was seen to work; False where there was no network to try it.
    """

    filename: str
    url: str
    digest: str
    size: int
    verified: bool = False
    tried: bool = False

    @property
    def limit(self) -> int:
        """The most bytes that a download may have."""
        return 2 * self.size

    def fits(self, path: Path) -> bool:
        """Return whether a whole file is the expected one, as far as that is known."""
        return not self.digest or matches(path, self.digest)


@dataclass(frozen=True)
class DatasetInfo:
    """What `ranvier datasets` shows of a data set.

    Args:
        name: the name that `load` takes.
        task: what is to be learned.
        rows: number of training and of test rows.
        shape: shape of one row; None stands for a length that differs from row to row.
        target: what is predicted, with its unit.
        licence: terms of use, as its home states them.
        citation: author, title, year.
        split: how training and test rows were divided.
        sources: the files that a download fetches; empty where the data comes with a dependency.
        alternatives: other sets of file names that are read from the local folder.
        class_names: one name per class, in the order of the labels.
        feature_names: one name per column of a table.
        value_range: smallest and largest input value, where that is known beforehand.
        sha256: content hash of the published data, where it was computed from known-good files.
        where: where the data is found at this moment; `incomplete` where the local folder lacks files.
    """

    name: str
    task: Task
    rows: tuple[int, int]
    shape: tuple[int | None, ...]
    target: str
    licence: str
    citation: str
    split: str
    sources: tuple[Source, ...] = ()
    alternatives: tuple[tuple[str, ...], ...] = ()
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    value_range: tuple[float, float] | None = None
    sha256: str = ""
    where: Where = "download"

    @property
    def tried(self) -> bool:
        """True where every download of this data set was seen to work (and where none is needed)."""
        return all(source.tried for source in self.sources)

    @property
    def verified(self) -> bool:
        """True where every digest was computed from known-good bytes (and where none is needed)."""
        return all(source.verified for source in self.sources)

    @property
    def size(self) -> int:
        """How much a download fetches [bytes]."""
        return sum(source.size for source in self.sources)


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set in memory, divided into training and test rows.

    Args:
        info: what is known about it.
        x_train: `[row, ...]` inputs to learn from.
        y_train: `[row]` targets: class numbers, or amounts for a regression.
        x_test: `[row, ...]` inputs held out.
        y_test: `[row]` targets held out.
        source: where the rows came from, in words.
    """

    info: DatasetInfo
    x_train: npt.NDArray[Any]
    y_train: npt.NDArray[Any]
    x_test: npt.NDArray[Any]
    y_test: npt.NDArray[Any]
    source: str
    sha256: str = field(init=False)
    """Hash of the four arrays' types, shapes and values: equal data gives an equal hash on every machine."""

    def __post_init__(self) -> None:
        arrays = (self.x_train, self.y_train, self.x_test, self.y_test)
        object.__setattr__(self, "sha256", content_hash(*arrays))

    @property
    def name(self) -> str:
        """The name that `load` takes."""
        return self.info.name

    @property
    def task(self) -> Task:
        """What is to be learned."""
        return self.info.task

    @property
    def genuine(self) -> bool | None:
        """Whether the data equals the published data; None where its hash is not known."""
        return self.sha256 == self.info.sha256 if self.info.sha256 else None

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name per class; empty for a regression."""
        return self.info.class_names

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name per column; empty for images and text."""
        return self.info.feature_names


def content_hash(*arrays: npt.NDArray[Any]) -> str:
    """Return a sha256 over types, shapes and values, the same for every byte order and memory layout.

    Args:
        arrays: numeric arrays, or arrays of lists of integers.

    Example:
        >>> content_hash(np.zeros(2)) == content_hash(np.zeros(2, ">f8"))
        True
        >>> content_hash(np.zeros(2)) == content_hash(np.zeros((2, 1)))
        False
    """
    total = hashlib.sha256()
    for array in arrays:
        for part in _numeric_parts(array):
            plain = np.ascontiguousarray(part, dtype=part.dtype.newbyteorder("<"))
            total.update(f"{plain.dtype.str}{part.shape}".encode())
            total.update(plain.tobytes())
    return total.hexdigest()


def _numeric_parts(array: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    """Return ragged rows as their lengths and one flat array; a numeric array as it is."""
    if array.dtype != object:
        return [array]
    lengths = np.array([len(row) for row in array], dtype="<i8")
    flat = np.fromiter((word for row in array for word in row), dtype="<i8", count=int(lengths.sum()))
    return [lengths, flat]
