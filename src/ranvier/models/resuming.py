"""Exact resume: what a checkpoint of a run holds, when it is written, and whether it fits the run that asks for it.

A checkpoint holds the TrainState, the position in the run, every callback's state, the history, and a fingerprint. A
resumed run equals the uninterrupted one bit for bit when its source can be indexed or keeps its own position.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import platform
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

import ranvier
from ranvier._errors import InvalidArgument, RanvierError
from ranvier._lookup import plain
from ranvier.engine.feed import ArrayFeed, Feed
from ranvier.engine.loop import Position
from ranvier.engine.program import Program
from ranvier.engine.streams import RowFeed, SequenceFeed
from ranvier.engine.train_state import TrainState
from ranvier.saving.checkpoint import read_checkpoint, write_checkpoint

__all__ = ["Keeper", "environment", "fingerprint_of"]

_CALLBACKS = "callbacks/"
_SAMPLED_BYTES = 16 * 2**20


class Keeper:
    """Keeps checkpoints of one run in a folder; the engine's `Checkpoints`.

    Args:
        folder: where checkpoints are written.
        facts: `() -> dict` of JSON-ready facts beside the arrays: callbacks, history, fingerprint.
        arrays: `() -> dict` of the callbacks' own arrays.
        every: `"trip"` (as often as costs at most 5 % of the time), `"epoch"`, or a number of steps.
    """

    pause = 20.0
    """Seconds of training per second of saving: saving takes at most 5 % of a run."""

    def __init__(
        self,
        folder: str | os.PathLike[str],
        facts: Callable[[], dict[str, Any]],
        arrays: Callable[[], Mapping[str, np.ndarray]],
        every: str | int = "trip",
    ) -> None:
        self.folder, self.facts, self.arrays, self.every = pathlib.Path(folder), facts, arrays, every
        self._ready_at = 0.0
        self._step = 0

    def after_trip(self, state: TrainState, position: Position, final: bool) -> None:
        if not (final or self._due(position, int(state.step) if isinstance(self.every, int) else 0)):
            return
        started = time.monotonic()
        self.save(state, position)
        self._ready_at = time.monotonic() + (time.monotonic() - started) * self.pause

    def _due(self, position: Position, step: int) -> bool:
        if self.every is False or self.every == "epoch":
            return self.every is not False and position.step == 0
        if isinstance(self.every, int):
            due = step // self.every > self._step // self.every
            self._step = step if due else self._step
            return due
        return time.monotonic() >= self._ready_at

    def save(self, state: TrainState, position: Position) -> None:
        """Write one checkpoint."""
        leaves = jax.tree_util.tree_leaves_with_path(state)
        arrays = {jax.tree_util.keystr(path): np.asarray(leaf) for path, leaf in leaves}
        arrays |= {_CALLBACKS + name: np.asarray(array) for name, array in self.arrays().items()}
        facts = {"position": vars(position), **self.facts()}
        write_checkpoint(self.folder, arrays, facts)

    def load(self) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
        """Return arrays and facts of the newest whole checkpoint, or None where there is none."""
        return read_checkpoint(self.folder)


def restored(state: TrainState, arrays: Mapping[str, np.ndarray]) -> TrainState:
    """Return `state` with its leaves from a checkpoint."""
    leaves, structure = jax.tree_util.tree_flatten_with_path(state)
    values = []
    for path, leaf in leaves:
        key = jax.tree_util.keystr(path)
        if key not in arrays or arrays[key].shape != leaf.shape:
            raise _mismatch("model", f"{key} {leaf.shape}", "missing" if key not in arrays else arrays[key].shape)
        values.append(jax.numpy.asarray(arrays[key], leaf.dtype))
    result: TrainState = jax.tree_util.tree_unflatten(structure, values)
    return result


def callback_arrays(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the callbacks' own arrays of a checkpoint."""
    return {name.removeprefix(_CALLBACKS): a for name, a in arrays.items() if name.startswith(_CALLBACKS)}


def environment() -> dict[str, Any]:
    """Return what beside the program decides the bits: versions, machine, device, threads."""
    return {
        "ranvier": ranvier.__version__,
        "jax": jax.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "device": jax.devices()[0].device_kind,
        "threads": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
    }


def fingerprint_of(program: Program, feed: Feed, compile_arguments: str, seed: int | None) -> dict[str, Any]:
    """Return what must be equal for a resume: the model's variables, the compile arguments, the data."""
    shapes = {path: f"{v.shape} {v.dtype}" for path, v in {**program.binding.params, **program.binding.buffers}.items()}
    layers = [f"{path}:{type(layer).__name__}:{_settings(layer)}" for path, layer in _layers(program)]
    return {
        "model": _digest(repr((shapes, sorted(program.binding.params), layers))),
        "seed": seed,
        "compile": _digest(compile_arguments),
        "data": _data_digest(feed),
        "environment": environment(),
    }


def _settings(layer: Any) -> str:
    """Return a layer's own arguments as text, functions by their code; empty where it has no configuration."""
    try:
        given = layer.constructor_arguments()
    except RanvierError:
        return ""
    own = {name: value for name, value in given.items() if name not in ("name", "layers", "inputs", "outputs")}
    return repr({name: described(value) for name, value in own.items()})


def described(value: Any) -> Any:
    """Return something that is equal in every process for equal settings: code for functions, configurations else."""
    if hasattr(value, "__code__"):
        return value.__name__, hashlib.sha256(
            value.__code__.co_code + repr(value.__code__.co_consts).encode()
        ).hexdigest()
    if hasattr(value, "get_config"):
        return type(value).__name__, repr(plain(value.get_config()))
    if isinstance(value, (list, tuple)):
        return [described(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): described(item) for key, item in value.items()}
    return value if isinstance(value, (bool, int, float, str, type(None))) else type(value).__name__


def _layers(program: Program) -> list[tuple[str, Any]]:
    from_paths = program.binding.layer_paths
    return [
        (path, layer) for layer in program.model._flatten_layers() if (path := from_paths.get(id(layer))) is not None
    ]


def check_fingerprint(saved: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse another model, compile arguments or data; warn of another environment."""
    for part in ("model", "compile", "data", "seed"):
        if saved.get(part) != now[part]:
            raise _mismatch(part, now[part], saved.get(part))
    other = {
        k: (saved["environment"].get(k), v) for k, v in now["environment"].items() if saved["environment"].get(k) != v
    }
    if other:
        changes = ", ".join(f"{name}: {old} then, {new} now" for name, (old, new) in other.items())
        warnings.warn(
            f"The checkpoint was written in another environment ({changes}); the resumed run is exact only in "
            "the same one.",
            stacklevel=3,
        )


def _mismatch(part: str, now: object, saved: object) -> InvalidArgument:
    what = {
        "model": "another model",
        "compile": "other compile arguments",
        "data": "other data",
        "seed": "another seed",
    }[part]
    return InvalidArgument(
        f"The checkpoint belongs to {what}.",
        code=f"resume-{part}",
        place="fit(resume=...)",
        expected=f"the {part} of the interrupted run ({saved})",
        received=now,
        fix="resume with the script that wrote it, or choose another folder to start anew",
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _data_digest(feed: Feed) -> str:
    """Return a digest of shapes and content; of large arrays, of rows spread evenly over them."""
    hashed = hashlib.sha256()
    if isinstance(feed, (ArrayFeed, RowFeed)):
        hashed.update(f"{feed.size} {feed.shuffle} {feed.given_steps}".encode())
        for leaf in jax.tree_util.tree_leaves(feed.data):
            hashed.update(f"{leaf.shape} {leaf.dtype}".encode())
            row = max(1, leaf.nbytes // leaf.shape[0])
            rows = max(1, min(leaf.shape[0], _SAMPLED_BYTES // row))
            picked = np.linspace(0, leaf.shape[0] - 1, rows).astype(np.int64)
            whole = rows == leaf.shape[0]
            hashed.update(np.ascontiguousarray(leaf if whole else np.asarray(leaf[picked])).tobytes())
    else:
        shuffled = feed.shuffle if isinstance(feed, SequenceFeed) else None
        hashed.update(f"{feed.steps} {shuffled}".encode())
        for leaf in jax.tree_util.tree_leaves(feed.example()):
            hashed.update(np.asarray(leaf).tobytes())
    return hashed.hexdigest()[:16]
