"""PyDataset: a data set that gives its batches by number, prepared by workers where it asks for them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, ClassVar

from ranvier._errors import NotReady

__all__ = ["PyDataset"]


class PyDataset:
    """The base of data sets that give whole batches by number; also under its older name `Sequence`.

    A class of one's own defines `__getitem__(index)`, which returns `x`, `(x, y)` or `(x, y, sample_weight)`, and
    `__len__` or `num_batches`. `fit`, `evaluate` and `predict` take it; they run the workers, iterating does not.

    Args:
        workers: threads, or processes, that prepare batches ahead.
        use_multiprocessing: processes instead of threads: the data set is pickled and sent to each of them, and the
            script's own work must stand under `if __name__ == "__main__"`.
        max_queue_size: batches that are prepared ahead at most.

    Example:
        >>> class Squares(PyDataset):
        ...     def __len__(self):
        ...         return 2
        ...     def __getitem__(self, index):
        ...         return [index], [index**2]
        >>> list(Squares())
        [([0], [0]), ([1], [1])]
    """

    keras_module: ClassVar[str | None] = "keras.utils"
    # Defaults of the class, for those who forget super().__init__().
    workers: int = 1
    use_multiprocessing: bool = False
    max_queue_size: int = 10

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self.workers, self.use_multiprocessing, self.max_queue_size = workers, use_multiprocessing, max_queue_size

    def __getitem__(self, index: int) -> Any:
        """Return a batch."""
        raise _undefined(self, "__getitem__", "def __getitem__(self, index): return x, y")

    def __iter__(self) -> Iterator[Any]:
        count = self.num_batches
        yield from map(self.__getitem__, itertools.count() if count is None else range(count))

    @property
    def num_batches(self) -> int | None:
        """How many batches there are: what `__len__` says; None, of a class of one's own, where there is no end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise _undefined(self, "num_batches", "def __len__(self): return the number of batches")

    def on_epoch_begin(self) -> None:
        """An epoch over the data starts."""

    def on_epoch_end(self) -> None:
        """An epoch over the data has ended: the place to change the order of the rows."""


def _undefined(data: PyDataset, name: str, fix: str) -> NotReady:
    return NotReady(f"{type(data).__name__} has no {name}.", code="dataset-method", place=type(data).__name__, fix=fix)
