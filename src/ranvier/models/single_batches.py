"""One batch at a time: the methods of a loop that people write themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ranvier.engine import compiled
from ranvier.engine.loop import as_numbers
from ranvier.engine.program import Program
from ranvier.engine.train_state import Batch, TrainState
from ranvier.layers.base import Layer
from ranvier.models import compiling, feeding, host_stage
from ranvier.models.measuring import Measured
from ranvier.state import rng

__all__ = ["SingleBatches", "measured", "seed_of"]


class SingleBatches(Measured):
    """The part of a Trainer that takes one step, or measures one batch, per call."""

    run_eagerly = False
    _trained_steps = 0
    _run_seed: int | None = None

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Take one training step and return the loss and metrics of its batch."""
        self._require_compiled("train_on_batch").notice_changes(cast(Layer, self))
        batch = feeding.weighted(feeding.host_batch(host_stage.prepared(self, x), y, sample_weight), class_weight)
        program = compiling.program_for(self, batch, "train")
        program.binding.materialize(None)
        if self._run_seed is None:
            self._run_seed = seed_of(None)
        state = program.check_out(self._run_seed, self._trained_steps)
        state, logs = self._one_step(program, "train", state, batch)
        program.check_in(state)
        self._trained_steps += 1
        return logs if return_dict else self._in_order(logs)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Return the loss and metrics of one batch, without training."""
        self._require_compiled("test_on_batch")
        batch = feeding.host_batch(host_stage.prepared(self, x), y, sample_weight)
        program = compiling.program_for(self, batch, "test")
        _, logs = self._one_step(program, "test", measured(program), batch)
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
        return state, as_numbers(values)

    def _in_order(self, logs: Mapping[str, float]) -> Any:
        names = [name for name in self.metrics_names if name in logs]
        values = [logs[name] for name in names] + [logs[name] for name in sorted(logs) if name not in names]
        return values[0] if len(values) == 1 else values


def measured(program: Program) -> TrainState:
    """Return the state of a model that is only looked at."""
    program.binding.materialize(None)
    return program.check_out(0)


def seed_of(seed: int | None) -> int:
    """Return the seed of a run: the given one, or the next of the global stream."""
    return rng.fresh_seed() if seed is None else int(seed)
