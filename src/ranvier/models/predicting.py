"""Prediction: a model as a function of arrays, compiled in a few sizes."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any, cast

import jax
import numpy as np
from jax import tree_util

from ranvier._config import configuration
from ranvier._errors import InvalidArgument
from ranvier.callbacks import CallbackList
from ranvier.engine import inference, inputs
from ranvier.layers.base import Layer
from ranvier.models import compiling, feeding, host_stage
from ranvier.models.running import listed_callbacks
from ranvier.state import eager, masking, scope
from ranvier.state.symbolic import is_symbolic

__all__ = ["Predictor"]


class Predictor:
    """The part of a Trainer that computes outputs."""

    run_eagerly = False
    _inference: dict[str, inference.Inference] | None = None
    _inference_version: Any = None
    _leaves_losses: bool | None = None

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """Return the outputs for all rows as NumPy arrays.

        Args:
            x: arrays, frames, a nest of them, or a source of batches (whose targets are ignored).
            batch_size: rows per batch where rows of a batch interact; otherwise blocks are chosen for speed.
            verbose: 1 or 2 says what is done; `"auto"` says nothing, because it takes no time worth a bar.
            steps: number of batches to take.
        """
        feeding.require_counts(batch_size=batch_size, steps=steps)
        steps = feeding.at_most("steps_per_epoch", steps, configuration.max_steps_per_epoch)
        x = host_stage.prepared(self, x)
        arrays = _is_ready(x) or inputs.is_array_tree(x)
        data = x if _is_ready(x) or not arrays else feeding.host_batch(x).x
        if arrays and steps is not None:
            data = tree_util.tree_map(lambda a: a[: steps * (batch_size or feeding.DEFAULT_BATCH)], data)
        if arrays and callbacks is None and (verbose == "auto" or not verbose):
            return self._infer(data).predict(data, batch_size)
        source = _ArrayBatches(data, batch_size or feeding.DEFAULT_BATCH) if arrays else _SourceBatches(data, steps)
        listed = listed_callbacks(self, callbacks, 0 if verbose == "auto" else verbose, source.steps)
        with contextlib.closing(listed):
            listed.on_predict_begin()
            if arrays and listed.cadence("predict") is None:
                result = self._infer(data).predict(data, batch_size)
            else:
                result = self._in_batches(source, listed)
            listed.on_predict_end()
        return result

    def _in_batches(self, source: _ArrayBatches | _SourceBatches, listed: CallbackList) -> Any:
        """Return the outputs for a source, batch by batch, each told to the callbacks."""
        parts = []
        for number, x in enumerate(source):
            listed.on_predict_batch_begin(number)
            parts.append(tree_util.tree_map(np.asarray, self._infer(x)(x)))
            listed.on_predict_batch_end(number, {"outputs": parts[-1]})
        if not parts:
            raise InvalidArgument("The source of batches is empty.", code="no-batches", place="predict(x)")
        return tree_util.tree_map(lambda *ys: np.concatenate(ys), *parts)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch as NumPy arrays."""
        data = feeding.host_batch(host_stage.prepared(self, x)).x
        return tree_util.tree_map(np.asarray, self._infer(data)(data))

    def predict_step(self, data: Any) -> Any:
        """Return the outputs for one batch; override it to change what `predict` computes."""
        x, _, _ = feeding.unpacked(data)
        return cast(Layer, self)(x, training=False)

    def _infer(self, x: Any, purpose: str = "predict") -> inference.Inference:
        """Return the compiled forward pass of `predict` or `call`, building the model for `x` first."""
        layer = cast(Layer, self)
        if self._inference is None or self._inference_version != _structure_version(layer):
            compiling.build_for(self, x)
            plain = inference.Inference(layer, None, self.run_eagerly)
            own = type(self).predict_step is not Predictor.predict_step
            special = inference.Inference(layer, self.predict_step, self.run_eagerly) if own else plain
            self._inference = {"call": plain, "predict": special}
            self._leaves_losses = None
            self._inference_version = _structure_version(layer)
        return self._inference[purpose]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the model: compiled when it stands alone, as a part of the running pass, graph or tape otherwise."""
        alone = scope.active() is None and not eager.recording()
        alone = alone and len(args) == 1 and not set(kwargs) - {"training"}
        if not alone or _is_traced(args[0]) or not tree_util.tree_leaves(args[0]) or _is_masked(args[0]):
            return super().__call__(*args, **kwargs)  # type: ignore[misc]
        x = args[0] if _is_ready(args[0]) else inputs.host_tree(host_stage.prepared(self, args[0]), "the input")
        compiled = self._infer(x, "call")
        if kwargs.get("training") or self._adds_losses(x):
            return inference.plain_call(cast(Layer, self), x, kwargs)
        return compiled(x)

    def _adds_losses(self, x: Any) -> bool:
        """Whether a call leaves something in `losses`, which the compiled pass does not; found once per structure."""
        if self._leaves_losses is None:
            self._leaves_losses = compiling.adds_losses(self, x)
        return self._leaves_losses


def _is_ready(x: Any) -> bool:
    """Whether data needs no conversion at all: the fast path of a single row."""
    return type(x) is np.ndarray and x.dtype == np.float32 and x.ndim > 1 and len(x) > 0


def _is_traced(x: Any) -> bool:
    return is_symbolic(x) or any(isinstance(leaf, jax.core.Tracer) for leaf in tree_util.tree_leaves(x))


def _is_masked(x: Any) -> bool:
    """Whether arrays carry masks, which a compiled program would not see."""
    return any(masking.of(leaf) is not None for leaf in tree_util.tree_leaves(x))


def _structure_version(model: Layer) -> Any:
    """Return what changes when layers or variables are added to a model."""
    return getattr(model, "layer_graph", None), model.built


class _ArrayBatches:
    """Rows of arrays, `size` at a time."""

    def __init__(self, data: Any, size: int) -> None:
        self.data, self.size = data, size
        self.rows = len(tree_util.tree_leaves(data)[0])
        self.steps = math.ceil(self.rows / size)

    def __iter__(self) -> Iterator[Any]:
        for first in range(0, self.rows, self.size):
            rows = slice(first, first + self.size)
            yield tree_util.tree_map(lambda a, rows=rows: a[rows], self.data)


class _SourceBatches:
    """The inputs of a source's batches, at most `steps` of them."""

    def __init__(self, source: Any, steps: int | None) -> None:
        self.feed = feeding.feed_of(source)
        known = self.feed.steps
        self.most = steps
        self.steps = known if steps is None else steps if known is None else min(known, steps)

    def __iter__(self) -> Iterator[Any]:
        done = 0
        for segment in self.feed.epoch(0):
            size = segment.index.shape[1]
            for step in range(segment.begin, segment.steps):
                if done == self.most:
                    return
                done += 1
                rows = slice(step * size, (step + 1) * size)
                yield tree_util.tree_map(lambda a, rows=rows: a[rows], segment.source.x)
