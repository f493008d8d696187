"""What the worker asks of a peer, and nothing more: every peer does the same work behind these five methods."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.workloads import Workload

Floats = NDArray[np.float32]
Labels = NDArray[np.int32]


class Peer(Protocol):
    """A framework that can train and ask a small classifier."""

    def threads(self) -> int | None:
        """Threads that the framework says it computes with, `None` where it does not say."""
        ...

    def build(self, workload: Workload, weights: list[Floats], batch: int, dropout: bool) -> None:
        """Make the network and a fresh Adam, and start from `weights` (kernel, bias, kernel, bias, ...)."""
        ...

    def fit(self, x: Floats, y: Labels, epochs: int, shuffle: bool) -> list[float]:
        """Train on `x [rows, features]`, `y [rows]` and return the mean training loss of each epoch."""
        ...

    def predict(self, x: Floats) -> NDArray[Any]:
        """Class probabilities `[rows, classes]` by the call that a user makes for a data set."""
        ...

    def call(self, x: Floats) -> NDArray[Any]:
        """Class probabilities `[rows, classes]` by the shortest call that the framework offers."""
        ...
