"""What every layer promises, for layers that take several tensors; and what attention refuses."""

from __future__ import annotations

import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import config, layers
from ranvier._config import configuration
from ranvier._errors import InvalidArgument
from ranvier.engine.fingerprint import Private, fingerprint
from ranvier.models import Model, load_model
from ranvier.state import masking, scope
from ranvier.state.scope import Scope
from ranvier.state.symbolic import KerasTensor
from tests.layers.cases import HEADS

MAKE = {
    "MultiHeadAttention": lambda **more: layers.MultiHeadAttention(2, 3, **more),
    "GroupQueryAttention": lambda **more: layers.GroupQueryAttention(3, 4, 2, **more),
}
by_name = pytest.mark.parametrize("name", HEADS)


def pair(batch: int = 2) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    return tuple(random.normal(size=(batch, time, 4)).astype("float32") for time in (3, 5))  # type: ignore[return-value]


@by_name
def test_configuration_makes_an_equal_layer(name: str) -> None:
    given: dict[str, Any] = {"dropout": 0.25, "use_gate": True, "sliding_window": 4, "seed": 3, "use_bias": False}
    given |= {"kernel_regularizer": "l2", "activity_regularizer": "l1", "kernel_initializer": "he_normal"}
    layer = MAKE[name](**given)
    layer(*pair())
    assert layer.activity_regularizer is None and layer.flash_attention is None
    saved = json.loads(json.dumps(layers.serialize(layer)))
    assert (saved["module"], saved["class_name"]) == ("keras.layers", name)
    assert set(given) < set(saved["config"]) and "flash_attention" not in saved["config"]
    assert saved["build_config"] == {"shapes_dict": {"query_shape": [2, 3, 4], "value_shape": [2, 5, 4]}}
    twin = layers.deserialize(saved)
    assert json.loads(json.dumps(twin.get_config())) == saved["config"]
    twin.build_from_config(saved["build_config"])
    twin.set_weights(layer.get_weights())
    np.testing.assert_array_equal(twin(*pair()), layer(*pair()))


@by_name
def test_weights_have_keras_names_and_order(name: str) -> None:
    layer = MAKE[name](use_gate=True, name="heads")
    layer(*pair())
    places = [f"heads/{part}" for part in ("query", "key", "gate", "value", "attention_output")]
    if name == "MultiHeadAttention":
        own = [layer.query_dense, layer.key_dense, layer._gate_dense, layer.value_dense, layer.output_dense]
        assert [v for part in own for v in part.weights] == layer.weights
    assert [v.path for v in layer.weights] == [f"{place}/{kind}" for place in places for kind in ("kernel", "bias")]


@by_name
def test_shapes_are_known_before_there_are_values(name: str) -> None:
    query, value = (KerasTensor((None, time, 4)) for time in (3, None))
    outputs, shares = MAKE[name]()(query, value, return_attention_scores=True)
    assert outputs.shape == (None, 3, 4) and shares.shape == (None, MAKE[name]()._heads, 3, None)
    layer = MAKE[name]()
    assert layer.compute_output_shape((None, 3, 4), (None, 5, 4)) == (None, 3, 4)
    assert all(v.pending for v in layer.weights)


@by_name
@pytest.mark.parametrize("more", [{}, {"return_attention_scores": True}])
def test_rows_are_apart_and_compiled_equals_eager(name: str, more: dict[str, Any]) -> None:
    layer, (query, value) = MAKE[name](), pair(3)
    whole = jax.tree_util.tree_leaves(layer(query, value, use_causal_mask=True, **more))
    compiled = jax.jit(lambda q, v: layer(q, v, use_causal_mask=True, **more))(query, value)
    for one, same in zip(whole, jax.tree_util.tree_leaves(compiled), strict=True):
        np.testing.assert_allclose(one, same, rtol=1e-5, atol=1e-6)
    alone = jax.tree_util.tree_leaves(layer(query[1:2], value[1:2], use_causal_mask=True, **more))
    for one, row in zip(whole, alone, strict=True):
        np.testing.assert_allclose(one[1:2], row, rtol=1e-5, atol=1e-6)
    assert [x.shape[0] for x in jax.tree_util.tree_leaves(layer(query[:0], value[:0], **more))] == [0] * len(whole)


@by_name
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize("more", [{}, {"return_attention_scores": True}])
def test_policies_decide_where_halves_are_used(name: str, policy: str, more: dict[str, Any]) -> None:
    layer, exact, (query, value) = MAKE[name](dtype=policy), MAKE[name](), pair()
    mask = np.array([[1, 1, 0, 0, 0], [0, 0, 0, 0, 0]], bool)
    exact(query, value)
    y = jax.tree_util.tree_leaves(layer(query, value, value_mask=mask, **more))
    layer.set_weights(exact.get_weights())
    found = jax.tree_util.tree_leaves(layer(query, value, value_mask=mask, **more))
    expected = jax.tree_util.tree_leaves(exact(query, value, value_mask=mask, **more))
    assert {x.dtype for x in y} == {jnp.dtype(policy.removeprefix("mixed_"))}
    assert all(v.dtype == "float32" for v in layer.weights)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(np.asarray(one, "float32"), other, rtol=0.05, atol=0.05)


@by_name
def test_dropout_draws_while_training_only(name: str) -> None:
    layer, (query, value) = MAKE[name](dropout=0.5), pair()

    def run(seed: int, training: bool) -> np.ndarray:
        with scope.entered(Scope(key=jax.random.key(seed))):
            return np.asarray(layer(query, value, training=training))

    np.testing.assert_array_equal(run(1, True), run(1, True))
    assert not np.array_equal(run(1, True), run(2, True))
    np.testing.assert_array_equal(run(1, False), run(2, False))


@by_name
def test_files_keep_the_model_and_its_program_is_found_again(name: str, tmp_path: Any) -> None:
    def make() -> Model:
        query, value = layers.Input((3, 4)), layers.Input((5, 4))
        return Model([query, value], MAKE[name](use_gate=True)(query, value=value))

    model = make()
    for ending in ("keras", "h5"):
        model.save(tmp_path / f"m.{ending}")
        again = load_model(tmp_path / f"m.{ending}", compile=False)
        np.testing.assert_array_equal(again.predict(list(pair()), verbose=0), model.predict(list(pair()), verbose=0))
    assert fingerprint(model) == fingerprint(make()) and not isinstance(fingerprint(model), Private)


def test_a_query_mask_given_by_hand_counts_and_goes_on() -> None:
    layer, (query, value) = MAKE["MultiHeadAttention"](), pair()
    mask = np.array([[1, 0, 1], [1, 1, 0]], bool)
    with scope.entered(Scope()):
        by_hand = layer(jnp.asarray(query), value, query_mask=mask)
        np.testing.assert_array_equal(masking.of(by_hand), mask)
        x = jnp.asarray(query)
        masking.attach(x, jnp.asarray(mask))
        np.testing.assert_array_equal(by_hand, layer(query=x, value=value))


@by_name
def test_as_in_keras_one_layer_takes_its_inputs_masks_away(name: str) -> None:
    x = jnp.asarray(pair()[0])
    with scope.entered(Scope()):
        masking.attach(x, jnp.ones((2, 3), bool))
        assert masking.of(MAKE[name]()(x, x)) is not None
        assert (masking.of(x) is None) == (name == "MultiHeadAttention")


def test_in_a_functional_model_the_residual_branch_keeps_the_mask() -> None:
    # Replayed by hand in Keras 3.15 on JAX and on TensorFlow: the pooled mean leaves the padding out.
    ids = np.array([[3, 0, 1, 1, 3, 0], [1, 2, 3, 0, 0, 0]])
    tokens = layers.Input((6,), dtype="int32")
    read = layers.Embedding(4, 8, mask_zero=True)(tokens)
    sums = layers.Add()([read, layers.MultiHeadAttention(2, 4)(read, read)])
    model = Model(tokens, [sums, layers.GlobalAveragePooling1D()(sums)])
    real = (ids != 0)[..., None]
    for values, pooled in (model.predict(ids, verbose=0), model(ids)):
        wanted = (np.asarray(values) * real).sum(1) / real.sum(1)
        np.testing.assert_allclose(pooled, wanted, rtol=1e-5, atol=1e-6)


def test_in_a_functional_model_other_readers_of_the_tensor_find_no_mask() -> None:
    # Replayed by hand in Keras 3.15 on JAX: what is not called with one tensor alone looks the mask up when it runs.
    ids = np.array([[3, 0, 1, 1, 3, 0], [1, 2, 3, 0, 0, 0]])
    tokens = layers.Input((6,), dtype="int32")
    read = layers.Embedding(4, 8, mask_zero=True)(tokens)
    sums = layers.LayerNormalization()(layers.Add()([read, layers.MultiHeadAttention(2, 4)(read, read)]))
    again = layers.MultiHeadAttention(2, 4, name="again")
    model = Model(tokens, [sums, again(sums, sums)])
    for values, attended in (model.predict(ids, verbose=0), model(ids)):
        np.testing.assert_allclose(attended, again(np.array(values), np.array(values)), rtol=1e-5, atol=1e-6)


def test_flash_attention_changes_nothing() -> None:
    query, value = pair()
    config.enable_flash_attention()
    try:
        layer = MAKE["MultiHeadAttention"](flash_attention=True, dropout=0.1)
        found, shares = layer(query, value, return_attention_scores=True)
    finally:
        configuration.flash_attention = None
    twin = MAKE["MultiHeadAttention"]()
    twin(query, value)
    twin.set_weights(layer.get_weights())
    np.testing.assert_allclose(twin(query, value), found, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(shares.sum(-1), np.ones(shares.shape[:-1]), rtol=1e-6)


def test_penalties_are_those_of_the_projections() -> None:
    layer, (query, value) = MAKE["MultiHeadAttention"](activity_regularizer="l2", kernel_regularizer="l2"), pair()
    layer(query, value)
    assert len(layer.losses) == 4 + 4


def refused(make: Any, *words: str) -> None:
    with pytest.raises(InvalidArgument) as error:
        make()
    assert all(word in str(error.value) for word in words), str(error.value)
    assert "where:" in str(error.value) and "expected:" in str(error.value) and "received:" in str(error.value)


def test_arguments_out_of_range_are_refused() -> None:
    refused(lambda: layers.MultiHeadAttention(0, 3), "num_heads", "1 or more")
    refused(lambda: layers.MultiHeadAttention(2, 1.5), "key_dim", "1.5")
    refused(lambda: layers.MultiHeadAttention(2, 3, value_dim=-1), "value_dim")
    refused(lambda: layers.MultiHeadAttention(2, 3, dropout=1.2), "dropout", "1.2")
    refused(lambda: layers.MultiHeadAttention(2, 3, sliding_window=0), "sliding_window")
    refused(lambda: layers.MultiHeadAttention(2, 3, attention_axes="time"), "attention_axes", "time")
    refused(lambda: layers.GroupQueryAttention(3, 4, 3), "num_query_heads=4", "3")
    refused(lambda: layers.Attention(score_mode="cosine"), "dot, concat", "cosine")
    refused(lambda: layers.MultiHeadAttention(2, 3, attention_axes=2)(*pair()), "attention_axes=(2,)")


@by_name
def test_shapes_that_do_not_go_together_are_refused(name: str) -> None:
    x, longer = pair()
    refused(lambda: MAKE[name]()(x[0], x[0]), "(3, 4)", "[batch, time, features]")
    refused(lambda: MAKE[name]()(x, longer, x), "query (2, 3, 4), value (2, 5, 4), key (2, 3, 4)")
    refused(lambda: MAKE[name]()(x, longer[:1]), "value (1, 5, 4)")
    layer = MAKE[name]()
    layer(x, longer)
    refused(lambda: layer(x, longer, x), "key (2, 3, 4)")
    for shape in ((2, 5, 3), (2, 3, 4), (3, 3, 5), (5,), (2, 3, 3, 5)):
        refused(lambda shape=shape: layer(x, longer, attention_mask=np.ones(shape, bool)), str(shape), "mask")
    refused(lambda: layer(x, longer, value_mask=np.ones((2, 3), bool)), "mask of shape (2, 1, 3)")


def test_further_axes_are_not_for_groups() -> None:
    x = np.ones((2, 3, 2, 4), "float32")
    refused(lambda: layers.GroupQueryAttention(3, 4, 2)(x, x), "(2, 3, 2, 4)")


def test_single_headed_attention_refuses_what_it_cannot_read() -> None:
    x, longer = pair()
    for layer in (layers.Attention(), layers.AdditiveAttention()):
        refused(lambda layer=layer: layer(x), "a list [query, value]")
        refused(lambda layer=layer: layer([x]), "a list [query, value]")
        refused(lambda layer=layer: layer([x, longer, x]), "(2, 3, 4), (2, 5, 4) and (2, 3, 4)")
        refused(lambda layer=layer: layer([x, longer[..., :3]]), "(2, 5, 3)")
        refused(lambda layer=layer: layer([x, longer], mask=[None, np.ones((2, 3), bool)]), "(2, 5)")
        refused(lambda layer=layer: layer([x, longer], mask=np.ones((2, 5), bool)), "[query_mask, value_mask]")
