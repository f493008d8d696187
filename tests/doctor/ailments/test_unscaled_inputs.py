"""Pictures from 0 to 255: found in every dress, and not where something scales them or they are no pictures."""

from __future__ import annotations

import numpy as np
import pytest

from ranvier import layers
from ranvier._errors import InvalidArgument
from ranvier.models import Model, Sequential
from tests.doctor.patients import examine

RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (40, 8, 8, 1)).astype("uint8")
Y = RNG.integers(0, 2, 40)


def network(*first):
    return Sequential([*first, layers.Flatten(), layers.Dense(2, activation="softmax")])


def found(x, model=None):
    findings = examine(model or network(), "sparse_categorical_crossentropy", x=x, y=Y)
    return [(one.code, one.severity) for one in findings]


def of_symbols(scale):
    entry = layers.Input((8, 8, 1))
    return Model(entry, layers.Dense(2, activation="softmax")(layers.Flatten()(scale(entry))))


UNSCALED = {
    "bytes": PICTURES,
    "floats": PICTURES.astype("float32"),
    "without channels": PICTURES[..., 0],
    "flattened": PICTURES.reshape(40, 64).astype("float32"),
    "mostly black": PICTURES * (RNG.random(PICTURES.shape) < 0.05),
}
HEALTHY = {
    "divided": PICTURES / 255.0,
    "centred": PICTURES / 127.5 - 1,
    "a few bright pixels": PICTURES * (RNG.random(PICTURES.shape) < 0.005),
    "a pretrained network's own scale": PICTURES.astype("float32") - 120.0,
    "amounts": np.abs(RNG.normal(0, 500, (40, 8, 3))),
    "a table": RNG.integers(0, 256, (40, 12)),
    "a wide table": RNG.uniform(0, 255, (40, 80)),
}
SCALING = {
    "Rescaling": lambda: network(layers.Rescaling(1 / 255)),
    "BatchNormalization": lambda: network(layers.BatchNormalization()),
    "an operator": lambda: of_symbols(lambda x: x / 255.0),
    "Rescaling in a graph": lambda: of_symbols(layers.Rescaling(1 / 255)),
    "Rescaling inside": lambda: network(Sequential([layers.Rescaling(1 / 255), layers.Conv2D(2, 3)])),
    "a function": lambda: network(layers.Lambda(lambda x: x / 255.0)),
}


@pytest.mark.parametrize("name", UNSCALED)
def test_unscaled(name):
    assert found(UNSCALED[name]) == [("unscaled-inputs", "advice")]


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy(name):
    assert found(HEALTHY[name]) == []


@pytest.mark.parametrize("name", SCALING)
def test_something_scales(name):
    assert "unscaled-inputs" not in [code for code, _ in found(PICTURES, SCALING[name]())]


def test_an_unscaled_graph_and_the_words():
    findings = examine(of_symbols(layers.Identity()), "sparse_categorical_crossentropy", x=PICTURES, y=Y)
    assert [one.place for one in findings] == ["x"]
    text = str(findings[0])
    assert "where:  x" in text and "0 to 255" in text and "Rescaling(1 / 255)" in text


def test_it_is_told_by_fit_once_and_stops_nothing(capsys):
    model = network()
    model.compile("sgd", "sparse_categorical_crossentropy", doctor="strict")
    for _ in range(2):
        history = model.fit(PICTURES, Y, batch_size=40, verbose=0)
        assert [one.code for one in history.findings] == ["unscaled-inputs"]
    assert capsys.readouterr().err.count("unscaled-inputs") == 1


def test_a_picture_that_is_no_batch_is_refused():
    with pytest.raises(InvalidArgument, match=r"(?s)expected.*received"):
        network(layers.Conv2D(2, 3)).predict(PICTURES[0])
