"""What a layer's step costs inside a compiled loop, against the same step compiled alone.

    python -m benchmarks.in_the_loop [--layers Conv2D,MaxPooling2D] [--rounds 7] [--json FILE]

A step is the gradient of `sum(tanh(layer(x)))` by weights and inputs, and a small update of both. On a processor some
of XLA's operations run many times slower inside a loop; the package promises that no layer's step costs more than
`LIMIT` times there. The last rows do the same with XLA's own convolution and `reduce_window`, which it avoids.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.machine import describe
from ranvier import layers

LIMIT = 1.3
SEQUENCE, PICTURE, VOLUME = (32, 128, 32), (32, 28, 28, 16), (8, 12, 12, 12, 8)
ROWS: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("Conv1D", {"filters": 32, "kernel_size": 3, "padding": "causal"}, SEQUENCE),
    ("Conv2D", {"filters": 32, "kernel_size": 3, "padding": "same"}, PICTURE),
    ("Conv2D", {"filters": 32, "kernel_size": 3}, (32, 28, 28, 1)),
    ("Conv2D", {"filters": 32, "kernel_size": 5, "strides": 2, "padding": "same"}, PICTURE),
    ("Conv2D", {"filters": 32, "kernel_size": 3, "groups": 4}, PICTURE),
    ("Conv2D", {"filters": 32, "kernel_size": 3, "data_format": "channels_first"}, (32, 16, 28, 28)),
    ("Conv3D", {"filters": 8, "kernel_size": 3}, VOLUME),
    ("Conv1DTranspose", {"filters": 32, "kernel_size": 3, "strides": 2}, SEQUENCE),
    ("Conv2DTranspose", {"filters": 16, "kernel_size": 3, "strides": 2, "padding": "same"}, PICTURE),
    ("Conv3DTranspose", {"filters": 8, "kernel_size": 2, "strides": 2}, VOLUME),
    ("DepthwiseConv1D", {"kernel_size": 3}, SEQUENCE),
    ("DepthwiseConv2D", {"kernel_size": 3, "padding": "same"}, PICTURE),
    ("SeparableConv1D", {"filters": 32, "kernel_size": 3}, SEQUENCE),
    ("SeparableConv2D", {"filters": 32, "kernel_size": 3}, PICTURE),
    ("MaxPooling1D", {"pool_size": 2}, SEQUENCE),
    ("MaxPooling2D", {"pool_size": 2}, PICTURE),
    ("MaxPooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, PICTURE),
    ("MaxPooling3D", {"pool_size": 2}, VOLUME),
    ("AveragePooling1D", {"pool_size": 2}, SEQUENCE),
    ("AveragePooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, PICTURE),
    ("AveragePooling3D", {"pool_size": 2}, VOLUME),
    ("GlobalMaxPooling2D", {}, PICTURE),
    ("GlobalAveragePooling2D", {}, PICTURE),
    ("AdaptiveMaxPooling2D", {"output_size": 5}, PICTURE),
    ("AdaptiveAveragePooling2D", {"output_size": 5}, PICTURE),
    ("UpSampling2D", {"size": 2}, PICTURE),
    ("UpSampling2D", {"size": 2, "interpolation": "bilinear"}, PICTURE),
    ("ZeroPadding2D", {"padding": 1}, PICTURE),
    ("Cropping2D", {"cropping": 2}, PICTURE),
]


def of_layer(name: str, arguments: dict[str, Any], shape: tuple[int, ...]) -> tuple[Callable[..., Any], list[Any]]:
    """The layer as a pure function of its weights and inputs, and its weights."""
    layer = getattr(layers, name)(**arguments)
    layer(jnp.zeros(shape))
    return lambda weights, x: layer.stateless_call(weights, [], x)[0], [v.stored for v in layer.trainable_variables]


def of_xla() -> list[tuple[str, Callable[..., Any], list[Any], tuple[int, ...]]]:
    """What the package avoids on a processor."""
    kernel = jnp.asarray(np.random.default_rng(0).normal(0, 0.1, (3, 3, PICTURE[-1], 32)), "float32")
    axes = ("NHWC", "HWIO", "NHWC")
    return [
        (
            "lax.conv 3x3",
            lambda weights, x: lax.conv_general_dilated(x, weights[0], (1, 1), "SAME", dimension_numbers=axes),
            [kernel],
            PICTURE,
        ),
        (
            "lax.reduce_window 2x2",
            lambda _, x: lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID"),
            [],
            PICTURE,
        ),
    ]


def measured(function: Callable[..., Any], weights: list[Any], shape: tuple[int, ...], rounds: int) -> dict[str, float]:
    """Milliseconds per step alone and in the loop: medians over rounds in turn, and the median of their ratios."""
    x = jnp.asarray(np.random.default_rng(1).normal(size=shape), "float32")

    def step(state: Any) -> Any:
        slopes = jax.grad(lambda state: jnp.sum(jnp.tanh(function(*state))))(state)
        return jax.tree_util.tree_map(lambda value, slope: value - 1e-4 * slope, state, slopes)

    alone = jax.jit(step)
    loop = jax.jit(lambda state, count: lax.fori_loop(0, count, lambda _, inner: step(inner), state))
    state = (weights, x)

    def seconds(run: Callable[[], Any]) -> float:
        started = time.perf_counter()
        jax.block_until_ready(run())
        return time.perf_counter() - started

    def one_by_one(count: int) -> Any:
        found = state
        for _ in range(count):
            found = alone(found)
        return found

    seconds(lambda: loop(state, 1)), seconds(lambda: one_by_one(1))
    count = max(3, min(200, int(0.1 / max(seconds(lambda: one_by_one(1)), 1e-5))))
    pairs = [
        (seconds(lambda: one_by_one(count)) / count, seconds(lambda: loop(state, count)) / count) for _ in range(rounds)
    ]
    return {
        "alone_ms": 1e3 * statistics.median(pair[0] for pair in pairs),
        "loop_ms": 1e3 * statistics.median(pair[1] for pair in pairs),
        "ratio": statistics.median(pair[1] / pair[0] for pair in pairs),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", default="", help="names, separated by commas; all when empty")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    wanted = set(filter(None, options.layers.split(",")))
    work = [
        (f"{name} {', '.join(f'{k}={v}' for k, v in given.items())}", *of_layer(name, given, shape), shape)
        for name, given, shape in ROWS
        if not wanted or name in wanted
    ]
    found = []
    for label, function, weights, shape in [*work, *(of_xla() if not wanted else [])]:
        row = {"layer": label, "shape": list(shape), **measured(function, weights, shape, options.rounds)}
        found.append(row)
        above = "" if row["ratio"] <= LIMIT else f"  above {LIMIT}"
        print(f"{label:<62} {row['alone_ms']:9.3f} ms {row['loop_ms']:9.3f} ms {row['ratio']:7.2f}{above}", flush=True)
    if options.json:
        options.json.write_text(json.dumps({"machine": describe(), "limit": LIMIT, "rows": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
