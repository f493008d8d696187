"""Records outputs, scores and gradients of the layers of attention from Keras 3 (JAX backend), and PyTorch's outputs.

Run with a Python that has Keras, JAX and PyTorch: `python scripts/record_oracles/attention.py`.
Writes tests/oracle/attention.npz; the gradients are those of `sum(probe * outputs)`.
"""

import json
import os
import pathlib
import sys
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import jax
import keras
import numpy as np
import torch

from tests.layers.attention_cases import CALLS, Call, grouped, multi_head, probe

ROOT = pathlib.Path(__file__).parents[2]


def record(case: Call) -> dict[str, Any]:
    layer = getattr(keras.layers, case.layer)(**case.arguments)
    inputs = [jax.numpy.asarray(x) for x in case.inputs()]
    shapes = [x.shape for x in inputs]
    layer.build(shapes) if case.takes_a_list else layer.build(*shapes)
    layer.set_weights(case.weights([w.shape for w in layer.weights]))

    def objective(trainable: Any, inputs: Any) -> Any:
        for x, mask in zip(inputs, case.masks(), strict=True):
            if mask is not None:
                keras.src.backend.set_keras_mask(x, jax.numpy.asarray(mask))
        arguments = [inputs] if case.takes_a_list else inputs
        # `stateless_call` would overlook the inputs' own masks.
        with keras.StatelessScope(zip(layer.trainable_variables, trainable, strict=True)):
            found = layer(*arguments, **case.keywords())
        outputs = found[0] if isinstance(found, tuple) else found
        return (outputs * probe(outputs.shape)).sum(), found

    trainable = [v.value for v in layer.trainable_variables]
    gradients, found = jax.grad(objective, (0, 1), has_aux=True)(trainable, inputs)
    leaves = found if isinstance(found, tuple) else (found,)
    return (
        {f"output/{i}": y for i, y in enumerate(leaves)}
        | {f"weight_gradient/{i}": g for i, g in enumerate(gradients[0])}
        | {f"input_gradient/{i}": g for i, g in enumerate(gradients[1])}
    )


def pytorch() -> dict[str, Any]:
    found: dict[str, Any] = {}
    tensors = [torch.tensor(x).transpose(1, 2) for x in grouped()]
    for causal in (False, True):
        y = torch.nn.functional.scaled_dot_product_attention(*tensors, is_causal=causal, enable_gqa=True)
        found[f"pytorch/grouped/{causal}"] = y.transpose(1, 2).numpy()
    x, real, kernels, biases = multi_head()
    layer = torch.nn.MultiheadAttention(6, 2, batch_first=True)
    with torch.no_grad():
        layer.in_proj_weight.copy_(torch.tensor(np.concatenate(kernels[:3])))
        layer.in_proj_bias.copy_(torch.tensor(np.concatenate(biases[:3])))
        layer.out_proj.weight.copy_(torch.tensor(kernels[3]))
        layer.out_proj.bias.copy_(torch.tensor(biases[3]))
        given = [torch.tensor(x)] * 3
        y, shares = layer(*given, key_padding_mask=torch.tensor(~real), average_attn_weights=False)
    return found | {"pytorch/outputs": y.numpy(), "pytorch/shares": shares.numpy()}


def main() -> None:
    numbers: dict[str, Any] = {"versions": json.dumps({"keras": keras.__version__, "jax": jax.__version__})}
    for index, case in enumerate(CALLS):
        numbers |= {f"{index}/{name}": np.asarray(value) for name, value in record(case).items()}
    numbers |= pytorch()
    np.savez_compressed(ROOT / "tests/oracle/attention.npz", **numbers)


if __name__ == "__main__":
    main()
