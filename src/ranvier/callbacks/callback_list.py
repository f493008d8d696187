"""CallbackList: tells every callback of a run what happens, and the loop how often they need Python."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, final

import numpy as np
from jax import tree_util

from ranvier._errors import WrongType
from ranvier.callbacks.base import Callback, Logs
from ranvier.callbacks.history import History
from ranvier.callbacks.progbar_logger import ProgbarLogger

__all__ = ["CallbackList"]


@final
class CallbackList(Callback):
    """All callbacks of a run, told in order.

    Args:
        callbacks: a Callback, or a nest of them.
        add_history: add a History where there is none.
        add_progbar: add a ProgbarLogger where there is none.
        model: handed to each callback.
        **params: `verbose`, `epochs`, `steps`: handed to each callback as its `params`.

    Raises:
        WrongType: something is not a Callback.

    Example:
        >>> CallbackList([History()], epochs=2).cadence("train") is None
        True
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        self.callbacks: list[Callback] = []
        self._testing = False
        self._step = 0
        for callback in tree_util.tree_leaves(callbacks):
            self.append(callback)
        for wanted, kind in ((add_progbar, ProgbarLogger), (add_history, History)):
            if wanted and not any(isinstance(callback, kind) for callback in self.callbacks):
                self.append(kind())
        self.set_model(model)
        self.set_params(params)

    def append(self, callback: Callback) -> None:
        """Add a callback at the end."""
        if not isinstance(callback, Callback):
            raise WrongType(
                "This is not a callback.",
                code="not-a-callback",
                place="callbacks",
                expected="objects of classes that derive from keras.callbacks.Callback",
                received=f"{type(callback).__name__}: {callback!r}"[:120],
                fix="derive its class from ranvier.callbacks.Callback; pass an object, not the class",
            )
        self.callbacks.append(callback)

    def set_params(self, params: dict[str, Any] | None) -> None:
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_model(self, model: Any) -> None:
        self._model = model
        for callback in self.callbacks:
            callback.set_model(model)

    # --- what the loop asks ------------------------------------------------------------------------------------------

    def cadence(self, purpose: str = "train") -> int | None:
        """Return the number of steps whose next multiple is where Python is needed; None for not inside this epoch."""
        wanted = [(callback, steps) for callback in self.callbacks if (steps := callback.steps_between(purpose))]
        if not wanted:
            return None
        if purpose != "predict":
            self._tell_cost([callback for callback, steps in wanted if steps == 1])
        if purpose == "train":
            # The next step at which somebody is due: a common divisor could be 1 though all are rare.
            return min((self._step // steps + 1) * steps for _, steps in wanted)
        return math.gcd(*(steps for _, steps in wanted))

    def _tell_cost(self, callbacks: list[Callback]) -> None:
        """Say once of a callback that it makes training slower."""
        names = sorted({type(callback).__name__ for callback in callbacks if not vars(callback).get("_told_cost")})
        for callback in callbacks:
            vars(callback)["_told_cost"] = True
        if names:
            self.say(
                f"{', '.join(names)}: Python runs after every step, which makes training slower. Where that is not "
                "needed, set `every = 100` (steps) on the callback, or use on_epoch_end or on_trip_end."
            )

    @property
    def wants_trips(self) -> bool:
        """Whether somebody listens to `on_trip_end` or `on_test_trip_end`."""
        hook = "on_test_trip_end" if self._testing else "on_trip_end"
        return any(callback.overrides(hook) for callback in self.callbacks)

    def say(self, text: str) -> None:
        """Tell the person something, on standard error, above a running progress bar."""
        print(text, file=sys.stderr, flush=True)

    # --- resume ------------------------------------------------------------------------------------------------------

    def _named(self) -> Iterator[tuple[str, Callback]]:
        """Yield each callback under its class's name, numbered among callbacks of that class."""
        counts: Counter[str] = Counter()
        for callback in self.callbacks:
            name = type(callback).__name__
            yield f"{name}/{counts[name]}", callback
            counts[name] += 1

    def state_dict(self) -> dict[str, Any]:
        return {name: state for name, callback in self._named() if (state := callback.state_dict())}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        for name, callback in self._named():
            if name in state:
                callback.load_state_dict(state[name])

    def array_state(self) -> dict[str, np.ndarray]:
        return {
            f"{name}/{key}": array for name, callback in self._named() for key, array in callback.array_state().items()
        }

    def load_array_state(self, arrays: Mapping[str, np.ndarray]) -> None:
        for name, callback in self._named():
            start = f"{name}/"
            own = {key.removeprefix(start): array for key, array in arrays.items() if key.startswith(start)}
            if own:
                callback.load_array_state(own)

    # --- hooks -------------------------------------------------------------------------------------------------------

    def _tell(self, hook: str, *arguments: Any) -> None:
        for callback in self.callbacks:
            getattr(callback, hook)(*arguments)

    def _tell_due(self, purpose: str, hook: str, batch: int, done: int, logs: Logs) -> None:
        """Tell those whose own cadence falls on `done` steps, though others need Python more often."""
        for callback in self.callbacks:
            steps = callback.steps_between(purpose)
            if steps and done % steps == 0:
                getattr(callback, hook)(batch, logs)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._step = 0
        self._tell("on_epoch_begin", epoch, _given(logs))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self._tell("on_epoch_end", epoch, _given(logs))

    def on_trip_end(self, step: int, steps: int | None, logs: Logs = None) -> None:
        if not self._testing:
            self._step = step
        self._tell("on_test_trip_end" if self._testing else "on_trip_end", step, steps, _given(logs))

    def on_batch_begin(self, batch: int, logs: Logs = None) -> None:
        self.on_train_batch_begin(batch, logs)

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        self.on_train_batch_end(batch, logs)

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        self._step = batch
        self._tell_due("train", "on_train_batch_begin", batch, batch, _given(logs))

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._step = batch + 1
        self._tell_due("train", "on_train_batch_end", batch, batch + 1, _given(logs))

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        self._tell_due("test", "on_test_batch_begin", batch, batch, _given(logs))

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._tell_due("test", "on_test_batch_end", batch, batch + 1, _given(logs))

    def on_predict_batch_begin(self, batch: int, logs: Logs = None) -> None:
        self._tell_due("predict", "on_predict_batch_begin", batch, batch, _given(logs))

    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._tell_due("predict", "on_predict_batch_end", batch, batch + 1, _given(logs))

    def on_train_begin(self, logs: Logs = None) -> None:
        self._tell("on_train_begin", _given(logs))

    def on_train_end(self, logs: Logs = None) -> None:
        self._tell("on_train_end", _given(logs))

    def on_test_begin(self, logs: Logs = None) -> None:
        self._testing = True
        self._tell("on_test_begin", _given(logs))

    def on_test_end(self, logs: Logs = None) -> None:
        self._testing = False
        self._tell("on_test_end", _given(logs))

    def on_predict_begin(self, logs: Logs = None) -> None:
        self._tell("on_predict_begin", _given(logs))

    def on_predict_end(self, logs: Logs = None) -> None:
        self._tell("on_predict_end", _given(logs))

    def close(self) -> None:
        self._tell("close")


def _given(logs: Logs) -> dict[str, Any]:
    """Return the dict that all callbacks of one hook share."""
    return {} if logs is None else logs
