"""Attention under every kind of mask equals Keras's: outputs, scores, gradients."""

from __future__ import annotations

import pathlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import layers
from ranvier.state import masking, scope
from ranvier.state.scope import Scope
from tests.layers.attention_cases import CALLS, Call, multi_head, probe
from tests.sampling import sampled

RECORDED = np.load(pathlib.Path(__file__).parents[1] / "oracle" / "attention.npz")


@pytest.mark.parametrize(
    ("index", "case"),
    sampled(list(enumerate(CALLS)), 3, lambda row: row[1].layer),
    ids=[f"{i}-{case.id}" for i, case in enumerate(CALLS)],
)
def test_as_keras(index: int, case: Call) -> None:
    layer = getattr(layers, case.layer)(**case.arguments)
    inputs = [jnp.asarray(x) for x in case.inputs()]
    shapes = [x.shape for x in inputs]
    layer.build(shapes) if case.takes_a_list else layer.build(*shapes)
    layer.set_weights(case.weights([w.shape for w in layer.weights]))
    variables = layer.trainable_variables

    def objective(trainable: Any, inputs: Any) -> Any:
        with scope.entered(Scope(values={id(v): x for v, x in zip(variables, trainable, strict=True)})):
            for x, mask in zip(inputs, case.masks(), strict=True):
                masking.attach(x, None if mask is None else jnp.asarray(mask))
            found = layer(inputs, **case.keywords()) if case.takes_a_list else layer(*inputs, **case.keywords())
            outputs, *shares = found if isinstance(found, tuple) else (found,)
            assert (masking.of(outputs) is not None) == ("q" in case.masked)
            assert all(masking.of(one) is None for one in shares)
        return (outputs * probe(outputs.shape)).sum(), (outputs, *shares)

    values = [v.stored for v in variables]
    (by_weight, by_input), leaves = jax.grad(objective, (0, 1), has_aux=True)(values, inputs)
    found = {f"output/{i}": y for i, y in enumerate(leaves)}
    found |= {f"weight_gradient/{i}": g for i, g in enumerate(by_weight)}
    found |= {f"input_gradient/{i}": g for i, g in enumerate(by_input)}
    assert {f"{index}/{name}" for name in found} == {name for name in RECORDED.files if name.startswith(f"{index}/")}
    for name, value in found.items():
        expected = RECORDED[f"{index}/{name}"]
        assert value.dtype == expected.dtype
        # A bias of all keys changes no share: its gradient is rounding of numbers near 1.
        scale = float(np.abs(expected).max(initial=1.0))
        np.testing.assert_allclose(value, expected, rtol=2e-5, atol=4e-6 * scale, err_msg=name)


def test_as_pytorch() -> None:
    x, real, kernels, biases = multi_head()
    layer = layers.MultiHeadAttention(2, 3)
    layer.build(x.shape, x.shape)
    to_heads = [(kernel.T.reshape(6, 2, 3), bias.reshape(2, 3)) for kernel, bias in zip(kernels, biases, strict=True)]
    layer.set_weights([*(w for pair in to_heads[:3] for w in pair), kernels[3].T.reshape(2, 3, 6), biases[3]])
    outputs, shares = layer(x, x, value_mask=real, return_attention_scores=True)
    np.testing.assert_allclose(outputs, RECORDED["pytorch/outputs"], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(shares, RECORDED["pytorch/shares"], rtol=1e-4, atol=1e-6)
