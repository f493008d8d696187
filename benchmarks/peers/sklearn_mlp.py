"""scikit-learn's MLPs: no dropout, no running accuracy; two classes are one logistic unit there."""

import warnings
from typing import Any

from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

from benchmarks.datasets import synthetic
from benchmarks.peers.contract import Ended, Floats, unheard
from benchmarks.workloads import ADAM_EPSILON, LEARNING_RATE, Workload


class SklearnMlp:
    """An epoch is a call of `partial_fit`, which goes on with the weights and with Adam as they are."""

    def __init__(self) -> None:
        self.model: Any = None
        self.loss_scale = 1.0
        warnings.simplefilter("ignore", ConvergenceWarning)

    def threads(self) -> int | None:
        """The linear algebra library decides."""
        return None

    def build(self, workload: Workload, weights: list[Floats], batch: int, dropout: bool) -> None:
        """One throw-away epoch on one batch makes the arrays, then the given weights replace their content."""
        squared = workload.loss == "mse"
        # Its squared error is half a sum over the outputs where the others take the mean: Adam's epsilon scales along.
        scale = workload.sizes[-1] / 2 if squared else 1.0
        self.loss_scale = 2.0 if squared else 1.0
        self.model = (MLPRegressor if squared else MLPClassifier)(
            hidden_layer_sizes=workload.sizes[1:-1], solver="adam", alpha=0.0, batch_size=batch, max_iter=1,
            learning_rate_init=LEARNING_RATE, epsilon=scale * ADAM_EPSILON, tol=0.0, n_iter_no_change=10**9,
            shuffle=False, random_state=0,
        )  # fmt: skip
        x, y = synthetic(workload.sizes[0], workload.sizes[-1], batch)
        if not squared:
            y[: workload.sizes[-1]] = range(workload.sizes[-1])  # every class must have been seen
        self.model.fit(x, x if squared else y)
        kernels, biases = weights[0::2], weights[1::2]
        if workload.sizes[-1] == 2 and not squared:  # softmax over two logits is a logistic unit on their difference
            kernels = [*kernels[:-1], kernels[-1][:, 1:] - kernels[-1][:, :1]]
            biases = [*biases[:-1], biases[-1][1:] - biases[-1][:1]]
        for own, given in zip(self.model.coefs_ + self.model.intercepts_, kernels + biases, strict=True):
            own[:] = given
        del self.model._optimizer  # there is no public way to make partial_fit begin with a fresh Adam

    def fit(self, x: Any, y: Any, epochs: int, shuffle: bool, ended: Ended = unheard) -> list[float]:
        """One `partial_fit` per epoch."""
        self.model.set_params(shuffle=shuffle)
        losses: list[float] = []
        for _ in range(epochs):
            self.model.partial_fit(x, y)
            losses.append(self.loss_scale * float(self.model.loss_))
            ended()
        return losses

    def predict(self, x: Any) -> NDArray[Any]:
        """The same as `call`."""
        return self.call(x)

    def call(self, x: Any) -> NDArray[Any]:
        """`predict_proba`, or `predict` of a regression: scikit-learn has no shorter call."""
        answer: NDArray[Any] = getattr(self.model, "predict_proba", self.model.predict)(x)
        return answer


make = SklearnMlp
