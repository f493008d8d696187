"""Which values an activation can give."""

from __future__ import annotations

import math

__all__ = ["described", "interval"]

_INTERVALS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(["sigmoid", "hard_sigmoid", "softmax", "sparsemax"], (0.0, 1.0)),
    **dict.fromkeys(["tanh", "hard_tanh", "softsign"], (-1.0, 1.0)),
    **dict.fromkeys(["relu", "softplus", "exponential", "squareplus"], (0.0, math.inf)),
    **dict.fromkeys(["log_softmax", "log_sigmoid"], (-math.inf, 0.0)),
    "elu": (-1.0, math.inf),
    "relu6": (0.0, 6.0),
    "selu": (-1.7581, math.inf),
    "linear": (-math.inf, math.inf),
}


def interval(activation: str) -> tuple[float, float] | None:
    """Return the smallest and largest value that an activation comes near; None where it is unknown.

    Example:
        >>> interval("tanh"), interval("something else")
        ((-1.0, 1.0), None)
    """
    return _INTERVALS.get(activation)


def described(activation: str) -> str:
    """Return an activation with its values in words.

    Example:
        >>> described("relu")
        "'relu' gives values from 0 to infinity"
    """
    low, high = _INTERVALS[activation]
    return f"{activation!r} gives values from {_shown(low)} to {_shown(high)}"


def _shown(number: float) -> str:
    return f"{'-' if number < 0 else ''}infinity" if math.isinf(number) else f"{number:g}"
