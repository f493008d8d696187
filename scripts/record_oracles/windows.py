"""Records values and gradients of convolutions and pools from Keras 3 (JAX backend), checked against PyTorch.

Run with a Python that has Keras, JAX and PyTorch: `python scripts/record_oracles/windows.py`.
Writes tests/oracle/windows.npz; the gradients are those of `sum(probe * result)` by each array.
"""

import json
import os
import pathlib
import sys
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_PLATFORMS", "cpu")
sys.path.insert(0, str(pathlib.Path(__file__).parents[2]))

import jax
import keras
import numpy as np
import torch
from torch.nn import functional

from tests.ops.window_cases import CASES, arrays, probe

ROOT = pathlib.Path(__file__).parents[2]


def answers(function: Any, given: list[np.ndarray], keywords: dict[str, Any]) -> dict[str, Any]:
    def objective(*values: Any) -> Any:
        y = function(*values, **keywords)
        return (y * probe(y.shape)).sum(), y

    positions = tuple(range(len(given)))
    gradients, y = jax.grad(objective, positions, has_aux=True)(*map(jax.numpy.asarray, given))
    return {"output": y} | {f"gradient/{i}": g for i, g in enumerate(gradients)}


def in_torch(name: str, given: list[np.ndarray], keywords: dict[str, Any]) -> np.ndarray | None:
    """The same by PyTorch, where it has the same padding; channels last in and out."""
    if keywords.get("padding", "valid") != "valid" or keywords.get("data_format") == "channels_first":
        return None
    x, *kernels = (torch.tensor(array) for array in given)
    rank, x = x.ndim - 2, x.movedim(-1, 1)
    window = {
        name: keywords[key] for name, key in (("stride", "strides"), ("dilation", "dilation_rate")) if key in keywords
    }
    spatial = tuple(range(rank))
    if name in ("conv", "depthwise_conv"):
        kernel = kernels[0].permute(rank + 1, rank, *spatial)
        if name == "depthwise_conv":
            kernel = kernels[0].permute(rank, rank + 1, *spatial).reshape(-1, 1, *kernels[0].shape[:rank])
        y = getattr(functional, f"conv{rank}d")(x, kernel, groups=x.shape[1] // kernel.shape[1], **window)
    elif name == "conv_transpose" and keywords.get("output_padding") is not None:
        kernel = kernels[0].permute(rank + 1, rank, *spatial)
        y = getattr(functional, f"conv_transpose{rank}d")(
            x, kernel, output_padding=keywords["output_padding"], **window
        )
    elif name in ("max_pool", "average_pool"):
        y = getattr(functional, f"{name[:3]}_pool{rank}d".replace("ave", "avg"))(x, keywords["pool_size"], **window)
    elif name.startswith("adaptive"):
        short = name.replace("average", "avg")
        y = getattr(functional, f"{short}{rank}d")(x, keywords["output_size"])
    else:
        return None
    return np.asarray(y.movedim(1, -1))


def main() -> None:
    numbers: dict[str, np.ndarray] = {}
    agreed = 0
    for index, (name, shapes, keywords) in enumerate(CASES):
        given = arrays(name, shapes)
        found = answers(getattr(keras.ops, name), given, keywords)
        numbers |= {f"{index}/{key}": np.asarray(value) for key, value in found.items()}
        other = in_torch(name, given, keywords)
        if other is not None:
            np.testing.assert_allclose(found["output"], other, rtol=1e-5, atol=1e-5, err_msg=f"{index} {name}")
            agreed += 1
    versions = {"keras": keras.__version__, "jax": jax.__version__, "torch": torch.__version__}
    numbers["versions"] = np.array(json.dumps(versions | {"compared_with_torch": agreed}))
    np.savez_compressed(ROOT / "tests/oracle/windows.npz", **numbers)


if __name__ == "__main__":
    main()
