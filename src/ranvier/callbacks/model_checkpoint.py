"""ModelCheckpoint: files of the model while it trains."""

from __future__ import annotations

import os
import pathlib
import warnings
from collections.abc import Mapping
from typing import Any, Literal, final

from ranvier._errors import InvalidArgument, RanvierError
from ranvier.callbacks.base import Cadence, Logs
from ranvier.callbacks.monitor import Monitored
from ranvier.callbacks.step_clock import StepClock, fixed_cadence

__all__ = ["ModelCheckpoint"]

_WEIGHTS = ".weights.h5"


@final
class ModelCheckpoint(Monitored):
    """Save the model, or its weights, after every epoch or every so many steps.

    A file that cannot be written never ends the run: a model that cannot be saved whole (a Lambda layer) gets its
    weights saved beside, as `name.weights.h5`, and every failure is warned of once.

    Args:
        filepath: path that ends in `.keras` or `.h5`, or in `.weights.h5` with `save_weights_only`; it may contain
            `{epoch:02d}`, `{batch}` and the names of the logs, such as `{val_loss:.2f}`.
        monitor: name of the number that tells the best.
        verbose: 1 says what is saved.
        save_best_only: save only when the number has improved.
        save_weights_only: save the weights alone.
        mode: `"min"`, `"max"`, or `"auto"`: by the metric's name and class.
        save_freq: `"epoch"`, or a number of steps, counted over epochs.
        initial_value_threshold: value that the first one must beat.

    Raises:
        InvalidArgument: an ending or a `save_freq` that is none of the above, or a name in `filepath` that the logs
            do not have.

    Example:
        >>> ModelCheckpoint("model-{epoch:02d}.keras").path(4, None, {})
        'model-05.keras'
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: Literal["epoch"] | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode, initial_value_threshold)
        self.filepath, self.verbose, self.save_freq = os.fspath(filepath), verbose, save_freq
        self.save_best_only, self.save_weights_only = save_best_only, save_weights_only
        self.initial_value_threshold = initial_value_threshold
        self._epoch = 0
        self._clock = StepClock(save_freq, "ModelCheckpoint(save_freq=...)")
        self._failures: set[str] = set()
        self._check()

    def _check(self) -> None:
        endings = (_WEIGHTS,) if self.save_weights_only else (".keras", ".h5")
        if not self.filepath.endswith(endings):
            raise InvalidArgument(
                "A checkpoint's file does not end as what it holds.",
                code="checkpoint-ending",
                place="ModelCheckpoint(filepath=...)",
                expected=" or ".join(endings),
                received=self.filepath,
                fix="rename it" + ("" if self.save_weights_only else ", or pass save_weights_only=True"),
            )

    # --- when --------------------------------------------------------------------------------------------------------

    @property
    def every(self) -> Cadence:
        """The step of this epoch at which Python is needed next."""
        return self._clock.every

    @every.setter
    def every(self, value: Cadence) -> None:
        raise fixed_cadence(self, "save_freq")

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._epoch = epoch
        self._clock.begin_epoch()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if self._clock.reached(batch):
            self._save(self._epoch, batch, logs or {})

    def on_trip_end(self, step: int, steps: int | None, logs: Logs = None) -> None:
        self._clock.trip(step)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._clock.end_epoch()
        if self.save_freq == "epoch":
            self._save(epoch, None, logs or {})

    # --- what and where ----------------------------------------------------------------------------------------------

    def path(self, epoch: int, batch: int | None, logs: Mapping[str, Any]) -> str:
        """Return the file's path, with epoch and batch counted from 1."""
        numbers = {"epoch": epoch + 1} | ({} if batch is None else {"batch": batch + 1})
        try:
            return self.filepath.format(**{**numbers, **logs})
        except (KeyError, ValueError, IndexError) as error:
            raise InvalidArgument(
                "A checkpoint's path asks for something that is not there.",
                code="checkpoint-path",
                place="ModelCheckpoint(filepath=...)",
                expected=f"names among {', '.join([*numbers, *logs])}",
                received=f"{self.filepath}: {error}",
                fix="correct the name in braces, or pass the validation data that it needs",
            ) from error

    def _save(self, epoch: int, batch: int | None, logs: Mapping[str, Any]) -> None:
        path = self.path(epoch, batch, logs)
        if not self._wanted(epoch, logs):
            return
        try:
            pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
            written = self._write(path)
        except (OSError, RanvierError) as error:
            self._warn(f"ModelCheckpoint could not write {path}, and training goes on.", error)
            return
        if self.verbose:
            print(f"Epoch {epoch + 1}: saved {written}", flush=True)

    def _wanted(self, epoch: int, logs: Mapping[str, Any]) -> bool:
        """Return whether this state is to be saved, and note the best value."""
        if not self.save_best_only:
            return True
        current = self.monitored(dict(logs))
        if current is None:
            return True
        if not self.better(current, self.best):
            if self.verbose:
                print(f"Epoch {epoch + 1}: {self.monitor} did not improve from {self.best:.5f}", flush=True)
            return False
        self.best = current
        return True

    def _write(self, path: str) -> str:
        """Write the file; where the model cannot be saved whole, its weights beside. Return what was written."""
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
            return path
        try:
            self.model.save(path, overwrite=True)
            return path
        except RanvierError as error:
            beside = f"{path.removesuffix('.keras').removesuffix('.h5')}{_WEIGHTS}"
            self.model.save_weights(beside, overwrite=True)
            self._warn(f"ModelCheckpoint saved the weights alone, as {beside}.", error)
            return beside

    def _warn(self, text: str, error: OSError | RanvierError) -> None:
        """Warn once of one kind of failure, though paths change from epoch to epoch."""
        kind = f"{type(error).__name__} {getattr(error, 'code', '')} {getattr(error, 'errno', '')}"
        if kind not in self._failures:
            self._failures.add(kind)
            warnings.warn(f"{text} {str(error).splitlines()[0]}", stacklevel=2)

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "epoch": self._epoch, **self._clock.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.best, self._epoch = state["best"], state["epoch"]
        self._clock.load_state_dict(state)
