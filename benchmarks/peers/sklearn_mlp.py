"""scikit-learn's MLPClassifier: no dropout, no running accuracy; two classes are one logistic unit there."""

import warnings
from typing import Any

from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.peers.contract import Floats, Labels
from benchmarks.workloads import ADAM_EPSILON, LEARNING_RATE, Workload, synthetic


class SklearnMlp:
    """`fit` with `warm_start` and `partial_fit` both continue from the weights that are there."""

    def __init__(self) -> None:
        self.model: Any = None
        warnings.simplefilter("ignore", ConvergenceWarning)

    def threads(self) -> int | None:
        """The linear algebra library decides."""
        return None

    def build(self, workload: Workload, weights: list[Floats], batch: int, dropout: bool) -> None:
        """One throw-away epoch on one batch makes the arrays, then the given weights replace their content."""
        self.model = MLPClassifier(
            hidden_layer_sizes=workload.sizes[1:-1], solver="adam", alpha=0.0, batch_size=batch, max_iter=1,
            learning_rate_init=LEARNING_RATE, epsilon=ADAM_EPSILON, tol=0.0, n_iter_no_change=10**9,
            shuffle=False, random_state=0,
        )  # fmt: skip
        x, y = synthetic(workload.sizes[0], workload.sizes[-1], batch)
        y[: workload.sizes[-1]] = range(workload.sizes[-1])  # every class must have been seen
        self.model.fit(x, y)
        kernels, biases = weights[0::2], weights[1::2]
        if workload.sizes[-1] == 2:  # softmax over two logits is a logistic unit on their difference
            kernels = [*kernels[:-1], kernels[-1][:, 1:] - kernels[-1][:, :1]]
            biases = [*biases[:-1], biases[-1][1:] - biases[-1][:1]]
        for own, given in zip(self.model.coefs_ + self.model.intercepts_, kernels + biases, strict=True):
            own[:] = given
        del self.model._optimizer  # there is no public way to make partial_fit begin with a fresh Adam

    def fit(self, x: Floats, y: Labels, epochs: int, shuffle: bool) -> list[float]:
        """`partial_fit` is one epoch that continues Adam; `fit` runs many, with a fresh Adam."""
        self.model.set_params(max_iter=epochs, shuffle=shuffle, warm_start=epochs > 1)
        if epochs == 1:
            self.model.partial_fit(x, y)
        else:
            self.model.fit(x, y)
        return [float(loss) for loss in self.model.loss_curve_[-epochs:]]

    def predict(self, x: Floats) -> NDArray[Any]:
        """`predict_proba`."""
        return self.call(x)

    def call(self, x: Floats) -> NDArray[Any]:
        """`predict_proba`: scikit-learn has no shorter call."""
        probabilities: NDArray[Any] = self.model.predict_proba(x)
        return probabilities


make = SklearnMlp
