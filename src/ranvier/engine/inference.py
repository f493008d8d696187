"""Inference: one compiled forward pass in a few sizes, fast for a single row.

A batch is padded to the next power of two, so that any number of rows meets few compiled sizes. A model in which one
row's output depends on another row must not be padded: it is detected once, by changing the padding and watching the
real rows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import jax
import numpy as np

from ranvier._typing import Array
from ranvier.engine import compiled
from ranvier.engine.fingerprint import fingerprint
from ranvier.engine.inputs import as_host_array
from ranvier.engine.program import Binding
from ranvier.layers.base import Layer
from ranvier.state import masking, scope
from ranvier.state.carried import CarriedState
from ranvier.state.rng import fresh_seed, global_key
from ranvier.state.threefry import IMPLEMENTATION

__all__ = ["Inference", "bucket"]

BLOCK_BYTES = 64 * 2**20
BLOCK_ROWS = 4096
_ONE_KEY = np.zeros(2, np.uint32)


def bucket(rows: int) -> int:
    """Return the smallest power of two that holds `rows`."""
    return 1 << max(0, rows - 1).bit_length()


class Inference:
    """A model's compiled forward pass.

    Args:
        model: a built model.
        function: `(x) -> outputs`, run in a Scope that binds the model's variables; the model itself by default.
        eagerly: run without compiling.
    """

    def __init__(self, model: Layer, function: Callable[[Any], Any] | None = None, eagerly: bool = False) -> None:
        self.binding = Binding(model, frozenset())
        self.variables = self.binding.buffers
        self.carried = {path: v for path, v in self.variables.items() if isinstance(v, CarriedState)}
        self.function = function or model
        self.key: Hashable = fingerprint(model.fingerprint_root(), function)
        self.eagerly = eagerly
        self._seed, self._calls = fresh_seed(), 0
        self._ready: dict[Hashable, Callable[..., Any]] = {}
        self._separable: dict[Hashable, bool] = {}

    def __call__(self, x: Any) -> Any:
        """Return the outputs for host or device arrays, on the device, one row for each input row."""
        leaves, structure = jax.tree_util.tree_flatten(x)
        rows = leaves[0].shape[0] if leaves[0].shape else 0
        size = bucket(rows)
        if size == rows or rows == 0 or self.eagerly or not self._pads(x, leaves, structure):
            return self._run(x, leaves, structure)
        padded = jax.tree_util.tree_unflatten(structure, [_pad(leaf, size) for leaf in leaves])
        outputs = self._run(padded, jax.tree_util.tree_leaves(padded), structure)
        return jax.tree_util.tree_map(lambda y: _first(y, rows), outputs)

    def predict(self, x: Any, batch_size: int | None) -> Any:
        """Return NumPy outputs for any number of rows, in blocks; see `blocks` for their size."""
        if isinstance(x, np.ndarray) and len(x) == 1:
            return jax.tree_util.tree_map(np.asarray, self(x))
        parts = [jax.tree_util.tree_map(np.asarray, part) for part in self.blocks(x, batch_size)]
        if len(parts) == 1:
            return parts[0]
        return jax.tree_util.tree_map(lambda *ys: np.concatenate(ys), *parts)

    def blocks(self, x: Any, batch_size: int | None) -> Any:
        """Yield device outputs block by block: of `batch_size` rows where rows interact, else as many as pay."""
        leaves, structure = jax.tree_util.tree_flatten(x)
        rows = leaves[0].shape[0]
        size = self._block(leaves, structure, x, batch_size or 32)
        for first in range(0, rows, size):
            block = leaves if rows <= size else [leaf[first : first + size] for leaf in leaves]
            yield self(jax.tree_util.tree_unflatten(structure, [_read(leaf) for leaf in block]))

    def _block(self, leaves: list[Any], structure: Any, x: Any, batch_size: int) -> int:
        rows = leaves[0].shape[0]
        if rows <= batch_size or self.eagerly or not self._pads(x, leaves, structure):
            return batch_size
        row_bytes = sum(leaf[:1].nbytes for leaf in leaves) or 1
        most = max(batch_size, min(BLOCK_ROWS, BLOCK_BYTES // row_bytes))
        return 1 << (most.bit_length() - 1)

    def _run(self, x: Any, leaves: list[Any], structure: Any, key: np.ndarray | None = None) -> Any:
        key = self._next_key() if key is None else key
        values = {path: variable.stored for path, variable in self.variables.items()}
        kind = (structure, tuple((leaf.shape, leaf.dtype) for leaf in leaves))
        ready = self._ready.get(kind)
        if ready is None:
            found = (self.key, "predict", compiled.signature(values), compiled.signature(x))
            ready = self._forward if self.eagerly else compiled.shared.find(found, self._forward, values, x, key)
            self._ready[kind] = ready
        outputs, masks, carried = ready(values, x, key)
        if masks:
            masking.attach(outputs, masks)
        for path, value in carried.items():
            self.carried[path].store(value)
        return outputs

    def _next_key(self) -> np.ndarray:
        """Return key data for a model that draws numbers while it predicts: others at every call."""
        self._calls += 1
        return np.array([self._seed, self._calls], np.uint32)

    def _forward(self, values: dict[str, Array], x: Any, key: Any) -> Any:
        running = self.binding.scope({}, values, jax.random.wrap_key_data(key, impl=IMPLEMENTATION), False)
        with scope.entered(running):
            outputs = self.function(x)
            masks = [masking.of(leaf) for leaf in jax.tree_util.tree_leaves(outputs)]
        masks = masks if any(mask is not None for mask in masks) else []
        return outputs, masks, {path: running.values[id(variable)] for path, variable in self.carried.items()}

    def _pads(self, x: Any, leaves: list[Any], structure: Any) -> bool:
        """Whether padding leaves the real rows alone; found once per kind of input."""
        if self.carried:
            return False  # each row goes on where its row of the batch before ended
        kind = (structure, tuple((leaf.shape[1:], str(leaf.dtype)) for leaf in leaves))
        if kind not in self._separable:
            self._separable[kind] = self._rows_are_independent(leaves, structure)
        return self._separable[kind]

    def _rows_are_independent(self, leaves: list[Any], structure: Any) -> bool:
        """Run two real rows alone and beside paddings that differ wildly.

        Equal bits beside every padding mean that no row looks at another; equal numbers alone (in a program of another
        size, so to rounding) mean that none looks at the number of rows.
        """
        real = [np.asarray(leaf[np.arange(2) % leaf.shape[0]]) for leaf in leaves]
        outputs = []
        for poison in _POISONS:
            rows = [np.concatenate([row, poison(row)]) for row in real]
            x = jax.tree_util.tree_unflatten(structure, rows)
            outputs.append(jax.tree_util.tree_leaves(self._run(x, rows, structure, _ONE_KEY)))
        for plain, *others in zip(*outputs, strict=True):
            if plain.ndim == 0 or plain.shape[0] != 4:
                return False
            if any(np.asarray(plain[:2]).tobytes() != np.asarray(other[:2]).tobytes() for other in others):
                return False
        alone = jax.tree_util.tree_leaves(
            self._run(jax.tree_util.tree_unflatten(structure, real), real, structure, _ONE_KEY)
        )
        return all(
            one.shape[0] == 2 and np.allclose(one, many[:2], rtol=1e-3, atol=1e-5, equal_nan=True)
            for one, many in zip(alone, outputs[0], strict=True)
        )


def _read(leaf: Any) -> Any:
    """Return rows of a memory map as an array of the type that the model takes."""
    return as_host_array(np.asarray(leaf)) if isinstance(leaf, np.memmap) else leaf


def _pad(leaf: Any, size: int) -> np.ndarray:
    array = np.asarray(leaf)
    out = np.zeros((size, *array.shape[1:]), array.dtype)
    out[: len(array)] = array
    return out


def _first(array: Array, rows: int) -> Array:
    """Return the first rows of an array, with the first rows of its mask."""
    mask, kept = masking.of(array), array[:rows]
    masking.attach(kept, None if mask is None else mask[:rows])
    return kept


def _copies(rows: np.ndarray) -> np.ndarray:
    return rows[::-1]


def _zeros(rows: np.ndarray) -> np.ndarray:
    return np.zeros_like(rows)


def _extremes(rows: np.ndarray) -> np.ndarray:
    """Return NaN for floats, and values far from the real ones for anything else."""
    if rows.dtype.kind == "f":
        return np.full_like(rows, np.nan)
    other: np.ndarray = ~rows if rows.dtype.kind == "b" else (rows // 2).astype(rows.dtype)
    return other


def _large(rows: np.ndarray) -> np.ndarray:
    if rows.dtype.kind != "f":
        return rows[::-1]
    signs = np.where(np.arange(rows.size).reshape(rows.shape) % 2, 1, -1)
    large: np.ndarray = ((np.abs(rows) + 1) * signs * 1e3).astype(rows.dtype)
    return large


_POISONS = (_copies, _zeros, _extremes, _large)


def plain_call(model: Layer, x: Any, kwargs: dict[str, Any]) -> Any:
    """Run `model(x, ...)` by itself, uncompiled: buffers and `losses` are kept, draws are the global stream's next."""
    binding = Binding(model)
    params, buffers = binding.read()
    running = binding.scope(params, buffers, global_key(), bool(kwargs.get("training")))
    with scope.entered(running):
        outputs = Layer.__call__(model, x, **kwargs)
        masking.hand_out(outputs)
    for variable in binding.buffers.values():
        if id(variable) in running.written:
            variable.store(running.values[id(variable)])
    model._eager_losses = running.losses
    return outputs
