"""From the arguments of `fit`, `evaluate` and `predict` to a feed of batches."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from ranvier._config import configuration
from ranvier._errors import InvalidArgument
from ranvier.engine import inputs
from ranvier.engine.feed import ArrayFeed, Feed
from ranvier.engine.streams import IterableFeed, RowFeed, SequenceFeed, is_sequence
from ranvier.engine.train_state import Batch

__all__ = [
    "at_most",
    "feed_of",
    "host_batch",
    "require_counts",
    "split_validation",
    "unpacked",
    "weighted",
]

DEFAULT_BATCH = 32


def unpacked(data: Any) -> tuple[Any, Any, Any]:
    """Return `x, y, sample_weight` of validation data or a batch given as a tuple."""
    if isinstance(data, Batch):
        return tuple(data)
    if isinstance(data, (tuple, list)) and 1 <= len(data) <= 3:
        return tuple([*data, None, None][:3])
    return data, None, None


def host_batch(x: Any, y: Any = None, weight: Any = None) -> Batch:
    """Return arrays for x, y and sample_weight with equal numbers of rows."""
    if x is None:
        raise InvalidArgument(
            "There is no data.", code="no-data", place="x", expected="arrays or batches", received="None"
        )
    batch = Batch(inputs.host_tree(x, "x"), inputs.host_tree(y, "y"), inputs.host_tree(weight, "sample_weight"))
    inputs.row_count(*batch)
    return batch


def require_counts(least: int = 1, **arguments: Any) -> None:
    """Raise unless every argument is None or a whole number of at least `least`."""
    for name, value in arguments.items():
        whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        if value is not None and (not whole or value < least):
            raise InvalidArgument(
                f"{name} must be a whole number of at least {least}.",
                code="not-positive",
                place=name,
                expected=f"{least} or more",
                received=repr(value),
                fix="divide with // where it is computed" if isinstance(value, float) else "",
            )


def weighted(batch: Batch, class_weight: Mapping[int, float] | None) -> Batch:
    """Return the batch with class weights as sample weights."""
    if class_weight is None:
        return batch
    if batch.weight is not None:
        raise InvalidArgument(
            "class_weight and sample_weight cannot be given together.",
            code="two-weights",
            place="fit(class_weight=..., sample_weight=...)",
            fix="multiply them into one sample_weight",
        )
    if batch.y is None or len(jax.tree_util.tree_leaves(batch.y)) != 1:
        raise InvalidArgument(
            "class_weight needs a model with one output and its targets.",
            code="class-weight-outputs",
            place="fit(class_weight=...)",
            expected="one array of targets",
            received=f"{len(jax.tree_util.tree_leaves(batch.y))} arrays",
            fix="pass sample_weight per output instead",
        )
    return batch._replace(weight=inputs.class_weights(jax.tree_util.tree_leaves(batch.y)[0], class_weight))


def split_validation(given: Batch, share: float) -> tuple[Batch, Batch, Batch]:
    """Return all rows, the head for training and the tail for validation, as Keras splits: before any shuffling."""
    if given.x is not None and not inputs.is_array_tree(given.x):
        raise InvalidArgument(
            "A source of batches cannot be split.",
            code="split-of-batches",
            place="fit(validation_split=...)",
            expected="arrays",
            received=type(given.x).__name__,
            fix="pass validation_data=..., a second source",
        )
    batch = host_batch(*given)
    if not 0 < share < 1:
        raise InvalidArgument(
            "validation_split must leave rows on both sides.",
            code="validation-split",
            place="fit(validation_split=...)",
            expected="a number between 0 and 1",
            received=share,
        )
    return batch, *inputs.split_tail(batch, inputs.row_count(*batch), share)


def feed_of(
    x: Any,
    y: Any = None,
    weight: Any = None,
    *,
    batch_size: int | None = None,
    shuffle: bool = False,
    seed: int = 0,
    steps: int | None = None,
    class_weight: Mapping[int, float] | None = None,
) -> Feed:
    """Return the feed that fits what `x` is.

    Args:
        x: arrays (with y and weight), or a source of batches: a sequence with `len()` and `[i]`, or an iterable.
        y: targets; None where batches carry them.
        weight: sample weights.
        batch_size: rows per batch, 32 when None; a source of batches decides for itself.
        shuffle: a new order every epoch.
        seed: decides the orders.
        steps: batches per epoch; None for one pass.
        class_weight: class number to weight.
    """
    require_counts(batch_size=batch_size, steps=steps)
    if isinstance(x, Batch):
        x, y, weight = x
    if isinstance(x, (list, tuple)) and not x:
        inputs.row_count(None)
    if inputs.is_array_tree(x):
        batch = weighted(host_batch(x, y, weight), class_weight)
        on_disk = any(isinstance(leaf, np.memmap) for leaf in jax.tree_util.tree_leaves((x, y, weight)))
        kind = RowFeed if on_disk else ArrayFeed
        return _limited(kind(batch, int(batch_size or DEFAULT_BATCH), bool(shuffle), seed, steps))
    _require_source(x, y if y is not None else weight, "y" if y is not None else "sample_weight")
    transform = _weighting(class_weight)
    if is_sequence(x):
        return _limited(SequenceFeed(x, bool(shuffle), seed, steps, transform))
    return _limited(IterableFeed(x, steps, transform))


def _limited(feed: ArrayFeed | RowFeed | SequenceFeed | IterableFeed) -> Feed:
    """Cut epochs to `config.max_steps_per_epoch`."""
    limit = configuration.max_steps_per_epoch
    if limit is not None and (feed.steps is None or limit < feed.steps):
        feed.given_steps = feed.steps = limit
    return feed


def at_most(what: str, value: int | None, limit: int | None) -> int | None:
    """Return a number of epochs or steps, at most what `config` allows, and say so where that is less."""
    if limit is None or (value is not None and value <= limit):
        return value
    warnings.warn(f"config.set_max_{what} limits the {what} to {limit}.", stacklevel=3)
    return limit


def _require_source(x: Any, beside: Any, name: str) -> None:
    """Raise unless x is a source of batches that stands alone."""
    if x is None:
        raise InvalidArgument("There is no data.", code="no-data", place="x", expected="arrays or batches")
    batches = hasattr(x, "__iter__") or is_sequence(x)
    if not batches or isinstance(x, (str, bytes)):
        raise InvalidArgument(
            "x is neither data nor a source of batches.",
            code="data-kind",
            place="x",
            expected="arrays, frames, a sequence or an iterable of batches, or a generator",
            received=f"{type(x).__name__}: {x!r}"[:200],
            fix="pass NumPy arrays, or iterate over (x, y) batches",
        )
    if beside is not None:
        raise InvalidArgument(
            "x is a source of batches, so its batches must carry the targets.",
            code="targets-beside-batches",
            place=name,
            expected="None",
            received=type(beside).__name__,
            fix="let each batch be (x, y) or (x, y, sample_weight)",
        )


def _weighting(class_weight: Mapping[int, float] | None) -> Callable[[Batch], Batch] | None:
    return None if class_weight is None else lambda batch: weighted(batch, class_weight)
