"""What single layers do beside the contracts that all keep."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pandas
import polars
import pytest

from ranvier import layers, random
from ranvier.layers.dropout import keep_mask
from ranvier.state import masking, scope
from ranvier.state.scope import Scope
from ranvier.state.symbolic import KerasTensor


def python_relu(x: Any) -> Any:
    return max(0, x)


@pytest.mark.parametrize("activation", [python_relu, np.exp])
def test_activations_that_cannot_be_compiled_name_the_right_functions(activation: Any) -> None:
    layer = layers.Dense(2, activation=activation, name="mine")
    with pytest.raises(TypeError, match=r"(?s)mine.*ops\.relu.*ops\.exp"):
        layer(KerasTensor((None, 3)))


def test_dense_names_an_unknown_last_axis_and_bad_units() -> None:
    with pytest.raises(ValueError, match="last axis"):
        layers.Dense(2)(KerasTensor((None, None)))
    for units in (0, -1, 2.5, True):
        with pytest.raises(ValueError, match="positive"):
            layers.Dense(units)
    with pytest.raises(ValueError, match="at least 2 axes"):
        layers.Dense(2)(np.ones(3))
    with pytest.raises(NotImplementedError, match="lora_rank"):
        layers.Dense(2, lora_rank=4)


def test_embedding_keeps_large_integers_exact_and_shows_wrong_ones() -> None:
    layer = layers.Embedding(2**24 + 3, 1, embeddings_initializer="zeros", dtype="mixed_bfloat16")
    layer.build()
    assert layer(np.array([2**24 + 1])).dtype == "bfloat16"
    table = layers.Embedding(3, 1, weights=np.array([[1.0], [2.0], [3.0]]))
    np.testing.assert_array_equal(table([0, 2])[:, 0], [1.0, 3.0])
    assert np.isnan(table([3])).all()
    assert "weights" not in table.get_config()
    assert layers.Embedding(3, 1, input_length=7).input_dim == 3


def test_dropout_keeps_the_expected_share_and_the_mean() -> None:
    y = np.asarray(layers.Dropout(0.3, seed=1)(np.ones((400, 501)), training=True))
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.005)
    assert np.unique(y[y != 0]) == pytest.approx([1 / 0.7])
    assert y.mean() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 1), (2, 3, 5)])
def test_keep_mask_has_any_shape(shape: tuple[int, ...]) -> None:
    assert keep_mask(jax.random.key(0), 0.5, shape).shape == shape


def test_neighbours_are_dropped_independently() -> None:
    keep = np.asarray(keep_mask(jax.random.key(0), 0.5, (2000, 40)), float) - 0.5
    correlations = np.corrcoef(keep.T) - np.eye(40)
    assert np.abs(correlations).max() < 0.12


def test_dropout_draws_by_seed_noise_shape_and_generator() -> None:
    x = np.ones((4, 6))
    first, second = layers.Dropout(0.5, seed=3), layers.Dropout(0.5, seed=3)
    np.testing.assert_array_equal(first(x, training=True), second(x, training=True))
    assert not np.array_equal(first(x, training=True), layers.Dropout(0.5, seed=3)(x, training=True))
    rows = np.asarray(layers.Dropout(0.5, noise_shape=(None, 1), seed=1)(np.ones((50, 6)), training=True))
    assert all(len(set(row)) == 1 for row in rows) and len(set(rows[:, 0])) == 2
    assert layers.Dropout(0.5, seed=random.SeedGenerator(1))(x, training=True).shape == (4, 6)
    with pytest.raises(ValueError, match="axes"):
        layers.Dropout(0.5, noise_shape=(1,))(x, training=True)
    for rate in (-0.1, 1.1, True):
        with pytest.raises(ValueError, match="share"):
            layers.Dropout(rate)


def test_batch_normalization_moves_and_freezes_its_averages() -> None:
    layer = layers.BatchNormalization(momentum=0.75, epsilon=0.0)
    x = np.array([[1.0], [3.0]])
    np.testing.assert_allclose(layer(x, training=True), [[-1.0], [1.0]], rtol=1e-6)
    assert [float(v[0]) for v in layer.get_weights()] == [1.0, 0.0, 0.5, 1.0]
    layer.trainable = False
    np.testing.assert_allclose(layer(x, training=True), [[0.5], [2.5]], rtol=1e-6)
    assert float(layer.moving_mean[0]) == 0.5


def test_batch_normalization_counts_real_steps_only() -> None:
    layer = layers.BatchNormalization(momentum=0.0, epsilon=0.0)
    x = np.array([[[1.0], [100.0]], [[3.0], [-50.0]]])
    layer(x, training=True, mask=np.array([[True, False], [True, False]]))
    np.testing.assert_allclose(layer.moving_mean.value, [2.0], rtol=1e-6)


def test_batch_normalization_keeps_precision_far_from_zero() -> None:
    x = np.random.default_rng(0).normal(size=(512, 1)) + 4096.0
    y = np.asarray(layers.BatchNormalization(epsilon=0.0)(x, training=True), "float64")
    assert y.std() == pytest.approx(1.0, abs=2e-3)


def test_batch_normalization_refuses_renorm() -> None:
    with pytest.raises(NotImplementedError, match="renorm"):
        layers.BatchNormalization(renorm=True)
    assert layers.LayerNormalization(rms_scaling=False).epsilon == 1e-3


ROWS = np.array([[1.0, 10.0], [3.0, 30.0], [5.0, 80.0]])


@pytest.mark.parametrize(
    "data",
    [
        ROWS,
        ROWS.astype("int64"),
        ROWS.tolist(),
        jnp.asarray(ROWS),
        pandas.DataFrame(ROWS, columns=["a", "b"]),
        polars.DataFrame({"a": ROWS[:, 0], "b": ROWS[:, 1]}),
        (ROWS[:1], ROWS[1:]),
        iter([ROWS[:2], ROWS[2:]]),
    ],
    ids=["numpy", "integers", "list", "jax", "pandas", "polars", "parts", "iterator"],
)
def test_normalization_adapts_to_data_of_any_kind(data: Any) -> None:
    layer = layers.Normalization()
    layer.adapt(data)
    np.testing.assert_allclose(layer.mean, [[3.0, 40.0]], rtol=1e-6)
    np.testing.assert_allclose(layer.variance, ROWS.var(0)[None], rtol=1e-6)
    np.testing.assert_allclose(np.asarray(layer(ROWS)).std(0), [1.0, 1.0], rtol=1e-6)


def test_normalization_adapts_anew_inverts_and_keeps_precision() -> None:
    layer = layers.Normalization(axis=None)
    layer.adapt(np.zeros(4))
    layer.adapt(1e6 + np.arange(4.0))
    assert float(layer.variance) == 1.25
    np.testing.assert_array_equal(layers.Normalization(axis=None, mean=1.0, variance=4.0, invert=True)([1.0]), [3.0])
    with pytest.raises(ValueError, match="given its statistics"):
        layers.Normalization(mean=1.0, variance=1.0).adapt(ROWS)
    with pytest.raises(ValueError, match="together"):
        layers.Normalization(mean=1.0)
    with pytest.raises(ValueError, match="no rows"):
        layers.Normalization().adapt(np.zeros((0, 2)))
    with pytest.raises(ValueError, match="other features"):
        made = layers.Normalization()
        made.adapt(ROWS)
        made.adapt(ROWS[:, :1])


def test_normalization_of_images_by_channel() -> None:
    images = np.random.default_rng(0).normal(size=(5, 4, 4, 3)) * [1, 2, 3] + [0, 5, 9]
    layer = layers.Normalization(axis=-1)
    layer.adapt(images)
    assert layer.weights[0].shape == (3,)
    np.testing.assert_allclose(np.asarray(layer(images)).mean((0, 1, 2)), 0, atol=1e-5)


def test_reshape_with_unknown_sizes_and_wrong_ones() -> None:
    assert layers.Reshape((4, 4))(KerasTensor((None, None))).shape == (None, 4, 4)
    assert layers.Reshape((-1, 2))(KerasTensor((None, None, 4))).shape == (None, None, 2)
    assert layers.Reshape(6)(np.ones((2, 3, 2))).shape == (2, 6)
    with pytest.raises(ValueError, match="number of values"):
        layers.Reshape((5,))(np.ones((2, 6)))
    with pytest.raises(ValueError, match="one -1"):
        layers.Reshape((-1, -1))


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        (layers.Add, np.ones((2, 3))),
        (layers.Subtract, [np.ones((2, 3))]),
        (layers.Add, [np.ones((2, 3)), np.ones((2, 4))]),
        (layers.Concatenate, [np.ones((2, 3)), np.ones((3, 3))]),
        (layers.Concatenate, [np.ones((2, 3)), np.ones((2, 3, 1))]),
    ],
)
def test_merging_names_what_does_not_fit(layer: Any, inputs: Any) -> None:
    with pytest.raises(ValueError, match=r"combin|concatenated"):
        layer()(inputs)


def test_merging_masks() -> None:
    masks = [jnp.array([[True, False]]), jnp.array([[False, False]])]
    with scope.entered(Scope()):
        x = [jnp.ones((1, 2, 3)), jnp.zeros((1, 2, 3))]
        for one, mask in zip(x, masks, strict=True):
            masking.attach(one, mask)
        np.testing.assert_array_equal(masking.of(layers.Add()(x)), [[True, False]])
        np.testing.assert_array_equal(masking.of(layers.Concatenate(axis=1)(x)), [[True, False, False, False]])
        assert masking.of(layers.Add()([x[0], jnp.ones((1, 2, 3)) * 5])) is None


def test_merging_has_functions_too() -> None:
    x = layers.Input((2,))
    for function in (layers.add, layers.subtract, layers.multiply, layers.average, layers.maximum, layers.minimum):
        assert function([x, x]).shape == (None, 2)
    assert layers.concatenate([x, x]).shape == (None, 4)


def test_lambda_takes_arguments_and_says_that_it_cannot_be_saved() -> None:
    def powered(x: Any, exponent: int, training: bool = False) -> Any:
        return x**exponent + training

    layer = layers.Lambda(powered, arguments={"exponent": 3})
    assert [float(layer([2.0], training=t)[0]) for t in (False, True)] == [8.0, 9.0]
    assert layer.unsavable
    assert layers.Lambda(powered, output_shape=(5,))(layers.Input((2,))).shape == (None, 5)
    config = layer.get_config()
    assert config["function"]["config"] == "powered"
    again = layers.deserialize({"class_name": "Lambda", "config": config}, {"powered": powered})
    assert float(again([2.0])[0]) == 8.0
    keras_file = {
        "class_name": "Lambda",
        "config": {"name": "l", "function": {"class_name": "__lambda__", "config": {}}},
    }
    with pytest.raises(ValueError, match="never read"):
        layers.deserialize(keras_file)
    with pytest.raises(TypeError, match="ops.exp"):
        layers.Lambda(lambda x: np.exp(x))(layers.Input((2,)))


def test_input_layers_say_what_is_wrong_with_a_shape() -> None:
    assert layers.Input(4).shape == (None, 4)
    assert layers.Input((4,), batch_size=3, dtype="int32").dtype == "int32"
    assert layers.InputLayer(input_shape=(4,)).batch_shape == (None, 4)
    assert layers.Input(batch_shape=(2, None)).shape == (2, None)
    for wrong in ({}, {"shape": (1,), "batch_shape": (1, 1)}, {"shape": (-1,)}):
        with pytest.raises(ValueError, match="shape"):
            layers.Input(**wrong)
    with pytest.raises(NotImplementedError, match="parse"):
        layers.Input((3,), sparse=True)
    with pytest.raises(RuntimeError, match="called"):
        layers.InputLayer((3,))()


def test_lookup_by_name_class_and_configuration() -> None:
    assert isinstance(layers.get("Flatten"), layers.Flatten)
    assert isinstance(layers.get("batch_normalization"), layers.BatchNormalization)
    dense = layers.Dense(2)
    assert layers.get(dense) is dense and layers.get(None) is None
    with pytest.raises(ValueError, match="no layer named"):
        layers.get("Dence")
