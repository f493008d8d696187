"""What a kernel chooses is decided by the library, the device and the operands, and can be watched."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from ranvier.kernels import catalog, choose, native
from ranvier.kernels.choose import Choice
from ranvier.kernels.layer_norm import KERNEL, layer_norm
from ranvier.state import scope
from ranvier.state.scope import Scope
from tests.kernels.checks import needs_library

X, ONES = np.ones((3, 4), np.float32), np.ones(4, np.float32)


@pytest.fixture
def no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "library", lambda: None)
    monkeypatch.setattr(native, "why_not", lambda: "it was not built")


@needs_library
def test_operands_decide() -> None:
    assert KERNEL.why_reference(X, ONES, ONES, static=1e-3) == choose.CHOSEN
    halves = X.astype(np.float16)
    assert "float32" in KERNEL.why_reference(halves, ONES, ONES, static=1e-3)


@pytest.mark.usefixtures("no_library")
def test_without_a_library_all_goes_by_the_reference() -> None:
    assert KERNEL.why_reference(X, ONES, ONES, static=1e-3) == "no native library: it was not built"
    np.testing.assert_allclose(layer_norm(X, ONES, ONES, 1e-3), np.ones((3, 4)), atol=1e-6)


@needs_library
def test_other_devices_go_by_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert choose.why_none() == "the device is gpu"


@needs_library
def test_the_reference_can_be_asked_for() -> None:
    def program() -> str:
        return str(jax.make_jaxpr(lambda x: layer_norm(x, ONES, ONES, 1e-3))(X))

    assert "ranvier_layer_norm" in program()
    with choose.reference_only():
        assert "ranvier_layer_norm" not in program()
    assert "ranvier_layer_norm" in program()


@pytest.mark.usefixtures("no_library")
def test_choices_are_watched_with_their_places() -> None:
    with choose.watched() as seen:
        layer_norm(X, ONES, ONES, 1e-3)
        with scope.entered(Scope(trail=["block", "block/norm"])):
            layer_norm(X, ONES, ONES, 1e-3)
            layer_norm(X, ONES, ONES, 1e-3)
    why = "no native library: it was not built"
    assert list(seen) == [Choice("layer_norm", "", why), Choice("layer_norm", "block/norm", why)]
    layer_norm(X, ONES, ONES, 1e-3)
    assert len(seen) == 2


def test_layers_that_go_with_another_are_watched_too() -> None:
    choose.joined(["pool"])
    with choose.watched() as seen:
        choose.joined(["pool", "relu"])
    assert [(one.place, one.why_not) for one in seen] == [("pool", ""), ("relu", "")]


def test_the_catalog_finds_kernels_by_their_files() -> None:
    entry = catalog.entries()["layer_norm"]
    assert entry.kernel is KERNEL and entry.about == "Layer normalization of rows"
    assert all(entry.about and name == entry.kernel.name for name, entry in catalog.entries().items())
