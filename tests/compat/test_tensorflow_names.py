"""Functions of `tf` give TensorFlow's own numbers, recorded from it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ranvier._errors import InvalidArgument, WrongType
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


def test_a_mask_covers_as_many_axes_as_it_has(tf: Any) -> None:
    x = np.arange(12).reshape(3, 4)
    assert tf.boolean_mask(x, x % 5 == 0).numpy().tolist() == [0, 5, 10]
    assert tf.boolean_mask(x, [True, False, False, True], axis=1).numpy().tolist() == [[0, 3], [4, 7], [8, 11]]
    pairs = np.stack([x, -x], axis=-1)
    assert tf.boolean_mask(pairs, x > 9).numpy().tolist() == [[10, -10], [11, -11]]
    with pytest.raises(InvalidArgument, match="mask"):
        tf.boolean_mask(x, [True, False])


def test_positions_that_are_not_there_are_refused(tf: Any) -> None:
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    assert tf.gather(x, [[1], [0]], axis=1).numpy().tolist() == [[[2.0], [1.0]], [[4.0], [3.0]]]
    for bad in ([2], [-1], tf.constant(2)):
        with pytest.raises(InvalidArgument, match="0 to 1"):
            tf.gather(x, bad)
    assert tf.function(lambda i: tf.gather(x, i))(tf.constant([1])).numpy().tolist() == [[3.0, 4.0]]


def test_sizes_are_values_too(tf: Any) -> None:
    x = tf.ones((2, 3))
    assert tf.rank(x).numpy() == 2 and tf.shape(x).numpy().tolist() == [2, 3]
    flat = tf.function(lambda v: tf.reshape(v, [tf.shape(v)[0] * 3]) if tf.rank(v) == 2 else v)
    assert flat(x).shape == (6,)


def test_the_mean_of_whole_numbers_is_whole(tf: Any) -> None:
    means = tf.reduce_mean([1, 2]), tf.reduce_mean([[-1, -2], [4, 4]], axis=1)
    assert [mean.numpy().tolist() for mean in means] == [1, [-1, 4]] and means[0].dtype == tf.int32
    assert tf.reduce_mean([1.0, 2.0]).numpy() == 1.5


def test_arguments_become_what_the_signature_says(tf: Any) -> None:
    class Halves(tf.Module):  # type: ignore[name-defined, misc]
        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
        def total(self, x: Any) -> Any:
            return tf.reduce_sum(x) / 2

    assert Halves().total([1, 2]).numpy() == 1.5 == Halves().total(x=[1, 2]).numpy()
    with pytest.raises(WrongType, match="input_signature"):
        Halves().total([[1.0]])


@pytest.mark.parametrize("name", ["add", "matmul", "concat", "reshape"])
def test_shapes_that_do_not_fit_are_shown(tf: Any, name: str) -> None:
    a, b = tf.ones((2, 3)), tf.ones((3, 2))
    given = {"concat": ([a, b], 0), "reshape": (a, (4, 2)), "matmul": (a, a)}.get(name, (a, b))
    with pytest.raises(InvalidArgument, match=rf"tf\.{name}[\s\S]*2, 3"):
        getattr(tf, name)(*given)


REFUSED = {
    "+": lambda tf, a, b: a + b,
    "@": lambda tf, a, b: a @ b,
    "==": lambda tf, a, b: a == b,
    "variable": lambda tf, a, b: tf.Variable(a) * b,
    "where": lambda tf, a, b: tf.where(a > 0, b, 0.0),
    "einsum": lambda tf, a, b: tf.einsum("ab,bc->ac", a, b),
    "broadcast_to": lambda tf, a, b: tf.broadcast_to(a, (4, 5)),
    "transpose": lambda tf, a, b: tf.transpose(a, (0, 1, 2)),
    "squeeze": lambda tf, a, b: tf.squeeze(a, 0),
    "split": lambda tf, a, b: tf.split(a, 2, axis=1),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_operators_and_functions_show_both_shapes(tf: Any, call: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"2, 3\).*") as caught:
        call(tf, tf.ones((2, 3)), tf.ones((4, 5)))
    assert "tensor" in caught.value.place or caught.value.place.startswith("tf.")


def test_shapes_stay_shapes(tf: Any) -> None:
    shape = tf.ones((2, 3, 4)).shape
    assert shape[1:].as_list() == [3, 4] and shape[0] == 2 and shape.num_elements() == 24
    before, after = shape[:1], tf.ones(7).shape
    assert (before + after).as_list() == [2, 7] == (before + [7]).as_list() == ((2,) + after).as_list()  # noqa: RUF005
    assert tf.keras.Input((4,)).shape[1:].as_list() == [4] and tf.keras.Input((4,)).shape.num_elements() is None


def test_texts_are_tensors_on_the_host(tf: Any) -> None:
    words = tf.constant(["a", "b"])
    assert words.shape == (2,) and words.numpy().tolist() == ["a", "b"]
    assert tf.constant("a", shape=(2,)).tolist() == ["a", "a"]
    assert tf.keras.ops.convert_to_tensor(["a"]).tolist() == ["a"]
    assert tf.keras.ops.convert_to_tensor([1], "float32").dtype == "float32"


def test_a_module_knows_its_variables(tf: Any) -> None:
    class Part(tf.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            self.bias = tf.Variable(3.0)

    class Whole(tf.Module):  # type: ignore[name-defined, misc]
        def __init__(self) -> None:
            super().__init__("whole")
            self.w = tf.Variable([[1.0], [2.0]])
            self.a, self.counts = Part(), [tf.Variable(0.0, trainable=False), {"same": self.w}]
            self.dense = tf.keras.layers.Dense(1)
            self.dense.build((None, 1))

    whole = Whole()
    assert whole.name == "whole" and whole.a.name == "part" and len(whole.submodules) == 2
    wanted = [whole.counts[0], whole.w, whole.a.bias, *whole.dense.variables]
    assert [id(v) for v in whole.variables] == [id(v) for v in wanted]
    assert [id(v) for v in whole.trainable_variables] == [id(v) for v in wanted[1:]]


def test_grids_and_clipping(tf: Any) -> None:
    columns, rows = tf.meshgrid([1, 2], [3, 4, 5])
    assert columns.numpy().tolist() == [[1, 2]] * 3 and rows.numpy().tolist() == [[3, 3], [4, 4], [5, 5]]
    clipped, length = tf.clip_by_global_norm([tf.constant([3.0]), None, tf.constant([4.0])], 2.5)
    assert [None if t is None else t.numpy().tolist() for t in clipped] == [[1.5], None, [2.0]] and length == 5.0
    assert tf.clip_by_norm([3.0, 4.0], 10.0).numpy().tolist() == [3.0, 4.0]
