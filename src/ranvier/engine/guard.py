"""The guard: when a trip ends with a non-finite number, the same steps are replayed to say where it came from.

Nothing of this runs in a healthy training; the step itself tests and selects nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ranvier._typing import Array
from ranvier.engine.epoch import gather
from ranvier.engine.hooks import NonFinite
from ranvier.engine.program import Program
from ranvier.engine.train_state import Batch, TrainState
from ranvier.state.rng import step_key
from ranvier.state.symbolic import Function

__all__ = ["locate"]

RunOne = Callable[[TrainState, int], tuple[TrainState, bool]]


def locate(
    program: Program, run_one: RunOne, state: TrainState, source: Batch, index: Array, begin: int, end: int
) -> tuple[TrainState, int, dict[str, Any]]:
    """Replay the steps `[begin, end)` one by one; return the last healthy state, the bad step, and what was found."""
    for step in range(begin, end):
        after, healthy = run_one(state, step)
        if not healthy:
            return state, step, examine(program, state, gather(source, index[step]), after)
        state = after
    return state, end - 1, {"kind": "update", "place": "unknown: the replay stayed finite"}


def fact_of(found: dict[str, Any], epoch: int, step: int) -> NonFinite:
    """Return a finding of the guard with its place in the run."""
    known = ("kind", "place", "layer", "rows")
    return NonFinite(
        epoch=epoch,
        step=step,
        facts={k: v for k, v in found.items() if k not in known},
        **{k: found[k] for k in known if k in found},
    )


def examine(program: Program, state: TrainState, batch: Batch, after: TrainState) -> dict[str, Any]:
    """Return the first non-finite thing of one step: data, layer output, loss, gradient or update."""
    for name, tree in (("x", batch.x), ("y", batch.y), ("sample_weight", batch.weight)):
        for path, leaf in jax.tree_util.tree_leaves_with_path(tree):
            if not _finite(leaf):
                return {"kind": "data", "place": name + jax.tree_util.keystr(path), "rows": _rows(leaf)}
    if not program.instrumented:
        return _first_bad_update(after)
    return _forward(program, state, batch) or _backward(program, state, batch) or _first_bad_update(after)


def _forward(program: Program, state: TrainState, batch: Batch) -> dict[str, Any] | None:
    """Run the forward pass layer by layer and look at every output, then at the loss."""
    seen: list[dict[str, Any]] = []
    before: dict[str, str] = {"range": _span(batch.x)}

    def look(operation: Any, path: str, outputs: Any) -> None:
        if not seen and not _finite(outputs):
            leaf = next(leaf for leaf in jax.tree_util.tree_leaves(outputs) if not _finite(leaf))
            seen.append(
                {
                    "kind": "output",
                    "place": path or operation.name,
                    "layer": f"ops.{operation.function.__name__}"
                    if isinstance(operation, Function)
                    else type(operation).__name__,
                    "rows": _rows(leaf),
                    "operand range": before["range"],
                }
            )
        before["range"] = _span(outputs)

    key = step_key(state.seed, state.step)
    with program.observed(look):
        y_pred, effects = program.forward(state.params, state.buffers, batch.x, key, True)
    if seen:
        return seen[0]
    loss, _ = program.loss(batch.y, y_pred, batch.weight, effects.masks)
    if not _finite(loss) or not _finite(effects.penalty):
        part = "the loss" if not _finite(loss) else "a weight penalty or added loss"
        return {"kind": "loss", "place": part, "output range": _span(y_pred), "value": float(loss)}
    return None


def _backward(program: Program, state: TrainState, batch: Batch) -> dict[str, Any] | None:
    """Differentiate the step and look at every gradient, from the output back to the input."""
    key = step_key(state.seed, state.step)

    def objective(params: dict[str, Array]) -> Array:
        y_pred, effects = program.forward(params, state.buffers, batch.x, key, True)
        return program.loss(batch.y, y_pred, batch.weight, effects.masks)[0] + effects.penalty

    grads = jax.grad(objective)(state.params)
    for path in reversed(list(grads)):
        if not _finite(grads[path]):
            return {"kind": "gradient", "place": path, "weight range": _span(state.params[path])}
    return None


def _first_bad_update(after: TrainState) -> dict[str, Any]:
    for name in ("params", "buffers", "optimizers"):
        for path, leaf in jax.tree_util.tree_leaves_with_path(getattr(after, name)):
            if not _finite(leaf):
                keys = [str(getattr(part, "key", part)) for part in path]
                return {"kind": "update", "place": "/".join(keys)}
    return {"kind": "loss", "place": "the loss"}


def _finite(tree: Any) -> bool:
    leaves = [leaf for leaf in jax.tree_util.tree_leaves(tree) if jnp.issubdtype(leaf.dtype, jnp.floating)]
    return all(bool(jnp.isfinite(leaf).all()) for leaf in leaves)


def _rows(leaf: Any) -> tuple[int, ...]:
    array = np.asarray(leaf, np.float32)
    if array.ndim == 0:
        return ()
    bad = ~np.isfinite(array).reshape(array.shape[0], -1).all(axis=1)
    return tuple(int(row) for row in np.flatnonzero(bad)[:5])


def _span(tree: Any) -> str:
    leaves = [np.asarray(leaf, np.float64) for leaf in jax.tree_util.tree_leaves(tree) if leaf.size]
    if not leaves:
        return "empty"
    return f"{min(float(leaf.min()) for leaf in leaves):.4g} to {max(float(leaf.max()) for leaf in leaves):.4g}"
