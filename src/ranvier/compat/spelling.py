"""Old spellings of Keras, understood while a script runs: constructors and methods are wrapped, then put back."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import ranvier
from ranvier import optimizers
from ranvier.callbacks import ModelCheckpoint
from ranvier.compat import old_models, old_optimizers, old_paths, old_weights
from ranvier.compat.notes import once_per_run
from ranvier.compat.old_modules import OldModules
from ranvier.compat.renames import CONSTRUCTORS, IGNORED_BY_LOOPS, Spelling, translated
from ranvier.layers import Layer
from ranvier.metrics import Metric
from ranvier.models import Model, Sequential

__all__ = ["MODULES", "installed"]

MODULES: Mapping[str, Mapping[str, Any]] = OldModules()
"""Modules that an older Keras had, by their full name (`keras.utils.np_utils`), with their names and values."""

_METHODS: Mapping[str, Spelling] = {
    "compile": Spelling(
        gone=frozenset({"class_mode", "experimental_run_tf_function", "sample_weight_mode", "target_tensors"})
    ),
    "evaluate": Spelling(gone=IGNORED_BY_LOOPS),
    "fit": Spelling({"nb_epoch": "epochs"}, {"shuffle": {"batch": True}}, IGNORED_BY_LOOPS),
    "predict": Spelling(gone=IGNORED_BY_LOOPS),
}

_ADDED: tuple[tuple[type, str, Any], ...] = (
    (Metric, "reset_states", old_models.reset_metric),
    (Model, "evaluate_generator", old_models.evaluate_generator),
    (Model, "fit_generator", old_models.fit_generator),
    (Model, "predict_generator", old_models.predict_generator),
    (Model, "reset_states", old_models.reset_states),
    (Sequential, "predict_classes", old_models.predict_classes),
    (Sequential, "predict_proba", old_models.predict_proba),
    (Layer, "input_shape", old_models.LayerShape("input")),
    (Layer, "output_shape", old_models.LayerShape("output")),
    (optimizers.Optimizer, "lr", old_optimizers.LR),
)

_Patch = tuple[type, str, Callable[[Any], Any]]
"""A class, the name of an attribute, and what makes the new value from the old one."""


@contextmanager
def installed() -> Iterator[None]:
    """Understand the old spellings inside the `with` block, and say once what each is today.

    Example:
        >>> import warnings
        >>> from ranvier.layers import Dense
        >>> with installed(), warnings.catch_warnings(record=True) as notes:
        ...     warnings.simplefilter("always")
        ...     layer = Dense(output_dim=3)
        >>> layer.units, str(notes[0].message)
        (3, 'output_dim= of Dense is called units= today')
    """
    with ExitStack() as stack:
        stack.enter_context(once_per_run())
        for patch in _patches():
            stack.enter_context(_patched(*patch))
        yield


def _patches() -> Iterator[_Patch]:
    yield from _constructors()
    for name, spelling in _METHODS.items():
        yield Model, name, partial(translated, place=name, spelling=spelling)
    yield Model, "fit", old_models.fitting
    yield Model, "__new__", lambda make: staticmethod(old_models.making(make))
    yield Model, "__init__", old_models.making
    yield Model, "save", old_paths.saving
    yield Model, "save_weights", old_paths.saving_weights
    yield Model, "load_weights", old_paths.reading_weights
    yield ModelCheckpoint, "_check", old_paths.checked
    yield ModelCheckpoint, "__init__", old_paths.periodic
    yield ModelCheckpoint, "_save", old_paths.in_period
    for name in ("add_weight", "add_variable"):
        yield Layer, name, partial(old_weights.named_first, order=old_weights.OF_LAYERS)
        yield Metric, name, partial(old_weights.named_first, order=old_weights.OF_METRICS)
    yield Layer, "__init__", old_weights.making
    yield Layer, "_build_if_needed", old_weights.building
    for owner, attribute, value in _ADDED:
        yield owner, attribute, partial(_instead, value=value)


def _instead(before: Any, value: Any) -> Any:
    """Return the value that takes an attribute's place, whatever was there."""
    return value


def _constructors() -> Iterator[_Patch]:
    for package, classes in CONSTRUCTORS.items():
        known = getattr(ranvier, package)
        for name, spelling in classes.items():
            if name in known.__all__:
                yield getattr(known, name), "__init__", partial(translated, place=name, spelling=spelling)
    for name in optimizers.__all__:
        found = getattr(optimizers, name)
        if inspect.isclass(found) and "learning_rate" in inspect.signature(found).parameters:
            yield found, "__init__", old_optimizers.initialized


@contextmanager
def _patched(owner: type, name: str, make: Callable[[Any], Any]) -> Iterator[None]:
    """Replace an attribute of a class inside the `with` block."""
    before = vars(owner).get(name)
    own = name in vars(owner)
    setattr(owner, name, make(getattr(owner, name, None)))
    try:
        yield
    finally:
        if own:
            setattr(owner, name, before)
        else:
            delattr(owner, name)
