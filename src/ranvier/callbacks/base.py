"""Callback: what a person can do at the joints of training, evaluation and prediction."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from ranvier._errors import InvalidArgument

__all__ = ["Cadence", "Callback", "Logs"]

Logs = dict[str, Any] | None
Cadence = Literal["epoch", "batch"] | int

_BATCH_HOOKS = {
    "train": ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end"),
    "test": ("on_test_batch_begin", "on_test_batch_end"),
    "predict": ("on_predict_batch_begin", "on_predict_batch_end"),
}


class Callback:
    """The base of all callbacks, with every hook of Keras; override those that you need.

    Hooks run on the host between trips of the compiled loop, with the model's variables valid: reading and assigning
    them, the learning rate and `self.model.stop_training` works in each of them. Hooks that change `logs` change what
    later callbacks and the History see.

    Attributes:
        params: `verbose`, `epochs` and `steps` of the run.
        model: the model that runs.
        every: how often Python is needed inside an epoch: `"epoch"` (not at all), `"batch"`, or after so many steps.
            Derived from the batch hooks that the class overrides; set it to make batch hooks rarer and the run faster.

    Example:
        >>> class Halver(Callback):
        ...     def on_epoch_begin(self, epoch, logs=None):
        ...         if epoch:
        ...             self.model.optimizer.learning_rate = self.model.optimizer.learning_rate / 2
        >>> Halver().every
        'epoch'
    """

    keras_module: ClassVar[str | None] = "keras.callbacks"
    params: dict[str, Any] | None = None
    _model: Any = None
    _every: Cadence | None = None

    @property
    def model(self) -> Any:
        """The model that runs."""
        return self._model

    @property
    def every(self) -> Cadence:
        """How often Python is needed inside an epoch."""
        if self._every is not None:
            return self._every
        return "batch" if self.overrides(*itertools.chain(*_BATCH_HOOKS.values())) else "epoch"

    @every.setter
    def every(self, value: Cadence) -> None:
        self._every = value

    def overrides(self, *hooks: str) -> bool:
        """Return whether this callback brings its own function for one of the hooks."""
        return any(getattr(getattr(self, hook), "__func__", None) is not getattr(Callback, hook) for hook in hooks)

    def steps_between(self, purpose: str) -> int | None:
        """Return after how many steps of `"train"`, `"test"` or `"predict"` a batch hook is due; None for never.

        Raises:
            InvalidArgument: `every` is neither `"epoch"`, `"batch"` nor a positive integer.
        """
        every: object = self.every
        if every == "epoch" or not self.overrides(*_BATCH_HOOKS[purpose]):
            return None
        if every == "batch":
            return 1
        if isinstance(every, int) and every > 0:
            return every
        raise InvalidArgument(
            f"{type(self).__name__}.every is not a cadence.",
            code="callback-every",
            place=f"{type(self).__name__}.every",
            expected='"epoch", "batch" or a positive number of steps',
            received=repr(every),
        )

    def set_params(self, params: dict[str, Any] | None) -> None:
        """Take `verbose`, `epochs` and `steps` of the run."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Take the model that runs."""
        self._model = model

    # --- what a resumed run needs ------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run must know, as JSON-ready data."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take what `state_dict` returned, after `on_train_begin`."""

    def array_state(self) -> dict[str, np.ndarray]:
        """Return the arrays that a resumed run must have, by name."""
        return {}

    def load_array_state(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take what `array_state` returned, after `load_state_dict`."""

    # --- hooks -------------------------------------------------------------------------------------------------------

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """An epoch of training starts."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """An epoch of training, its validation included, has ended; `logs` has its losses and metrics."""

    def on_trip_end(self, step: int, steps: int | None, logs: Logs = None) -> None:
        """Some 0.3 s of an epoch have passed: `step` of `steps` (None: unknown) are done."""

    def on_test_trip_end(self, step: int, steps: int | None, logs: Logs = None) -> None:
        """Some 0.3 s of an evaluation have passed: `step` of `steps` (None: unknown) are done."""

    def on_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Older name of `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """A training step, or `every` of them, starts."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """A training step, or `every` of them, has ended; `logs` has the running losses and metrics."""
        self.on_batch_end(batch, logs)

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """A step of an evaluation starts."""

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """A step of an evaluation has ended."""

    def on_predict_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """A block of a prediction starts."""

    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:
        """A block of a prediction has ended."""

    def on_train_begin(self, logs: Logs = None) -> None:
        """Training starts."""

    def on_train_end(self, logs: Logs = None) -> None:
        """Training has ended; `logs` has the last epoch's losses and metrics."""

    def on_test_begin(self, logs: Logs = None) -> None:
        """An evaluation, or the validation of an epoch, starts."""

    def on_test_end(self, logs: Logs = None) -> None:
        """An evaluation has ended; `logs` has its losses and metrics."""

    def on_predict_begin(self, logs: Logs = None) -> None:
        """A prediction starts."""

    def on_predict_end(self, logs: Logs = None) -> None:
        """A prediction has ended."""

    def close(self) -> None:
        """The run is over, whether it ended well or not; called last."""
