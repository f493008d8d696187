"""Records values and gradients of all activations from Keras 3 (JAX backend) and, where it has them, PyTorch.

Run with a Python that has Keras, JAX and PyTorch: `python scripts/record_oracles/activations.py`.
Writes tests/oracle/activations.npz; the gradients are those of `sum(weights * activation(x))`.
"""

import json
import os
import pathlib
import sys
from collections.abc import Callable
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import jax
import keras
import numpy as np
import torch

from tests.activations.cases import CASES, INPUTS, WEIGHTS

ROOT = pathlib.Path(__file__).parents[2]

F = torch.nn.functional
IN_TORCH: dict[str, Callable[..., torch.Tensor]] = {
    "celu": F.celu,
    "elu": F.elu,
    "exponential": torch.exp,
    "gelu": lambda x, approximate=False: F.gelu(x, approximate="tanh" if approximate else "none"),
    "glu": F.glu,
    "hard_sigmoid": F.hardsigmoid,
    "hard_silu": F.hardswish,
    "leaky_relu": lambda x, negative_slope=0.2: F.leaky_relu(x, negative_slope),
    "log_sigmoid": F.logsigmoid,
    "log_softmax": lambda x: F.log_softmax(x, dim=-1),
    "mish": F.mish,
    "selu": F.selu,
    "sigmoid": torch.sigmoid,
    "silu": F.silu,
    "softmax": lambda x, axis=-1: F.softmax(x, dim=axis),
    "softplus": F.softplus,
    "softsign": F.softsign,
    "tanh": torch.tanh,
    "tanh_shrink": F.tanhshrink,
}


def by_keras(name: str, keywords: dict[str, Any], key: str) -> tuple[np.ndarray, np.ndarray]:
    function = getattr(keras.activations, name)

    def objective(x: Any) -> Any:
        y = function(x, **keywords)
        return (y * WEIGHTS[key][tuple(slice(n) for n in y.shape)]).sum()

    x = jax.numpy.asarray(INPUTS[key])
    return np.asarray(function(x, **keywords)), np.asarray(jax.grad(objective)(x))


def by_torch(name: str, keywords: dict[str, Any], key: str) -> tuple[np.ndarray, np.ndarray]:
    x = torch.tensor(INPUTS[key], requires_grad=True)
    y = IN_TORCH[name](x, **keywords)
    (y * torch.tensor(WEIGHTS[key][tuple(slice(n) for n in y.shape)])).sum().backward()
    assert x.grad is not None
    return y.detach().numpy(), x.grad.numpy()


def main() -> None:
    numbers: dict[str, np.ndarray] = {}
    for index, case in enumerate(CASES):
        numbers[f"keras/{index}/value"], numbers[f"keras/{index}/gradient"] = by_keras(*case)
        if case[0] in IN_TORCH:
            numbers[f"torch/{index}/value"], numbers[f"torch/{index}/gradient"] = by_torch(*case)
    versions = {"keras": keras.__version__, "jax": jax.__version__, "torch": torch.__version__}
    numbers["versions"] = np.array(json.dumps(versions))
    np.savez_compressed(ROOT / "tests/oracle/activations.npz", **numbers)


if __name__ == "__main__":
    main()
