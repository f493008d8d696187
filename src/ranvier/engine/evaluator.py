"""Evaluation: loss and metrics over one epoch of a feed, without training."""

from __future__ import annotations

import math
import time

import numpy as np

from ranvier.engine.feed import Feed, Segment
from ranvier.engine.hooks import Hooks, Silent
from ranvier.engine.interrupts import Interrupts
from ranvier.engine.loop import Executor, LogReader, Logs
from ranvier.engine.program import Program
from ranvier.engine.train_state import TrainState

__all__ = ["Evaluator"]


class Evaluator:
    """Measures loss and metrics over one epoch of a feed, again and again without compiling anew.

    Args:
        program: the model's pure functions.
        feed: where batches come from.
        hooks: told what happens.
        eagerly: run without compiling.
    """

    def __init__(self, program: Program, feed: Feed, hooks: Hooks | None = None, eagerly: bool = False) -> None:
        self.program, self.feed, self.hooks = program, feed, hooks or Silent()
        self.executor = Executor(program, "test", eagerly)
        self.logs = LogReader(program)

    def run(self, state: TrainState) -> Logs:
        """Return the logs for a state, by name; NaN where the feed has nothing to measure."""
        state, measured = state.replace(totals=self.program.zero()), 0
        with Interrupts() as signals:
            for segment in self.feed.epoch(0):
                state = self._segment(state, segment, signals)
                measured += segment.steps - segment.begin
        signals.raise_received()
        logs = self.logs.read(state.totals)
        self.program.keep_totals(state.totals)
        return logs if measured else dict.fromkeys(logs, math.nan)

    def _segment(self, state: TrainState, segment: Segment, signals: Interrupts) -> TrainState:
        kind, run = self.executor.executable(state, segment)
        position = segment.begin
        while position < segment.steps and signals.received is None:
            cadence = self.hooks.cadence()
            if cadence:
                self.hooks.on_train_batch_begin(segment.first + position)
            step = segment.first + position
            most = min(segment.steps - position, cadence - step % cadence if cadence else segment.steps)
            stop = position + self.executor.pace.steps(kind, most)
            started = time.perf_counter()
            state, _, healthy = run(state, segment.source, segment.index, np.int32(position), np.int32(stop))
            healthy.block_until_ready()
            self.executor.pace.measured(kind, stop - position, started)
            position = stop
            if cadence or self.hooks.wants_trips():
                logs = self.logs.read(state.totals)
                if cadence and (segment.first + position) % cadence == 0:
                    self.hooks.on_train_batch_end(segment.first + position - 1, logs)
                self.hooks.on_trip_end(segment.first + position, self.feed.steps, logs)
        return state
