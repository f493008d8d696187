"""ReduceLROnPlateau: smaller steps when training no longer gets better."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import numpy as np

from ranvier._errors import InvalidArgument
from ranvier.callbacks.base import Logs
from ranvier.callbacks.learning_rate import learning_rate, set_learning_rate
from ranvier.callbacks.monitor import Monitored

__all__ = ["ReduceLROnPlateau"]


@final
class ReduceLROnPlateau(Monitored):
    """Multiply the learning rate by `factor` when a number has not improved for `patience` epochs.

    The learning rate of each epoch is added to the logs as `learning_rate`.

    Args:
        monitor: name of the number among the logs.
        factor: below 1.
        patience: epochs without improvement before the rate is reduced.
        verbose: 1 says when it is.
        mode: `"min"`, `"max"`, or `"auto"`: by the metric's name and class.
        min_delta: smallest change that counts as an improvement.
        cooldown: epochs after a reduction in which none is counted.
        min_lr: smallest learning rate.

    Raises:
        InvalidArgument: a factor of 1 or more.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        if factor >= 1.0:
            raise InvalidArgument(
                "ReduceLROnPlateau can only make the learning rate smaller.",
                code="plateau-factor",
                place="ReduceLROnPlateau(factor=...)",
                expected="a number below 1",
                received=factor,
            )
        self.factor, self.patience, self.verbose = factor, patience, verbose
        self.cooldown, self.min_lr = cooldown, min_lr
        self._reset()

    def _reset(self) -> None:
        self.best: float | None = None
        self.wait = self.cooldown_counter = 0

    def in_cooldown(self) -> bool:
        """Return whether a reduction was made less than `cooldown` epochs ago."""
        return self.cooldown_counter > 0

    def on_train_begin(self, logs: Logs = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = {} if logs is None else logs
        logs["learning_rate"] = learning_rate(self.model, type(self).__name__)
        current = self.monitored(logs)
        if current is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self.better(current, self.best):
            self.best, self.wait = current, 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch, logs["learning_rate"])

    def _reduce(self, epoch: int, before: float) -> None:
        if before <= np.float32(self.min_lr):
            return
        after = max(before * self.factor, self.min_lr)
        set_learning_rate(self.model, after, type(self).__name__)
        self.cooldown_counter, self.wait = self.cooldown, 0
        if self.verbose:
            print(f"Epoch {epoch + 1}: learning rate reduced from {before:.4g} to {after:.4g}", flush=True)

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "wait": self.wait, "cooldown_counter": self.cooldown_counter}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
