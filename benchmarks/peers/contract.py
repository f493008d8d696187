"""What the worker asks of a peer, and nothing more: every peer does the same work behind these methods."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.workloads import Workload

Floats = NDArray[np.float32]
Labels = NDArray[np.int32]
Ended = Callable[[], None]


def unheard() -> None:
    """Nobody listens to the ends of epochs."""


class Peer(Protocol):
    """A framework that can train and ask a network. `x` is one array, or a list of them, rows first."""

    def threads(self) -> int | None:
        """Threads that the framework says it computes with, `None` where it does not say."""
        ...

    def build(self, workload: Workload, weights: list[Floats], batch: int, dropout: bool) -> None:
        """Make the network and a fresh Adam, and start from `weights` (the parts' in order, in Keras's layout).

        Without `dropout`, training draws no random numbers at all.
        """
        ...

    def fit(self, x: Any, y: Any, epochs: int, shuffle: bool, ended: Ended = unheard) -> list[float]:
        """Train on `x [rows, ...]`, `y [rows, ...]` and return the mean training loss of each epoch.

        `ended` is called when an epoch is over and its loss is known.
        """
        ...

    def predict(self, x: Any) -> NDArray[Any]:
        """Probabilities (or what the network computes) `[rows, ...]` by the call that a user makes for a data set."""
        ...

    def call(self, x: Any) -> NDArray[Any]:
        """The same by the shortest call that the framework offers."""
        ...


class Evaluating(Peer, Protocol):
    """A peer that has a way of its own to measure a data set."""

    def evaluate(self, x: Any, y: Any) -> float:
        """Mean loss over the rows, with accuracy beside it where the task has one."""
        ...
