"""`keras.wrappers.scikit_learn` as Keras 1 and 2 had it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.model_selection import cross_val_score

from ranvier import layers
from ranvier._errors import InvalidArgument, NotReady
from ranvier.compat.old_wrappers import KerasClassifier, KerasRegressor
from ranvier.compat.spelling import installed
from ranvier.models import Sequential
from ranvier.utils import set_random_seed

X = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
WORDS = np.where(X[:, 0] > 0, "warm", "cold")


def binary(units: int = 4) -> Sequential:
    model = Sequential([layers.Dense(units, activation="tanh", input_dim=3), layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    return model


def softmax() -> Sequential:
    model = Sequential([layers.Dense(2, activation="softmax", input_dim=3)])
    model.compile("sgd", "categorical_crossentropy")
    return model


def number() -> Sequential:
    model = Sequential([layers.Dense(1, input_dim=3)])
    model.compile("sgd", "mse")
    return model


@pytest.fixture(autouse=True)
def _seed() -> None:
    set_random_seed(1)


def test_arguments_go_where_they_belong() -> None:
    estimator = KerasClassifier(build_fn=binary, units=7, epochs=3, batch_size=10, verbose=0)
    with installed():
        assert len(estimator.fit(X, WORDS).epoch) == 3
        assert len(KerasClassifier(binary, nb_epoch=2, verbose=0).fit(X, WORDS).epoch) == 2
    assert estimator.model.layers[0].units == 7
    with pytest.raises(InvalidArgument, match="'layers'"):
        KerasClassifier(build_fn=binary, layers=3)


def test_labels_come_back_as_they_were_given() -> None:
    estimator = KerasClassifier(binary, epochs=60, batch_size=4, verbose=0)
    with pytest.raises(NotReady):
        estimator.predict(X)
    estimator.fit(X, WORDS)
    probabilities = estimator.predict_proba(X)
    assert probabilities.shape == (40, 2) and np.allclose(probabilities.sum(axis=1), 1)
    assert estimator.classes_.tolist() == ["cold", "warm"]
    assert np.array_equal(estimator.predict(X).ravel(), np.where(probabilities[:, 1] > 0.5, "warm", "cold"))
    assert estimator.score(X, WORDS) > 0.9


def test_labels_become_one_hot_where_the_loss_wants_them() -> None:
    estimator = KerasClassifier(softmax, epochs=40, batch_size=4, verbose=0)
    estimator.fit(X, WORDS)
    assert estimator.score(X, WORDS) > 0.85
    rows = np.eye(2)[(WORDS == "warm").astype(int)]
    estimator.fit(X, rows)
    assert estimator.score(X, rows) > 0.85 and set(estimator.predict(X)) == {0, 1}


def test_scikit_learn_clones_and_validates_it() -> None:
    estimator = KerasRegressor(number, epochs=20, batch_size=4, verbose=0)
    copied = clone(estimator).set_params(epochs=30)
    assert (copied.get_params()["epochs"], estimator.get_params()["epochs"]) == (30, 20)
    assert is_regressor(estimator) and is_classifier(KerasClassifier(binary))
    target = X @ [1.0, 2.0, 0.0]
    scores = cross_val_score(estimator, X, target, cv=2)
    assert scores.shape == (2,) and (scores <= 0).all() and scores.mean() > -1
    assert estimator.fit(X, target) is not None and estimator.predict(X).shape == (40,)


class Built(KerasClassifier):
    """A subclass that builds the model itself."""

    def __call__(self, units: int = 3) -> Sequential:
        return binary(units)


def test_a_subclass_may_build_the_model() -> None:
    estimator = Built(units=5, verbose=0)
    estimator.fit(X, WORDS)
    assert estimator.model.layers[0].units == 5
