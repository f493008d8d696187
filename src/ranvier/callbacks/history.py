"""History: losses, metrics and findings of a run, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

from ranvier._lookup import plain
from ranvier.callbacks.base import Callback, Logs

__all__ = ["History"]


@final
class History(Callback):
    """What `fit` returns.

    Attributes:
        history: name of a loss or metric to its value per epoch.
        epoch: numbers of the epochs, counted from 0.
        findings: what the doctor found.

    Example:
        >>> history = History()
        >>> history.on_epoch_end(0, {"loss": 0.5})
        >>> history.history, history.epoch
        ({'loss': [0.5]}, [0])
    """

    def __init__(self) -> None:
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []
        self.findings: list[Any] = []

    def on_train_begin(self, logs: Logs = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        if self.model is not None:
            self.model.history = self

    def state_dict(self) -> dict[str, Any]:
        return {"epoch": list(self.epoch), "history": plain(self.history)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.epoch = list(state["epoch"])
        self.history = {name: list(values) for name, values in state["history"].items()}
