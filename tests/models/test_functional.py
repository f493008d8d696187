"""Functional and subclassed models: inputs of any form, sharing, trainable at every level, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ranvier import layers, ops
from ranvier.layers import tracking
from ranvier.models import Functional, Model, Sequential
from ranvier.state.symbolic import KerasTensor


def two_inputs() -> Any:
    a, b = layers.Input((2,), name="a"), layers.Input((3,), name="b")
    return Model([a, b], layers.Concatenate()([a, b]))


A, B = np.ones((2, 2)), np.zeros((2, 3))


@pytest.mark.parametrize("given", [[A, B], (A, B), {"a": A, "b": B}, {"b": B, "a": A}], ids=repr)
def test_inputs_come_by_position_or_name(given: Any) -> None:
    np.testing.assert_array_equal(two_inputs()(given)[0], [1, 1, 0, 0, 0])


@pytest.mark.parametrize("struct", [dict, list])
def test_outputs_come_in_the_form_that_the_model_was_made_with(struct: Any) -> None:
    x = layers.Input((2,))
    ends = {"one": x * 1.0, "two": x * 2.0} if struct is dict else [x * 1.0, x * 2.0]
    model = Model(x, ends)
    found = model(A)
    assert isinstance(found, struct)
    second = found["two"] if isinstance(found, dict) else found[1]
    np.testing.assert_array_equal(second, A * 2)
    assert struct is list or model.output_names == ["one", "two"]


def test_keys_of_the_models_own_dict_count() -> None:
    a, b = layers.Input((2,)), layers.Input((2,))
    model = Model({"left": a, "right": b}, ops.subtract(a, b))
    np.testing.assert_array_equal(model({"right": A, "left": 3 * A}), 2 * A)
    np.testing.assert_array_equal(model({a.name: 3 * A, b.name: A}), 2 * A)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([A], "number of inputs"),
        ({"a": A}, "'b'"),
        ([A, np.zeros((2, 4))], r"(?s)input 'b'.*\(None, 3\).*\(2, 4\)"),
        ([np.ones(2), B], "one row"),
    ],
)
def test_wrong_inputs_are_named(given: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        two_inputs()(given)


def test_ranks_and_dtypes_are_fitted_to_the_input() -> None:
    x = layers.Input((1,), dtype="int32")
    model = Model(x, x + 1)
    assert model(np.array([1.0, 2.0])).shape == (2, 1)
    assert model(np.array([1.0, 2.0])).dtype == "int32"
    flat = layers.Input((), dtype="float32")
    assert Model(flat, flat * 2.0)(np.ones((3, 1))).shape == (3,)


def test_integers_stay_whole_for_layers_that_want_them() -> None:
    model = Sequential([layers.Input((1,)), layers.Embedding(2**24 + 2, 1, embeddings_initializer="zeros")])
    table = np.zeros((2**24 + 2, 1), "float32")
    table[2**24 + 1] = 7
    model.set_weights([table])
    assert float(model(np.array([[2**24 + 1]]))[0, 0, 0]) == 7


def test_shared_layers_have_one_set_of_weights() -> None:
    a, b = layers.Input((3,)), layers.Input((3,))
    shared = layers.Dense(2)
    model = Model([a, b], shared(a) + shared(b))
    assert len(model.weights) == 2 and model.count_params() == 8
    x = np.ones((1, 3))
    np.testing.assert_allclose(model([x, x]), 2 * shared(x), rtol=1e-6)


def test_a_model_from_the_middle_of_another() -> None:
    x = layers.Input((3,))
    middle = layers.Dense(4, activation="relu")(x)
    whole = Model(x, layers.Dense(1)(middle))
    front, back = Model(x, middle), Model(middle, whole.output)
    data = np.ones((2, 3))
    np.testing.assert_allclose(back(front(data)), whole(data), rtol=1e-6)
    again = Model.from_config(back.get_config())
    again.set_weights(back.get_weights())
    np.testing.assert_array_equal(again(front(data)), back(front(data)))
    features = Model(whole.inputs, [layer.output for layer in whole.layers[1:]])
    assert [y.shape for y in features(data)] == [(2, 4), (2, 1)]


def test_a_missing_input_is_named() -> None:
    x, other = layers.Input((2,)), layers.Input((2,), name="forgotten")
    with pytest.raises(ValueError, match="forgotten"):
        Model(x, layers.Add()([x, other]))
    with pytest.raises(TypeError, match="symbolic"):
        Model(x, np.ones((1, 2)))
    with pytest.raises(ValueError, match="twice"):
        Model([x, x], x * 2.0)
    with pytest.raises(ValueError, match="together"):
        Model(inputs=x)


def test_two_layers_of_one_name_are_refused() -> None:
    x = layers.Input((2,))
    with pytest.raises(ValueError, match="'same'"):
        Model(x, layers.Dense(1, name="same")(layers.Dense(2, name="same")(x)))


def test_paths_are_the_same_for_a_model_built_again_or_read() -> None:
    def build() -> Any:
        x = layers.Input((3,))
        inner = Sequential([layers.Input((3,)), layers.Dense(3), layers.BatchNormalization()])
        return Model(x, layers.Dense(1)(inner(layers.Dense(3)(x))))

    first, second = build(), build()
    paths = list(tracking.variables_by_path(first))
    assert paths[:3] == ["dense/kernel", "dense/bias", "sequential/dense/kernel"] and "dense_1/kernel" in paths
    assert list(tracking.variables_by_path(second)) == paths
    assert list(tracking.variables_by_path(Model.from_config(second.get_config()))) == paths


def test_trainable_at_every_level() -> None:
    x = layers.Input((3,))
    inner = Sequential([layers.Input((3,)), layers.Dense(3), layers.BatchNormalization()])
    model = Model(x, layers.Dense(1)(inner(x)))
    assert len(model.trainable_weights) == 6 and len(model.non_trainable_weights) == 2
    inner.trainable = False
    assert len(model.trainable_weights) == 2 and not inner.layers[0].trainable
    inner.trainable = True
    inner.layers[0].trainable = False
    assert len(model.trainable_weights) == 4
    model.trainable = False
    assert model.trainable_weights == [] and len(model.non_trainable_weights) == 8
    assert not Model(x, layers.Dense(1)(x), trainable=False).layers[-1].trainable


def test_get_layer_by_name_and_number() -> None:
    x = layers.Input((3,))
    model = Model(x, layers.Dense(2, name="head")(x))
    assert model.get_layer("head") is model.get_layer(index=1) is model.layers[-1]
    for wrong in ({"name": "tail"}, {"index": 9}, {}):
        with pytest.raises(ValueError, match="1: head"):
            model.get_layer(**wrong)


class Net(Model):
    """A subclassed model as every guide writes it."""

    def __init__(self, units: int = 4) -> None:
        super().__init__()
        self.units = units
        self.first = layers.Dense(units, activation="relu")
        self.norm = layers.BatchNormalization()
        self.heads = [layers.Dense(1), layers.Dense(2)]

    def call(self, inputs: Any, training: bool = False) -> Any:
        y = self.norm(self.first(inputs), training=training)
        return [head(y) for head in self.heads]


def test_subclassed_models_build_by_being_called_or_told() -> None:
    called, told = Net(), Net()
    assert not called.built
    called(np.ones((2, 3)))
    told.build((None, 3))
    assert called.built and told.built
    assert [w.shape for w in called.weights] == [w.shape for w in told.weights]
    assert list(tracking.variables_by_path(called))[:2] == ["first/kernel", "first/bias"]
    assert called.layers[0] is called.first
    assert called.inputs is None and called.output_names is None
    with pytest.raises(RuntimeError, match="symbolic"):
        _ = called.output


def test_subclassed_models_keep_their_constructors_arguments() -> None:
    net = Net.from_config(Net(units=7).get_config())
    assert net.units == 7


def test_a_subclass_may_be_made_of_inputs_and_outputs() -> None:
    class Custom(Model):
        pass

    class Own(Model):
        def __init__(self, units: int) -> None:
            x = layers.Input((3,))
            super().__init__(inputs=x, outputs=layers.Dense(units)(x))
            self.extra = layers.Dense(2)

    x = layers.Input((3,))
    custom = Custom(x, layers.Dense(2)(x))
    again = Custom.from_config(custom.get_config())
    assert type(custom) is Custom and type(again) is Custom and again.count_params() == 8
    own = Own(5)
    assert own(np.ones((1, 3))).shape == (1, 5)
    assert own.layers[-1] is own.extra and Own.from_config(own.get_config()).output_shape == (None, 5)


def test_model_of_symbols_is_functional() -> None:
    x = layers.Input((3,))
    for model in (Model(x, x * 2.0), Model(inputs=x, outputs=x * 2.0), Model(x, outputs=x * 2.0)):
        assert type(model) is Functional and isinstance(model, Model)
        assert model.input_shape == (None, 3) and model.output_shape == (None, 3)
    with pytest.raises(RuntimeError, match="no call"):
        Model()(np.ones((1, 2)))


def test_operators_record_functions() -> None:
    x = layers.Input((3,))
    model = Model(x, abs(-(x @ np.eye(3, dtype="float32")) + 1.0)[:, :2] / 2)
    np.testing.assert_allclose(model(np.full((1, 3), 4.0)), [[1.5, 1.5]])


def test_masks_reach_the_layers_of_a_nested_model() -> None:
    seen = []

    class Sees(layers.Layer):
        def call(self, inputs: Any, mask: Any = None) -> Any:
            seen.append(mask is not None)
            return inputs

    inner = Sequential([layers.Input((3, 2)), layers.Dense(2), Sees()])
    x = layers.Input((3,), dtype="int32")
    model = Model(x, inner(layers.Embedding(5, 2, mask_zero=True)(x)))
    seen.clear()
    model(np.array([[1, 0, 2]]))
    assert seen and all(seen)


def test_deep_graphs_need_no_deep_stack() -> None:
    x = y = layers.Input((1,))
    for _ in range(1100):
        y = KerasTensor.__add__(y, 1.0)
    assert len(Model(x, y).layer_graph.steps) == 1100
