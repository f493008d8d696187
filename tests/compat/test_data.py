"""`tf.data.Dataset`: what flows, in which order, how much of it, and that training takes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ranvier
from ranvier._errors import DataError
from ranvier.compat import tensorflow as tf
from ranvier.compat.tensorflow.data import AUTOTUNE, Dataset


def values(data: Any) -> list[Any]:
    return [np.asarray(item).tolist() for item in data.as_numpy_iterator()]


def test_slices_keep_their_structure() -> None:
    data = Dataset.from_tensor_slices({"a": [1, 2], "b": (np.ones((2, 3)), [5.0, 6.0])})
    first = next(iter(data))
    assert first["a"] == 1 and first["b"][0].shape == (3,) and float(first["b"][1]) == 5.0
    iterator = data.as_numpy_iterator()
    assert iterator.next()["a"] == 1 and next(iterator)["a"] == 2
    assert iter(data).get_next()["a"] == 1 and iter(data).next()["a"] == 1
    assert data.element_spec["b"][0] == tf.TensorSpec((3,), "float64") and len(data) == 2
    with pytest.raises(DataError, match="rows"):
        Dataset.from_tensor_slices(([1, 2], [1, 2, 3]))


def test_batches_and_counts() -> None:
    numbers = Dataset.range(10)
    assert values(numbers.batch(4)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]] and len(numbers.batch(4)) == 3
    assert values(numbers.batch(4, drop_remainder=True).unbatch()) == list(range(8))
    assert values(numbers.skip(7).repeat(2)) == [7, 8, 9, 7, 8, 9] and len(numbers.take(3)) == 3
    assert values(numbers.shard(3, 1)) == [1, 4, 7] and len(numbers.shard(3, 1)) == 3
    assert numbers.repeat().cardinality() == -1 and values(numbers.repeat().take(12))[-2:] == [0, 1]
    assert numbers.filter(lambda x: x > 3).cardinality() == tf.data.UNKNOWN_CARDINALITY
    with pytest.raises(TypeError, match="infinite"):
        len(numbers.repeat())


def test_functions_see_the_parts_of_a_tuple_and_work_in_any_number() -> None:
    data = Dataset.from_tensor_slices((np.arange(300.0), np.arange(300)))
    mapped = data.map(lambda x, y: (2 * x, tf.cast(y, tf.float32) + 1), num_parallel_calls=AUTOTUNE)
    assert values(mapped.map(lambda x, y: x + y)) == [3.0 * n + 1 for n in range(300)]
    assert values(data.filter(lambda x, y: tf.equal(y % 100, 0)).map(lambda x, y: y)) == [0, 100, 200]


def test_a_function_that_needs_values_or_text_is_called_with_them() -> None:
    calls = []

    def half(x: Any) -> Any:
        calls.append(float(x))
        return x / 2 if float(x) > 1 else x

    assert values(Dataset.range(4).map(half)) == [0.0, 1.0, 1.0, 1.5]
    assert calls == [0.0, 1.0, 2.0, 3.0]
    assert values(Dataset.from_tensor_slices(["a", "bc"]).map(lambda text: len(str(text)))) == [1, 2]
    with pytest.raises(ZeroDivisionError):
        values(Dataset.range(2).map(lambda x: 1 // 0))


def test_draws_in_a_function_differ_by_element() -> None:
    drawn = values(Dataset.range(40).map(lambda x: tf.random.uniform(())))
    assert len(set(drawn)) == 40


def test_one_element_asks_for_one() -> None:
    asked = []

    def source() -> Any:
        for number in range(100):
            asked.append(number)
            yield number

    data = Dataset.from_generator(source, output_signature=tf.TensorSpec((), tf.int32)).map(lambda x: x + 1)
    assert values(data.take(1)) == [1] and asked == [0]


def test_shuffling_is_seeded_and_draws_from_a_buffer() -> None:
    data = Dataset.range(50)
    order = values(data.shuffle(50, seed=3))
    assert sorted(order) == list(range(50)) and order != list(range(50))
    assert values(data.shuffle(50, seed=3)) == order != values(data.shuffle(50, seed=4))
    again = data.shuffle(50, seed=3)
    assert values(again) == order != values(again)
    fixed = data.shuffle(50, seed=3, reshuffle_each_iteration=False)
    assert values(fixed) == values(fixed)
    assert values(data.shuffle(1)) == list(range(50))
    assert all(value <= place + 4 for place, value in enumerate(values(data.shuffle(5, seed=0))))
    tf.random.set_seed(1)
    first = values(data.shuffle(50))
    tf.random.set_seed(1)
    assert values(data.shuffle(50)) == first


def test_a_cache_remembers_the_first_whole_pass() -> None:
    passes = []

    def source() -> Any:
        passes.append(1)
        yield from range(3)

    data = Dataset.from_generator(source, output_types=tf.int32).cache().prefetch(AUTOTUNE)
    assert [values(data) for _ in range(3)] == [[0, 1, 2]] * 3 and len(passes) == 1


def test_different_shapes_make_no_batch() -> None:
    data = Dataset.from_generator(lambda: iter([[1], [2, 3]]), output_signature=tf.TensorSpec((None,), tf.int32))
    with pytest.raises(DataError, match="padded_batch"):
        values(data.batch(2))
    assert values(data.padded_batch(2, padding_values=-1)) == [[[1, -1], [2, 3]]]


def test_training_takes_it() -> None:
    x = np.random.default_rng(0).normal(size=(48, 3)).astype("float32")
    data = Dataset.from_tensor_slices((x, x.sum(axis=1, keepdims=True))).shuffle(48, seed=0).batch(16)
    model = ranvier.Sequential([ranvier.layers.Dense(1)])
    model.compile(ranvier.optimizers.SGD(0.1), "mse")
    history = model.fit(data, validation_data=data.take(1), epochs=12, verbose=0).history
    assert history["loss"][-1] < 0.1 * history["loss"][0] and history["val_loss"][-1] < 0.1
    assert len(model.fit(data.repeat(), epochs=2, steps_per_epoch=2, verbose=0).history["loss"]) == 2
    assert model.predict(data, verbose=0).shape == (48, 1) and model.evaluate(data, verbose=0) < 0.1


def test_padding_takes_sizes_and_values_for_each_part() -> None:
    rows = [([1], 1.0, "a"), ([2, 3], 2.0, "long")]
    kinds = (tf.TensorSpec((None,), tf.int32), tf.TensorSpec((), tf.float32), tf.TensorSpec((), tf.string))
    data = Dataset.from_generator(lambda: iter(rows), output_signature=kinds)
    (batch,) = data.padded_batch(2, ([4], [], []), (9, 0.0, None)).as_numpy_iterator()
    assert batch[0].tolist() == [[1, 9, 9, 9], [2, 3, 9, 9]] and batch[1].tolist() == [1.0, 2.0]
    assert batch[2].tolist() == ["a", "long"]
    (batch,) = data.padded_batch(2, ([None], [], [])).as_numpy_iterator()
    assert batch[0].tolist() == [[1, 0], [2, 3]]
    with pytest.raises(DataError, match="padded_shapes"):
        list(data.padded_batch(2, ([1], [], [])))


def test_windows_are_data_sets() -> None:
    def windows(*args: Any) -> list[Any]:
        made = Dataset.range(7).window(*args)
        found = [values(window) for window in made]
        assert len(made) == len(found)
        return found

    assert windows(3, 2) == [[0, 1, 2], [2, 3, 4], [4, 5, 6], [6]] and windows(2, 3) == [[0, 1], [3, 4], [6]]
    assert windows(3, 1, 2, True) == [[0, 2, 4], [1, 3, 5], [2, 4, 6]]
    rows = Dataset.range(4).window(3, shift=1, drop_remainder=True).flat_map(lambda window: window.batch(3))
    assert values(rows) == [[0, 1, 2], [1, 2, 3]]
    x, y = next(iter(Dataset.from_tensor_slices(([1, 2], [3, 4])).window(2)))
    assert values(x) == [1, 2] and values(y) == [3, 4]


def test_windows_may_be_mapped_to_data_sets() -> None:
    windows = Dataset.range(4).window(2)
    doubled = windows.map(lambda window: window.map(lambda x: 2 * x))
    assert [[int(x) for x in window.as_numpy_iterator()] for window in doubled] == [[0, 2], [4, 6]]
    batches = windows.map(lambda window: window.batch(2)).flat_map(lambda window: window)
    assert [batch.tolist() for batch in batches.as_numpy_iterator()] == [[0, 1], [2, 3]]


def test_interleaved_data_sets_take_turns() -> None:
    def taken(repeats: Any, block: int) -> list[Any]:
        def inner(x: Any) -> Dataset:
            return Dataset.from_tensors(x).repeat(repeats(x))

        return values(Dataset.range(1, 6).interleave(inner, cycle_length=2, block_length=block))

    # As the real TensorFlow gave them.
    assert taken(lambda x: 3, 2) == [1, 1, 2, 2, 1, 2, 3, 3, 4, 4, 3, 4, 5, 5, 5]
    assert taken(int, 2) == [1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 4, 4, 5, 5, 5]


def test_the_cardinality_is_a_value() -> None:
    assert Dataset.range(4).cardinality().numpy() == 4 == tf.data.experimental.cardinality(Dataset.range(4)).numpy()
