from __future__ import annotations

import numpy as np
import pytest

from ranvier import layers, losses
from ranvier.models import Sequential
from tests.doctor.patients import BINARY, CLASSES, IMAGES, ONE_HOT, X, dense, examine, per_step, rng

SPARSE, DENSE, BCE = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"


def only(findings):
    (found,) = findings
    assert (found.code, found.severity) == ("label-encoding", "error")
    return found


SHAPES = {
    "one-hot with a sparse loss": (dense, (3, "softmax"), SPARSE, ONE_HOT, "one-hot rows", "argmax"),
    "class numbers with a dense loss": (dense, (3, "softmax"), DENSE, CLASSES, "class numbers", "sparse_categorical"),
    "a column of class numbers with a dense loss": (
        dense, (3, "softmax"), DENSE, CLASSES[:, None], "class numbers", "to_categorical(y, 3)",
    ),
    "one target against three outputs": (dense, (3,), "mse", X[:, :1], "shape of the outputs", "1 unit"),
    "flat targets against three outputs": (dense, (3,), "mse", X[:, 0], "shape of the outputs", "1 unit"),
    "class numbers with sigmoids": (dense, (3, "sigmoid"), BCE, CLASSES, "shape of the outputs", "softmax"),
    "yes or no on two softmax units with bce": (dense, (2, "softmax"), BCE, BINARY, "shape of the outputs", "softmax"),
    "two targets against one output": (dense, (1,), "mse", X[:, :2], "shape of the outputs", "(rows, 1)"),
    "more columns than units": (dense, (3, "softmax"), DENSE, np.eye(5)[CLASSES], "shape of the outputs", "(rows, 3)"),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_that_do_not_belong_together(name):
    make, arguments, loss, y, title, cure = SHAPES[name]
    found = only(examine(make(*arguments), loss, y=y))
    assert title in found.title
    assert cure in found.cure
    assert str(y.shape) in " ".join(found.evidence)


def test_a_loss_that_would_repeat_one_side_says_so():
    found = only(examine(dense(3), "mse", y=X[:, :1]))
    assert any("repeated" in line for line in found.evidence)


def test_one_target_for_a_whole_sequence_of_outputs():
    found = only(examine(per_step(1), "mse", x=IMAGES[..., 0], y=np.ones((40, 1), "float32")))
    assert "Flatten" in found.cure


def test_pixels_of_another_size():
    only(examine(per_step(5, "softmax"), SPARSE, x=IMAGES, y=rng.integers(0, 5, (40, 4, 3))))


VALUES = {
    "labels from 1": (3, SPARSE, CLASSES + 1, "1 to 3", "y - 1"),
    "too few units": (3, SPARSE, CLASSES * 2, "0 to 4", "5 units"),
    "negative labels": (3, SPARSE, CLASSES - 1, "-1 to 1", "ignore_class"),
    "numbers with a sparse loss": (3, SPARSE, np.abs(X[:, 0]), "0 to 2", "mse"),
    "one-hot times 255": (3, DENSE, ONE_HOT * 255, "0 to 255", "mse"),
    "-1 and 1": (1, BCE, 2 * BINARY - 1, "-1 to 1", "(y + 1) / 2"),
    "1 and 2": (1, BCE, BINARY + 1, "1 to 2", "y - 1"),
    "three classes with bce": (1, BCE, CLASSES, "0 to 2", 'Dense(3, "softmax")'),
    "numbers with bce": (1, BCE, X[:, 0] * 10, "from 0 to 1", "mse"),
}


@pytest.mark.parametrize("name", VALUES)
def test_values_that_are_no_labels(name):
    units, loss, y, seen, cure = VALUES[name]
    found = only(examine(dense(units, "softmax" if units > 1 else "sigmoid"), loss, y=y))
    assert seen in found.evidence[0]
    assert cure in found.cure


def test_the_first_offending_rows_are_named():
    y = CLASSES.copy()
    y[[7, 50, 99]] = [9, -4, 3]
    found = only(examine(dense(3, "softmax"), SPARSE, y=y))
    assert found.evidence[1] == "row 7: 9, row 50: -4, row 99: 3 (3 rows)"


def test_rows_count_once_though_many_pixels_are_wrong():
    y = rng.integers(0, 5, (40, 4, 4))
    y[3] = 9
    assert "(1 rows)" in only(examine(per_step(5, "softmax"), SPARSE, x=IMAGES, y=y)).evidence[1]


def test_pixels_up_to_255_are_to_be_scaled():
    found = only(examine(per_step(1, "sigmoid"), BCE, x=IMAGES, y=(IMAGES * 255).astype("uint8")))
    assert "255" in found.cure


def test_missing_targets_are_another_ailment():
    y = CLASSES.astype("float32")
    y[4] = np.nan
    assert [found.code for found in examine(dense(3, "softmax"), SPARSE, y=y)] == ["non-finite-data"]


def test_an_ignored_class_does_not_excuse_others():
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    y = CLASSES.copy()
    y[[2, 3]] = [-1, -2]
    assert "(1 rows)" in only(examine(dense(3, "softmax"), loss, y=y)).evidence[1]


@pytest.mark.parametrize(
    ("units", "loss", "y"),
    [(3, SPARSE, np.full(120, 2)), (3, DENSE, ONE_HOT[:1].repeat(120, 0)), (1, BCE, np.zeros((120, 1)))],
)
def test_a_single_class(units, loss, y):
    found = only(examine(dense(units, "softmax" if units > 1 else "sigmoid"), loss, y=y))
    assert "same label" in found.title


def test_a_few_rows_of_one_class_say_nothing():
    assert examine(dense(1, "sigmoid"), BCE, x=X[:8], y=np.ones(8)) == []


def test_several_labels_per_row_under_a_softmax_are_advice():
    y = (X[:, :3] > -0.5).astype("float32")
    (found,) = examine(dense(3, "softmax"), DENSE, y=y)
    assert (found.severity, "sigmoid" in found.cure) == ("advice", True)


def test_of_a_stream_the_first_batch_is_looked_at():
    found = only(examine(dense(3, "softmax"), SPARSE, x=iter([(X[:32], CLASSES[:32] + 1)])))
    assert "y - 1" in found.cure


def test_the_output_of_a_nested_model_has_its_width():
    inner = Sequential([layers.Input((4,)), layers.Dense(3, activation="softmax")])
    only(examine(Sequential([layers.Dense(4), inner]), SPARSE, y=CLASSES + 1))
