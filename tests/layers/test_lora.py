"""LoRA on Dense, Embedding and EinsumDense: what is computed, what is trained, what a file holds, what is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from ranvier import layers, models, optimizers

MAKERS = {
    "Dense": (lambda **more: layers.Dense(3, **more), np.ones((2, 4), "float32"), "kernel"),
    "EinsumDense": (
        lambda **more: layers.EinsumDense("abc,bcd->abd", (4, 3), bias_axes="d", **more),
        np.ones((2, 4, 2), "float32"),
        "kernel",
    ),
    "Conv2D": (lambda **more: layers.Conv2D(3, 2, **more), np.ones((2, 3, 2, 4), "float32"), "kernel"),
    "Embedding": (lambda **more: layers.Embedding(5, 3, **more), np.array([[0, 4]]), "embeddings"),
    "ReversibleEmbedding": (
        lambda **more: layers.ReversibleEmbedding(5, 3, tie_weights=False, **more),
        np.array([[0, 4]]),
        "embeddings",
    ),
}
by_layer = pytest.mark.parametrize("kind", MAKERS)


def filled(layer: Any) -> Any:
    """The layer with weights of which none is zero."""
    random = np.random.default_rng(3)
    for variable in layer.weights:
        variable.assign(random.normal(size=variable.shape))
    return layer


@by_layer
def test_the_table_gets_the_scaled_product_added(kind: str) -> None:
    make, x, table = MAKERS[kind]
    layer = make()
    layer(x)
    layer.enable_lora(2, lora_alpha=3.0)
    filled(layer)
    a, b = (getattr(layer, f"lora_{table}_{part}") for part in "ab")
    frozen = getattr(layer, f"_{table}")
    expected = frozen.numpy() + 1.5 * a.numpy() @ b.numpy()
    np.testing.assert_allclose(getattr(layer, table), expected, rtol=1e-6)
    plain = make()
    plain(x)
    plain.set_weights([expected, *(v.numpy() for v in layer.merged_variables()[1:])])
    np.testing.assert_allclose(layer(x), plain(x), rtol=2e-6, atol=1e-6)


@by_layer
def test_a_new_addition_changes_nothing_and_everything_else_is_trained(kind: str) -> None:
    make, x, table = MAKERS[kind]
    layer = make()
    before = np.asarray(layer(x))
    layer.enable_lora(2)
    np.testing.assert_array_equal(layer(x), before)
    frozen = getattr(layer, f"_{table}")
    assert layer.weights[0] is frozen and not frozen.trainable
    assert [v.name for v in layer.non_trainable_variables] == [table]
    trained = {v.name for v in layer.trainable_variables}
    assert trained == {v.name for v in layer.weights} - {table} and f"lora_{table}_b" in trained
    assert (layer.lora_rank, layer.lora_alpha) == (2, 2)


@by_layer
def test_the_constructor_and_the_configuration_know_lora(kind: str) -> None:
    make, x, table = MAKERS[kind]
    assert not {"lora_rank", "lora_alpha"} & set(make().get_config())
    layer = make(lora_rank=2, lora_alpha=3.0)
    layer(x)
    config = json.loads(json.dumps(layer.get_config()))
    assert (config["lora_rank"], config["lora_alpha"]) == (2, 3.0)
    twin = type(layer).from_config(config)
    twin(x)
    assert [v.name for v in twin.weights] == [v.name for v in layer.weights]
    assert f"lora_{table}_a" in {v.name for v in twin.weights} and twin.lora_alpha == 3.0


@by_layer
def test_a_file_holds_the_sum(kind: str) -> None:
    make, x, _ = MAKERS[kind]
    layer, plain, again = make(lora_rank=2), make(), make(lora_rank=2)
    for one in (layer, plain, again):
        one(x)
    filled(layer)
    store: dict[str, Any] = {}
    layer.save_own_variables(store)
    assert list(store) == [str(number) for number in range(len(plain.weights))]
    plain.set_weights(list(store.values()))
    again.load_own_variables(store)
    for one in (plain, again):
        np.testing.assert_allclose(one(x), layer(x), rtol=1e-5, atol=1e-6)


@by_layer
def test_a_store_that_does_not_fit_changes_nothing(kind: str) -> None:
    make, x, _ = MAKERS[kind]
    layer = make(lora_rank=2)
    layer(x)
    before = layer.get_weights()
    store: dict[str, Any] = {}
    layer.save_own_variables(store)
    *_, last = store
    for wrong in ({**store, last: np.ones(17)}, {**store, "9": np.ones(1)}):
        with pytest.raises(ValueError, match="do not fit"):
            layer.load_own_variables(wrong)
    for a, b in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_training_can_go_on_after_a_file_was_read() -> None:
    layer = layers.Dense(2, lora_rank=1)
    model = models.Sequential([layers.Input((3,)), layer])
    layer.load_own_variables({"0": np.ones((3, 2)), "1": np.zeros(2)})
    model.compile(optimizers.SGD(0.1), "mse")
    model.fit(np.eye(3), np.zeros((3, 2)), verbose=0)
    np.testing.assert_array_equal(layer._kernel, np.ones((3, 2)))
    assert np.any(layer.lora_kernel_b.numpy())


def test_regularizers_count_the_thin_matrices() -> None:
    layer = layers.Dense(1, kernel_regularizer="l2", use_bias=False, lora_rank=1)
    layer(np.ones((1, 2)))
    layer.set_weights([np.full((2, 1), 9.0), np.ones((2, 1)), np.full((1, 1), 2.0)])
    assert [round(float(v), 6) for v in layer.losses] == [0.02, 0.04]


def test_what_cannot_be_adapted_says_so() -> None:
    with pytest.raises(ValueError, match="kernel_constraint"):
        layers.Dense(1, kernel_constraint="max_norm", lora_rank=1)(np.ones((1, 2)))
    layer = layers.Dense(1)
    with pytest.raises(ValueError, match="not built"):
        layer.enable_lora(1)
    layer(np.ones((1, 2)))
    with pytest.raises(ValueError, match="positive"):
        layer.enable_lora(0)
    layer.enable_lora(1)
    with pytest.raises(ValueError, match="already"):
        layer.enable_lora(1)
    with pytest.raises(NotImplementedError, match="quantization_config"):
        layers.Dense(1, quantization_config={})
