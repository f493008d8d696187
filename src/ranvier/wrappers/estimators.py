"""Models as scikit-learn's estimators: a classifier, a regressor, a transformer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self, final

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_array, check_is_fitted, check_X_y

from ranvier._errors import DataError, NotReady
from ranvier.models import Model, clone_model
from ranvier.saving.compiling import compile_config, compile_from

__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]


class _Estimator(BaseEstimator):  # type: ignore[misc]
    """What the three have in common.

    Attributes:
        model_: the trained model.
        history_: the History of the last `fit`.
    """

    def __init__(
        self,
        model: Model | Callable[..., Model],
        warm_start: bool = False,
        model_kwargs: Mapping[str, Any] | None = None,
        fit_kwargs: Mapping[str, Any] | None = None,
    ) -> None:
        self.model, self.warm_start = model, warm_start
        self.model_kwargs, self.fit_kwargs = model_kwargs, fit_kwargs

    def __sklearn_clone__(self) -> Self:
        """Return an unfitted estimator; a model is cloned when it is fitted, so both may hold the same one."""
        return type(self)(self.model, self.warm_start, self.model_kwargs, self.fit_kwargs)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True
        return tags

    def fit(self, X: Any, y: Any, **kwargs: Any) -> Self:
        """Train a new model, or the last one again with `warm_start`.

        Args:
            X: inputs `[row, feature]`.
            y: targets `[row]` or `[row, output]`.
            kwargs: arguments of the model's `fit`, before `fit_kwargs`.

        Raises:
            NotReady: the model is not compiled.
        """
        X, y = check_X_y(X, y, multi_output=True)
        targets = self._targets(y)
        self.n_features_in_ = X.shape[1]
        if not (self.warm_start and hasattr(self, "model_")):
            self.model_ = self._made(X, targets)
        self.history_ = self.model_.fit(X, targets, **{**(self.fit_kwargs or {}), **kwargs})
        return self

    def _made(self, X: Any, y: Any) -> Model:
        """Return the compiled model that is trained."""
        if not isinstance(self.model, Model):
            made: Model = self.model(X=X, y=y, **(self.model_kwargs or {}))
        else:
            made = self.model if self.warm_start else clone_model(self.model)
            if self.model.compiled and not made.compiled:
                compile_from(made, compile_config(self.model))
        if not made.compiled or not made.compile_arguments["loss"]:
            raise NotReady(
                "The model must be compiled with an optimizer and a loss.",
                code="not-compiled",
                place=f"{type(self).__name__}(model=...)",
                fix="call model.compile(optimizer, loss) before, or in the function that returns it",
            )
        return made

    def _targets(self, y: Any) -> Any:
        """Return what the model is trained on."""
        self._one_column = y.ndim == 1
        return y.reshape(-1, 1) if self._one_column else y

    def _outputs(self, X: Any) -> Any:
        check_is_fitted(self, "model_")
        X = check_array(X)
        if X.shape[1] != self.n_features_in_:
            raise DataError(
                f"X has {X.shape[1]} features, but {type(self).__name__} is expecting {self.n_features_in_} features "
                "as input.",
                code="features-differ",
                place="X",
                expected=self.n_features_in_,
                received=X.shape[1],
            )
        return self.model_.predict(X, verbose=0)

    def predict(self, X: Any) -> Any:
        """Return a number, or a row of them, for each row."""
        outputs = self._outputs(X)
        return outputs[:, 0] if self._one_column and outputs.ndim == 2 and outputs.shape[1] == 1 else outputs


@final
class SKLearnClassifier(ClassifierMixin, _Estimator):  # type: ignore[misc]
    """A model as a classifier of scikit-learn; it is trained on one-hot targets, one output for each class.

    Args:
        model: a compiled model, cloned for each `fit`; or a function `(X, y, **model_kwargs)` that returns one.
        warm_start: train the model itself, and go on from the last `fit`.
        model_kwargs: arguments of the function.
        fit_kwargs: arguments of the model's `fit`.

    Attributes:
        model_: the trained model.
        history_: the History of the last `fit`.
        classes_: the labels, in the order of the outputs.

    Raises:
        DataError: the targets are not labels of two or more classes.

    Example:
        >>> from ranvier import Sequential, layers
        >>> model = Sequential([layers.Dense(2, activation="softmax")])
        >>> model.compile("adam", "categorical_crossentropy")
        >>> estimator = SKLearnClassifier(model, fit_kwargs={"verbose": 0})
        >>> estimator.fit(np.eye(4), ["no", "no", "yes", "yes"]).predict(np.eye(4)).shape
        (4,)
    """

    def _targets(self, y: Any) -> Any:
        kind = type_of_target(y, raise_unknown=True)
        self.classes_ = np.unique(y)
        if kind not in ("binary", "multiclass") or len(self.classes_) < 2:
            raise DataError(
                "A classifier takes labels of at least two classes. Only binary and multiclass target types are "
                "supported; a classifier can't train when only one class is present.",
                code="not-labels",
                place="y",
                expected="labels of two or more classes, one for each row",
                received=f"{kind} targets of shape {y.shape}, {len(self.classes_)} different values",
            )
        self._encoder = OneHotEncoder(categories=[self.classes_], sparse_output=False)
        return self._encoder.fit_transform(np.reshape(y, (-1, 1)))

    def decision_function(self, X: Any) -> Any:
        """Return the model's outputs `[row, class]`."""
        return self._outputs(X)

    def predict(self, X: Any) -> Any:
        """Return the label of the largest output for each row."""
        return self.classes_[np.argmax(self._outputs(X), axis=-1)]


@final
class SKLearnRegressor(RegressorMixin, _Estimator):  # type: ignore[misc]
    """A model as a regression of scikit-learn.

    Args:
        model: a compiled model, cloned for each `fit`; or a function `(X, y, **model_kwargs)` that returns one.
        warm_start: train the model itself, and go on from the last `fit`.
        model_kwargs: arguments of the function.
        fit_kwargs: arguments of the model's `fit`.

    Attributes:
        model_: the trained model.
        history_: the History of the last `fit`.

    Example:
        >>> from ranvier import Sequential, layers
        >>> model = Sequential([layers.Dense(1)])
        >>> model.compile("adam", "mse")
        >>> SKLearnRegressor(model, fit_kwargs={"verbose": 0}).fit(np.eye(4), np.ones(4)).predict(np.eye(4)).shape
        (4,)
    """


@final
class SKLearnTransformer(TransformerMixin, _Estimator):  # type: ignore[misc]
    """A model as a step of scikit-learn that computes new features.

    Args:
        model: a compiled model, cloned for each `fit`; or a function `(X, y, **model_kwargs)` that returns one.
        warm_start: train the model itself, and go on from the last `fit`.
        model_kwargs: arguments of the function.
        fit_kwargs: arguments of the model's `fit`.

    Attributes:
        model_: the trained model.
        history_: the History of the last `fit`.

    Example:
        >>> from ranvier import Sequential, layers
        >>> model = Sequential([layers.Dense(3)])
        >>> model.compile("adam", "mse")
        >>> step = SKLearnTransformer(model, fit_kwargs={"verbose": 0})
        >>> step.fit(np.eye(4), np.ones((4, 3))).transform(np.eye(4)).shape
        (4, 3)
    """

    def transform(self, X: Any) -> Any:
        """Return the model's outputs."""
        return self._outputs(X)
