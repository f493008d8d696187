"""`summary(kernels=True)`: which layers compute by native kernels, found by tracing the model."""

from __future__ import annotations

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers
from ranvier.kernels import choose, native
from ranvier.kernels.layer_norm import layer_norm
from ranvier.models import native_layers
from tests.kernels.checks import needs_library


class Normed(layers.Layer):
    """A layer that computes by a kernel, whatever the layers of the package do."""

    def build(self, input_shape: tuple[int, ...]) -> None:
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="scale")
        self.shift = self.add_weight(shape=(input_shape[-1],), initializer="zeros", name="shift")

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        return layer_norm(inputs, self.scale.value, self.shift.value, 1e-3)


def network(dtype: str = "float32") -> keras.Model:
    inner = keras.Sequential([Normed(name="deep", dtype=dtype)], name="inner")
    return keras.Sequential([keras.Input((4,)), layers.Flatten(), Normed(name="first", dtype=dtype), inner])


def text(model: keras.Model, **options: bool) -> str:
    lines: list[str] = []
    model.summary(print_fn=lines.append, kernels=True, **options)
    return "\n".join(lines)


def row(shown: str, name: str) -> str:
    """Return a layer's entry under "Kernels"."""
    return next(line for line in shown.splitlines() if name in line).split("│")[-2].strip()


@needs_library
def test_layers_are_shown_with_their_kernels() -> None:
    shown = text(network(), expand_nested=True)
    assert row(shown, "flatten") == "reference"
    assert row(shown, "first") == row(shown, "inner") == row(shown, "deep") == "layer_norm"
    assert f"{native.library().instructions}, " in shown and "for batches of 32 rows" in shown  # type: ignore[union-attr]


@needs_library
def test_a_kernel_that_does_not_fit_is_named_with_the_reason() -> None:
    shown = text(network("float16"), expand_nested=True)
    assert row(shown, "first") == row(shown, "deep") == "reference"
    assert "layer_norm of first by the reference: its numbers are not float32" in shown
    assert "layer_norm of inner/deep by the reference" in shown


def test_without_a_library_one_line_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "library", lambda: None)
    monkeypatch.setattr(native, "why_not", lambda: "it was not built")
    shown = text(network())
    assert row(shown, "first") == "reference" and shown.count("it was not built") == 1


def test_a_model_without_shapes_says_so_until_it_is_called() -> None:
    class Own(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.norm = Normed()

        def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
            return self.norm(x)

    model = Own()
    assert row(text(model), "Normed") == "?" and "has not been called or trained yet" in text(model)
    model(np.ones((2, 4), np.float32))
    assert row(text(model), "Normed") == ("reference" if choose.why_none() else "layer_norm")


def test_a_model_that_cannot_be_traced_says_why() -> None:
    def picky(x: keras.KerasTensor) -> keras.KerasTensor:
        if x.shape[0] == native_layers.ROWS:
            raise ValueError("not so many")
        return x

    model = keras.Sequential([keras.Input((4,)), layers.Lambda(picky)])
    assert row(text(model), "lambda") == "?" and "not so many" in text(model)


def test_the_plain_table_is_as_before() -> None:
    lines: list[str] = []
    network().summary(print_fn=lines.append)
    assert "Kernels" not in lines[0] and "reference" not in lines[0]


def test_functional_inputs_keep_their_nest_and_open_axes_get_a_size() -> None:
    ends = {"a": keras.Input((None, 3), name="a"), "b": keras.Input((3,), dtype="int32", name="b")}
    pooled = layers.GlobalAveragePooling1D()(ends["a"])
    model = keras.Model(ends, layers.Concatenate()([pooled, layers.Rescaling(1.0)(ends["b"])]))
    given = native_layers.abstract_inputs(model, rows=5)
    assert (given["a"].shape, given["b"].shape, given["b"].dtype) == ((5, native_layers.LENGTH, 3), (5, 3), np.int32)
    assert native_layers.seen(model).failure == ""
