"""CarriedState: a variable that hands something from one batch to the next."""

from __future__ import annotations

from typing import Any

from ranvier.state.variable import Variable

__all__ = ["CarriedState"]


class CarriedState(Variable):
    """What a stateful layer remembers: a buffer of the running program, but no weight, so that files leave it out.

    Args:
        value: its first value.
        name: the last part of its path.
    """

    def __init__(self, value: Any, name: str) -> None:
        super().__init__(value, trainable=False, autocast=False, name=name)
