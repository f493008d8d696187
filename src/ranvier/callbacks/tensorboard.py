"""TensorBoard: files of curves, histograms, pictures and the graph, for TensorBoard to show."""

from __future__ import annotations

import pathlib
import time
from collections.abc import Mapping
from typing import Any, Literal, final

import jax
import numpy as np

from ranvier._errors import InvalidArgument
from ranvier.callbacks import event_file, model_graph
from ranvier.callbacks.base import Cadence, Callback, Logs
from ranvier.callbacks.event_file import EventFile
from ranvier.callbacks.projector import write_projector
from ranvier.callbacks.step_clock import StepClock, fixed_cadence
from ranvier.layers import tracking

__all__ = ["TensorBoard"]


@final
class TensorBoard(Callback):
    """Write what TensorBoard shows: `tensorboard --logdir logs`. Neither it nor TensorFlow is needed for writing.

    Curves have Keras's names: `epoch_loss` per epoch, `batch_loss` per step, both in `train` and `validation`, and
    `evaluation_loss_vs_iterations`. A resumed run goes on in the same files after the last event that its checkpoint
    knew, so that no point is lost or doubled.

    Args:
        log_dir: the folder; `train` and `validation` are made in it.
        histogram_freq: epochs between histograms of all weights; 0 for none.
        write_graph: whether the model's graph, summary and configuration are written.
        write_images: whether weights are also written as pictures, with the histograms.
        write_steps_per_second: whether the speed is written too.
        update_freq: `"epoch"`, `"batch"`, or the number of steps between points of the batch curves.
        profile_batch: the step, or first and last step `(10, 20)` or `"10,20"`, of which JAX's profiler writes a trace.
        embeddings_freq: epochs between writings of the Embedding layers' vectors for the projector; 0 for none.
        embeddings_metadata: file with a label per row, for all Embedding layers, or by layer name.

    Raises:
        InvalidArgument: an `update_freq` or `profile_batch` that is none of the above.

    Example:
        >>> TensorBoard(update_freq="batch").every, TensorBoard().every
        (1, 'epoch')
    """

    def __init__(
        self,
        log_dir: Any = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: Literal["epoch", "batch"] | int = "epoch",
        profile_batch: int | str | tuple[int, int] = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: str | Mapping[str, str] | None = None,
    ) -> None:
        self.log_dir = str(log_dir)
        self.histogram_freq, self.write_graph, self.write_images = histogram_freq, write_graph, write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq: Literal["epoch"] | int = 1 if update_freq == "batch" else update_freq
        self.profile_batch = _profiled(profile_batch)
        self.embeddings_freq, self.embeddings_metadata = embeddings_freq, embeddings_metadata
        self._clock = StepClock(self.update_freq, "TensorBoard(update_freq=...)")
        self._files: dict[str, EventFile] = {}
        self._tracing = False
        self._epoch_began = self._last_point = (0.0, 0)

    # --- when --------------------------------------------------------------------------------------------------------

    @property
    def every(self) -> Cadence:
        """The step of this epoch at which Python is needed next; every one until the profiled ones are over."""
        return "batch" if self._clock.steps < self.profile_batch[1] else self._clock.every

    @every.setter
    def every(self, value: Cadence) -> None:
        raise fixed_cadence(self, "update_freq")

    def on_train_begin(self, logs: Logs = None) -> None:
        self._clock = StepClock(self.update_freq, "TensorBoard(update_freq=...)")
        self._files = {}

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._clock.begin_epoch()
        self._epoch_began = self._last_point = time.perf_counter(), self._clock.steps

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        first, last = self.profile_batch
        if not self._tracing and first <= self._clock.steps + 1 <= last:
            self._file("train")  # the trace lies beside it
            jax.profiler.start_trace(str(self._folder("train")))
            self._tracing = True

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        wanted = self.update_freq != "epoch" and (self._clock.epochs_steps + batch + 1) % self.update_freq == 0
        self._clock.trip(batch + 1)
        if self._tracing and self._clock.steps >= self.profile_batch[1]:
            self._stop_trace()
        if wanted:
            self._clock.reached(batch)
            speed = {"steps_per_second": self._speed(self._last_point)} if self.write_steps_per_second else {}
            self._last_point = time.perf_counter(), self._clock.steps
            self._add_scalars("train", "batch_{}", {**speed, **(logs or {})}, self._clock.steps)

    def on_trip_end(self, step: int, steps: int | None, logs: Logs = None) -> None:
        self._clock.trip(step)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        values = dict(logs or {})
        held_out = {name.removeprefix("val_"): values.pop(name) for name in list(values) if name.startswith("val_")}
        if values:
            values |= self._learning_rates()
            if self.write_steps_per_second:
                values["steps_per_second"] = self._speed(self._epoch_began)
        self._clock.end_epoch()
        self._clock.begin_epoch()
        self._add_scalars("train", "epoch_{}", values, epoch)
        self._add_scalars("validation", "epoch_{}", held_out, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._add_weights(epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            write_projector(self.model, self._folder("train"), self.embeddings_metadata)

    def on_test_end(self, logs: Logs = None) -> None:
        iterations = getattr(self.model.optimizer, "iterations", None)
        if iterations is not None:
            self._add_scalars("validation", "evaluation_{}_vs_iterations", logs or {}, int(iterations))

    def close(self) -> None:
        """End a trace that is still being taken."""
        if self._tracing:
            self._stop_trace()

    def _stop_trace(self) -> None:
        jax.profiler.stop_trace()
        self._tracing = False

    # --- what --------------------------------------------------------------------------------------------------------

    def _folder(self, part: str) -> pathlib.Path:
        return pathlib.Path(self.log_dir) / part

    def _file(self, part: str) -> EventFile:
        """Return the file of a part, made when it is first needed; the training's begins with the model's graph."""
        if part not in self._files:
            self._files[part] = EventFile(self._folder(part))
            if part == "train" and self.write_graph:
                self._files[part].add(*model_graph.events(self.model))
        return self._files[part]

    def _add_scalars(self, part: str, pattern: str, values: Mapping[str, Any], step: int) -> None:
        """Write one point for each number; a metric with several values, such as one per class, gives a curve each."""
        events = []
        for name, value in values.items():
            for index, number in enumerate(np.ravel(value)):
                tag = pattern.format(name) if np.ndim(value) == 0 else f"{pattern.format(name)}/{index}"
                events.append(event_file.event(step, event_file.scalar(tag, number)))
        if events:
            self._file(part).add(*events)

    def _add_weights(self, epoch: int) -> None:
        events = []
        for path, variable in tracking.variables_by_path(self.model).items():
            value = np.asarray(variable.stored)
            if not np.issubdtype(value.dtype, np.number) and value.dtype.name != "bfloat16":
                continue
            events.append(event_file.event(epoch, event_file.histogram(f"{path}/histogram", value)))
            if self.write_images and (pixels := _pixels(value)) is not None:
                events.append(event_file.event(epoch, event_file.image(f"{path}/image", pixels)))
        self._file("train").add(*events)

    def _learning_rates(self) -> dict[str, float]:
        """Return the learning rate of the optimizer, that inside a LossScaleOptimizer included."""
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        rate = getattr(optimizer, "learning_rate", None)
        return {} if rate is None else {"learning_rate": float(rate)}

    def _speed(self, since: tuple[float, int]) -> float:
        """Return the steps per second since a moment `(time, steps of the run)`."""
        return (self._clock.steps - since[1]) / max(time.perf_counter() - since[0], 1e-9)

    # --- resume ------------------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        files = {part: [file.name, file.size] for part, file in self._files.items()}
        return {"files": files, **self._clock.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self._clock.load_state_dict(state)
        self._epoch_began = self._last_point = time.perf_counter(), self._clock.steps
        known = {part: (name, size) for part, (name, size) in state["files"].items()}
        self._files = {
            part: EventFile(self._folder(part), name, size)
            for part, (name, size) in known.items()
            if (self._folder(part) / name).exists()
        }


def _profiled(given: Any) -> tuple[int, int]:
    """Return the first and the last step to be profiled, counted from 1; zeros for none."""
    parts: Any = given.split(",") if isinstance(given, str) else given
    try:
        ends = [int(part) for part in parts] if isinstance(parts, (tuple, list)) else [int(parts)]
    except (TypeError, ValueError):
        ends = []
    if len(ends) not in (1, 2) or ends[0] < 0 or ends[-1] < ends[0]:
        raise InvalidArgument(
            "TensorBoard does not know which steps to profile.",
            code="profile-batch",
            place="TensorBoard(profile_batch=...)",
            expected="0, a step, or the first and the last one, such as (10, 20)",
            received=repr(given),
        )
    return ends[0], ends[-1]


def _pixels(weight: np.ndarray) -> np.ndarray | None:
    """Return a weight as grey pictures (picture, row, column): a vector as one row, a matrix lying; else None."""
    values = np.squeeze(weight.astype(np.float32))
    if values.ndim == 1:
        values = values[None, None]
    elif values.ndim == 2:
        values = (values.T if values.shape[0] > values.shape[1] else values)[None]
    elif values.ndim == 3:
        values = np.moveaxis(values, -1, 0)
    else:
        return None
    low, high = values.min(), values.max()
    scaled = (values - low) / (high - low) if high > low else np.zeros_like(values)
    return np.round(scaled * 255).astype(np.uint8)
