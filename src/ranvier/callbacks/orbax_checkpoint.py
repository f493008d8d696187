"""OrbaxCheckpoint: checkpoints in Orbax's format, where that package is installed."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from typing import Any, Literal, final

import jax
import numpy as np

from ranvier._errors import RanvierError
from ranvier.callbacks.base import Cadence, Logs
from ranvier.callbacks.monitor import Monitored
from ranvier.callbacks.step_clock import StepClock, fixed_cadence
from ranvier.layers import tracking

__all__ = ["OrbaxCheckpoint"]


class _OrbaxMissing(RanvierError, ImportError):
    """Orbax is not installed."""


@final
class OrbaxCheckpoint(Monitored):
    """Save weights, the optimizer's state and the configuration with Orbax, by an `orbax.checkpoint.CheckpointManager`.

    Args:
        directory: the manager's folder.
        monitor: name of the number that tells the best.
        verbose: 1 says what is saved.
        save_best_only: save only when the number has improved.
        mode: `"min"`, `"max"`, or `"auto"`: by the metric's name and class.
        save_freq: `"epoch"`, or a number of steps, counted over epochs.
        initial_value_threshold: value that the first one must beat.
        max_to_keep: how many of the newest checkpoints are kept; None for all.
        save_on_background: write while training goes on.
        save_weights_only: leave out the optimizer's state and the configuration.

    Raises:
        ImportError: Orbax is not installed.
        InvalidArgument: another `save_freq`.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        mode: str = "auto",
        save_freq: Literal["epoch"] | int = "epoch",
        initial_value_threshold: float | None = None,
        max_to_keep: int | None = 1,
        save_on_background: bool = True,
        save_weights_only: bool = False,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold)
        self.directory, self.verbose, self.save_best_only = os.fspath(directory), verbose, save_best_only
        self.save_freq, self.max_to_keep = save_freq, max_to_keep
        self.save_on_background, self.save_weights_only = save_on_background, save_weights_only
        self._clock = StepClock(save_freq, "OrbaxCheckpoint(save_freq=...)")
        self._orbax = _orbax()
        options = self._orbax.CheckpointManagerOptions(
            max_to_keep=max_to_keep, enable_async_checkpointing=save_on_background
        )
        self._manager = self._orbax.CheckpointManager(os.path.abspath(self.directory), options=options)

    @property
    def every(self) -> Cadence:
        """The step of this epoch at which Python is needed next."""
        return self._clock.every

    @every.setter
    def every(self, value: Cadence) -> None:
        raise fixed_cadence(self, "save_freq")

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._clock.begin_epoch()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self._clock.reached(batch):
            self._save(self._clock.steps, logs)

    def on_trip_end(self, step: int, steps: int | None, logs: Logs = None) -> None:
        self._clock.trip(step)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._clock.end_epoch()
        if self.save_freq == "epoch":
            self._save(epoch, logs)

    def on_train_end(self, logs: Logs = None) -> None:
        self.wait_until_finished()

    def wait_until_finished(self) -> None:
        """Wait until everything is written."""
        self._manager.wait_until_finished()

    def close(self) -> None:
        """Finish what is being written, also when the run broke off."""
        self.wait_until_finished()

    def _save(self, step: int, logs: Logs) -> None:
        if self.save_best_only:
            current = self.monitored(logs)
            if current is None or not self.better(current, self.best):
                return
            self.best = current
        arguments = {"pytree": self._orbax.args.StandardSave(self._state())}
        if not self.save_weights_only:
            arguments["model_config"] = self._orbax.args.JsonSave({"config": self.model.to_json()})
        self._manager.save(step, args=self._orbax.args.Composite(**arguments))
        if self.verbose:
            print(f"OrbaxCheckpoint: saved step {step} to {self.directory}", flush=True)

    def _state(self) -> dict[str, Any]:
        """Return the arrays, nested by the parts of their paths."""
        trained = {id(variable) for variable in self.model.trainable_variables}
        variables = tracking.variables_by_path(self.model)
        state = {
            "trainable_variables": _nested({p: np.array(v.stored) for p, v in variables.items() if id(v) in trained}),
            "non_trainable_variables": _nested(
                {p: np.array(v.stored) for p, v in variables.items() if id(v) not in trained}
            ),
        }
        optimizer = self.model.optimizer
        if not self.save_weights_only and getattr(optimizer, "built", False):
            tree = jax.tree_util.tree_map(lambda v: np.array(v.stored), optimizer.variable_tree())
            state["optimizer_variables"] = {**tree, "slots": _nested(tree["slots"])}
        return state

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, **self._clock.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.best = state["best"]
        self._clock.load_state_dict(state)


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by path as dicts within dicts."""
    tree: dict[str, Any] = {}
    for path, value in flat.items():
        *folders, last = path.split("/")
        node = tree
        for folder in folders:
            node = node.setdefault(folder, {})
        node[last] = value
    return tree


def _orbax() -> Any:
    try:
        return importlib.import_module("orbax.checkpoint")
    except ImportError as error:
        raise _OrbaxMissing(
            "OrbaxCheckpoint needs Orbax, which is not installed.",
            code="orbax-missing",
            place="OrbaxCheckpoint",
            fix="pip install 'orbax-checkpoint>=0.11', or use ModelCheckpoint, which needs nothing",
        ) from error
