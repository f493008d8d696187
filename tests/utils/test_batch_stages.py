"""What can be done to batches by number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier.utils import timeseries_dataset_from_array


def numbers(**options: Any) -> Any:
    """Return batches [0, 1], [2, 3], ... up to 9."""
    return timeseries_dataset_from_array(np.arange(10), None, 1, **{"batch_size": 2, **options})


def rows(batches: Any) -> list[int]:
    return [int(value) for batch in batches for value in np.ravel(batch)]


def test_parts_and_changes() -> None:
    doubled = numbers().map(lambda x: 2 * x)
    assert rows(doubled) == list(range(0, 20, 2)) and len(doubled) == doubled.cardinality() == 5
    assert rows(doubled.take(2)) == [0, 2, 4, 6] and rows(doubled.skip(3)) == [12, 14, 16, 18]
    assert rows(doubled.take(-1)) == rows(doubled) and rows(doubled.skip(7)) == [] and len(doubled.take(9)) == 5
    assert doubled.prefetch(3) is doubled
    with pytest.raises(IndexError):
        doubled.take(2)[2]
    pairs = timeseries_dataset_from_array(np.arange(4), np.arange(4), 1, batch_size=2).map(lambda x, y: (y, x + 1))
    assert [y.tolist() for y, _ in pairs] == [[0, 1], [2, 3]]
    assert all(isinstance(part, np.ndarray) for batch in pairs.as_numpy_iterator() for part in batch)


def test_batches_in_another_order_every_pass() -> None:
    mixed = numbers().shuffle(100, seed=1)
    orders = [rows(mixed) for _ in range(3)]
    assert orders[0] != orders[1] and all(sorted(order) == list(range(10)) for order in orders)
    assert all(order[::2] == [value - 1 for value in order[1::2]] for order in orders)
    fixed = numbers().shuffle(100, seed=1, reshuffle_each_iteration=False)
    assert rows(fixed) == rows(fixed) == orders[0]


def test_what_is_kept_is_made_once() -> None:
    made: list[int] = []

    def watched(x: np.ndarray) -> np.ndarray:
        made.append(int(x[0, 0]))
        return x

    kept = numbers(shuffle=True, seed=2).map(watched).cache()
    assert rows(kept) == rows(kept) and len(made) == 5
    assert rows(kept) != list(range(10))


def test_what_is_not_there_is_said() -> None:
    assert not hasattr(numbers(), "element_spec")
    with pytest.raises(AttributeError, match="ranvier run"):
        numbers().cache().interleave(None)


def test_rows_become_batches() -> None:
    single = numbers(batch_size=None)
    assert [batch.shape for batch in single.batch(4)] == [(4, 1), (4, 1), (2, 1)]
    assert [batch.shape for batch in single.batch(4, drop_remainder=True)] == [(4, 1), (4, 1)]
    with pytest.raises(ValueError, match="batch-size"):
        single.batch(0)


def test_random_changes_do_not_depend_on_threads() -> None:
    noise = keras.layers.GaussianNoise(1.0)

    def passes(workers: int) -> list[list[float]]:
        keras.utils.set_random_seed(5)
        source = numbers()
        source.workers = workers
        noisy = source.map(lambda x: noise(x.astype(np.float32), training=True))
        return [[float(value) for batch in noisy for value in np.ravel(batch)] for _ in range(2)]

    one = passes(1)
    assert one == passes(4) and one[0] != one[1]
    assert one[0][0] - 0 != one[0][2] - 2


def test_a_layer_is_built_inside_a_change() -> None:
    layer = keras.layers.Dense(3)
    assert [batch.shape for batch in numbers().map(lambda x: layer(x.astype(np.float32)))][-1] == (2, 3)
    assert len(layer.weights) == 2
