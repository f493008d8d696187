"""EarlyStopping: end a run that no longer gets better."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import numpy as np

from ranvier.callbacks.base import Logs
from ranvier.callbacks.monitor import Monitored

__all__ = ["EarlyStopping"]


@final
class EarlyStopping(Monitored):
    """End training when a number has not improved for `patience` epochs.

    `outcome()` says which epoch was best and whether its weights were restored; `verbose` prints that at the end.

    Args:
        monitor: name of the number among the logs.
        min_delta: smallest change that counts as an improvement.
        patience: epochs without improvement after which training ends.
        verbose: 1 prints the outcome at the end of the run.
        mode: `"min"`, `"max"`, or `"auto"`: by the metric's name and class.
        baseline: value that must be beaten for the patience to start anew.
        restore_best_weights: whether the model gets the best epoch's weights at the end.
        start_from_epoch: epochs at the start that are not looked at.

    Attributes:
        best: best value; None before the first.
        best_epoch: its epoch, counted from 0.
        stopped_epoch: epoch after which training was ended, counted from 0; 0 when it was not.
        restored: whether the best epoch's weights were put back.

    Example:
        >>> stopper = EarlyStopping("loss", patience=3, restore_best_weights=True)
        >>> stopper.better(0.4, 0.5), stopper.better(0.5, 0.5)
        (True, False)
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta=min_delta)
        self.patience, self.verbose, self.baseline = patience, verbose, baseline
        self.restore_best_weights, self.start_from_epoch = restore_best_weights, start_from_epoch
        self._reset()

    def _reset(self) -> None:
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best: float | None = None
        self.best_weights: list[np.ndarray] | None = None
        self.restored = False

    def on_train_begin(self, logs: Logs = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        current = self.get_monitor_value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        if self.better(current, self.best):
            self.best, self.best_epoch = current, epoch
            self._keep()
            if self.baseline is None or self.better(current, self.baseline):
                self.wait = 0
            return
        if self.best is None and self.best_weights is None:
            self.best_epoch = epoch
            self._keep()
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def get_monitor_value(self, logs: Logs) -> float | None:
        """Return the number that decides; one's own class may compute it from several logs."""
        return self.monitored(logs)

    def _keep(self) -> None:
        if self.restore_best_weights:
            self.best_weights = [np.array(weight) for weight in self.model.get_weights()]

    def on_train_end(self, logs: Logs = None) -> None:
        if self.best_weights is not None:
            self.model.set_weights(self.best_weights)
            self.restored = True
        if self.verbose and self.best is not None:
            print(self.outcome(), flush=True)

    def outcome(self) -> str:
        """Return in words whether training was ended, which epoch was best, and whose weights the model has."""
        stopped = f"stopped after epoch {self.stopped_epoch + 1}" if self.stopped_epoch else "did not stop the run"
        weights = "its weights are restored" if self.restored else "the model keeps the last epoch's weights"
        if self.best is None:
            return f"EarlyStopping {stopped}; it saw no {self.monitor}."
        best = f"best {self.monitor} {self.best:.4g} in epoch {self.best_epoch + 1}"
        return f"EarlyStopping {stopped}; {best}; {weights}."

    def state_dict(self) -> dict[str, Any]:
        names = ("wait", "stopped_epoch", "best_epoch", "best")
        return {name: getattr(self, name) for name in names}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def array_state(self) -> dict[str, np.ndarray]:
        return {f"best_weights/{number}": weight for number, weight in enumerate(self.best_weights or [])}

    def load_array_state(self, arrays: Mapping[str, np.ndarray]) -> None:
        self.best_weights = [np.asarray(arrays[f"best_weights/{number}"]) for number in range(len(arrays))]
