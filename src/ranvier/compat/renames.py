"""Arguments that were called otherwise: one table row per callable, one wrapper for all of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ranvier.compat.notes import note

__all__ = ["CONSTRUCTORS", "IGNORED_BY_LOOPS", "Spelling", "modern", "translated"]

IGNORED_BY_LOOPS = frozenset(
    {
        *("max_q_size", "max_queue_size", "nb_worker", "pickle_safe"),
        *("show_accuracy", "use_multiprocessing", "workers"),
    }
)
"""Arguments of `fit` and its like that say how to fetch data, or what is always done today."""

_DRAWN = {"normal": "random_normal", "uniform": "random_uniform"}


@dataclass(frozen=True)
class Spelling:
    """The old arguments of one callable.

    Args:
        names: old name to today's.
        values: argument (by today's name) to its old values and today's.
        gone: arguments that change nothing today.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()


_KERNEL = {
    "W_constraint": "kernel_constraint",
    "W_regularizer": "kernel_regularizer",
    "b_constraint": "bias_constraint",
    "b_regularizer": "bias_regularizer",
    "bias": "use_bias",
    "init": "kernel_initializer",
}
_TABLE = {
    "W_constraint": "embeddings_constraint",
    "W_regularizer": "embeddings_regularizer",
    "init": "embeddings_initializer",
}
_RATE = Spelling({"p": "rate"})

CONSTRUCTORS: Mapping[str, Mapping[str, Spelling]] = {
    "callbacks": {
        "ReduceLROnPlateau": Spelling({"epsilon": "min_delta"}),
        "TensorBoard": Spelling(
            gone=frozenset({"batch_size", "embeddings_data", "embeddings_layer_names", "write_grads"})
        ),
    },
    "constraints": {"MaxNorm": Spelling({"m": "max_value"}), "MinMaxNorm": Spelling({"low": "min_value"})},
    "layers": {
        "AlphaDropout": _RATE,
        "BatchNormalization": Spelling(
            {"beta_init": "beta_initializer", "gamma_init": "gamma_initializer"}, gone=frozenset({"mode"})
        ),
        "Dense": Spelling(
            {**_KERNEL, "output_dim": "units"}, {"kernel_initializer": _DRAWN, "bias_initializer": _DRAWN}
        ),
        "Dropout": _RATE,
        "Embedding": Spelling(_TABLE, {"embeddings_initializer": _DRAWN}),
        "GaussianDropout": _RATE,
        "GaussianNoise": Spelling({"sigma": "stddev"}),
        "LeakyReLU": Spelling({"alpha": "negative_slope"}),
        "PReLU": Spelling({"init": "alpha_initializer"}, {"alpha_initializer": _DRAWN}),
        "SpatialDropout1D": _RATE,
        "SpatialDropout2D": _RATE,
        "SpatialDropout3D": _RATE,
    },
    "regularizers": {"L1": Spelling({"l": "l1"}), "L2": Spelling({"l": "l2"})},
}
"""By package and class, the old arguments of constructors."""


def modern(place: str, spelling: Spelling, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return keyword arguments in today's words, and say which were not.

    An old name beside today's own is left for the callable to refuse.

    Example:
        >>> modern("fit", Spelling({"nb_epoch": "epochs"}), {"epochs": 3})
        {'epochs': 3}
    """
    result: dict[str, Any] = {}
    for name, value in arguments.items():
        today = spelling.names.get(name, name)
        if name in spelling.gone:
            note(f"{name}= of {place}", "changes nothing today; leave it out")
            continue
        if today in arguments:
            today = name if today != name else today
        elif today != name:
            note(f"{name}= of {place}", f"is called {today}= today")
        old_values = spelling.values.get(today, {})
        if isinstance(value, str) and value in old_values:
            note(f"{today}={value!r} of {place}", f"is written {today}={old_values[value]!r} today")
            value = old_values[value]
        result[today] = value
    return result


def translated(function: Callable[..., Any], place: str, spelling: Spelling) -> Callable[..., Any]:
    """Return a function that also takes the old arguments."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **modern(place, spelling, kwargs))

    return wrapper
