"""summary(): Keras's table in plain text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ranvier import layers
from ranvier.models import Model, Sequential


def text(model: Any, **options: Any) -> str:
    printed: list[str] = []
    model.summary(print_fn=printed.append, **options)
    return "\n".join(printed)


def test_a_chain_is_a_table_of_three_columns() -> None:
    model = Sequential(
        [layers.Input((3,)), layers.Dense(2, name="first"), layers.BatchNormalization(name="norm")], name="m"
    )
    assert text(model, line_length=61).splitlines() == [
        'Model: "m"',
        "┏━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┓",
        "┃ Layer (type)             ┃ Output Shape       ┃    Param # ┃",
        "┡━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━┩",
        "│ first (Dense)            │ (None, 2)          │          8 │",
        "├──────────────────────────┼────────────────────┼────────────┤",
        "│ norm                     │ (None, 2)          │          8 │",
        "│ (BatchNormalization)     │                    │            │",
        "└──────────────────────────┴────────────────────┴────────────┘",
        " Total params: 16 (64.00 B)",
        " Trainable params: 12 (48.00 B)",
        " Non-trainable params: 4 (16.00 B)",
    ]


def test_every_line_has_the_same_width() -> None:
    x = layers.Input((3,))
    model = Model(x, layers.Add(name="a_very_long_name_that_has_no_spaces_to_break_at")([x, layers.Dense(3)(x)]))
    for options in ({}, {"show_trainable": True}, {"line_length": 120}, {"positions": [0.2, 0.5, 0.6, 1.0]}):
        widths = {len(line) for line in text(model, **options).splitlines() if line[0] in "┏┃┡│├└"}
        assert len(widths) == 1


def test_branches_show_what_is_connected_to_what() -> None:
    x = layers.Input((3,), name="x")
    dense = layers.Dense(3, name="dense")
    shown = text(Model(x, layers.Add(name="sum")([dense(x), dense(dense(x))])))
    assert "Connected to" in shown and "dense[0][0]," in shown and "dense[2][0]" in shown
    assert "x (InputLayer)" in shown


def test_unbuilt_layers_say_so() -> None:
    shown = text(Sequential([layers.Dense(2)]))
    assert "0 (unbuilt)" in shown and "│ ? " in shown


def test_nested_models_open_and_ranges_close() -> None:
    inner = Sequential([layers.Input((3,)), layers.Dense(2, name="deep")], name="inner")
    inner.trainable = False
    model = Sequential([layers.Input((3,)), inner, layers.Dense(1, name="last")])
    assert "└ deep (Dense)" not in text(model)
    shown = text(model, expand_nested=True, show_trainable=True)
    assert "└ deep (Dense)" in shown and "Trainable" in shown
    row = next(line for line in shown.splitlines() if "inner" in line)
    assert row.rstrip("│ ").endswith("N")
    assert "inner" not in text(model, layer_range=["last", "last"])
    with pytest.raises(ValueError, match="last"):
        text(model, layer_range=["no", "such"])


def test_subclassed_models_show_shapes_once_they_were_called() -> None:
    class Net(Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(4)

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

    net = Net()
    net(np.ones((7, 3)))
    assert "(None, 4)" in text(net)


def test_the_optimizers_numbers_are_counted() -> None:
    model = Sequential([layers.Input((3,)), layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 1)), verbose=0)
    assert " Optimizer params: 10 (" in text(model) and " Total params: 14 (" in text(model)
