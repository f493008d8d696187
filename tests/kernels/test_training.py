"""The benchmark's networks, trained 200 steps by native code and by the reference: the same numbers.

How far apart two trainings may be is measured in the distance that the weights went. Rounding grows on the way: weights
that begin half a unit in the last place away end 1e-7 to 1e-5 away by the reference itself, and native code, which
rounds otherwise, was found as far from it. A kernel that is wrong by 1e-3 moves the weights by 1e-3. The rates keep the
growth small: with a hundred times the rate batch normalization makes 1e-2 of half a unit.
"""

from __future__ import annotations

import contextlib
from typing import Any, NamedTuple

import numpy as np
import pytest

import ranvier as keras
from benchmarks import datasets
from benchmarks.networks import keras_text
from benchmarks.workloads import WORKLOADS, initial_weights
from ranvier.engine import compiled
from ranvier.kernels import choose, gru
from tests.kernels.checks import needs_library

pytestmark = needs_library
STEPS, EPOCHS = 20, 10
LOSSES = 2e-5
"""Relative; found were 2e-6 at most."""


class Training(NamedTuple):
    """How a workload is trained, in how many places at least which kernels must be at work, how far weights may be.

    Kernels count by the ends of their names: what goes together with attention is attention still.
    """

    batch: int
    rate: float
    kernels: dict[str, int]
    apart: float = 1e-4


# Of two numbers under a window that differ in the last place now the one wins and now the other: whole gradients go to
# another place then, some thousandths of one step.
TRAININGS = {
    "tiny": Training(256, 0.1, {"dense": 3}),
    "mlp": Training(256, 0.1, {"dense": 2}),
    "cnn": Training(16, 2e-4, {"convolution_pooled": 2}, apart=1e-3),
    "lstm": Training(32, 0.1, {"lstm": 1}),
    "gru": Training(32, 0.1, {"gru": 1}),
    "bilstm_text": Training(8, 0.1, {"lstm": 2}),
    "transformer": Training(8, 0.05, {"attention": 2, "layer_norm": 5, "dense": 4}),
    "resnet20": Training(8, 3e-5, {"convolution": 21}),
    "mobilenet": Training(8, 1e-4, {"convolution": 11}),
    "gan": Training(256, 0.01, {"dense": 2}),
    "autoencoder": Training(256, 0.1, {"dense": 4}),
    "tabular": Training(256, 0.1, {"dense": 3}),
}
FAST = ("tiny", "gru")


class Trained(NamedTuple):
    """Weights before and after, the loss of each epoch, and the places where kernels were natively at work."""

    before: list[np.ndarray]
    after: list[np.ndarray]
    losses: list[float]
    places: set[tuple[str, str]]


def trained(name: str) -> Trained:
    """Train a workload without anything random."""
    how, work = TRAININGS[name], WORKLOADS[name]
    x, y = datasets.load(work, how.batch * STEPS)
    model = keras_text.build(keras, work, initial_weights(work), random=False, metrics=[])
    if work.family == "gan":
        model.making, model.judging = (keras.optimizers.SGD(how.rate) for _ in range(2))
    else:
        model.compile(keras.optimizers.SGD(how.rate), keras_text.loss_of(keras, work))
    before = [np.array(weight) for weight in model.get_weights()]
    with choose.watched() as seen:
        history = model.fit(x, y, batch_size=how.batch, epochs=EPOCHS, shuffle=False, verbose=0).history
    places = {(choice.kernel, choice.place) for choice in seen if not choice.why_not}
    return Trained(before, [np.array(weight) for weight in model.get_weights()], history["loss"], places)


def apart(native: Trained, reference: Trained) -> float:
    """Return the distance of the weights, in units of the distance that they went."""

    def far(one: list[np.ndarray], other: list[np.ndarray]) -> float:
        return sum(float(np.sum(np.square(a - b, dtype=np.float64))) for a, b in zip(one, other, strict=True)) ** 0.5

    return far(native.after, reference.after) / far(reference.before, reference.after)


def both(name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Trained, Trained]:
    """Train by native code and by the reference."""
    monkeypatch.delenv("RANVIER_DATA", raising=False)
    runs = []
    for way in (contextlib.nullcontext, choose.reference_only):
        monkeypatch.setattr(compiled, "shared", compiled.CompiledCache())  # equal models would share one program
        with way():
            runs.append(trained(name))
    return runs[0], runs[1]


@pytest.mark.parametrize(
    "name", [name if name in FAST else pytest.param(name, marks=pytest.mark.slow) for name in TRAININGS]
)
def test_two_hundred_steps_by_native_code_are_those_of_the_reference(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    native, reference = both(name, monkeypatch)
    for kernel, places in TRAININGS[name].kernels.items():
        assert sum(found.endswith(kernel) for found, _ in native.places) >= places, native.places
    assert not reference.places
    assert name == "gan" or reference.losses[-1] < reference.losses[0]
    np.testing.assert_allclose(native.losses, reference.losses, rtol=LOSSES)
    assert apart(native, reference) <= TRAININGS[name].apart


@pytest.mark.slow
def test_a_kernel_that_is_wrong_by_a_thousandth_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = gru.KERNEL

    def wrong(*operands: Any, **how: Any) -> tuple[Any, ...]:
        return tuple(1.001 * gradient for gradient in right.backward(*operands, **how))

    right = kernel.native
    monkeypatch.setattr(kernel, "native", right._replace(backward=wrong))
    native, reference = both("gru", monkeypatch)
    assert apart(native, reference) > 3 * TRAININGS["gru"].apart
