"""LambdaCallback: hooks as functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

from ranvier._errors import InvalidArgument
from ranvier.callbacks.base import Callback

__all__ = ["LambdaCallback"]

Hook = Callable[..., Any] | None


@final
class LambdaCallback(Callback):
    """A callback made of functions.

    Args:
        on_epoch_begin, on_epoch_end: take `(epoch, logs)`.
        on_train_begin, on_train_end: take `(logs)`.
        on_train_batch_begin, on_train_batch_end: take `(batch, logs)`; they run after every step unless `every` is set.
        **kwargs: functions for other hooks of Callback.

    Raises:
        InvalidArgument: Callback has no such hook.

    Example:
        >>> seen = []
        >>> LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch)).on_epoch_end(0, {})
        >>> seen
        [0]
    """

    def __init__(
        self,
        on_epoch_begin: Hook = None,
        on_epoch_end: Hook = None,
        on_train_begin: Hook = None,
        on_train_end: Hook = None,
        on_train_batch_begin: Hook = None,
        on_train_batch_end: Hook = None,
        **kwargs: Any,
    ) -> None:
        given = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **kwargs,
        }
        for name, function in given.items():
            if not (name.startswith("on_") and hasattr(Callback, name)):
                raise InvalidArgument(
                    f"Callback has no hook {name!r}.",
                    code="unknown-hook",
                    place="LambdaCallback(...)",
                    expected=", ".join(hook for hook in vars(Callback) if hook.startswith("on_")),
                    received=name,
                )
            if function is not None:
                setattr(self, name, function)
