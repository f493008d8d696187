"""What one call of `fit` is made of beside the loop: its callbacks, its checkpoints, its validation."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import jax

from ranvier._errors import InvalidArgument
from ranvier.callbacks import BackupAndRestore, Callback, CallbackList, History, ProgbarLogger
from ranvier.callbacks.profile import Profile
from ranvier.doctor import exam
from ranvier.doctor.finding import Finding
from ranvier.engine.evaluator import Evaluator
from ranvier.engine.feed import Feed
from ranvier.engine.loop import Position
from ranvier.engine.program import Program
from ranvier.engine.train_state import TrainState
from ranvier.kernels import native
from ranvier.models import compiling, feeding, resuming
from ranvier.models.hooks import TestHooks
from ranvier.models.resuming import Keeper

__all__ = ["callbacks_of_fit", "examined", "held_out_feed", "keeper_for", "listed_callbacks", "resumed", "validator"]


_told: set[str] = set()
"""What this process has said once and says no more."""


def callbacks_of_fit(
    model: Any, given: Any, history: History, verbose: str | int, epochs: int, steps: int | None, profile: Any
) -> CallbackList:
    """Return all callbacks of a run, the user's before our own, with model and parameters set."""
    chosen = [*_as_list(given), history]
    if profile is not None:
        chosen.append(Profile(profile))
    listed = _listed(model, chosen, verbose, epochs, steps)
    note = _missing_kernels()
    if note and note not in _told:
        _told.add(note)
        listed.say(note)
    return listed


def _missing_kernels() -> str:
    """Return what to say where native kernels would serve and are missing; whoever sets RANVIER_NATIVE knows."""
    if native.library() is not None or jax.default_backend() != "cpu" or os.environ.get("RANVIER_NATIVE", "").strip():
        return ""
    return (
        f"Training runs without Ranvier's native kernels, with the same results but slower: {native.why_not()}. "
        "`RANVIER_NATIVE=off` ends this note."
    )


def listed_callbacks(model: Any, given: Any, verbose: str | int, steps: int | None) -> CallbackList:
    """Return the callbacks of an evaluation or a prediction."""
    return _listed(model, _as_list(given), verbose, 1, steps)


def _as_list(given: Any) -> list[Callback]:
    if isinstance(given, CallbackList):
        return list(given.callbacks)
    return list(given) if isinstance(given, (list, tuple)) else [] if given is None else [given]


def _listed(model: Any, chosen: list[Callback], verbose: str | int, epochs: int, steps: int | None) -> CallbackList:
    level = verbosity(verbose)
    if level and not any(isinstance(callback, ProgbarLogger) for callback in chosen):
        chosen = [*chosen, ProgbarLogger()]
    return CallbackList(chosen, model=model, verbose=level, epochs=epochs, steps=steps)


def verbosity(verbose: str | int) -> int:
    """Return 0, 1 or 2; `"auto"` is a bar in a terminal and a line per epoch elsewhere."""
    if verbose == "auto":
        return 1 if sys.stdout.isatty() or "ipykernel" in sys.modules else 2
    return int(verbose)


def keeper_for(
    model: Any, resume: Any, listed: CallbackList, program: Program, feed: Feed, seed: int | None
) -> Keeper | None:
    """Return the keeper of checkpoints that `resume=` or a BackupAndRestore asks for."""
    backup = next((c for c in listed.callbacks if isinstance(c, BackupAndRestore)), None)
    if resume is None and backup is None:
        return None
    arguments = repr(resuming.described(model.compile_arguments))
    mark = resuming.fingerprint_of(program, feed, arguments, seed)

    def facts() -> dict[str, Any]:
        return {"fingerprint": mark, "callbacks": listed.state_dict(), "stopped": bool(model.stop_training)}

    if resume is not None:
        return Keeper(resume, facts, listed.array_state)
    assert backup is not None
    return Keeper(backup.backup_dir, facts, listed.array_state, backup.save_freq)


def resumed(
    keeper: Keeper, program: Program, state: TrainState, start: Position, listed: CallbackList, feed: Feed
) -> tuple[TrainState, Position]:
    """Return state and position of the interrupted run in the keeper's folder, or those of a new one."""
    state = program.refreshed(state)
    found = keeper.load()
    if found is None:
        return state, start
    arrays, facts = found
    resuming.check_fingerprint(facts["fingerprint"], keeper.facts()["fingerprint"])
    listed.load_state_dict(facts["callbacks"])
    listed.load_array_state(resuming.callback_arrays(arrays))
    position = Position(**facts["position"])
    listed.model.stop_training = facts.get("stopped", False)
    feed.seek(position.feed)
    if not position.feed.get("exact", True):
        listed.say(
            "The data source is a generator without state_dict(): its batches are drawn again up to where the run "
            "stopped. The resumed run is exact only if it yields the same batches."
        )
    state = resuming.restored(state, arrays)
    program.check_in(state)
    return state, position


def held_out_feed(data: Any, batch_size: int | None, steps: int | None) -> Feed | None:
    """Return the feed of validation data given as a tuple or a source; None where there is none."""
    if data is None:
        return None
    x, y, weight = feeding.unpacked(data)
    return feeding.feed_of(x, y, weight, batch_size=batch_size, steps=steps)


def examined(model: Any, feed: Feed | None, name: str) -> list[Finding]:
    """Return what the doctor finds in data that is measured on, as the model's `doctor` asks."""
    if feed is None or model.doctor_mode == "off":
        return []
    return exam.before_measuring(model, compiling.program_for(model, feed.example(), "test"), feed, name)


def validator(
    model: Any, feed: Feed | None, frequency: int | Sequence[int], listed: CallbackList
) -> Callable[[TrainState, int], dict[str, float]] | None:
    """Return `(state, epoch) -> logs` that evaluates on the held-out data when it is due."""
    if feed is None:
        return None
    _require_frequency(frequency)
    program = compiling.program_for(model, feed.example(), "test")
    hooks = TestHooks(listed, model)
    evaluator = Evaluator(program, feed, hooks, model.run_eagerly)

    def validate(state: TrainState, epoch: int) -> dict[str, float]:
        due = (epoch + 1) % frequency == 0 if isinstance(frequency, int) else (epoch + 1) in frequency
        if not due:
            return {}
        listed.on_test_begin()
        logs = evaluator.run(program.refreshed(state))
        listed.on_test_end(dict(logs))
        return {f"val_{name}": value for name, value in logs.items()}

    return validate


def _require_frequency(frequency: Any) -> None:
    listed = isinstance(frequency, (list, tuple, set, frozenset, range))
    if not listed and (not isinstance(frequency, int) or frequency < 1):
        raise InvalidArgument(
            f"validation_freq cannot be {frequency!r}.",
            code="validation-freq",
            place="fit(validation_freq=...)",
            expected="every how many epochs to validate, or a list of epochs, the first being 1",
            received=repr(frequency),
        )
