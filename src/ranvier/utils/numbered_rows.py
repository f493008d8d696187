"""A data set of rows that are made when their numbers are asked for."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ranvier.utils.batch_stages import Batches

__all__ = ["NumberedRows"]


class NumberedRows(Batches):
    """Batches of rows by number, in a new order after every epoch where they are shuffled.

    Args:
        make: row numbers to a batch; one number to one row.
        numbers: the row numbers, in order.
        batch_size: rows per batch; None for one row at a time, without a batch axis.
        shuffle: whether the order changes.
        seed: decides the orders; drawn when None.
        class_names: names of the classes, where rows have such.
    """

    def __init__(
        self,
        make: Callable[[Any], Any],
        numbers: np.ndarray,
        batch_size: int | None,
        shuffle: bool,
        seed: int | None,
        class_names: list[str] | None = None,
    ) -> None:
        super().__init__()
        self.make, self.numbers, self.batch_size, self.changing = make, np.array(numbers), batch_size, shuffle
        self.class_names = class_names
        self.file_paths: list[str] | None = None
        # Keras's generator, so that equal seeds begin with equal orders.
        self._generator = np.random.RandomState(np.random.randint(10**6) if seed is None else seed)
        self.on_epoch_end()

    def __len__(self) -> int:
        return math.ceil(len(self.numbers) / (self.batch_size or 1))

    def __getitem__(self, index: int) -> Any:
        if not 0 <= index < len(self):
            raise IndexError(index)
        if self.batch_size is None:
            return self.make(self.numbers[index])
        return self.make(self.numbers[index * self.batch_size : (index + 1) * self.batch_size])

    def on_epoch_end(self) -> None:
        """Put the rows into a new order."""
        if self.changing:
            self._generator.shuffle(self.numbers)
