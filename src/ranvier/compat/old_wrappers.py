"""`keras.wrappers.scikit_learn` of Keras 1 and 2: a function that builds a model, as an estimator."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from ranvier._errors import InvalidArgument, NotReady
from ranvier.models import Model
from ranvier.utils import to_categorical

__all__ = ["KerasClassifier", "KerasRegressor"]

_OLD = ("nb_epoch",)


class _Wrapper(BaseEstimator):  # type: ignore[misc]
    """What both estimators share.

    Args:
        build_fn: returns a compiled model; None when the subclass defines `__call__`.
        sk_params: arguments of `build_fn`, and of the model's `fit` and `predict`, told apart by their names.
    """

    model: Any

    def __init__(self, build_fn: Callable[..., Any] | None = None, **sk_params: Any) -> None:
        self.build_fn, self.sk_params = build_fn, sk_params
        known = {*_names(self._builder()), *_names(Model.fit), *_names(Model.predict), *_names(Model.evaluate), *_OLD}
        for name in sk_params:
            if name not in known:
                raise InvalidArgument(
                    f"{type(self).__name__} does not know the argument {name!r}.",
                    code="unknown-argument",
                    place=f"{type(self).__name__}(...)",
                    expected="an argument of build_fn, fit, evaluate or predict",
                    received=name,
                    fix="correct its name, or let build_fn take it",
                )

    def _builder(self) -> Callable[..., Any]:
        builder = self.build_fn if self.build_fn is not None else self
        return builder if inspect.isroutine(builder) else type(builder).__call__

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return all arguments, as scikit-learn's `clone` and searches want them."""
        return {"build_fn": self.build_fn, **self.sk_params}

    def set_params(self, **params: Any) -> Any:
        """Set arguments."""
        self.build_fn = params.pop("build_fn", self.build_fn)
        self.sk_params = {**self.sk_params, **params}
        return self

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Build a model and train it; return its History."""
        build: Any = self.build_fn if self.build_fn is not None else self
        self.model = build(**self._for(self._builder()))
        return self.model.fit(x, self._targets(np.asarray(y)), **{**self._for(Model.fit, *_OLD), **kwargs})

    def _targets(self, y: Any) -> Any:
        return y

    def _outputs(self, x: Any, kwargs: Mapping[str, Any]) -> Any:
        if not hasattr(self, "model"):
            raise NotReady("fit() was not called yet.", code="not-fitted", place=type(self).__name__)
        return self.model.predict(x, **{**self._for(Model.predict), **kwargs})

    def _for(self, function: Callable[..., Any], *more: str) -> dict[str, Any]:
        """Return the arguments that a function takes."""
        names = {*_names(function), *more}
        return {name: value for name, value in self.sk_params.items() if name in names}

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model")


class KerasClassifier(ClassifierMixin, _Wrapper):  # type: ignore[misc]
    """A classifier: targets are labels, or rows with a one; one sigmoid or as many softmax outputs as classes."""

    def _targets(self, y: Any) -> Any:
        if y.ndim == 2 and y.shape[1] > 1:
            self.classes_ = np.arange(y.shape[1])
            return y
        self.classes_, numbers = np.unique(y, return_inverse=True)
        numbers = numbers.reshape(len(y))
        loss = getattr(self.model.loss, "name", None) or getattr(self.model.loss, "__name__", self.model.loss)
        return to_categorical(numbers, len(self.classes_)) if loss == "categorical_crossentropy" else numbers

    def predict(self, x: Any, **kwargs: Any) -> Any:
        """Return a label for each row."""
        scores = self._outputs(x, kwargs)
        numbers = scores.argmax(axis=-1) if scores.shape[-1] > 1 else (scores > 0.5).astype("int32")
        return self.classes_[numbers]

    def predict_proba(self, x: Any, **kwargs: Any) -> Any:
        """Return a probability per class; from one sigmoid, two columns."""
        scores = self._outputs(x, kwargs)
        return np.hstack([1 - scores, scores]) if scores.shape[1] == 1 else scores

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """Return the share of rows that are labelled right."""
        y = np.asarray(y)
        labels = y.argmax(axis=-1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(len(y))
        return float(np.mean(self.predict(x, **kwargs).reshape(len(y)) == labels))


class KerasRegressor(RegressorMixin, _Wrapper):  # type: ignore[misc]
    """A regression: targets are numbers."""

    def predict(self, x: Any, **kwargs: Any) -> Any:
        """Return a number for each row."""
        return np.squeeze(self._outputs(x, kwargs), axis=-1)

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """Return minus the loss, so that more is better."""
        loss = self.model.evaluate(x, y, **{"verbose": 0, **self._for(Model.evaluate), **kwargs})
        return -float(np.ravel(loss)[0])


def _names(function: Callable[..., Any]) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name not in ("self", "x", "y", "args", "kwargs")]
