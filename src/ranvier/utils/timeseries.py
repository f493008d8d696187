"""Windows of a series, as batches by number."""

from __future__ import annotations

from typing import Any

import numpy as np

from ranvier._errors import InvalidArgument
from ranvier.utils.numbered_rows import NumberedRows

__all__ = ["timeseries_dataset_from_array"]


class _Windows:
    """Rows by number: the window that begins at each position, and its target."""

    def __init__(self, data: np.ndarray, targets: np.ndarray | None, steps: np.ndarray) -> None:
        self.data, self.targets, self.steps = data, targets, steps

    def __call__(self, positions: np.ndarray) -> Any:
        windows = self.data[np.asarray(positions)[..., None] + self.steps]
        return windows if self.targets is None else (windows, self.targets[positions])


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> NumberedRows:
    """Return windows of a series as batches for `fit`; Keras gives a `tf.data` data set.

        window(p) = data[p], data[p + rate], ..., data[p + (length - 1) * rate]    with target targets[p]

    for every start `p = 0, stride, 2 * stride, ...` whose window ends before the data does. To predict the value after
    each window, pass `targets = data[sequence_length:]`.

    Shapes: batches `[window, step, ...]`, or one window `[step, ...]` at a time where `batch_size` is None.

    Args:
        data: the series, `[time, ...]`.
        targets: `targets[p]` belongs to the window that begins at `p`; None for windows alone. Where there are fewer,
            the windows without a target are left out.
        sequence_length: steps of a window.
        sequence_stride: how far apart windows begin.
        sampling_rate: how far apart the steps of a window are.
        batch_size: windows per batch.
        shuffle: another order of the windows in every epoch.
        seed: decides those orders.
        start_index, end_index: only data (and targets) from the first on, before the second.
        format: `"tf"` or `"grain"`; both give the same.

    Raises:
        InvalidArgument: numbers that do not fit the data, or no window at all.

    Example:
        >>> windows = timeseries_dataset_from_array([0, 1, 2, 3, 4], [2, 3, 4], sequence_length=2, batch_size=2)
        >>> [(x.tolist(), y.tolist()) for x, y in windows]
        [([[0, 1], [1, 2]], [2, 3]), ([[2, 3]], [4])]
    """
    _check(len(data), sequence_length, sequence_stride, sampling_rate, start_index, end_index, format)
    series = np.asarray(data)[start_index or 0 : end_index]
    answers = None if targets is None else np.asarray(targets)[start_index or 0 : end_index]
    count = len(series) - (sequence_length - 1) * sampling_rate
    count = count if answers is None else min(count, len(answers))
    if count <= 0:
        raise _wrong("sequence_length", f"windows that fit into {len(series)} rows of data", sequence_length)
    starts = np.arange(0, count, sequence_stride)
    steps = np.arange(sequence_length) * sampling_rate
    return NumberedRows(_Windows(series, answers, steps), starts, batch_size, shuffle, seed)


def _check(rows: int, length: int, stride: int, rate: int, start: int | None, end: int | None, format: str) -> None:
    if length < 1:
        raise _wrong("sequence_length", "1 or more", length)
    for name, value in (("sequence_stride", stride), ("sampling_rate", rate)):
        if not 0 < value < rows:
            raise _wrong(name, f"at least 1 and below {rows}, the rows of data", value)
    if start is not None and not 0 <= start < rows:
        raise _wrong("start_index", f"from 0 to {rows - 1}", start)
    if end is not None and not (start or 0) < end < rows:
        raise _wrong("end_index", f"above start_index and below {rows}, the rows of data", end)
    if format not in ("tf", "grain"):
        raise _wrong("format", "'tf' or 'grain'", format)


def _wrong(name: str, expected: str, received: Any) -> InvalidArgument:
    return InvalidArgument(
        f"{name} does not fit.",
        code="timeseries-argument",
        place=f"timeseries_dataset_from_array({name}=...)",
        expected=expected,
        received=repr(received),
    )
