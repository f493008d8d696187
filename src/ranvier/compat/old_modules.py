"""Modules and names that Keras 1 and 2 had elsewhere or under another name; each is filled when it is asked for."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import ranvier
from ranvier import losses
from ranvier.compat import arrays, old_backend, old_convolutions
from ranvier.compat.notes import note
from ranvier.compat.old_paths import load_model, save_model
from ranvier.compat.renames import Spelling, translated
from ranvier.utils import to_categorical
from ranvier.utils.py_dataset import PyDataset

__all__ = ["OldModules"]

_LAYERS = (
    *("advanced_activations", "convolutional", "core", "embeddings", "experimental", "experimental.preprocessing"),
    *("local", "merge", "noise", "normalization", "pooling", "recurrent", "wrappers"),
)
_UTILS = ("data_utils", "generic_utils", "layer_utils", "np_utils", "vis_utils")
_ENGINE = ("engine", "engine.base_layer", "engine.input_layer", "engine.topology", "engine.training")

_MOVED: Mapping[str, str] = {
    **{f"keras.layers.{name}": "layers" for name in _LAYERS},
    **{f"keras.utils.{name}": "utils" for name in _UTILS},
    **{f"keras.{name}": "" for name in _ENGINE},
    "keras.initializations": "initializers",
    "keras.objectives": "losses",
    "keras.optimizers.experimental": "optimizers",
    "keras.optimizers.legacy": "optimizers",
}
"""Old module to the one of today that has its names; empty for `keras` itself."""

_SHORT = (
    *("KLD", "MAE", "MAPE", "MSE", "MSLE", "kld", "kullback_leibler_divergence", "logcosh", "mae", "mape", "mse"),
    "msle",
)
"""Short names of losses that Keras 2 had among the metrics too."""

_RENAMED: Mapping[str, Mapping[str, str]] = {
    "constraints": {"maxnorm": "max_norm", "nonneg": "non_neg", "unitnorm": "unit_norm"},
    "initializers": {"normal": "random_normal", "uniform": "random_uniform"},
    "losses": {"BCE": "binary_crossentropy", "bce": "binary_crossentropy", "cosine_proximity": "cosine_similarity"},
    "regularizers": {"l1l2": "l1_l2"},
}
"""By package, functions under their old names and today's."""


_REDUCTIONS: Mapping[str, str] = {
    "AUTO": "sum_over_batch_size",
    "NONE": "none",
    "SUM": "sum",
    "SUM_OVER_BATCH_SIZE": "sum_over_batch_size",
}


class _Reduction:
    """`losses.Reduction` of Keras 2: names for the texts that `reduction=` takes today."""

    def __getattr__(self, name: str) -> str:
        if name not in _REDUCTIONS:
            raise AttributeError(name)
        note(f"losses.Reduction.{name}", f"is written {_REDUCTIONS[name]!r} today")
        return _REDUCTIONS[name]


class OldModules(Mapping[str, Mapping[str, Any]]):
    """Full module names to their names and values: whole modules of before, and additions to those of today."""

    def __init__(self) -> None:
        self._added: dict[str, dict[str, Any]] = {
            "keras.backend": {name: getattr(old_backend, name) for name in old_backend.__all__},
            "keras.layers": {name: getattr(old_convolutions, name) for name in old_convolutions.__all__},
            "keras.metrics": {name: getattr(losses, name) for name in _SHORT},
            "keras.models": {"load_model": load_model, "save_model": save_model},
            "keras.ops": {"convert_to_tensor": arrays.convert_to_tensor},
            "keras.utils": {
                "Sequence": PyDataset,
                "to_categorical": translated(to_categorical, "to_categorical", Spelling({"nb_classes": "num_classes"})),
            },
            "keras.saving": {"load_model": load_model, "save_model": save_model},
            **{f"keras.{package}": _renamed(package, names) for package, names in _RENAMED.items()},
        }
        self._added["keras.losses"]["Reduction"] = _Reduction()
        self._names = dict.fromkeys((*self._added, *_MOVED, "keras.wrappers.scikit_learn"))

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        if name in self._added:
            return self._added[name]
        if name == "keras.wrappers.scikit_learn":
            note(name, "is keras.wrappers today: SKLearnClassifier and SKLearnRegressor")
            return _public("ranvier.compat.old_wrappers")
        package = _MOVED[name]
        today = f"keras.{package}" if package else "keras"
        note(name, f"is {today} today")
        return {**(_public(f"ranvier.{package}") if package else _classes()), **self._added.get(today, {})}

    def get(self, name: str, default: Any = None) -> Any:
        """Return a module's names; Mapping's own would hide the script's line from the note."""
        return self[name] if name in self._names else default

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _public(module: str) -> dict[str, Any]:
    found = importlib.import_module(module)
    return {name: getattr(found, name) for name in found.__all__}


def _classes() -> dict[str, Any]:
    """Return what `keras` itself has, without its packages."""
    return {name: getattr(ranvier, name) for name in ranvier.__all__ if name[0].isupper()}


def _renamed(package: str, names: Mapping[str, str]) -> dict[str, Any]:
    return {old: _told(package, old, today) for old, today in names.items()}


def _told(package: str, old: str, today: str) -> Callable[..., Any]:
    """Return today's function under its old name."""
    function = getattr(importlib.import_module(f"ranvier.{package}"), today)

    @functools.wraps(function, updated=())
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        note(f"keras.{package}.{old}", f"is called {today} today")
        return function(*args, **kwargs)

    return wrapper
