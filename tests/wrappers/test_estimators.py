"""Models as scikit-learn's estimators: the contract of Keras 3's wrappers, in cross-validation and pipelines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from ranvier import layers
from ranvier._errors import DataError, NotReady
from ranvier.models import Sequential
from ranvier.optimizers import Adam
from ranvier.utils import set_random_seed
from ranvier.wrappers import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

RNG = np.random.default_rng(0)
NUMBER = RNG.integers(0, 3, 60)
X = (3 * np.eye(3, 4)[NUMBER] + RNG.normal(scale=0.3, size=(60, 4))).astype("float32")
LABELS = np.array(["ant", "bee", "cat"])[NUMBER]
QUIET = {"verbose": 0}


def model(units: int = 3, activation: str | None = "softmax", loss: str = "categorical_crossentropy") -> Sequential:
    made = Sequential([layers.Dense(units, activation=activation, input_shape=(4,))])
    made.compile("adam", loss)
    return made


def dynamic(X: Any, y: Any, rate: float = 0.1) -> Sequential:
    made = Sequential([layers.Dense(y.shape[1], activation="softmax", input_shape=X.shape[1:])])
    made.compile(Adam(rate), "categorical_crossentropy")
    return made


@pytest.fixture(autouse=True)
def _seed() -> None:
    set_random_seed(0)


def test_a_classifier_learns_labels() -> None:
    estimator = SKLearnClassifier(dynamic, model_kwargs={"rate": 0.1}, fit_kwargs={**QUIET, "epochs": 30})
    assert estimator.fit(X, LABELS) is estimator
    assert estimator.classes_.tolist() == ["ant", "bee", "cat"]
    assert estimator.score(X, LABELS) > 0.95
    assert np.array_equal(estimator.predict(X), estimator.classes_[estimator.decision_function(X).argmax(axis=1)])
    assert len(estimator.history_.history["loss"]) == 30
    assert is_classifier(estimator) and not is_regressor(estimator)


def test_the_given_model_is_left_as_it_was() -> None:
    given = model()
    before = given.get_weights()
    estimator = SKLearnClassifier(given, fit_kwargs=QUIET).fit(X, LABELS, epochs=2)
    assert all(np.array_equal(a, b) for a, b in zip(before, given.get_weights(), strict=True))
    assert estimator.model_ is not given and len(estimator.history_.epoch) == 2


def test_a_warm_start_goes_on() -> None:
    given = model()
    estimator = SKLearnClassifier(given, warm_start=True, fit_kwargs=QUIET)
    first = estimator.fit(X, LABELS).history_.history["loss"][0]
    for _ in range(5):
        estimator.fit(X, LABELS)
    assert estimator.model_ is given and estimator.history_.history["loss"][0] < first


def test_it_is_cloned_validated_and_searched() -> None:
    estimator = SKLearnClassifier(dynamic, fit_kwargs={**QUIET, "epochs": 5})
    copied = clone(estimator)
    assert copied.get_params() == estimator.get_params() and not hasattr(copied, "model_")
    assert len(cross_val_score(make_pipeline(StandardScaler(), estimator), X, LABELS, cv=2)) == 2
    search = GridSearchCV(estimator, {"model_kwargs": [{"rate": 1e-6}, {"rate": 0.5}]}, cv=2).fit(X, LABELS)
    assert search.best_params_["model_kwargs"]["rate"] == 0.5


def test_a_regression_keeps_the_rank_of_its_targets() -> None:
    target = X @ np.array([1.0, -1.0, 2.0, 0.0])
    given = model(1, None, "mse")
    given.optimizer.learning_rate = 0.1
    estimator = SKLearnRegressor(given, fit_kwargs={**QUIET, "epochs": 60}).fit(X, target)
    assert estimator.predict(X).shape == (60,) and estimator.score(X, target) > 0.9 and is_regressor(estimator)
    assert SKLearnRegressor(given, fit_kwargs=QUIET).fit(X, target[:, None]).predict(X).shape == (60, 1)
    two = SKLearnRegressor(model(2, None, "mse"), fit_kwargs=QUIET).fit(X, np.stack([target, target], axis=1))
    assert two.predict(X).shape == (60, 2)


def test_a_transformer_feeds_what_comes_after_it() -> None:
    one_hot = np.eye(3)[NUMBER]
    step = SKLearnTransformer(model(), fit_kwargs={**QUIET, "epochs": 3})
    assert step.fit(X, one_hot).transform(X).shape == (60, 3)
    assert np.array_equal(step.transform(X), step.predict(X))
    fitted = make_pipeline(SKLearnTransformer(dynamic_of_numbers, fit_kwargs=QUIET), DecisionTreeClassifier())
    assert fitted.fit(X, NUMBER).score(X, NUMBER) > 0.9


def dynamic_of_numbers(X: Any, y: Any) -> Sequential:
    assert y.shape == (60, 1)
    return model(3, None, "mse")


def test_what_cannot_be_trained_is_refused() -> None:
    plain = Sequential([layers.Dense(3)])
    with pytest.raises(NotReady, match="compiled"):
        SKLearnClassifier(plain).fit(X, LABELS)
    with pytest.raises(DataError, match="only one class"):
        SKLearnClassifier(dynamic).fit(X, np.zeros(60))
    with pytest.raises(DataError, match="Only binary and multiclass"):
        SKLearnClassifier(dynamic).fit(X, RNG.normal(size=60))
    fitted = SKLearnRegressor(model(1, None, "mse"), fit_kwargs=QUIET).fit(X, NUMBER)
    with pytest.raises(DataError, match="4 features"):
        fitted.predict(X[:, :2])
