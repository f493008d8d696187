"""Trainer: compile, fit, evaluate, and the `*_on_batch` methods, by the Keras contract."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ranvier._config import configuration
from ranvier._errors import InvalidArgument
from ranvier.callbacks import History
from ranvier.doctor import exam
from ranvier.doctor.report import Reporter
from ranvier.engine import loop
from ranvier.engine.evaluator import Evaluator
from ranvier.engine.feed import Feed
from ranvier.engine.loop import Position
from ranvier.engine.program import Program
from ranvier.engine.train_state import Batch
from ranvier.layers.base import Layer
from ranvier.models import compiling, feeding, host_stage, running
from ranvier.models.compiling import Compiled
from ranvier.models.hooks import TestHooks, TrainHooks
from ranvier.models.predicting import Predictor
from ranvier.models.single_batches import SingleBatches, measured, seed_of

__all__ = ["Trainer"]


@dataclass
class _Training:
    """The data of one `fit`, ready to be fed."""

    feed: Feed
    validation_data: Any
    findings: list[Any]


class Trainer(SingleBatches, Predictor):
    """The half of a Model that trains it.

    Attributes:
        optimizer: the optimizer, after `compile`.
        history: the History of the last `fit`.
        stop_training: set it to True in a callback to end the run after the current trip.
    """

    not_traced = frozenset(
        {
            *("_compiled", "_inference", "_inference_version", "_leaves_losses", "_run_seed", "_trained_steps"),
            *("compile_arguments", "doctor_mode", "history", "optimizer", "run_eagerly", "stop_training"),
        }
    )
    """Attributes that the traced code does not depend on; the programs' keys add what of them counts."""

    untracked = Layer.untracked | {"compile_arguments"}
    stop_training = False
    history: History | None = None

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: str | bool = "auto",
        auto_scale_loss: bool = True,
        doctor: str = "report",
    ) -> None:
        """Set optimizer, loss and metrics, and capture what is trainable now.

        Args:
            optimizer: name, Optimizer, or Optax GradientTransformation.
            loss: name, function or Loss; or a list or dict of them by output.
            loss_weights: a number per output.
            metrics: names, functions or Metrics; sample weights do not count in them.
            weighted_metrics: the same, with sample weights.
            run_eagerly: run every operation by itself, for debugging.
            steps_per_execution: accepted; trips choose their own length.
            jit_compile: accepted; the training is always compiled unless `run_eagerly`.
            auto_scale_loss: put a LossScaleOptimizer around the optimizer of a `mixed_float16` model.
            doctor: `"report"` findings, raise them with `"strict"`, or `"off"`.
        """
        self.compile_arguments = {
            "optimizer": optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
            "auto_scale_loss": auto_scale_loss,
        }
        compiling.note_ignored(steps_per_execution, jit_compile)
        self.run_eagerly = bool(run_eagerly)
        self.doctor_mode = _doctor_mode(doctor)
        self._compiled = Compiled.capture(cast(Layer, self), self.compile_arguments)
        self.optimizer = self._compiled.optimizer
        self.loss = loss
        self.stop_training = False
        self._inference = None

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self._compiled is not None

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
        *,
        seed: int | None = None,
        resume: Any = None,
        profile: str | os.PathLike[str] | None = None,
    ) -> History:
        """Train the model; see Keras for the arguments that are Keras's.

        Args:
            x: inputs: arrays, frames, a nest of them, or a source of batches.
            y: targets.
            seed: decides the order of rows, dropout, and the weights that nobody has looked at yet; the global seed
                when None.
            resume: a folder that keeps checkpoints of this run; an interrupted run continues from it, bit for bit.
            profile: a folder in which JAX's profiler writes a trace of some 20 steps, for TensorBoard or Perfetto.

        Returns:
            The History: `history.history["loss"]` per epoch, `history.findings` of the doctor.

        Raises:
            NotReady: before `compile`.
            DataError: data that no network can take.
            DoctorError: a finding, when compiled with `doctor="strict"`.
        """
        changed = exam.trainable_changed(self._require_compiled("fit").notice_changes(cast(Layer, self)))
        feeding.require_counts(0, epochs=epochs, initial_epoch=initial_epoch)
        feeding.require_counts(steps_per_epoch=steps_per_epoch, validation_steps=validation_steps)
        feeding.require_counts(batch_size=batch_size, validation_batch_size=validation_batch_size)
        epochs = feeding.at_most("epochs", epochs, configuration.max_epochs) or 0
        self.stop_training = False
        run_seed, self._run_seed = seed_of(seed), None
        given = Batch(host_stage.prepared(self, x), y, sample_weight)
        validation_data = host_stage.prepared_batch(self, validation_data)
        data = self._training(
            given, validation_split, validation_data, batch_size, shuffle, run_seed, steps_per_epoch, class_weight
        )
        program = compiling.program_for(self, data.feed.example(), "train")
        advised = self._require_compiled("fit").advised
        advised.update((one.code, one.place) for one in changed)  # a warning has said it
        reporter = Reporter(self.doctor_mode, advised)
        held_out = running.held_out_feed(data.validation_data, validation_batch_size or batch_size, validation_steps)
        seen = [*self._examined(program, data.feed), *running.examined(self, held_out, "validation data")]
        reporter.report([*changed, *data.findings, *seen])
        program.binding.materialize(seed)
        self.history = history = History()
        history.findings = reporter.findings
        listed = running.callbacks_of_fit(self, callbacks, history, verbose, epochs, data.feed.steps, profile)
        state, start = program.check_out(run_seed), Position(initial_epoch, 0, {})
        listed.on_train_begin()
        keeper = running.keeper_for(self, resume, listed, program, data.feed, seed)
        if keeper is not None:
            state, start = running.resumed(keeper, program, state, start, listed, data.feed)
        validate = running.validator(self, held_out, validation_freq, listed)
        hooks = TrainHooks(listed, self, reporter)
        with contextlib.closing(listed):
            loop.fit(program, data.feed, state, epochs, start, hooks, validate, keeper, self.run_eagerly)
        return history

    def _training(
        self,
        given: Batch,
        split: float,
        validation_data: Any,
        batch_size: int | None,
        shuffle: bool,
        seed: int,
        steps: int | None,
        class_weight: Mapping[int, float] | None,
    ) -> _Training:
        """Return the feed of a run, the validation data, and what the doctor says of the split."""
        findings: list[Any] = []
        if split:
            whole, given, validation_data = feeding.split_validation(given, split)
            if self.doctor_mode != "off":
                findings = exam.validation_split(
                    whole.y, given.y, validation_data.y, self._require_compiled("fit").arguments["loss"]
                )
        feed = feeding.feed_of(
            *given, batch_size=batch_size, shuffle=shuffle, seed=seed, steps=steps, class_weight=class_weight
        )
        if class_weight and given.y is not None and self.doctor_mode != "off":
            findings = [*findings, *exam.class_weight(given.y, class_weight)]
        return _Training(feed, validation_data, findings)

    def _examined(self, program: Program, feed: Feed) -> list[Any]:
        return [] if self.doctor_mode == "off" else exam.before_training(self, program, feed)

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Return the loss and the metrics: a list in the order of `metrics_names`, a number when there is only one.

        Args:
            return_dict: return a dict by name instead.
        """
        self._require_compiled("evaluate")
        prepared = host_stage.prepared(self, x)
        feed = feeding.feed_of(prepared, y, sample_weight, batch_size=batch_size, steps=steps)
        program = compiling.program_for(self, feed.example(), "test")
        Reporter(self.doctor_mode).report(running.examined(self, feed, "evaluation data"))
        listed = running.listed_callbacks(self, callbacks, verbose, feed.steps)
        listed.on_test_begin()
        with contextlib.closing(listed):
            logs = Evaluator(program, feed, TestHooks(listed, self), self.run_eagerly).run(measured(program))
            listed.on_test_end(dict(logs))
        return logs if return_dict else self._in_order(logs)


def _doctor_mode(mode: str) -> str:
    if mode not in ("report", "strict", "off"):
        raise InvalidArgument(
            f"doctor cannot be {mode!r}.",
            code="doctor-mode",
            place="compile(doctor=...)",
            expected='"report", "strict" or "off"',
            received=repr(mode),
        )
    return mode
