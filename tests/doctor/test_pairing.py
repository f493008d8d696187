from __future__ import annotations

import pytest

from ranvier import losses
from ranvier.doctor.pairing import family


class Own(losses.Loss):
    def call(self, y_true, y_pred):
        return y_pred


class Derived(losses.SparseCategoricalCrossentropy):
    pass


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("sparse_categorical_crossentropy", "sparse"),
        ("SparseCategoricalCrossentropy", "sparse"),
        (losses.SparseCategoricalCrossentropy(from_logits=True), "sparse"),
        (losses.categorical_crossentropy, "categorical"),
        (losses.as_loss("categorical_crossentropy"), "categorical"),
        (["bce"], "binary"),
        (losses.BinaryCrossentropy, "binary"),
        ({"class_name": "BinaryCrossentropy", "config": {}}, "binary"),
        ("mse", "elementwise"),
        (losses.Huber(), "elementwise"),
        ("kl_divergence", "elementwise"),
        (None, "unknown"),
        ("no_such_loss", "unknown"),
        (lambda y_true, y_pred: 0.0, "unknown"),
        (Own(), "unknown"),
        (Derived(), "unknown"),
        (["mse", "bce"], "unknown"),
        ({"a": "mse"}, "unknown"),
    ],
)
def test_the_kind_of_targets_that_a_loss_expects(loss, expected):
    assert family(loss) == expected
