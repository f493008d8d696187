"""Trainer: compile, fit, evaluate, predict, and the `*_on_batch` methods, by the Keras contract."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np
from jax import tree_util

from ranvier import callbacks as callback_package
from ranvier._errors import InvalidArgument, NotReady
from ranvier._lookup import plain
from ranvier.callbacks import BackupAndRestore, Callback, CallbackList, History
from ranvier.doctor import exam
from ranvier.doctor.report import Reporter
from ranvier.engine import compiled, inference, loop
from ranvier.engine.feed import Feed
from ranvier.engine.loop import Position
from ranvier.engine.program import Program
from ranvier.engine.tape import GradientTape
from ranvier.engine.train_state import Batch, TrainState
from ranvier.layers.base import Layer
from ranvier.models import compiling, feeding, resuming
from ranvier.models.compiling import Compiled
from ranvier.models.hooks import TestHooks, TrainHooks
from ranvier.models.resuming import Keeper
from ranvier.state import rng, scope
from ranvier.state.symbolic import is_symbolic
from ranvier.state.variable import Variable

__all__ = ["Trainer"]


class Trainer:
    """The half of a Model that trains it.

    Attributes:
        optimizer: the optimizer, after `compile`.
        history: the History of the last `fit`.
        stop_training: set it to True in a callback to end the run after the current trip.
    """

    not_traced = frozenset(
        {
            "_compiled",
            "_inference",
            "_inference_version",
            "_run_seed",
            "_trained_steps",
            "compile_arguments",
            "doctor_mode",
            "history",
            "loss",
            "optimizer",
            "run_eagerly",
            "stop_training",
        }
    )
    """Attributes that the traced code does not depend on; the programs' keys add what of them counts."""

    stop_training = False
    history: History | None = None
    _compiled: Compiled | None = None
    _inference: inference.Inference | None = None
    _inference_version: Any = None
    _trained_steps = 0
    _run_seed: int | None = None

    # --- compile -----------------------------------------------------------------------------------------------------

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
            jit_compile: accepted; `False` means `run_eagerly=False` all the same.
            auto_scale_loss: accepted; used with mixed float16.
            doctor: `"report"` findings, raise them with `"strict"`, or `"off"`.
        """
        arguments = {
            "optimizer": optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
        }
        self.compile_arguments = arguments
        self.run_eagerly = bool(run_eagerly)
        self.doctor_mode = _doctor_mode(doctor)
        self._compiled = Compiled.capture(self, arguments)
        self.optimizer = self._compiled.optimizer
        self.loss = loss
        self.stop_training = False

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self._compiled is not None

    @property
    def compiled_metrics(self) -> list[Any]:
        """The metrics given to `compile`, once the shapes of the data are known."""
        objective = self._compiled.objective if self._compiled else None
        return [m.metric for m in objective.metrics] if objective else []

    @property
    def metrics(self) -> list[Any]:
        """All metrics: the loss tracker, the model's own, those given to `compile`."""
        own = compiling.held_metrics(self)
        tracker = [self._compiled.loss_tracker] if self._compiled else []
        return [*tracker, *own, *self.compiled_metrics]

    @property
    def metrics_names(self) -> list[str]:
        """The names under which `evaluate` returns numbers, in order."""
        objective = self._compiled.objective if self._compiled else None
        if objective is None:
            return [metric.name for metric in self.metrics]
        losses = [f"{o.name}_loss" for o in objective.outputs if o.loss is not None]
        return ["loss", *(losses if len(objective.outputs) > 1 else []), *(m.name for m in objective.metrics)]

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of all metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def reset_metrics(self) -> None:
        """Start all metrics anew."""
        for metric in self.metrics:
            metric.reset_state()

    def _require_compiled(self, method: str) -> Compiled:
        if self._compiled is None:
            raise NotReady(
                f"The model must be compiled before {method}().",
                code="not-compiled",
                place=f"{method}()",
                expected="compile(optimizer, loss) first",
                fix='call model.compile(optimizer="adam", loss=...)',
            )
        return self._compiled

    # --- fit ---------------------------------------------------------------------------------------------------------

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
    ) -> History:
        """Train the model; see Keras for the arguments that are Keras's.

        Args:
            x: inputs: arrays, frames, a nest of them, or a source of batches.
            y: targets.
            seed: decides the order of rows, dropout, and the weights that nobody has looked at yet; the global seed
                when None.
            resume: a folder that keeps checkpoints of this run; an interrupted run continues from it, bit for bit.

        Returns:
            The History: `history.history["loss"]` per epoch, `history.findings` of the doctor.

        Raises:
            NotReady: before `compile`.
            DataError: data that no network can take.
            DoctorError: a finding, when compiled with `doctor="strict"`.
        """
        state = self._require_compiled("fit")
        state.notice_changes(_as_layer(self))
        self.stop_training = False
        reporter = Reporter(self.doctor_mode)
        if validation_split:
            batch = feeding.host_batch(x, y, sample_weight)
            whole = batch
            batch, tail = feeding.split_validation(batch, validation_split)
            x, y, sample_weight = batch
            validation_data = tail
            reporter.report(exam.validation_split(whole.y, batch.y, tail.y, state.arguments["loss"]))
        seed_, self._run_seed = _seed_of(seed), None
        feed = feeding.feed_of(
            x, y, sample_weight, batch_size=batch_size, shuffle=shuffle, seed=seed_, steps=steps_per_epoch,
            class_weight=class_weight,
        )
        program = compiling.program_for(self, feed.example(), "train")
        reporter.report(exam.before_training(self, program, feed))
        program.binding.materialize(seed)
        history = History()
        history.findings = reporter.findings
        listed = self._callback_list(callbacks, history, verbose, epochs, feed.steps)
        keeper = self._keeper(resume, listed, program, feed)
        train_state = program.check_out(seed_)
        start = Position(initial_epoch, 0, {})
        listed.on_train_begin()
        if keeper is not None:
            train_state, start = self._resumed(keeper, train_state, start, listed, feed, program)
        program.check_in(train_state)
        size = validation_batch_size or batch_size
        validate = self._validator(validation_data, size, validation_steps, validation_freq, listed)
        hooks = TrainHooks(listed, self, reporter)
        loop.fit(
            program, feed, train_state, epochs=epochs, start=start, hooks=hooks, validate=validate,
            checkpoints=keeper, eagerly=self.run_eagerly,
        )
        return history

    def _callback_list(
        self, given: Any, history: History, verbose: str | int, epochs: int, steps: int | None
    ) -> CallbackList:
        """Return all callbacks of a run, the user's in the middle, with model and parameters set."""
        if isinstance(given, CallbackList):
            chosen = list(given.callbacks)
        else:
            chosen = list(given) if isinstance(given, (list, tuple)) else [given] if given is not None else []
        self.history = history
        level = _verbosity(verbose)
        own: list[Callback] = [*chosen, history]
        if level and not any(isinstance(c, callback_package.ProgbarLogger) for c in chosen):
            own.append(callback_package.ProgbarLogger())
        return CallbackList(own, model=self, verbose=level, epochs=epochs, steps=steps)

    def _keeper(self, resume: Any, listed: CallbackList, program: Program, feed: Feed) -> Keeper | None:
        """Return the keeper of checkpoints that `resume=` or a BackupAndRestore asks for."""
        backup = next((c for c in listed.callbacks if isinstance(c, BackupAndRestore)), None)
        if resume is None and backup is None:
            return None
        arguments = json.dumps(plain(_describable(self.compile_arguments)), sort_keys=True, default=repr)
        mark = resuming.fingerprint_of(program, feed, arguments)

        def facts() -> dict[str, Any]:
            return {"fingerprint": mark, "callbacks": listed.state_dict()}

        if resume is not None:
            return Keeper(resume, facts, listed.array_state)
        assert backup is not None
        return Keeper(backup.backup_dir, facts, listed.array_state, backup.save_freq)

    def _resumed(
        self, keeper: Keeper, state: TrainState, start: Position, listed: CallbackList, feed: Feed, program: Program
    ) -> tuple[TrainState, Position]:
        """Return state and position of the interrupted run in the keeper's folder, or those of a new one."""
        found = keeper.load()
        if found is None:
            return state, start
        arrays, facts = found
        resuming.check_fingerprint(facts["fingerprint"], keeper.facts()["fingerprint"])
        listed.load_state_dict(facts["callbacks"])
        listed.load_array_state(resuming.callback_arrays(arrays))
        position = Position(**facts["position"])
        feed.seek(position.feed)
        if not position.feed.get("exact", True):
            listed.say(
                "The data source is a generator without state_dict(): its batches are drawn again up to where the run "
                "stopped. The resumed run is exact only if it yields the same batches."
            )
        return resuming.restored(state, arrays), position

    def _validator(
        self, data: Any, batch_size: int | None, steps: int | None, frequency: int | Sequence[int], listed: CallbackList
    ) -> Any:
        """Return `(state, epoch) -> logs` that evaluates on the validation data when it is due."""
        if data is None:
            return None
        x, y, weight = feeding.unpacked(data)
        feed = feeding.feed_of(x, y, weight, batch_size=batch_size, steps=steps)
        program = compiling.program_for(self, feed.example(), "test")
        hooks = TestHooks(listed, self)

        def validate(state: TrainState, epoch: int) -> dict[str, float]:
            due = (epoch + 1) % frequency == 0 if isinstance(frequency, int) else (epoch + 1) in frequency
            if not due:
                return {}
            listed.on_test_begin()
            logs = dict(loop.evaluate(program, feed, program.refreshed(state), hooks, self.run_eagerly))
            listed.on_test_end(dict(logs))
            return {f"val_{name}": value for name, value in logs.items()}

        return validate

    # --- evaluate and predict ----------------------------------------------------------------------------------------

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
        feed = feeding.feed_of(x, y, sample_weight, batch_size=batch_size, steps=steps)
        program = compiling.program_for(self, feed.example(), "test")
        listed = self._test_callbacks(callbacks, verbose, feed.steps)
        listed.on_test_begin()
        state = _without_optimizer(program)
        logs = dict(loop.evaluate(program, feed, state, TestHooks(listed, self), self.run_eagerly))
        listed.on_test_end(dict(logs))
        return logs if return_dict else self._in_order(logs)

    def _test_callbacks(self, given: Any, verbose: str | int, steps: int | None) -> CallbackList:
        level = _verbosity(verbose)
        chosen = list(given) if isinstance(given, (list, tuple)) else [given] if given is not None else []
        if level:
            chosen.append(callback_package.ProgbarLogger())
        return CallbackList(chosen, model=self, verbose=level, epochs=1, steps=steps)

    def _in_order(self, logs: Mapping[str, float]) -> Any:
        names = [name for name in self.metrics_names if name in logs]
        values = [logs[name] for name in names] + [logs[name] for name in sorted(logs) if name not in names]
        return values[0] if len(values) == 1 else values

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """Return the outputs for all rows as NumPy arrays.

        Args:
            x: arrays, frames, a nest of them, or a source of batches (whose targets are ignored).
            batch_size: rows per batch where rows of a batch interact; otherwise blocks are chosen for speed.
            steps: number of batches to take from a source.
        """
        listed = self._test_callbacks(callbacks, verbose, None) if callbacks is not None or _shows(verbose) else None
        if listed is not None:
            listed.on_predict_begin()
        result = self._predicted(x, batch_size, steps)
        if listed is not None:
            listed.on_predict_end()
        return result

    def _predicted(self, x: Any, batch_size: int | None, steps: int | None) -> Any:
        from_arrays = isinstance(x, (np.ndarray, jax.Array)) or feeding.inputs.is_array_tree(x)
        if from_arrays:
            data = feeding.host_batch(x).x
            if steps is not None:
                data = tree_util.tree_map(lambda a: a[: steps * (batch_size or 32)], data)
            return self._infer(data).predict(data, batch_size)
        parts = []
        for number, batch in enumerate(_batches(x)):
            if steps is not None and number >= steps:
                break
            parts.append(tree_util.tree_map(np.asarray, self._infer(batch.x)(batch.x)))
        if not parts:
            raise InvalidArgument("The source of batches is empty.", code="no-batches", place="predict(x)")
        return tree_util.tree_map(lambda *ys: np.concatenate(ys), *parts)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch as NumPy arrays."""
        data = feeding.host_batch(x).x
        return tree_util.tree_map(np.asarray, self._infer(data)(data))

    def predict_step(self, data: Any) -> Any:
        """Return the outputs for one batch; override it to change what `predict` computes."""
        x, _, _ = feeding.unpacked(data)
        return self(x, training=False)  # type: ignore[operator]

    def _infer(self, x: Any) -> inference.Inference:
        """Return the compiled forward pass, building the model for `x` first."""
        layer = _as_layer(self)
        if self._inference is None or self._inference_version != _structure_version(layer):
            compiling.build_for(self, x)
            own = type(self).predict_step is not Trainer.predict_step
            function = self.predict_step if own else None
            self._inference = inference.Inference(layer, function, getattr(self, "run_eagerly", False))
            self._inference_version = _structure_version(layer)
        return self._inference

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the model: compiled when it stands alone, as a part of the running pass or graph otherwise."""
        if scope.active() is not None or len(args) != 1 or set(kwargs) - {"training"} or _is_traced(args[0]):
            return super().__call__(*args, **kwargs)  # type: ignore[misc]
        if not tree_util.tree_leaves(args[0]):
            return super().__call__(*args, **kwargs)  # type: ignore[misc]
        x = feeding.inputs.host_tree(args[0], "the input")
        if kwargs.get("training"):
            compiling.build_for(self, x)
            return inference.training_call(_as_layer(self), (x,), kwargs)
        return self._infer(x)(x)

    # --- one batch at a time -----------------------------------------------------------------------------------------

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Take one training step and return the loss and metrics of its batch."""
        self._require_compiled("train_on_batch")
        batch = feeding.weighted(feeding.host_batch(x, y, sample_weight), class_weight)
        program = compiling.program_for(self, batch, "train")
        program.binding.materialize(None)
        if self._run_seed is None:
            self._run_seed = _seed_of(None)
        state = program.check_out(self._run_seed, self._trained_steps)
        state, logs = self._one_step(program, "train", state, batch)
        program.check_in(state)
        self._trained_steps += 1
        return logs if return_dict else self._in_order(logs)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Return the loss and metrics of one batch, without training."""
        self._require_compiled("test_on_batch")
        batch = feeding.host_batch(x, y, sample_weight)
        program = compiling.program_for(self, batch, "test")
        _, logs = self._one_step(program, "test", _without_optimizer(program), batch)
        return logs if return_dict else self._in_order(logs)

    def _one_step(
        self, program: Program, purpose: str, state: TrainState, batch: Batch
    ) -> tuple[TrainState, dict[str, float]]:
        step = program.train_step() if purpose == "train" else program.test_step()

        def one(state: TrainState, batch: Batch) -> Any:
            after, _ = step(state, batch)
            return after, program.results(after.totals)

        key = (program.key, purpose, "one step", compiled.signature(state), compiled.signature(batch))
        run = one if self.run_eagerly else compiled.shared.find(key, one, state, batch)
        state, values = run(state, batch)
        return state, {name: float(values[name]) for name in sorted(values)}

    # --- what a user's own step builds on ----------------------------------------------------------------------------

    def train_step(self, data: Any) -> dict[str, Any]:
        """Take one step on a batch and return the logs; override it for a training of your own.

        It runs inside the compiled loop, traced as a pure function: use `GradientTape`, optimizers, metrics and Variables
        as the guides do.
        """
        x, y, sample_weight = feeding.unpacked(data)
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
        variables = _as_layer(self).trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        self._track_loss(loss, x)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Measure one batch and return the logs."""
        x, y, sample_weight = feeding.unpacked(data)
        y_pred = self(x, training=False)
        self._track_loss(self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=False), x)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def _track_loss(self, loss: Any, x: Any) -> None:
        rows = tree_util.tree_leaves(x)[0].shape[0]
        self._require_compiled("train_step").loss_tracker.update_state(loss, sample_weight=rows)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Return the compiled loss plus what layers added; override it for a loss of your own."""
        objective = self._require_compiled("compute_loss").objective
        total: Any = 0.0
        if objective is not None and objective.has_loss:
            total, _ = objective.loss(y, y_pred, sample_weight)
        for value in _as_layer(self).losses:
            total = total + value
        return total

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Update the compiled metrics and return the values of all metrics."""
        objective = self._require_compiled("compute_metrics").objective
        if objective is not None:
            targets, outputs = objective.flat_targets(y), objective.flat_outputs(y_pred)
            weights = objective.spread_weights(sample_weight)
            for m in objective.metrics:
                weight = weights[m.output] if m.weighted else None
                m.metric.update_state(targets[m.output], outputs[m.output], weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the value of every metric by name."""
        values: dict[str, Any] = {}
        for metric in self.metrics:
            result = metric.result()
            values |= result if isinstance(result, dict) else {metric.name: result}
        return values


def _as_layer(model: Any) -> Layer:
    assert isinstance(model, Layer)
    return model


def _is_traced(x: Any) -> bool:
    return is_symbolic(x) or any(isinstance(leaf, jax.core.Tracer) for leaf in tree_util.tree_leaves(x))


def _structure_version(model: Layer) -> Any:
    """Return what changes when layers or variables are added to a model."""
    return getattr(model, "structure_version", 0), model.built


def _without_optimizer(program: Program) -> TrainState:
    program.binding.materialize(None)
    return program.check_out(0)


def _batches(source: Any) -> Any:
    """Yield the batches of a source, one at a time."""
    from_feed = feeding.feed_of(source)
    for segment in from_feed.epoch(0):
        size = segment.index.shape[1]
        for step in range(segment.begin, segment.steps):
            yield tree_util.tree_map(lambda a, s=step: a[s * size : (s + 1) * size], segment.source)


def _seed_of(seed: int | None) -> int:
    return rng.fresh_seed() if seed is None else int(seed)


def _doctor_mode(mode: str) -> str:
    if mode not in ("report", "strict", "off"):
        raise InvalidArgument(
            f"doctor cannot be {mode!r}.", code="doctor-mode", place="compile(doctor=...)",
            expected='"report", "strict" or "off"', received=repr(mode),
        )
    return mode


def _verbosity(verbose: str | int) -> int:
    """Return 0, 1 or 2; `"auto"` is a bar in a terminal and a line per epoch elsewhere."""
    if verbose == "auto":
        return 1 if sys.stdout.isatty() or "ipykernel" in sys.modules else 2
    return int(verbose)


def _shows(verbose: str | int) -> bool:
    return verbose != "auto" and int(verbose) > 0


def _describable(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return compile arguments for the fingerprint: objects by their configuration, functions by their names."""

    def describe(value: Any) -> Any:
        if hasattr(value, "get_config"):
            return [type(value).__name__, plain(value.get_config())]
        return getattr(value, "__name__", value)

    leaf = lambda node: hasattr(node, "get_config")  # noqa: E731
    return {name: tree_util.tree_map(describe, value, is_leaf=leaf) for name, value in arguments.items()}


