"""`keras.preprocessing.sequence` of Keras 2, beside `pad_sequences`, which is in `keras.utils` today."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import numpy as np

from ranvier._errors import InvalidArgument
from ranvier.utils.py_dataset import PyDataset

__all__ = ["TimeseriesGenerator", "make_sampling_table", "skipgrams"]


class TimeseriesGenerator(PyDataset):
    """Windows of a series and the value that follows each; today `utils.timeseries_dataset_from_array`.

        window(r) = data[r - length], data[r - length + rate], ... before r    with target targets[r]

    Args:
        data: the series, `[time, ...]`.
        targets: as many as data.
        length: time steps that a window spans.
        sampling_rate: how far apart the steps of a window are.
        stride: how far apart windows are.
        start_index, end_index: only data from the first to the second, both included.
        shuffle: windows are drawn at random.
        reverse: windows run backwards in time.
        batch_size: windows per batch.

    Raises:
        InvalidArgument: data and targets differ in length, or no window fits.

    Example:
        >>> series = TimeseriesGenerator(np.arange(5), np.arange(5), length=3, batch_size=2)
        >>> [(x.tolist(), y.tolist()) for x, y in series]
        [([[0, 1, 2], [1, 2, 3]], [3, 4])]
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.data, self.targets, self.length = data, targets, length
        self.sampling_rate, self.stride, self.batch_size = sampling_rate, stride, batch_size
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse = shuffle, reverse
        if len(data) != len(targets) or self.start_index > self.end_index:
            raise InvalidArgument(
                "TimeseriesGenerator finds no window in this data.",
                code="timeseries-argument",
                place="TimeseriesGenerator(...)",
                expected="as many targets as data, and start_index + length <= end_index",
                received=f"{len(data)} and {len(targets)} rows; {self.start_index} and {self.end_index}",
            )

    def __len__(self) -> int:
        return math.ceil((self.end_index - self.start_index + 1) / (self.batch_size * self.stride))

    def __getitem__(self, index: int) -> Any:
        if self.shuffle:
            rows = np.random.randint(self.start_index, self.end_index + 1, size=self.batch_size)
        else:
            span = self.batch_size * self.stride
            first = self.start_index + span * index
            rows = np.arange(first, min(first + span, self.end_index + 1), self.stride)
        windows = np.array([self.data[row - self.length : row : self.sampling_rate] for row in rows])
        return (windows[:, ::-1] if self.reverse else windows), np.array([self.targets[row] for row in rows])

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, data and targets as JSON."""
        names = ("length", "sampling_rate", "stride", "start_index", "end_index", "shuffle", "reverse", "batch_size")
        series = {name: json.dumps(np.asarray(getattr(self, name)).tolist()) for name in ("data", "targets")}
        return {**series, **{name: getattr(self, name) for name in names}}

    def to_json(self, **kwargs: Any) -> str:
        """Return the generator as JSON; `kwargs` go to `json.dumps`."""
        return json.dumps({"class_name": "TimeseriesGenerator", "config": self.get_config()}, **kwargs)


def make_sampling_table(size: int, sampling_factor: float = 1e-05) -> np.ndarray:
    """Return the probability to keep a word by its rank, frequent words less, as word2vec does.

    Args:
        size: number of words.
        sampling_factor: the smaller, the fewer frequent words are kept.

    Source: Mikolov et al. (2013), for frequencies by Zipf's law.
    """
    rank = np.maximum(np.arange(size), 1)
    frequency = sampling_factor * (rank * (np.log(rank) + 0.577) + 0.5 - 1 / (12 * rank))
    return np.asarray(np.minimum(1, np.sqrt(frequency)))


def skipgrams(
    sequence: Any,
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Any = None,
    seed: int | None = None,
) -> tuple[list[list[int]], list[Any]]:
    """Return pairs of a word and one near it (label 1), and of a word and one at random (label 0).

    Args:
        sequence: numbers of words; 0 is none.
        vocabulary_size: one more than the largest number.
        window_size: how far apart near words are at most.
        negative_samples: random pairs for each near pair.
        shuffle: whether pairs come in a random order.
        categorical: labels as `[0, 1]` and `[1, 0]`.
        sampling_table: probability to keep each number.
        seed: decides that order.
    """
    pairs: list[list[int]] = []
    for place, word in enumerate(sequence):
        if not word or (sampling_table is not None and sampling_table[word] < random.random()):
            continue
        near = range(max(0, place - window_size), min(len(sequence), place + window_size + 1))
        pairs += [[word, sequence[other]] for other in near if other != place and sequence[other]]
    labels: list[Any] = [[0, 1] if categorical else 1] * len(pairs)
    words = [word for word, _ in pairs]
    random.shuffle(words)
    for number in range(int(len(labels) * negative_samples)):
        pairs.append([words[number % len(words)], random.randint(1, vocabulary_size - 1)])
        labels.append([1, 0] if categorical else 0)
    if shuffle:
        order = list(range(len(pairs)))
        random.Random(random.randint(0, 10**7) if seed is None else seed).shuffle(order)
        pairs, labels = [pairs[number] for number in order], [labels[number] for number in order]
    return pairs, labels
