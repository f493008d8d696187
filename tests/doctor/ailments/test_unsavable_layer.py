from __future__ import annotations

from ranvier import layers
from ranvier.models import Sequential
from tests.doctor.patients import X, examine


def test_a_lambda_is_told_before_training_as_advice():
    inner = Sequential([layers.Lambda(lambda x: x * 2, name="twice")], name="inner")
    model = Sequential([layers.Lambda(lambda x: x + 1, name="shift"), inner, layers.Dense(1)])
    (found,) = examine(model, "mse", y=X[:, 0])
    assert (found.code, found.severity) == ("unsavable-layer", "advice")
    assert found.place == "layer 'shift', layer 'inner/twice'"
    assert len(found.evidence) == 1
    assert "save_weights" in found.cure
