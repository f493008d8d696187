"""The loop on the host: epochs, trips, and what happens between them.

Python is here between trips only. A trip runs as many steps inside the compiled program as take about 0.3 s, or as the
callbacks allow; then the state is checked in, and progress, checkpoints, signals and early stopping have their turn.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

import jax
import numpy as np

from ranvier.engine import compiled, guard
from ranvier.engine.epoch import make_run
from ranvier.engine.feed import ArrayFeed, Feed, Segment
from ranvier.engine.hooks import Hooks
from ranvier.engine.interrupts import Interrupts
from ranvier.engine.pace import Pace
from ranvier.engine.program import Program
from ranvier.engine.train_state import TrainState

__all__ = ["Checkpoints", "Executor", "LogReader", "Position", "as_numbers", "fit"]

Logs = dict[str, float]


@dataclass
class Position:
    """Where a run stands: the epoch, the steps of it that are done, and the feed's own position."""

    epoch: int
    step: int
    feed: dict[str, Any]


class Checkpoints(Protocol):
    """Somebody who keeps the state of a run."""

    def after_trip(self, state: TrainState, position: Position, final: bool) -> None:
        """Save if it is time to; `final` means that the run ends here."""
        ...


class NoCheckpoints:
    """Keeps nothing."""

    def after_trip(self, state: TrainState, position: Position, final: bool) -> None:
        """Do nothing."""


class Executor:
    """Runs trips of one program, compiled once per batch shape and purpose.

    Args:
        program: the model's pure functions.
        purpose: `"train"` or `"test"`.
        eagerly: run each operation by itself, without compiling, for debugging.
    """

    def __init__(self, program: Program, purpose: str, eagerly: bool = False) -> None:
        self.program, self.purpose, self.eagerly = program, purpose, eagerly
        self.pace = Pace()
        step = program.train_step() if purpose == "train" else program.test_step()
        self.function = make_run(step)
        self._state_kind: Hashable = None

    def executable(self, state: TrainState, segment: Segment) -> tuple[Hashable, Callable[..., Any]]:
        """Return the compiled run for a segment's shapes, and the key of those shapes."""
        if self._state_kind is None:
            self._state_kind = compiled.signature(state)
        kind = compiled.signature((segment.source, segment.index))
        if self.eagerly:
            return kind, self._run_eagerly
        key = (self.program.key, self.purpose, self._state_kind, kind)
        bounds = np.int32(0), np.int32(0)
        found = compiled.shared.find(key, self.function, state, segment.source, segment.index, *bounds)
        return kind, found

    def _run_eagerly(self, *arguments: Any) -> Any:
        with jax.disable_jit():
            return self.function(*arguments)

    def prepare_tail(self, state: TrainState, segment: Segment, shape: tuple[int, ...]) -> None:
        """Compile the program of the short last batch in the background, while the first epoch runs."""
        tail = Segment(segment.source, jax.ShapeDtypeStruct(shape, np.int32), 0, 1)  # type: ignore[arg-type]
        if not self.eagerly:
            # No daemon: an interpreter that ends under a compiling thread aborts.
            threading.Thread(target=self.executable, args=(state, tail), name="ranvier-compile").start()


class LogReader:
    """Reads the totals of a state as numbers; the small program for it is compiled once."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def read(self, totals: Any) -> Logs:
        key = (self.program.key, "results", compiled.signature(totals))
        return as_numbers(compiled.shared.find(key, self.program.results, totals)(totals))


def as_numbers(values: Any) -> Logs:
    """Return arrays by name as numbers (lists where they have axes), in the order of the names."""
    flat = {name: np.asarray(value) for name, value in values.items()}
    return {name: float(flat[name]) if flat[name].ndim == 0 else flat[name].tolist() for name in sorted(flat)}


class _Run:
    """One call of `fit`: its moving parts, so that each step of the loop reads by itself."""

    def __init__(
        self, program: Program, feed: Feed, hooks: Hooks, checkpoints: Checkpoints, signals: Interrupts, eagerly: bool
    ) -> None:
        self.program, self.feed, self.hooks = program, feed, hooks
        self.checkpoints, self.signals = checkpoints, signals
        self.executor = Executor(program, "train", eagerly)
        self.logs = LogReader(program)
        self.failed = False
        self.steps = 0

    @property
    def ending(self) -> bool:
        return self.failed or self.signals.received is not None or self.hooks.stop_requested()

    def epoch(self, state: TrainState, epoch: int, done: int) -> TrainState:
        """Run the segments of one epoch from step `done` on."""
        first = done == 0 and epoch == 0
        self.steps = 0
        segments = self.feed.epoch(epoch, done)
        try:
            for segment in segments:
                if first and isinstance(self.feed, ArrayFeed) and (tail := self.feed.tail_spec()):
                    self.executor.executable(state, segment)
                    self.executor.prepare_tail(state, segment, tail)
                    first = False
                state = self.segment(state, segment, epoch)
                if self.ending:
                    break
        finally:
            if hasattr(segments, "close"):
                segments.close()
        return state

    def segment(self, state: TrainState, segment: Segment, epoch: int) -> TrainState:
        """Run one segment in trips."""
        kind, run = self.executor.executable(state, segment)
        position = segment.begin
        while position < segment.steps and not self.ending:
            step = segment.first + position
            cadence = self.hooks.cadence()
            most = segment.steps - position
            if cadence:
                most = min(most, cadence - step % cadence)
                self.hooks.on_train_batch_begin(step)
                state = self.program.refreshed(state)
            stop = position + self.executor.pace.steps(kind, most)
            started = time.perf_counter()
            after, _, healthy = run(state, segment.source, segment.index, np.int32(position), np.int32(stop))
            if not bool(healthy):
                return self.failure(state, segment, run, position, stop, epoch)
            self.executor.pace.measured(kind, stop - position, started)
            self.steps += stop - position
            position = stop
            state = self.between(after, segment, epoch, position, cadence)
        return state

    def between(
        self, state: TrainState, segment: Segment, epoch: int, position: int, cadence: int | None
    ) -> TrainState:
        """Let everybody who needs Python have their turn, with the state checked in."""
        self.program.check_in(state)
        step = segment.first + position
        at_cadence = bool(cadence) and step % (cadence or 1) == 0
        if at_cadence or self.hooks.wants_trips():
            logs = self.logs.read(state.totals)
            if at_cadence:
                self.hooks.on_train_batch_end(step - 1, logs)
            self.hooks.on_trip_end(step, self.feed.steps, logs)
            state = self.program.refreshed(state)
        feed = segment.position or self.feed.position()
        self.checkpoints.after_trip(state, Position(epoch, step, feed), self.signals.received is not None)
        return state

    def measured(
        self, state: TrainState, epoch: int, begun: int, validate: Callable[[TrainState, int], Logs] | None
    ) -> Logs | None:
        """Return the logs of an epoch; None when it had no batch, or when its validation was cut short."""
        if self.steps == 0 and not self.failed and begun == 0:
            self.hooks.on_data_exhausted(epoch)
            return None
        logs = self.logs.read(state.totals)
        if self.failed:
            return {name: math.nan if name == "loss" or not self.steps else value for name, value in logs.items()}
        if validate is None:
            return logs
        logs = dict(sorted((logs | validate(state, epoch)).items()))
        if self.signals.received is None:
            return logs
        done = begun + self.steps  # a resumed run validates again
        position = Position(epoch, done, {**self.feed.position(), "first": done})
        self.checkpoints.after_trip(state, position, True)
        return None

    def failure(
        self, state: TrainState, segment: Segment, run: Callable[..., Any], begin: int, end: int, epoch: int
    ) -> TrainState:
        """Replay the trip that went non-finite, report the place, and keep the last healthy state."""

        def run_one(one: TrainState, step: int) -> tuple[TrainState, bool]:
            after, _, healthy = run(one, segment.source, segment.index, np.int32(step), np.int32(step + 1))
            return after, bool(healthy)

        state, bad, found = guard.locate(self.program, run_one, state, segment.source, segment.index, begin, end)
        self.failed = True
        self.program.check_in(state)
        self.hooks.on_non_finite(guard.fact_of(found, epoch, segment.first + bad))
        return state


def fit(
    program: Program,
    feed: Feed,
    state: TrainState,
    epochs: int,
    start: Position,
    hooks: Hooks,
    validate: Callable[[TrainState, int], Logs] | None = None,
    checkpoints: Checkpoints | None = None,
    eagerly: bool = False,
) -> TrainState:
    """Train from `start` to the end of epoch `epochs`, or until somebody asks to stop.

    Args:
        program: the model's pure functions.
        feed: where batches come from.
        state: the first state.
        epochs: number of the epoch before which to stop.
        start: epoch and step to begin with.
        hooks: told what happens.
        validate: `(state, epoch) -> {"val_loss": ...}`, or an empty dict where it is not due.
        checkpoints: keeps the state.
        eagerly: run without compiling.

    Returns:
        The last valid state, also checked into the model's variables.
    """
    with Interrupts() as signals:
        run = _Run(program, feed, hooks, checkpoints or NoCheckpoints(), signals, eagerly)
        logs: Logs = {}
        step = start.step
        for epoch in range(start.epoch, epochs if not hooks.stop_requested() else start.epoch):
            if step == 0:
                hooks.on_epoch_begin(epoch)
                state = program.refreshed(state).replace(totals=program.zero())
            state = run.epoch(state, epoch, step)
            if signals.received is not None:
                break
            measured = run.measured(state, epoch, step, validate)
            if measured is None:
                break
            logs = measured
            hooks.on_epoch_end(epoch, logs)
            state = program.refreshed(state)
            last = run.ending or epoch + 1 == epochs
            run.checkpoints.after_trip(state, Position(epoch + 1, 0, feed.position()), last)
            if run.ending:
                break
            step = 0
        if signals.received is None:
            hooks.on_train_end(logs)
    signals.raise_received()
    return state
