"""Layers that one kernel computes together give what they give one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers
from ranvier.engine import compiled
from ranvier.models import fuse
from tests.kernels.checks import needs_library

pytestmark = needs_library


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that gets the number of layers of each call of several in one."""
    seen: list[int] = []
    called = fuse.called

    def watched(chain: Any, values: Any) -> tuple[Any, int]:
        outputs, count = called(chain, values)
        if count > 1:
            seen.append(count)
        return outputs, count

    monkeypatch.setattr(fuse, "called", watched)
    return seen


def network(functional: bool) -> keras.Model:
    parts = [
        layers.Conv2D(5, 3, use_bias=False),
        layers.BatchNormalization(name="norm"),
        layers.ReLU(),
        layers.DepthwiseConv2D(2, depth_multiplier=2),
        layers.BatchNormalization(scale=False),
        layers.Conv2D(4, 2, activation="relu"),
        layers.MaxPooling2D(2, name="pool"),
        layers.GlobalAveragePooling2D(),
    ]
    entry = layers.Input((9, 8, 2))
    if not functional:
        return keras.Sequential([entry, *parts])
    values = entry
    for part in parts:
        values = part(values)
    return keras.Model(entry, values)


def varied(model: keras.Model) -> keras.Model:
    draw = np.random.default_rng(0)
    for variable in model.weights:
        variable.assign(
            draw.normal(size=variable.shape) if "variance" not in variable.path else draw.random(variable.shape) + 0.5
        )
    return model


INPUTS = np.random.default_rng(1).normal(size=(3, 9, 8, 2)).astype(np.float32)


@pytest.mark.parametrize("functional", [False, True])
def test_predictions(functional: bool, together: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    model = varied(network(functional))
    found = model.predict(INPUTS, verbose=0)
    assert together[:3] == [3, 2, 2]
    together.clear()
    monkeypatch.setattr(fuse, "PATTERNS", ())
    alone = keras.models.clone_model(model)
    alone.set_weights(model.get_weights())
    np.testing.assert_allclose(found, alone.predict(INPUTS, verbose=0), rtol=2e-5, atol=2e-5)
    assert not together


def test_training_gives_the_same_weights(together: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def trained() -> list[Any]:
        model = varied(network(functional=False))
        model.compile("sgd", "mse")
        model.fit(INPUTS, np.ones((3, 4)), epochs=2, verbose=0)
        return model.get_weights()

    found = trained()
    assert 2 in together
    together.clear()
    monkeypatch.setattr(compiled, "shared", compiled.CompiledCache())  # equal models would share one program
    monkeypatch.setattr(fuse, "PATTERNS", ())
    for one, other in zip(found, trained(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    assert not together


def test_a_layer_whose_outputs_are_read_elsewhere_is_called_by_itself(together: list[int]) -> None:
    entry = layers.Input((6, 6, 1))
    seen = layers.Conv2D(2, 3)(entry)
    model = keras.Model(entry, [layers.MaxPooling2D()(seen), seen])
    pooled, whole = model.predict(np.ones((1, 6, 6, 1)), verbose=0)
    assert not together
    assert pooled.shape == (1, 2, 2, 2) and whole.shape == (1, 4, 4, 2)


@pytest.mark.parametrize(
    "chain",
    [
        [layers.Conv2D(2, 3, activity_regularizer="l2"), layers.MaxPooling2D()],
        [layers.Conv2D(2, 3, activation="tanh"), layers.BatchNormalization()],
        [layers.Conv2D(2, 3), layers.BatchNormalization(axis=1)],
        [layers.Conv2D(2, 8), layers.BatchNormalization()],
        [layers.Conv2D(2, 3, activation="gelu"), layers.MaxPooling2D()],
        [layers.Conv2D(2, 3), layers.MaxPooling2D(3, strides=2)],
        [layers.Conv2D(2, 3), layers.MaxPooling2D(padding="same")],
        [layers.Conv2D(2, 3, dtype="mixed_float16"), layers.MaxPooling2D()],
    ],
    ids=["penalty", "activation", "other axis", "more weights than outputs", "falling", "overlap", "margins", "half"],
)
def test_what_does_not_go_together(chain: list[Any], together: list[int]) -> None:
    keras.Sequential([layers.Input((8, 8, 1)), *chain]).predict(np.ones((1, 8, 8, 1)), verbose=0)
    assert not together
