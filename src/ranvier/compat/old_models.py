"""Methods and attributes that models and layers of Keras 1 and 2 had, in the terms of today's."""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from jax import tree_util

from ranvier._errors import RanvierError
from ranvier.compat.notes import note
from ranvier.compat.renames import IGNORED_BY_LOOPS, Spelling, modern
from ranvier.metrics import Metric
from ranvier.models import Model

__all__ = [
    "ENDS",
    "LayerShape",
    "OldKeys",
    "evaluate_generator",
    "fit_generator",
    "fitting",
    "making",
    "predict_classes",
    "predict_generator",
    "predict_proba",
    "reset_metric",
    "reset_states",
]

ENDS = Spelling({"input": "inputs", "output": "outputs"})
_LOOP = Spelling({"nb_epoch": "epochs"}, gone=IGNORED_BY_LOOPS)
_QUEUE = ("max_queue_size", "workers", "use_multiprocessing")
_FIT = (
    *("epochs", "verbose", "callbacks", "validation_data", "validation_steps", "validation_freq", "class_weight"),
    *_QUEUE,
    *("shuffle", "initial_epoch"),
)
_MEASURE = ("callbacks", *_QUEUE, "verbose")
_KEYS = {"acc": "accuracy", "lr": "learning_rate", "val_acc": "val_accuracy"}


class OldKeys(dict[str, Any]):
    """A history that also answers to the names that Keras had before 2.3 and before 3."""

    def __missing__(self, key: str) -> Any:
        today = _KEYS.get(key)
        if today is None or today not in self:
            raise KeyError(key)
        note(f"history[{key!r}]", f"is history[{today!r}] today")
        return self[today]


def fitting(fit: Callable[..., Any]) -> Callable[..., Any]:
    """Return `fit` with the old keys of the history, in what callbacks watch too."""

    @functools.wraps(fit)
    def wrapper(model: Any, *args: Any, **kwargs: Any) -> Any:
        if _says_accuracy(model):
            given = kwargs.get("callbacks")
            for callback in given if isinstance(given, (list, tuple)) else [given]:
                _watch_todays_name(callback)
        history = fit(model, *args, **kwargs)
        history.history = OldKeys(history.history)
        return history

    return wrapper


def _says_accuracy(model: Any) -> bool:
    """Whether `metrics=["accuracy"]` was compiled, whose name was `acc` once."""
    named = tree_util.tree_leaves((getattr(model, "compile_arguments", None) or {}).get("metrics"))
    return "accuracy" in named and "acc" not in named


def _watch_todays_name(callback: Any) -> None:
    watched = getattr(callback, "monitor", None)
    if watched in ("acc", "val_acc"):
        note(f"monitor={watched!r}", f"is monitor={_KEYS[watched]!r} today, for metrics=['accuracy']")
        callback.monitor = _KEYS[watched]
    path = getattr(callback, "filepath", None)
    if isinstance(path, str):
        callback.filepath = re.sub(r"\{(val_)?acc\b", r"{\1accuracy", path)


def making(make: Callable[..., Any]) -> Callable[..., Any]:
    """Return `Model`'s constructor, `__new__` or `__init__`, for `Model(input=..., output=...)`."""

    @functools.wraps(make)
    def wrapper(first: Any, *args: Any, **kwargs: Any) -> Any:
        cls = first if isinstance(first, type) else type(first)
        if cls in (Model, Model.functional):
            kwargs = modern("Model", ENDS, kwargs)
        return make(first, *args, **kwargs)

    return wrapper


class LayerShape:
    """`layer.input_shape` or `layer.output_shape`; a layer's own attribute of that name goes first."""

    def __init__(self, end: str) -> None:
        self.end = end

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        if layer is None:
            return self
        try:
            tensors = getattr(layer, self.end)
        except RanvierError as error:
            raise AttributeError(str(error)) from error
        note(f"layer.{self.end}_shape", f"is layer.{self.end}.shape today")
        return tree_util.tree_map(lambda tensor: tensor.shape, tensors)


# --- methods of Keras 1 and 2 -----------------------------------------------------------------------------------------


def predict_proba(self: Any, x: Any, batch_size: int | None = 32, verbose: int = 0) -> Any:
    """Return the outputs for all rows, which are probabilities where the last layer makes them so."""
    note("predict_proba()", "is predict() today")
    return self.predict(x, batch_size=batch_size, verbose=verbose)


def predict_classes(self: Any, x: Any, batch_size: int | None = 32, verbose: int = 0) -> Any:
    """Return the class of each row: the largest of several outputs, or whether the only one is above one half."""
    note("predict_classes()", "is predict(x).argmax(axis=-1) today, or predict(x) > 0.5 for one sigmoid")
    scores = self.predict(x, batch_size=batch_size, verbose=verbose)
    return scores.argmax(axis=-1) if scores.shape[-1] > 1 else (scores > 0.5).astype("int32")


def fit_generator(self: Any, generator: Any, steps_per_epoch: int | None = None, *args: Any, **kwargs: Any) -> Any:
    """Train on a generator or Sequence of batches; the arguments are Keras 2's, or Keras 1's by name."""
    note("fit_generator()", "is fit() today")
    given = _arguments("fit_generator", _FIT, args, kwargs)
    samples, held_out = given.pop("samples_per_epoch", None), given.pop("nb_val_samples", None)
    if samples is not None:
        generator, steps_per_epoch = _in_steps(generator, samples)
    if held_out is not None:
        given["validation_data"], given["validation_steps"] = _in_steps(given["validation_data"], held_out)
    return self.fit(generator, steps_per_epoch=steps_per_epoch, **given)


def evaluate_generator(self: Any, generator: Any, steps: int | None = None, *args: Any, **kwargs: Any) -> Any:
    """Measure on a generator or Sequence of batches."""
    note("evaluate_generator()", "is evaluate() today")
    return _measured(self.evaluate, generator, steps, _arguments("evaluate_generator", _MEASURE, args, kwargs))


def predict_generator(self: Any, generator: Any, steps: int | None = None, *args: Any, **kwargs: Any) -> Any:
    """Return the outputs for a generator or Sequence of batches."""
    note("predict_generator()", "is predict() today")
    return _measured(self.predict, generator, steps, _arguments("predict_generator", _MEASURE, args, kwargs))


def _measured(measure: Callable[..., Any], generator: Any, steps: int | None, given: dict[str, Any]) -> Any:
    samples = given.pop("val_samples", None)
    if samples is not None:
        generator, steps = _in_steps(generator, samples)
    return measure(generator, steps=steps, **{"verbose": 0, **given})


def _arguments(place: str, names: tuple[str, ...], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments after the first two by today's names, those that change nothing left out."""
    placed = {name: value for name, value in zip(names, args, strict=False) if name not in IGNORED_BY_LOOPS}
    return {**placed, **modern(place, _LOOP, kwargs)}


def _in_steps(source: Any, samples: int) -> tuple[Any, int]:
    """Return a source of batches and how many of them make `samples` rows; the first one is looked at."""
    if hasattr(source, "__getitem__"):
        return source, math.ceil(samples / _rows(source[0]))
    batches = iter(source)
    first = next(batches)
    return itertools.chain([first], batches), math.ceil(samples / _rows(first))


def _rows(batch: Any) -> int:
    return len(np.asarray(tree_util.tree_leaves(batch)[0]))


def reset_states(model: Model) -> None:
    """Let every stateful layer forget."""
    note("model.reset_states()", "is layer.reset_state() of each stateful layer today")
    for layer in model.layers:
        if hasattr(layer, "reset_states"):
            layer.reset_states()


def reset_metric(metric: Metric) -> None:
    """Forget what the metric has seen."""
    note("metric.reset_states()", "is called reset_state() today")
    metric.reset_state()
