"""Profile: a trace of some steps, of `fit(profile=...)`."""

from __future__ import annotations

import os
import pathlib
import sys
import time
from typing import Any, final

import jax

from ranvier._errors import InvalidArgument, NotReady
from ranvier.callbacks.base import Cadence, Callback, Logs
from ranvier.callbacks.step_clock import StepClock, fixed_cadence

__all__ = ["Profile"]

FIRST, STEPS = 3, 20
"""Steps before the trace, so that the first ones, which are slower, stay out of it; and steps in it at most."""
SECONDS = 10.0
"""How long the trace is taken at most, so that the files of a slow network stay small too."""


@final
class Profile(Callback):
    """Let JAX's profiler write a trace of a few steps, from the fourth one on.

    Operations have the names that the compiler gave them, and where it keeps them, as on a GPU, the layers' names too.

    Args:
        folder: made where it does not exist. TensorBoard's profile plugin reads it, <https://ui.perfetto.dev> opens the
            `.trace.json.gz` in it.

    Raises:
        InvalidArgument: what is given is not a folder in which files can be made.
        NotReady: another trace is being taken in this process.

    Example:
        >>> Profile("traces").every
        3
    """

    def __init__(self, folder: Any) -> None:
        if not isinstance(folder, (str, os.PathLike)) or not str(folder):
            raise _unusable(folder, "not a path")
        self.folder = pathlib.Path(folder).expanduser()
        self._clock = StepClock("epoch", "fit(profile=...)")
        self._began: float | None = None
        self._first = 0
        self._over = False

    @property
    def every(self) -> Cadence:
        """The step of this epoch at which the trace begins or ends."""
        wanted = FIRST if self._began is None else self._first + STEPS
        return "epoch" if self._over else max(wanted - self._clock.epochs_steps, self._clock.done + 1)

    @every.setter
    def every(self, value: Cadence) -> None:
        raise fixed_cadence(self, "folder")

    def on_train_begin(self, logs: Logs = None) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(self.folder, error.strerror or str(error)) from error
        if not os.access(self.folder, os.W_OK):
            raise _unusable(self.folder, "it cannot be written")

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._reached(batch + 1)

    def on_trip_end(self, step: int, steps: int | None, logs: Logs = None) -> None:
        self._reached(step)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._clock.end_epoch()
        self._clock.begin_epoch()

    def _reached(self, step: int) -> None:
        """Begin or end the trace after so many steps of the epoch."""
        self._clock.trip(step)
        if self._over:
            return
        if self._began is None and self._clock.steps >= FIRST:
            self._begin()
        elif self._began is not None and self._clock.steps > self._first and self._enough(self._began):
            self._end()

    def _enough(self, began: float) -> bool:
        return self._clock.steps >= self._first + STEPS or time.perf_counter() - began > SECONDS

    def _begin(self) -> None:
        options = jax.profiler.ProfileOptions()
        options.python_tracer_level = 0  # the calls of Python would be most of the file
        try:
            jax.profiler.start_trace(str(self.folder), profiler_options=options)
        except RuntimeError as error:
            raise NotReady(
                "Another trace is being taken in this process.",
                code="profile-taken",
                place="fit(profile=...)",
                received=str(error),
                fix="profile with fit(profile=...) or TensorBoard(profile_batch=...), not with both at the same steps",
            ) from error
        self._began, self._first = time.perf_counter(), self._clock.steps

    def _end(self) -> None:
        jax.profiler.stop_trace()
        self._over = True
        steps = self._clock.steps - self._first
        if not steps:
            self._say(f"profile: nothing to see, because the run ended after {FIRST} steps; train for more.")
            return
        traces = sorted(self.folder.glob("plugins/profile/*/*.trace.json.gz"), key=lambda file: file.stat().st_mtime)
        self._say(
            f"profile: {steps} steps in {self.folder}. `tensorboard --logdir {self.folder}` "
            f"shows them (plugin: pip install xprof), or open {traces[-1].name if traces else 'the trace'} from "
            f"{traces[-1].parent if traces else self.folder} at https://ui.perfetto.dev"
        )

    def close(self) -> None:
        """End a trace that is still being taken; say where there is none."""
        if self._began is not None and not self._over:
            self._end()
        elif not self._over:
            self._say(f"profile: no trace, because the run ended before its step {FIRST + 1}; train for more.")

    @staticmethod
    def _say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)


def _unusable(folder: Any, reason: str) -> InvalidArgument:
    return InvalidArgument(
        f"The trace cannot be written: {reason}.",
        code="profile-folder",
        place="fit(profile=...)",
        expected="a folder, or the name of one to be made",
        received=repr(folder) if not isinstance(folder, pathlib.Path) else str(folder),
    )
