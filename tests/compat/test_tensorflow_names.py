"""Functions of `tf` give TensorFlow's own numbers, recorded from it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ranvier.compat import install
from tests.compat.cases import CASES

ORACLE = Path(__file__).parents[1] / "oracle" / "compat.npz"


@pytest.fixture(scope="module")
def tf() -> Iterator[Any]:
    with install():
        yield importlib.import_module("tensorflow")


@pytest.mark.parametrize("name", CASES)
def test_the_number_is_tensorflows(tf: Any, name: str) -> None:
    with np.load(ORACLE) as recorded:
        wanted = recorded[name]
    found = np.asarray(CASES[name](tf))
    assert found.shape == wanted.shape
    # Sixteen roundings of float32: none of these sums is longer.
    np.testing.assert_allclose(found, wanted, rtol=2e-6, atol=2e-6)
    assert (found.dtype.kind, wanted.dtype.kind) in {("f", "f"), ("i", "i"), ("b", "b")}


def test_types_know_their_facts(tf: Any) -> None:
    assert tf.float32 == np.dtype("float32") and tf.constant(1.0).dtype == tf.float32
    assert tf.uint8.max == 255 and tf.int32.is_integer and tf.as_dtype(np.float32) == tf.float32
    assert np.zeros(1, tf.int8).dtype == np.int8 and tf.bfloat16.size == 2


def test_a_variable_takes_tensorflows_arguments(tf: Any) -> None:
    v = tf.Variable([1.0, 2.0], trainable=False, name="counts", dtype=tf.float32)
    v.assign_add([1.0, 1.0])
    assert v.numpy().tolist() == [2.0, 3.0] and not v.trainable and v.name == "counts"
    assert float(tf.reduce_sum(v * 2)) == 10.0 and tf.is_tensor(v)
    layer = tf.keras.layers.Dense(1)
    layer.build((None, 2))
    assert isinstance(v, tf.Variable) and isinstance(layer.kernel, tf.Variable)
    assert not isinstance(v.numpy(), tf.Variable)
    assert isinstance(tf.constant(1), tf.Tensor) and tf.zeros_initializer()((2,)).numpy().tolist() == [0.0, 0.0]


def test_one_seed_decides_all_draws(tf: Any) -> None:
    def draws() -> list[float]:
        tf.random.set_seed(7)
        return [float(tf.random.normal(())), float(tf.random.uniform((), 5, 6)), float(np.random.rand())]

    assert draws() == draws()
    assert set(np.asarray(tf.random.uniform((50,), 0, 3, tf.int32)).tolist()) == {0, 1, 2}
    one, other = (tf.random.Generator.from_seed(1).normal((2,)) for _ in range(2))
    assert one.numpy().tolist() == other.numpy().tolist()


def test_devices_and_switches(tf: Any) -> None:
    assert tf.config.list_physical_devices("CPU")[0].device_type == "CPU"
    for device in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(device, True)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    with tf.device("/CPU:0"), tf.name_scope("part"):
        assert tf.executing_eagerly()
    assert tf.__version__.startswith("2.") and tf.__version__ == tf.version.VERSION
