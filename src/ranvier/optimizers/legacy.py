"""The names of Keras 2's optimizers, which Keras 3 lists and refuses; `ranvier run` gives old scripts today's."""

from __future__ import annotations

from typing import Any, NoReturn

from ranvier._errors import Unsupported

__all__ = ["SGD", "Adagrad", "Adam", "Ftrl", "Optimizer", "RMSprop"]


class Optimizer:
    """The base of Keras 2's optimizers; making one is refused.

    Raises:
        Unsupported: always, with today's name.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._refuse()

    def _refuse(self) -> NoReturn:
        name = type(self).__name__
        raise Unsupported(
            "Keras 3 has no legacy optimizers.",
            code="legacy-optimizer",
            place=f"keras.optimizers.legacy.{name}",
            expected=f"keras.optimizers.{name}",
            fix=f"use keras.optimizers.{name}(learning_rate=...), or run the script with `ranvier run`",
        )


class Adagrad(Optimizer):
    """See `Optimizer`."""


class Adam(Optimizer):
    """See `Optimizer`."""


class Ftrl(Optimizer):
    """See `Optimizer`."""


class RMSprop(Optimizer):
    """See `Optimizer`."""


class SGD(Optimizer):
    """See `Optimizer`."""
