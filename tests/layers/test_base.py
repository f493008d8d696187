"""The subclassing contract of Layer: building, weights, configuration, masks, losses, the stateless call."""

from __future__ import annotations

import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import layers, ops, regularizers
from ranvier.layers import tracking
from ranvier.state import masking, scope
from ranvier.state.scope import Scope


class Scale(layers.Layer):
    """Keras's guide: weights in build, computation in call, no configuration of its own."""

    def __init__(self, start: float = 2.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.begin = start

    def build(self, input_shape: Any) -> None:
        self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="factor")

    def call(self, inputs: Any) -> Any:
        return inputs * self.factor * self.begin


class Block(layers.Layer):
    """Sublayers as attributes, in lists and in dicts."""

    def __init__(self) -> None:
        super().__init__()
        self.first = layers.Dense(3)
        self.rest = [layers.Dense(3), layers.Dense(3)]
        self.heads = {"out": layers.Dense(2)}

    def call(self, inputs: Any) -> Any:
        y = self.first(inputs)
        for layer in self.rest:
            y = layer(y)
        return self.heads["out"](y)


def test_a_layer_builds_itself_on_first_use_and_once() -> None:
    layer = Scale()
    assert not layer.built and layer.weights == []
    np.testing.assert_array_equal(layer([[1.0, 2.0]]), [[2.0, 4.0]])
    layer([[1.0, 2.0]])
    assert layer.built and [v.path for v in layer.weights] == [f"{layer.name}/factor"]


def test_build_called_by_a_person_counts() -> None:
    layer = Scale()
    layer.build((None, 2))
    layer(np.ones((1, 2)))
    assert layer.built and len(layer.weights) == 1
    assert layer.get_build_config() == {"input_shape": (None, 2)}


def test_sublayers_are_found_by_structure() -> None:
    block = Block()
    block(np.ones((1, 4)))
    assert list(tracking.variables_by_path(block)) == [
        "first/kernel", "first/bias", "rest/0/kernel", "rest/0/bias", "rest/1/kernel", "rest/1/bias",
        "heads/out/kernel", "heads/out/bias",
    ]  # fmt: skip
    assert block.count_params() == 15 + 12 + 12 + 8


def test_graph_bookkeeping_is_not_a_sublayer() -> None:
    x = layers.Input((4,))
    dense = layers.Dense(2)
    layers.Dense(3)(dense(x))
    assert tracking.sublayers(dense) == [] and len(dense.weights) == 2


def test_a_users_class_has_a_configuration_without_writing_one() -> None:
    layer = Scale(start=3.0, name="s")
    config = json.loads(json.dumps(layer.get_config()))
    assert config["start"] == 3.0 and config["name"] == "s"
    assert Scale.from_config(config).begin == 3.0


def test_a_users_own_configuration_extends_the_base() -> None:
    class Own(layers.Layer):
        def __init__(self, thing: Any, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.thing = thing

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "thing": self.thing.number}

    class Thing:
        number = 5

    assert Own(Thing(), name="o").get_config() == {
        "name": "o", "trainable": True, "dtype": layers.Dense(1).get_config()["dtype"], "thing": 5,
    }  # fmt: skip


def test_a_subclass_of_our_layer_keeps_our_arguments() -> None:
    class Narrow(layers.Dense):
        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "units": 1}

    assert Narrow(4, activation="relu").get_config()["activation"] == "relu"


def test_constructor_names_that_a_class_lacks_are_set_afterwards() -> None:
    block = Block.from_config({"name": "b", "trainable": False})
    assert (block.name, block.trainable) == ("b", False)


def test_unknown_arguments_are_named() -> None:
    with pytest.raises(ValueError, match="'unit'"):
        layers.Dense(2, unit=3)


@pytest.mark.parametrize(
    ("given", "expected"),
    [({"input_shape": (3, 2)}, (3, 2)), ({"input_dim": 5}, (5,)), ({"batch_input_shape": (None, 4)}, (4,))],
)
def test_old_spellings_of_the_input_shape(given: dict[str, Any], expected: tuple[int, ...]) -> None:
    assert layers.Dense(2, **given).given_input_shape == expected


def test_losses_come_from_activities_weights_and_calls() -> None:
    class Lossy(layers.Layer):
        def call(self, inputs: Any) -> Any:
            self.add_loss(ops.sum(inputs))
            return inputs

    lossy = Lossy()
    lossy(np.ones((2, 3)))
    assert [float(v) for v in lossy.losses] == [6.0]
    dense = layers.Dense(
        1, kernel_initializer="ones", kernel_regularizer=regularizers.L2(0.5), activity_regularizer=regularizers.L1(1.0)
    )
    dense(np.ones((2, 3)))
    assert sorted(float(v) for v in dense.losses) == [1.5, 3.0]


def test_training_is_handed_down() -> None:
    seen = []

    class Probe(layers.Layer):
        def call(self, inputs: Any, training: bool = False) -> Any:
            seen.append(training)
            return inputs

    class Outer(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.probe = Probe()

        def call(self, inputs: Any) -> Any:
            return self.probe(inputs)

    outer = Outer()
    outer(np.ones((1, 2)))
    outer(np.ones((1, 2)), training=True)
    outer.probe(np.ones((1, 2)), training=True)
    assert seen == [False, True, True]


def test_build_may_take_one_shape_per_argument() -> None:
    class Two(layers.Layer):
        def build(self, query_shape: Any, value_shape: Any) -> None:
            self.w = self.add_weight(shape=(query_shape[-1], value_shape[-1]), name="w")

        def call(self, query: Any, value: Any) -> Any:
            return query @ self.w + value

    layer = Two()
    assert layer(np.ones((2, 3)), np.ones((2, 5))).shape == (2, 5)
    twin = Two()
    twin.build_from_config(json.loads(json.dumps(layer.get_build_config())))
    assert twin.w.shape == (3, 5)


def test_stateless_call_is_pure() -> None:
    layer = layers.BatchNormalization(momentum=0.5)
    layer.build((None, 1))
    trainable = [v.stored for v in layer.trainable_variables]
    fixed = [v.stored for v in layer.non_trainable_variables]
    y, updated = jax.jit(lambda t, f, x: layer.stateless_call(t, f, x, training=True))(
        trainable, fixed, jnp.array([[1.0], [3.0]])
    )
    assert y.shape == (2, 1)
    assert [float(v[0]) for v in updated] == [1.0, 1.0]
    assert [float(v[0]) for v in layer.get_weights()] == [1.0, 0.0, 0.0, 1.0]
    with pytest.raises(ValueError, match="another number"):
        layer.stateless_call(trainable[:1], fixed, np.ones((2, 1)))


def test_stateless_call_returns_losses_when_asked() -> None:
    layer = layers.Dense(1, kernel_regularizer=regularizers.L2(1.0), use_bias=False)
    layer.build((None, 2))
    _, _, losses = layer.stateless_call([jnp.ones((2, 1))], [], np.ones((1, 2)), return_losses=True)
    assert [float(v) for v in losses] == [2.0]


def test_stateless_draws_change_with_the_weights_in_a_compiled_step_of_ones_own() -> None:
    class Noisy(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.scale, self.drop = Scale(), layers.Dropout(0.5)

        def call(self, inputs: Any) -> Any:
            return self.drop(self.scale(inputs))

    layer = Noisy()
    layer(np.ones((1, 64)))
    step = jax.jit(lambda t, x: layer.stateless_call(t, [], x, training=True)[0])
    first, second = step([jnp.ones(64)], jnp.ones((1, 64))), step([jnp.full(64, 1.1)], jnp.ones((1, 64)))
    assert not np.array_equal(first != 0, second != 0)


def test_set_weights_names_what_does_not_fit() -> None:
    layer = layers.Dense(2)
    layer.build((None, 3))
    with pytest.raises(ValueError, match="another number"):
        layer.set_weights([np.ones((3, 2))])
    with pytest.raises(ValueError, match="kernel"):
        layer.set_weights([np.ones((2, 2)), np.ones(2)])


def test_integers_that_do_not_fit_are_an_error() -> None:
    with pytest.raises(ValueError, match="int32"):
        layers.Rescaling(1.0)(np.array([[2**40]]))


def test_masks_stop_at_layers_that_do_not_support_them() -> None:
    with scope.entered(Scope()):
        x = layers.Embedding(5, 2, mask_zero=True)(jnp.array([[1, 0]]))
        np.testing.assert_array_equal(masking.of(x), [[True, False]])
        assert masking.of(layers.Dense(3)(x)) is not None
        assert masking.of(layers.Flatten()(x)) is None


def test_numbered_names_depend_on_order_alone() -> None:
    first, second, own = layers.Dense(1), layers.Dense(1), layers.Dense(1, name="head")
    clash = layers.Dropout(0.1, name="dense_1")
    assert [name for name, _ in tracking.numbered([first, own, clash, second])] == [
        "dense",
        "head",
        "dense_1",
        "dense_2",
    ]
    read_from_file = layers.Dense(1, name="dense_17")
    assert [name for name, _ in tracking.numbered([read_from_file])] == ["dense"]


def test_first_symbolic_call_gives_input_and_output() -> None:
    dense = layers.Dense(2)
    with pytest.raises(RuntimeError, match="never called"):
        _ = dense.output
    x = layers.Input((3,))
    y = dense(x)
    dense(layers.Input((3,)))
    assert dense.output is y and dense.input is x


def test_files_tell_only_the_shapes_that_build_takes() -> None:
    class Two(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight((input_shape[-1],), "ones")

        def call(self, inputs: Any, other: Any, mask: Any = None) -> Any:
            return inputs * self.w + other

    layer = Two()
    layer(np.ones((2, 3)), np.ones((2, 1)), mask=np.ones(2, bool))
    assert layer.get_build_config() == {"input_shape": (2, 3)}
    Two().build_from_config({"input_shape": [2, 3]})
