"""Arguments that were called otherwise: one table row per callable, one wrapper for all of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ranvier.compat.notes import note

__all__ = ["ADDED_WEIGHT", "CONSTRUCTORS", "IGNORED_BY_LOOPS", "Spelling", "modern", "translated"]

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
        joined: today's name to the old names of its entries, in order; the last of them must be given, others are None.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    joined: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


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
_PLACES = {"data_format": {"th": "channels_first", "tf": "channels_last"}}
_INITIALIZERS = {"kernel_initializer": _DRAWN, "bias_initializer": _DRAWN}
_CONVOLUTION = {
    **{name: today for name, today in _KERNEL.items() if name != "bias"},
    **{"bias": "use_bias", "border_mode": "padding", "dim_ordering": "data_format", "nb_filter": "filters"},
}


def _convolution(gone: frozenset[str] = frozenset(), sizes: tuple[str, ...] = (), **names: str) -> Spelling:
    joined = {"kernel_size": sizes} if sizes else {}
    return Spelling({**_CONVOLUTION, **names}, {**_INITIALIZERS, **_PLACES}, gone, joined)


_CONVOLUTION_1D = _convolution(
    filter_length="kernel_size",
    subsample_length="strides",
    atrous_rate="dilation_rate",
    gone=frozenset({"input_length"}),
)
_CONVOLUTION_2D = _convolution(sizes=("nb_row", "nb_col"), subsample="strides", atrous_rate="dilation_rate")
_CONVOLUTION_3D = _convolution(sizes=("kernel_dim1", "kernel_dim2", "kernel_dim3"), subsample="strides")
_POOLING = Spelling({"border_mode": "padding", "dim_ordering": "data_format"}, _PLACES)
_POOLING_1D = Spelling({"border_mode": "padding", "pool_length": "pool_size", "stride": "strides"})
_PLACED = Spelling({"dim_ordering": "data_format"}, _PLACES)
_RECURRENT = Spelling(
    {
        **{name: today for name, today in _KERNEL.items() if name != "bias"},
        "U_regularizer": "recurrent_regularizer",
        "dropout_U": "recurrent_dropout",
        "dropout_W": "dropout",
        "inner_init": "recurrent_initializer",
        "output_dim": "units",
    },
    {**_INITIALIZERS, "recurrent_initializer": _DRAWN},
    frozenset({"consume_less", "implementation"}),
    {"input_shape": ("input_length", "input_dim")},
)
_GATED = replace(_RECURRENT, names={**_RECURRENT.names, "inner_activation": "recurrent_activation"})

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
        "AveragePooling1D": _POOLING_1D,
        "AveragePooling2D": _POOLING,
        "AveragePooling3D": _POOLING,
        "BatchNormalization": Spelling(
            {"beta_init": "beta_initializer", "gamma_init": "gamma_initializer"}, gone=frozenset({"fused", "mode"})
        ),
        "Conv1D": _CONVOLUTION_1D,
        "Conv2D": _CONVOLUTION_2D,
        "Conv2DTranspose": replace(_CONVOLUTION_2D, gone=frozenset({"output_shape"})),
        "Conv3D": _CONVOLUTION_3D,
        "Cropping2D": _PLACED,
        "Cropping3D": _PLACED,
        "Dense": Spelling({**_KERNEL, "output_dim": "units"}, _INITIALIZERS),
        "Dropout": _RATE,
        "Embedding": Spelling(_TABLE, {"embeddings_initializer": _DRAWN}),
        "GaussianDropout": _RATE,
        "GaussianNoise": Spelling({"sigma": "stddev"}),
        "GlobalAveragePooling2D": _PLACED,
        "GlobalMaxPooling2D": _PLACED,
        "GRU": _GATED,
        "LeakyReLU": Spelling({"alpha": "negative_slope"}),
        "LSTM": replace(_GATED, gone=_GATED.gone | {"forget_bias_init"}),
        "MaxPooling1D": _POOLING_1D,
        "MaxPooling2D": _POOLING,
        "MaxPooling3D": _POOLING,
        "PReLU": Spelling({"init": "alpha_initializer"}, {"alpha_initializer": _DRAWN}),
        "SeparableConv2D": replace(
            _CONVOLUTION_2D,
            names={
                **{name: today for name, today in _CONVOLUTION_2D.names.items() if "kernel" not in today},
                "init": "depthwise_initializer",
            },
            values=_PLACES,
        ),
        "SimpleRNN": _RECURRENT,
        "SpatialDropout1D": _RATE,
        "SpatialDropout2D": Spelling({"p": "rate", "dim_ordering": "data_format"}, _PLACES),
        "SpatialDropout3D": Spelling({"p": "rate", "dim_ordering": "data_format"}, _PLACES),
        "UpSampling1D": Spelling({"length": "size"}),
        "UpSampling2D": _PLACED,
        "UpSampling3D": _PLACED,
        "ZeroPadding2D": _PLACED,
        "ZeroPadding3D": _PLACED,
    },
    "regularizers": {"L1": Spelling({"l": "l1"}), "L2": Spelling({"l": "l2"})},
}
"""By package and class, the old arguments of constructors."""

ADDED_WEIGHT = Spelling(
    values={"initializer": _DRAWN},
    gone=frozenset({"caching_device", "collections", "getter", "partitioner", "synchronization", "use_resource"}),
)
"""The old arguments of a layer's and a metric's `add_weight`."""


def modern(place: str, spelling: Spelling, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return keyword arguments in today's words, and say which were not.

    An old name beside today's own is left for the callable to refuse.

    Example:
        >>> modern("fit", Spelling({"nb_epoch": "epochs"}), {"epochs": 3})
        {'epochs': 3}
    """
    result: dict[str, Any] = {}
    arguments = _joined(place, spelling, arguments)
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


def _joined(place: str, spelling: Spelling, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments with those that are entries of one today put together."""
    result = dict(arguments)
    for today, parts in spelling.joined.items():
        if today in arguments or parts[-1] not in arguments:
            continue
        result[today] = tuple(result.pop(part, None) for part in parts)
        note(f"{'= and '.join(part for part in parts if part in arguments)}= of {place}", f"is {today}= today")
    return result


def translated(function: Callable[..., Any], place: str, spelling: Spelling) -> Callable[..., Any]:
    """Return a function that also takes the old arguments."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **modern(place, spelling, kwargs))

    return wrapper
