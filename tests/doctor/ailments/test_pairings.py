"""Output, loss, targets and metric that do not belong together, and neighbours that do."""

from __future__ import annotations

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers, losses, metrics, ops
from ranvier._errors import InvalidArgument
from ranvier.doctor import exam
from ranvier.models import Model, Sequential, compiling, feeding
from tests.doctor.patients import BINARY, CLASSES, ONE_HOT, X, dense, examine

AMOUNTS = X.sum(1) * 100
UNIT = 1 / (1 + np.exp(-X[:, 0]))


def codes(model, loss, y, metric=None):
    model.compile("sgd", loss, metrics=metric)
    feed = feeding.feed_of(X, y)
    return [f.code for f in exam.before_training(model, compiling.program_for(model, feed.example(), "train"), feed)]


def head(end):
    entry = layers.Input((4,))
    return Model(entry, end(layers.Dense(6, activation="relu")(entry)))


class Ends(Model):
    """A subclass whose `call` goes on after its last layer."""

    def __init__(self):
        super().__init__()
        self.head = layers.Dense(3)

    def call(self, x):
        return ops.softmax(self.head(x))


LOGITS = losses.SparseCategoricalCrossentropy(from_logits=True)
ILL = {
    "softmax as logits": (dense(3, "softmax"), LOGITS, CLASSES, "logits-and-probabilities"),
    "sigmoid as logits": (
        dense(1, "sigmoid"),
        losses.BinaryCrossentropy(from_logits=True),
        BINARY,
        "logits-and-probabilities",
    ),
    "linear as probabilities": (dense(3), "sparse_categorical_crossentropy", CLASSES, "logits-and-probabilities"),
    "linear as a probability": (dense(1), "binary_crossentropy", BINARY, "logits-and-probabilities"),
    "relu as probabilities": (dense(3, "relu"), "categorical_crossentropy", ONE_HOT, "logits-and-probabilities"),
    "softmax twice": (
        head(lambda h: layers.Activation("softmax")(layers.Dense(3, activation="softmax")(h))),
        "sparse_categorical_crossentropy",
        CLASSES,
        "logits-and-probabilities",
    ),
    "sigmoids for one class": (dense(3, "sigmoid"), "categorical_crossentropy", ONE_HOT, "logits-and-probabilities"),
    "one class": (dense(1, "sigmoid"), "categorical_crossentropy", BINARY[:, None], "loss-task-mismatch"),
    "percentages of 0": (dense(1, "sigmoid"), "mape", BINARY, "loss-task-mismatch"),
    "counts of yes and no": (dense(1, "sigmoid"), "poisson", BINARY, "loss-task-mismatch"),
    "squares of classes": (dense(3, "softmax"), "mse", ONE_HOT, "loss-task-mismatch"),
    "classes as independent": (dense(3, "softmax"), "binary_crossentropy", ONE_HOT, "loss-task-mismatch"),
    "sigmoid for amounts": (dense(1, "sigmoid"), "mse", AMOUNTS, "output-range"),
    "relu for both signs": (dense(1, "relu"), "mae", AMOUNTS, "output-range"),
    "tanh in a layer": (head(lambda h: ops.tanh(layers.Dense(1)(h))), "huber", AMOUNTS, "output-range"),
}
ADVICE = {"sigmoids for one class", "squares of classes", "classes as independent"}


@pytest.mark.parametrize("name", ILL)
def test_what_does_not_belong_together_is_found(name):
    model, loss, y, code = ILL[name]
    (found,) = examine(model, loss, y=y)
    assert (found.code, found.severity) == (code, "advice" if name in ADVICE else "error")
    assert found.cure
    assert found.evidence


WELL = {
    "logits": (dense(3), LOGITS, CLASSES),
    "a logit": (dense(1), losses.BinaryCrossentropy(from_logits=True), BINARY),
    "probabilities": (dense(3, "softmax"), "sparse_categorical_crossentropy", CLASSES),
    "rows": (dense(3, "softmax"), "categorical_crossentropy", ONE_HOT),
    "several labels": (dense(3, "sigmoid"), "binary_crossentropy", (X[:, :3] > 0).astype("float32")),
    "an activation of its own": (
        head(lambda h: layers.Activation("softmax")(layers.Dense(3)(h))),
        "sparse_categorical_crossentropy",
        CLASSES,
    ),
    "a function of one's own": (dense(3, lambda x: ops.softmax(x)), "sparse_categorical_crossentropy", CLASSES),
    "a call that goes on": (Ends(), "sparse_categorical_crossentropy", CLASSES),
    "a leaky relu": (
        head(lambda h: layers.Activation("leaky_relu")(layers.Dense(1)(h))),
        "mse",
        AMOUNTS,
    ),
    "amounts": (dense(1), "mse", AMOUNTS),
    "numbers in the unit": (dense(1, "sigmoid"), "mse", UNIT),
    "numbers in tanh's range": (dense(1, "tanh"), "mse", UNIT),
    "signs": (dense(1, "tanh"), "hinge", 2.0 * BINARY - 1),
    "positive amounts": (dense(1, "softplus"), "poisson", np.abs(AMOUNTS).round()),
    "pixels": (dense(4, "sigmoid"), "binary_crossentropy", np.abs(X) / 10),
}


@pytest.mark.parametrize("name", WELL)
def test_what_belongs_together_is_left_alone(name):
    model, loss, y = WELL[name]
    assert examine(model, loss, y=y) == []


MEASURED = {
    "accuracy of amounts": (dense(1), "mse", AMOUNTS, "accuracy"),
    "accuracy of pixels": (dense(4, "sigmoid"), "binary_crossentropy", np.abs(X) / 10, "accuracy"),
    "equality of fractions": (dense(1, "sigmoid"), "binary_crossentropy", BINARY, metrics.Accuracy()),
    "precision of amounts": (dense(1), "mse", AMOUNTS, "precision"),
    "recall of amounts": (dense(1), "mse", AMOUNTS, "recall"),
    "an area of amounts": (dense(1), "mse", AMOUNTS, metrics.AUC()),
    "counts of signs": (dense(1, "tanh"), "hinge", 2.0 * BINARY - 1, metrics.TruePositives()),
    "rows wanted": (dense(3, "softmax"), "sparse_categorical_crossentropy", CLASSES, metrics.CategoricalAccuracy()),
}


def test_a_metric_that_cannot_be_computed_is_refused():
    """Class numbers are expected, rows came: Keras fails here, too, without saying where."""
    with pytest.raises(InvalidArgument, match="cannot be computed") as caught:
        codes(dense(3, "softmax"), "categorical_crossentropy", ONE_HOT, [metrics.SparseCategoricalAccuracy()])
    assert "(32, 3)" in str(caught.value)


@pytest.mark.parametrize("name", MEASURED)
def test_metrics_that_say_nothing(name):
    model, loss, y, metric = MEASURED[name]
    assert codes(model, loss, y, [metric]) == ["metric-task-mismatch"]


FITTING = {
    "classes": (dense(3, "softmax"), "sparse_categorical_crossentropy", CLASSES, "accuracy"),
    "rows": (dense(3, "softmax"), "categorical_crossentropy", ONE_HOT, "accuracy"),
    "yes or no": (dense(1, "sigmoid"), "binary_crossentropy", BINARY, "accuracy"),
    "yes or no, counted": (dense(1, "sigmoid"), "binary_crossentropy", BINARY, "precision"),
    "rows, counted": (dense(3, "softmax"), "categorical_crossentropy", ONE_HOT, metrics.AUC()),
    "soft labels": (dense(3, "softmax"), "categorical_crossentropy", 0.9 * ONE_HOT + 0.1 / 3, "accuracy"),
    "amounts": (dense(1), "mse", AMOUNTS, "mae"),
    "ratings": (dense(1), "mse", CLASSES / 2, "accuracy"),
}


@pytest.mark.parametrize("name", FITTING)
def test_metrics_that_fit(name):
    model, loss, y, metric = FITTING[name]
    assert codes(model, loss, y, [metric]) == []


def fit_findings(y, weights):
    model = Sequential([layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy" if y.ndim == 1 else "categorical_crossentropy")
    found = model.fit(X, y, class_weight=weights, verbose=0).findings
    return [(finding.code, finding.severity) for finding in found]


@pytest.mark.parametrize("y", [CLASSES, ONE_HOT], ids=["numbers", "rows"])
def test_class_weights(y):
    assert fit_findings(y, {0: 1.0, 1: 2.0, 2: 3.0}) == []
    assert fit_findings(y, {0: 1.0, 2: 3.0}) == [("class-weights", "warning")]
    assert fit_findings(y, {0: 1.0, 1: 2.0, 2: 3.0, 7: 1.0}) == [("class-weights", "advice")]


def test_class_weights_of_a_quantity():
    model = dense(1)
    model.compile("sgd", "mse")
    found = model.fit(X, AMOUNTS, class_weight={0: 1.0}, verbose=0).findings
    assert [finding.code for finding in found] == ["class-weights"]


def test_the_root_cause_is_told_once():
    """Labels outside the classes of a linear output: the head is wrong, its activation is a consequence."""
    (found,) = examine(dense(1), keras.losses.BinaryCrossentropy(), y=AMOUNTS)
    assert found.code == "label-encoding"
    assert any("logits-and-probabilities" in line for line in found.evidence)


def test_one_softmax_below_layers_that_keep_it_is_one():
    model = Sequential([layers.Dense(3, activation="softmax"), layers.Dropout(0.1), layers.Reshape((3,))])
    assert examine(model, "categorical_crossentropy", y=ONE_HOT) == []


@pytest.mark.parametrize("metric", ["accuracy", metrics.AUC(), metrics.Precision()])
def test_metrics_of_probabilities_on_logits_are_advised_of(metric):
    loss = losses.BinaryCrossentropy(from_logits=True)
    assert codes(dense(1), loss, BINARY, [metric]) == ["metric-task-mismatch"]


@pytest.mark.parametrize("metric", [metrics.BinaryAccuracy(threshold=0.0), metrics.AUC(from_logits=True)])
def test_metrics_that_know_of_logits_are_left_alone(metric):
    assert codes(dense(1), losses.BinaryCrossentropy(from_logits=True), BINARY, [metric]) == []


def test_a_metric_of_the_wrong_shape_is_blamed_itself():
    with pytest.raises(InvalidArgument, match="metric 'f1_score'"):
        codes(dense(3, "softmax"), "sparse_categorical_crossentropy", CLASSES, [metrics.F1Score()])


def test_weights_below_0_are_told_and_trained_with():
    weight = np.where(np.arange(120) % 4, 1.0, -2.0)
    (found,) = examine(dense(1), "mse", y=AMOUNTS, weight=weight)
    assert (found.code, found.severity) == ("negative-weights", "advice") and "30 of 120" in found.evidence[0]
    assert examine(dense(1), "mse", y=AMOUNTS, weight=abs(weight)) == []
    model = Sequential([layers.Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    x = np.array([[1.0], [2.0]])
    history = model.fit(x, np.zeros(2), sample_weight=np.array([1.0, -2.0]), batch_size=2, verbose=0).history
    # Keras's numbers: (1 - 2 * 4) / 2, and a step up the hill.
    assert history["loss"] == [-3.5] and model.get_weights()[0].item() == pytest.approx(1.7)
