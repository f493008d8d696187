"""Single kernels: native code against the reference, forward and backward. `python -m benchmarks.kernels [NAME ...]`

The thresholds of `ranvier.kernels` come from here. Both ways run 20 steps inside one program and are timed by turns;
the fastest of each counts. For figures per core set `RANVIER_THREADS=1 XLA_FLAGS=--xla_cpu_multi_thread_eigen=false`.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ranvier.kernels import attention, convolution, cross_entropy, dense, gru, layer_norm, lstm, pooling, simple_rnn
from ranvier.kernels.recurrent import Way
from ranvier.kernels.windows import Window

STEPS, ROUNDS = 20, 9
Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """A kernel with its static arguments; per size the shapes of its float operands, and its products and sums."""

    name: str
    kernel: Any
    static: Any
    shapes: Callable[..., tuple[Sizes, ...]]
    flops: Callable[..., int]
    sizes: tuple[Sizes, ...]
    classes: int = 0  # whole numbers below the size in this place follow the floats


def attention_shapes(batch: int, time: int, heads: int, size: int) -> tuple[Sizes, ...]:
    """Queries, keys and values."""
    return ((batch, time, heads, size),) * 3


def recurrent_shapes(gates: int, states: int) -> Callable[..., tuple[Sizes, ...]]:
    """Sequences, kernels, bias and states; a GRU, which has three gates, has two biases."""

    def shapes(batch: int, steps: int, features: int, units: int) -> tuple[Sizes, ...]:
        wide = gates * units
        bias = (2, wide) if gates == 3 else (wide,)
        return ((batch, steps, features), (features, wide), (units, wide), bias, *[(batch, units)] * states)

    return shapes


RECURRENT = tuple((batch, 28, 28, units) for units in (16, 64, 128, 512) for batch in (32, 128))
SHORT = ((1, 2, 28, 64), (4, 7, 28, 64), (4, 7, 28, 512))


def dense_shapes(rows: int, features: int, units: int) -> tuple[Sizes, ...]:
    """Inputs, weights and bias."""
    return (rows, features), (features, units), (units,)


SIDE = 16
SAME = (Window(3, 1, 1, 1, 1, SIDE),) * 2
HALVES = (Window(2, 2, 1, 0, 0, SIDE // 2),) * 2


def convolution_shapes(batch: int, channels: int, filters: int) -> tuple[Sizes, ...]:
    """Pictures, weights of 3 x 3 taps and bias."""
    return (batch, SIDE, SIDE, channels), (3, 3, channels, filters), (filters,)


CASES = (
    Case(
        "convolution", convolution.KERNEL, convolution.Setting(SAME, True), convolution_shapes,
        lambda b, c, f: 6 * b * SIDE * SIDE * 9 * c * f,
        ((1, 1, 1), (1, 3, 16), (32, 3, 16), (32, 16, 16), (128, 16, 16), (32, 32, 32), (128, 32, 32), (32, 128, 128)),
    ),
    Case(
        "pointwise", convolution.KERNEL, convolution.Setting((Window(1, 1, 1, 0, 0, SIDE),) * 2),
        lambda b, c, f: ((b, SIDE, SIDE, c), (1, 1, c, f), (f,)), lambda b, c, f: 6 * b * SIDE * SIDE * c * f,
        ((32, 32, 64), (32, 128, 128)),
    ),
    Case(
        "depthwise", convolution.KERNEL, convolution.Setting(SAME),
        lambda b, c: ((b, SIDE, SIDE, c), (3, 3, 1, c), (c,)), lambda b, c: 6 * b * SIDE * SIDE * 9 * c,
        ((1, 8), (32, 32), (32, 128)),
    ),
    Case(
        "max_pool", pooling.MAX, HALVES, lambda b, c: ((b, SIDE, SIDE, c),), lambda b, c: 2 * b * SIDE * SIDE * c,
        ((1, 8), (32, 32), (128, 64)),
    ),
    Case(
        "attention", attention.KERNEL, attention.Attention(0.25, True), attention_shapes,
        lambda b, t, h, s: 7 * b * h * t * t * s,
        ((32, 16, 4, 16), (32, 32, 4, 16), (32, 64, 4, 16), (128, 64, 4, 16), (8, 512, 4, 64)),
    ),
    Case(
        "dense", dense.KERNEL, dense.Dense("gelu", True), dense_shapes, lambda r, i, o: 6 * r * i * o,
        ((32, 10, 64), (32, 784, 128), (512, 784, 128), (2048, 64, 64), (2048, 64, 256), (2048, 256, 64)),
    ),
    Case(
        "layer_norm", layer_norm.KERNEL, 1e-3, lambda r, n: ((r, n), (n,), (n,)), lambda r, n: 20 * r * n,
        ((32, 64), (2048, 64), (2048, 512)),
    ),
    Case(
        "cross_entropy", cross_entropy.KERNEL, None, lambda r, n: ((r, n),), lambda r, n: 40 * r * n,
        ((32, 10), (2048, 64), (512, 1000)), classes=1,
    ),
    Case(
        "lstm", lstm.KERNEL, Way(every=True), recurrent_shapes(4, 2), lambda b, t, f, u: 24 * b * t * u * (f + u),
        RECURRENT + SHORT,
    ),
    Case(
        "gru", gru.KERNEL, Way(every=True), recurrent_shapes(3, 1), lambda b, t, f, u: 18 * b * t * u * (f + u),
        RECURRENT + SHORT,
    ),
    Case(
        "simple_rnn", simple_rnn.TANH, Way(every=True), recurrent_shapes(1, 1),
        lambda b, t, f, u: 6 * b * t * u * (f + u), RECURRENT + SHORT,
    ),
)  # fmt: skip


def program(function: Callable[..., Any], case: Case, operands: list[Any]) -> Callable[[], Any]:
    """Twenty steps along all gradients as one compiled call."""
    count = len(operands) - bool(case.classes)
    rest = operands[count:]

    def step(moving: Any, _: Any) -> tuple[Any, None]:
        loss = lambda *x: jnp.sum(jnp.square(function(*x, *rest, static=case.static)[0]))  # noqa: E731
        slopes = jax.grad(loss, tuple(range(count)))(*moving)
        return tuple(x - 1e-6 * slope for x, slope in zip(moving, slopes, strict=True)), None

    run = jax.jit(lambda moving: jax.lax.scan(step, moving, None, length=STEPS)[0])
    return lambda: jax.block_until_ready(run(tuple(operands[:count])))


def measure(case: Case, sizes: Sizes) -> str:
    """A line of figures."""
    draw = np.random.default_rng(0)
    operands: list[Any] = [jnp.asarray(draw.normal(size=shape), jnp.float32) for shape in case.shapes(*sizes)]
    if case.classes:
        operands.append(jnp.asarray(draw.integers(0, sizes[case.classes], sizes[0]), jnp.int32))
    why = case.kernel.why_reference(*operands, static=case.static)
    if why:
        return f"by the reference: {why}"
    plain = lambda *x, static: case.kernel.reference(*x, static=static, saving=False)  # noqa: E731
    ways = [program(way, case, operands) for way in (case.kernel, plain)]
    best = [float("inf")] * 2
    for _ in range(ROUNDS + 1):
        for i, way in enumerate(ways):
            start = time.perf_counter()
            way()
            best[i] = min(best[i], (time.perf_counter() - start) / STEPS)
    native, other = best
    rate = case.flops(*sizes) / native / 1e9
    reference = f"reference {1e3 * other:8.3f} ms"
    return f"{1e3 * native:8.3f} ms, {rate:6.1f} GFLOP/s; {reference}; {other / native:.2f} times as fast"


def main() -> None:
    """Print a line per case and size."""
    for case in CASES:
        if len(sys.argv) == 1 or case.name in sys.argv[1:]:
            for sizes in case.sizes:
                print(f"{case.name:14} {' x '.join(map(str, sizes)):20} {measure(case, sizes)}", flush=True)


if __name__ == "__main__":
    main()
