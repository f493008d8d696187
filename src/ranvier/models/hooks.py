"""Between the loop and the callbacks: every hook of the loop told to every callback, and findings kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ranvier.callbacks import CallbackList
from ranvier.doctor.ailments import non_finite_values
from ranvier.doctor.report import Reporter
from ranvier.engine.hooks import NonFinite, Silent

__all__ = ["TestHooks", "TrainHooks"]

Logs = Mapping[str, Any]


class _Batches(Silent):
    """What training and evaluation share: how often callbacks need Python."""

    purpose = "train"

    def __init__(self, callbacks: CallbackList, model: Any) -> None:
        self.callbacks, self.model = callbacks, model

    def cadence(self) -> int | None:
        return self.callbacks.cadence(self.purpose)

    def wants_trips(self) -> bool:
        return self.callbacks.wants_trips

    def on_trip_end(self, step: int, steps: int | None, logs: Logs) -> None:
        self.callbacks.on_trip_end(step, steps, dict(logs))


class TrainHooks(_Batches):
    """The hooks of `fit`.

    Args:
        callbacks: all callbacks of the run.
        model: the model, whose `stop_training` ends the run.
        reporter: takes findings.
    """

    def __init__(self, callbacks: CallbackList, model: Any, reporter: Reporter) -> None:
        super().__init__(callbacks, model)
        self.reporter = reporter

    def on_train_end(self, logs: Logs) -> None:
        if getattr(self.model.optimizer, "use_ema", False):
            self.model.optimizer.finalize_variable_values(self.model.trainable_variables)
        self.callbacks.on_train_end(dict(logs))

    def on_epoch_begin(self, epoch: int) -> None:
        self.callbacks.on_epoch_begin(epoch)

    def on_epoch_end(self, epoch: int, logs: Logs) -> None:
        self.callbacks.on_epoch_end(epoch, dict(logs))

    def on_train_batch_begin(self, step: int) -> None:
        self.callbacks.on_train_batch_begin(step)

    def on_train_batch_end(self, step: int, logs: Logs) -> None:
        self.callbacks.on_train_batch_end(step, dict(logs))

    def on_non_finite(self, fact: NonFinite) -> None:
        self.reporter.report([non_finite_values.finding(fact)])
        self.model.stop_training = True

    def on_data_exhausted(self, epoch: int) -> None:
        self.callbacks.say(
            f"The data ran out before epoch {epoch + 1}: the source gave no batch for it, so training ends here. Pass "
            "something that can be run through again, or fewer steps_per_epoch or epochs."
        )

    def stop_requested(self) -> bool:
        return bool(self.model.stop_training)


class TestHooks(_Batches):
    """The hooks of `evaluate`."""

    purpose = "test"
    __test__ = False

    def on_train_batch_begin(self, step: int) -> None:
        self.callbacks.on_test_batch_begin(step)

    def on_train_batch_end(self, step: int, logs: Logs) -> None:
        self.callbacks.on_test_batch_end(step, dict(logs))
