"""How fast a model trains on this machine: steps per second, share of the machine's peak, and where the time goes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import tree_util

from ranvier.engine.epoch import gather, make_run
from ranvier.layers.base import Layer
from ranvier.models import compiling, feeding, native_layers
from ranvier.recipes import made_up, where_time_goes
from ranvier.recipes.flops import flops

__all__ = ["Speed", "measure", "peak"]

ROUNDS = 5
"""How often the steps, and in between the peak, are measured; the medians count."""
TRIP_SECONDS = 0.3
"""How long a trip of steps is measured."""
PROFILED_SECONDS, PROFILED_STEPS = 1.0, 50
DATA_BYTES, MOST_STEPS = 2**28, 64
"""How much data is made up at most: the same batches come again after it."""
_SIDE = 1536


class Speed(NamedTuple):
    """What was measured.

    Attributes:
        batch: rows per step; all of them where the data has fewer than was asked for.
        ms_per_step: milliseconds of a training step inside the compiled program.
        flops_per_step: operations that its products and convolutions need.
        peak: the machine's own operations per second, measured in between.
        layers: one entry per layer, `{"layer", "kernels", "forward_ms", "backward_ms"}`, in the model's order.
        rest: milliseconds of what is no layer, by name.
        notes: which native kernels were in use, and why not.
        compiled_here: whether the model had no loss and got one for the measurement.
    """

    batch: int
    ms_per_step: float
    flops_per_step: int
    peak: float
    layers: list[dict[str, Any]]
    rest: dict[str, float]
    notes: list[str]
    compiled_here: bool

    @property
    def share_of_peak(self) -> float:
        """The share of the machine's peak that the products and convolutions of a step take."""
        return self.flops_per_step / (self.ms_per_step / 1e3) / self.peak


def measure(model: Any, batch: int = 32, data: tuple[Any, Any] | None = None) -> Speed:
    """Measure the training of a model; its weights change.

    Args:
        model: compiled, or it is trained with Adam on the mean squared error.
        batch: rows per step.
        data: `(x, y)`; made up from the shapes of the inputs and outputs when None.

    Raises:
        NotReady: rows cannot be made up for this model.
        DataError: data that the model cannot take.
    """
    compiled_here = not model.compiled
    if compiled_here:
        model.compile(optimizer="adam", loss="mse")
    x, y = data if data is not None else _made_up(model, batch)
    feed = feeding.feed_of(x, y, batch_size=batch)
    program = compiling.program_for(model, feed.example(), "train")
    program.binding.materialize(0)
    state, segment = program.check_out(0), next(iter(feed.epoch(0)))
    step = program.train_step()
    run = make_run(step)
    ends = np.int32(0), np.int32(segment.steps)
    with _own_names():
        executable = jax.jit(run).lower(state, segment.source, segment.index, *ends).compile()

    def trip(steps: int) -> None:
        done = 0
        while done < steps:
            count = min(segment.steps, steps - done)
            jax.block_until_ready(executable(state, segment.source, segment.index, np.int32(0), np.int32(count)))
            done += count

    seconds, best = _timed(trip)
    one = jax.eval_shape(gather, segment.source, segment.index[0])
    count = max(1, min(PROFILED_STEPS, int(PROFILED_SECONDS / seconds)))
    rows = _rows(model)
    parts = where_time_goes.shares(executable, lambda: trip(count), [path for path, _ in rows])
    seen = native_layers.seen(model, batch)
    milliseconds = {place: 1e3 * seconds * share for place, share in parts.items()}
    layers = [_entry(path, seen.cell(layer), milliseconds) for path, layer in rows]
    rest = {part: milliseconds.get((part, ""), 0.0) for part in (*where_time_goes.PARTS, "rest")}
    needed = flops(step, jax.eval_shape(lambda: state), one)
    return Speed(segment.index.shape[1], 1e3 * seconds, needed, best, layers, rest, seen.notes(), compiled_here)


def _made_up(model: Any, batch: int) -> tuple[Any, Any]:
    """Return inputs and targets of as many batches as fit into `DATA_BYTES`."""
    row = sum(np.asarray(leaf).nbytes for leaf in tree_util.tree_leaves(made_up.inputs(model, 1)))
    x = made_up.inputs(model, batch * max(1, min(MOST_STEPS, DATA_BYTES // max(row * batch, 1))))
    return x, made_up.targets(model, x)


@contextmanager
def _own_names() -> Iterator[None]:
    """Let the cache on disk tell programs apart by the names of their layers, which it else does not."""
    name = "jax_compilation_cache_include_metadata_in_key"
    before = getattr(jax.config, name)
    jax.config.update(name, True)
    try:
        yield
    finally:
        jax.config.update(name, before)


def _timed(trip: Callable[[int], None]) -> tuple[float, float]:
    """Return the seconds of a step and the machine's peak, measured in turn."""
    trip(1)
    started = time.perf_counter()
    trip(1)
    steps = max(1, int(TRIP_SECONDS / (time.perf_counter() - started)))
    product = _products()
    times, peaks = [], []
    for _ in range(ROUNDS):
        peaks.append(peak(product))
        started = time.perf_counter()
        trip(steps)
        times.append((time.perf_counter() - started) / steps)
    return statistics.median(times), max(peaks)


def _products() -> list[Callable[[], Any]]:
    """Return the ways to multiply two matrices of float32 that there are: NumPy's BLAS on a processor, and XLA."""
    a = np.random.default_rng(0).random((_SIDE, _SIDE), np.float32)
    on_device, multiply = jnp.asarray(a), jax.jit(jnp.matmul)
    ways: list[Callable[[], Any]] = [lambda: jax.block_until_ready(multiply(on_device, on_device))]
    return [*ways, lambda: a @ a] if jax.default_backend() == "cpu" else ways


def peak(products: list[Callable[[], Any]] | None = None) -> float:
    """Return the operations per second of the machine's fastest product of matrices of float32."""
    best = 0.0
    for product in products or _products():
        for _ in range(3):
            started = time.perf_counter()
            product()
            best = max(best, 2 * _SIDE**3 / (time.perf_counter() - started))
    return best


def _rows(model: Any, above: str = "") -> list[tuple[str, Layer]]:
    """Return the model's layers by structural path, those of nested models in place of these."""
    found: list[tuple[str, Layer]] = []
    for name, layer in model.child_layers():
        path = f"{above}{name}"
        inner = _rows(layer, f"{path}/") if hasattr(layer, "layer_graph") else []
        found += [entry for entry in inner or [(path, layer)] if entry[1] not in [known for _, known in found]]
    return found


def _entry(path: str, kernels: str, milliseconds: dict[tuple[str, str], float]) -> dict[str, Any]:
    ways = {f"{way}_ms": milliseconds.get((path, way), 0.0) for way in ("forward", "backward")}
    return {"layer": path, "kernels": kernels, **ways}
