"""Monitored: what callbacks that watch one number have in common: whether it got better."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ranvier._errors import InvalidArgument
from ranvier._lookup import snake_case
from ranvier.callbacks.base import Callback

__all__ = ["Monitored", "rises"]

_UP = {
    "acc",
    "accuracy",
    "auc",
    "f1",
    "fbeta",
    "iou",
    "kappa",
    "precision",
    "r2",
    "recall",
    "sensitivity",
    "similarity",
}
_UP |= {"specificity", "true"}
_DOWN = {"bce", "crossentropy", "divergence", "error", "false", "hinge", "huber", "kl", "kld", "logcosh", "loss", "mae"}
_DOWN |= {"mape", "mse", "msle", "nll", "perplexity", "poisson", "rmse"}


def rises(monitor: str, metrics: list[Any]) -> bool | None:
    """Return whether a better value of a metric is a larger one; None when its name and class do not say.

    Example:
        >>> rises("val_accuracy", []), rises("val_loss", []), rises("score", [])
        (True, False, None)
    """
    name = monitor.removeprefix("val_")
    classes = [type(metric).__name__ for metric in metrics if getattr(metric, "name", None) == name]
    for text in (*map(snake_case, classes), name.lower()):
        # The last known word decides: `accuracy_loss` is a loss, `auc_1` is an AUC.
        known = [word for word in text.replace("-", "_").split("_") if word in _UP | _DOWN]
        if known:
            return known[-1] in _UP
    return None


class Monitored(Callback):
    """The base of callbacks that watch one number of the logs.

    Args:
        monitor: its name.
        mode: `"min"`, `"max"`, or `"auto"`: by the metric's name and class.
        best: the value to beat; None takes the first one.
        min_delta: smallest change that counts as better.

    Raises:
        InvalidArgument: at the end of the first epoch, when `"auto"` cannot tell which direction is better.
    """

    def __init__(
        self, monitor: str = "val_loss", mode: str = "auto", best: float | None = None, min_delta: float = 0.0
    ) -> None:
        if mode not in ("auto", "min", "max"):
            warnings.warn(f"{type(self).__name__}: mode={mode!r} is unknown, so it is 'auto'.", stacklevel=3)
            mode = "auto"
        self.monitor, self.mode, self.best = monitor, mode, best
        self.min_delta = abs(float(min_delta))
        self._warned = False

    def larger_is_better(self) -> bool:
        """Return whether a larger value of the monitored number is better."""
        if self.mode != "auto":
            return self.mode == "max"
        found = rises(self.monitor, list(getattr(self.model, "metrics", None) or []))
        if found is None:
            raise InvalidArgument(
                f"Neither name nor class of {self.monitor!r} says whether larger is better.",
                code="monitor-direction",
                place=f"{type(self).__name__}(monitor={self.monitor!r}, mode='auto')",
                expected='mode="max" or mode="min"',
                received='mode="auto"',
                fix="say which it is",
            )
        return found

    def better(self, value: float, reference: float | None) -> bool:
        """Return whether a value beats a reference by `min_delta`; any number beats None, NaN beats nothing."""
        if reference is None:
            return not np.isnan(value)
        if self.larger_is_better():
            return bool(np.greater(value - self.min_delta, reference))
        return bool(np.less(value + self.min_delta, reference))

    def monitored(self, logs: dict[str, Any] | None) -> float | None:
        """Return the monitored number; where it is missing, say so once and return None."""
        value = (logs or {}).get(self.monitor)
        if value is not None:
            return float(np.mean(value))
        broken_off = np.isnan(np.mean((logs or {}).get("loss", 0.0)))  # such an epoch is not validated
        if not self._warned and not broken_off:
            self._warned = True
            known = ", ".join(logs or {}) or "none"
            warnings.warn(
                f"{type(self).__name__} watches {self.monitor!r}, which is not among the logs ({known}), so it does "
                "nothing. Pass validation data or another `monitor`.",
                stacklevel=3,
            )
        return None
