"""plot_model: SVG, PNG and PDF without Graphviz."""

from __future__ import annotations

import filecmp
import pathlib
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from ranvier import layers, ops
from ranvier.models import Model, Sequential
from ranvier.models.plot import plot_model


def net() -> Any:
    x = layers.Input((3,), name="x")
    inner = Sequential([layers.Input((3,)), layers.Dense(3, activation="relu", name="deep")], name="inner")
    y = inner(x)
    return Model(x, layers.Add(name="sum")([ops.relu(y), layers.Dense(3, name="side")(y), x]))


def words(path: pathlib.Path) -> str:
    return " ".join(node.text or "" for node in ElementTree.parse(path).getroot().iter() if node.text)


def test_boxes_carry_what_was_asked_for(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "m.svg"
    options = {"show_shapes": True, "show_dtype": True, "show_layer_names": True, "show_trainable": True}
    plot_model(net(), path, expand_nested=True, show_layer_activations=True, **options)
    shown = words(path)
    for wanted in (
        "x (InputLayer)",
        "deep (Dense)",
        "activation: relu",
        "(None, 3)",
        "float32",
        "ops.relu",
        "trainable",
    ):
        assert wanted in shown
    assert "inner" not in shown
    plot_model(net(), path)
    assert "Sequential" in words(path) and "(None, 3)" not in words(path)


def test_the_same_model_gives_the_same_file(tmp_path: pathlib.Path) -> None:
    first, second = tmp_path / "1.svg", tmp_path / "2.svg"
    for path in (first, second):
        plot_model(net(), path, rankdir="LR")
    assert filecmp.cmp(first, second, shallow=False)


def test_other_formats_and_other_models(tmp_path: pathlib.Path) -> None:
    plot_model(Sequential([layers.Dense(1), layers.Dense(2)]), tmp_path / "m.png", dpi=40)
    assert (tmp_path / "m.png").read_bytes()[:4] == b"\x89PNG"
    with pytest.raises(ValueError, match="svg"):
        plot_model(net(), tmp_path / "m.gif")
    with pytest.raises(RuntimeError, match="no layers"):
        plot_model(Sequential(), tmp_path / "m.svg")
