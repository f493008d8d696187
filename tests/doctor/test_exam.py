"""The exam as a whole: healthy models of every kind, faulty ones, one root cause each, and no cost."""

from __future__ import annotations

import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import layers, losses
from ranvier.doctor import exam
from ranvier.doctor.ailments import ORDER
from ranvier.models import Model, Sequential, compiling, feeding
from tests.doctor.patients import BINARY, CLASSES, IMAGES, ONE_HOT, X, alarms, dense, examine, per_step, rng

SPARSE, DENSE, BCE = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"
XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
WITH_GAP = np.where(X > 1.5, np.nan, X).astype("float32")
IDS = np.pad(rng.integers(1, 9, (150, 3)), ((0, 0), (17, 0)))


def masked_error(y_true, y_pred):
    return jnp.where(jnp.isnan(y_true), 0.0, (jnp.nan_to_num(y_true) - y_pred) ** 2)


def gan():
    """Return a generator before a frozen critic, as every guide stacks them."""
    critic = Sequential([layers.Dense(4, activation="relu"), layers.Dense(1, activation="sigmoid")])
    critic.trainable = False
    return Sequential([layers.Dense(4), critic])


def two_heads():
    entry = layers.Input((4,))
    hidden = layers.Dense(6, activation="relu")(entry)
    heads = [layers.Dense(3, activation="softmax", name="kind")(hidden), layers.Dense(1, name="size")(hidden)]
    return Model(entry, heads)


def attention_over_one():
    entry = layers.Input((4,))
    gate = layers.Dense(1, activation="softmax")(entry)
    return Model(entry, layers.Dense(1, activation="sigmoid")(layers.Concatenate()([gate, entry])))


class Subclassed(Model):
    def __init__(self, units, activation=None):
        super().__init__()
        self.head = layers.Dense(units, activation=activation)

    def call(self, x):
        return self.head(x)


HEALTHY = {
    "class numbers": lambda: examine(dense(3, "softmax"), SPARSE, y=CLASSES),
    "class numbers in a column": lambda: examine(dense(3, "softmax"), SPARSE, y=CLASSES[:, None]),
    "class numbers as floats": lambda: examine(dense(3, "softmax"), SPARSE, y=CLASSES.astype("float32")),
    "more units than classes": lambda: examine(dense(9, "softmax"), SPARSE, y=CLASSES),
    "logits": lambda: examine(dense(3), losses.SparseCategoricalCrossentropy(from_logits=True), y=CLASSES),
    "an ignored class": lambda: examine(
        dense(3, "softmax"), losses.SparseCategoricalCrossentropy(ignore_class=-1), y=CLASSES - 1 + (CLASSES > 0)
    ),
    "rows without weight": lambda: examine(
        dense(3, "softmax"), SPARSE, y=np.where(CLASSES == 0, -1, CLASSES), weight=(CLASSES > 0).astype("float32")
    ),
    "one-hot": lambda: examine(dense(3, "softmax"), DENSE, y=ONE_HOT),
    "soft labels": lambda: examine(dense(3, "softmax"), DENSE, y=rng.dirichlet([1, 1, 1], 120).astype("float32")),
    "label smoothing": lambda: examine(
        dense(3, "softmax"), losses.CategoricalCrossentropy(label_smoothing=0.1), y=ONE_HOT
    ),
    "class weights": lambda: examine(dense(3, "softmax"), SPARSE, y=CLASSES, class_weight={0: 1.0, 1: 2.0, 2: 9.0}),
    "(n,) against (n, 1)": lambda: examine(dense(1, "sigmoid"), BCE, y=BINARY),
    "bools": lambda: examine(dense(1, "sigmoid"), BCE, y=BINARY.astype(bool)),
    "soft binary labels": lambda: examine(dense(1, "sigmoid"), BCE, y=np.clip(BINARY, 0.1, 0.9).astype("float32")),
    "several labels per row": lambda: examine(dense(4, "sigmoid"), BCE, y=(X > 0).astype("float32")),
    "two units for yes and no": lambda: examine(dense(2, "softmax"), SPARSE, y=BINARY),
    "regression": lambda: examine(dense(1), "mse", y=X[:, 0]),
    "regression in a column": lambda: examine(dense(1), "mae", y=X[:, :1]),
    "regression on integers": lambda: examine(dense(1), "mse", y=CLASSES * 1000),
    "regression on several": lambda: examine(dense(4), "huber", y=X),
    "autoencoder": lambda: examine(per_step(1, "sigmoid"), BCE, x=IMAGES, y=IMAGES),
    "autoencoder with a linear output": lambda: examine(dense(4), "mse", y=X),
    "a class per pixel": lambda: examine(per_step(5, "softmax"), SPARSE, x=IMAGES, y=rng.integers(0, 5, (40, 4, 4))),
    "a class per pixel, with channel": lambda: examine(
        per_step(5, "softmax"), SPARSE, x=IMAGES, y=rng.integers(0, 5, (40, 4, 4, 1))
    ),
    "a mask per pixel": lambda: examine(per_step(1, "sigmoid"), BCE, x=IMAGES, y=rng.integers(0, 2, (40, 4, 4))),
    "a number per step": lambda: examine(per_step(1), "mse", x=IMAGES[..., 0], y=rng.random((40, 4))),
    "XOR": lambda: examine(dense(1, "sigmoid"), BCE, x=XOR, y=np.array([0, 1, 1, 0])),
    "XOR in a column": lambda: examine(dense(1, "sigmoid"), "mse", x=XOR, y=np.array([[0], [1], [1], [0]])),
    "a generator against a frozen critic": lambda: examine(gan(), BCE, y=np.ones((120, 1), "float32")),
    "two outputs": lambda: examine(two_heads(), [SPARSE, "mse"], y=[CLASSES, X[:, 0]]),
    "two outputs by name": lambda: examine(
        two_heads(), {"kind": SPARSE, "size": "mse"}, y={"kind": CLASSES, "size": X[:, 0]}
    ),
    "one class in the first batch of a stream": lambda: examine(
        dense(1, "sigmoid"), BCE, x=iter([(X[:32], np.zeros(32))] * 3)
    ),
    "padded numbers of words": lambda: examine(
        Sequential([layers.Embedding(9, 4), layers.Flatten(), layers.Dense(1, activation="sigmoid")]),
        BCE,
        x=IDS,
        y=rng.integers(0, 2, 150),
    ),
    "a few sparse rows": lambda: examine(dense(1), "mse", x=np.eye(32, 500, dtype="float32"), y=np.arange(32.0)),
    "a softmax over one unit inside": lambda: examine(attention_over_one(), BCE, y=BINARY),
    "a loss of one's own": lambda: examine(dense(1), lambda y, p: p, y=ONE_HOT),
    "subclassed": lambda: examine(Subclassed(3, "softmax"), SPARSE, y=CLASSES),
    "counts as inputs": lambda: examine(dense(1), "mse", x=rng.integers(0, 255, (120, 4)).astype("uint8"), y=X[:, 0]),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy(name):
    assert HEALTHY[name]() == []


FAULTY = {
    "labels from 1": (["label-encoding"], lambda: examine(dense(3, "softmax"), SPARSE, y=CLASSES + 1)),
    "subclassed, labels from 1": (
        ["label-encoding"],
        lambda: examine(Subclassed(3, "softmax"), SPARSE, y=CLASSES + 1),
    ),
    "softmax over one unit": (["softmax-over-one-unit"], lambda: examine(dense(1, "softmax"), BCE, y=BINARY)),
    "three classes on one softmax unit": (["label-encoding"], lambda: examine(dense(1, "softmax"), SPARSE, y=CLASSES)),
    "three classes on one softmax unit with bce": (
        ["label-encoding"],
        lambda: examine(dense(1, "softmax"), BCE, y=CLASSES),
    ),
    "1 and 2 on one softmax unit: two faults": (
        ["label-encoding", "softmax-over-one-unit"],
        lambda: examine(dense(1, "softmax"), BCE, y=BINARY + 1),
    ),
    "NaN and labels from 1: two faults": (
        ["non-finite-data", "label-encoding"],
        lambda: examine(dense(3, "softmax"), SPARSE, x=WITH_GAP, y=CLASSES + 1),
    ),
    "sorted rows": (
        ["unshuffled-data"],
        lambda: examine(dense(3, "softmax"), SPARSE, y=np.sort(CLASSES), shuffle=False),
    ),
    "second of two outputs": (
        ["label-encoding"],
        lambda: examine(two_heads(), [SPARSE, "bce"], y=[CLASSES, X[:, 0] * 9]),
    ),
}


@pytest.mark.parametrize("name", FAULTY)
def test_faulty_one_alarm_per_root_cause_in_order(name):
    codes, patient = FAULTY[name]
    assert alarms(patient()) == codes


def test_a_consequence_is_evidence_of_its_cause():
    (found,) = examine(dense(1, "softmax"), SPARSE, y=CLASSES)
    assert any("softmax-over-one-unit" in line for line in found.evidence)


def test_the_place_names_the_output():
    (found,) = FAULTY["second of two outputs"][1]()
    assert found.place == "y['size']"


def test_what_a_loss_of_ones_own_or_a_layer_may_leave_out_is_advice():
    (found,) = examine(dense(4), masked_error, y=WITH_GAP)
    assert (found.code, found.severity) == ("non-finite-data", "advice")


def test_nothing_is_compiled_or_drawn():
    model = dense(3, "softmax")
    model.compile("sgd", SPARSE)
    feed = feeding.feed_of(X, CLASSES + 1)
    program = compiling.program_for(model, feed.example(), "train")
    events = []

    def listen(event, *_, **__):
        events.append(event)

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        assert len(exam.before_training(model, program, feed)) == 1
        assert [event for event in events if "compile" in event] == []
        jax.jit(lambda x: x + len(events))(1.0).block_until_ready()
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)
    assert [event for event in events if "compile" in event]  # the listener hears compilations
    assert all(variable.pending for variable in model.weights)


def test_every_ailment_has_its_place_in_the_order_and_its_page():
    pages = pathlib.Path(__file__).parents[2] / "docs" / "reference" / "ailments"
    assert {page.stem for page in pages.glob("*.md")} - {"index"} == set(ORDER)
