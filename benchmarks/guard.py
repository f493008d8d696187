"""Ranvier's native kernels against their own reference in one process: did one get slow? `python -m benchmarks.guard`

A case is a layer with its gradients, compiled twice: as users have it, and with every kernel going by its reference.
Both are timed by turns and the fastest of each counts, so that a busy machine disturbs little. Who writes a kernel adds
a row; `at_most` is a wide margin, since what is asked is whether something broke and not how fast it is.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ranvier import layers
from ranvier.kernels import choose

ROUNDS = 15


@dataclass(frozen=True)
class Case:
    """A layer on inputs of a shape, and the kernel that it goes by; that may take `at_most` times the reference."""

    name: str
    kernel: str
    make: Callable[[], Any]
    shape: tuple[int, ...]
    at_most: float = 1.3


class SelfAttention(layers.Layer):
    """Causal attention of a sequence on itself."""

    def __init__(self) -> None:
        super().__init__()
        self.heads = layers.MultiHeadAttention(4, 16)

    def build(self, shape: Any) -> None:
        """Build the inner layer."""
        self.heads.build(shape, shape)

    def call(self, x: Any) -> Any:
        """`[batch, step, width]` to the same."""
        return self.heads(x, x, use_causal_mask=True)


CASES = (
    Case("convolution 3x3", "convolution", lambda: layers.Conv2D(64, 3, activation="relu"), (32, 13, 13, 32)),
    Case("depthwise convolution", "convolution", lambda: layers.DepthwiseConv2D(3, padding="same"), (32, 16, 16, 64)),
    Case("LSTM", "lstm", lambda: layers.LSTM(64), (32, 28, 28)),
    Case("GRU", "gru", lambda: layers.GRU(64), (32, 28, 28)),
    Case("attention", "attention", SelfAttention, (32, 64, 64)),
    Case("layer normalization", "layer_norm", layers.LayerNormalization, (32, 64, 64)),
    Case("dense", "dense", lambda: layers.Dense(64, activation="relu"), (2048, 64)),
)


@dataclass(frozen=True)
class Found:
    """Milliseconds of both ways, and what the kernels chose on the native one."""

    native_ms: float
    reference_ms: float
    kernels: frozenset[str]

    @property
    def ratio(self) -> float:
        """Native over reference: less is better."""
        return self.native_ms / self.reference_ms


def compiled(case: Case, by_reference: bool) -> tuple[Callable[[], Any], frozenset[str]]:
    """A call of the layer with all its gradients, and the kernels in it that go by native code."""
    layer = case.make()
    layer.build(case.shape)
    weights = [jnp.asarray(variable.value) for variable in layer.trainable_variables]
    rest = [jnp.asarray(variable.value) for variable in layer.non_trainable_variables]
    x = jnp.asarray(np.random.default_rng(0).standard_normal(case.shape), jnp.float32)

    def loss(weights: Any, x: Any) -> Any:
        return jnp.square(layer.stateless_call(weights, rest, x)[0]).mean()

    step = jax.jit(jax.value_and_grad(loss, argnums=(0, 1)))
    with choose.watched() as chosen:
        if by_reference:
            with choose.reference_only():
                program = step.lower(weights, x).compile()
        else:
            program = step.lower(weights, x).compile()
    kernels = frozenset(one.kernel for one in chosen if not one.why_not)
    return lambda: jax.block_until_ready(program(weights, x)), kernels


def measure(case: Case, rounds: int = ROUNDS) -> Found:
    """Fastest of each way over rounds by turns."""
    native, kernels = compiled(case, by_reference=False)
    reference, _ = compiled(case, by_reference=True)
    best = {native: float("inf"), reference: float("inf")}
    for _ in range(rounds + 1):
        for call in best:
            start = time.perf_counter()
            call()
            best[call] = min(best[call], 1e3 * (time.perf_counter() - start))
    return Found(best[native], best[reference], kernels)


def main() -> int:
    """Print a row per case; the number of those beyond their margin."""
    if why := choose.why_none():
        print(f"nothing to compare: {why}")
        return 0
    broken = 0
    for case in CASES:
        found = measure(case)
        lost, slow = case.kernel not in found.kernels, found.ratio > case.at_most
        broken += lost or slow
        word = "NOT CHOSEN" if lost else "SLOW" if slow else "native"
        times = f"{found.native_ms:8.3f} ms, reference {found.reference_ms:8.3f} ms"
        print(f"{case.name:24} {times}: {found.ratio:.2f}  {word}")
    return broken


if __name__ == "__main__":
    sys.exit(main())
