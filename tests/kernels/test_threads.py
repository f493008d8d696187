"""Threads: as many as asked for, the same numbers with any, and two trainings at once like one after the other."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import ranvier as keras
from ranvier.kernels.layer_norm import layer_norm
from tests.kernels.checks import needs_library
from tests.kernels.processes import run

pytestmark = needs_library

THREADS = "print(native.library().threads)"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity")
def test_the_affinity_sets_how_many_and_the_environment_before_it() -> None:
    one = "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])"
    assert run(f"{one}\n{THREADS}").split() == ["1"]
    assert run(f"{one}\n{THREADS}", RANVIER_THREADS="3").split() == ["3"]


DIGEST = """
import hashlib

def gradients(x, gamma, beta):
    loss = lambda *operands: jnp.sum(jnp.sin(layer_norm(*operands, 1e-3)))
    return jax.value_and_grad(loss, (0, 1, 2))(x, gamma, beta)

digest = hashlib.sha256()
for rows, width in ((1, 1), (7, 13), (67, 16), (300, 65), (2000, 64)):
    for value in jax.tree.leaves(jax.jit(gradients)(numbers(rows, width), numbers(width), numbers(width))):
        digest.update(np.asarray(value).tobytes())
print(digest.hexdigest())
"""


def test_numbers_do_not_depend_on_how_many() -> None:
    assert run(DIGEST, RANVIER_THREADS="1") == run(DIGEST, RANVIER_THREADS="4")


def _trained(seed: int) -> Any:
    """Return what 200 steps make of numbers drawn by `seed`, in one compiled program."""
    key = jax.random.key(seed)
    x, target = jax.random.normal(key, (2, 300, 48))

    def loss(weights: Any) -> Any:
        return jnp.mean(jnp.square(layer_norm(x, *weights, 1e-3) - target))

    def step(weights: Any, _: None) -> tuple[Any, None]:
        return jax.tree.map(lambda w, g: w - 10 * g, weights, jax.grad(loss)(weights)), None

    return jax.jit(lambda w: jax.lax.scan(step, w, None, length=200)[0])((jnp.ones(48), jnp.zeros(48)))


def test_two_programs_at_once_compute_like_one_after_the_other() -> None:
    alone = [jax.tree.map(np.asarray, _trained(seed)) for seed in range(4)]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(_trained, range(4)))
    for one, other in zip(jax.tree.leaves(alone), jax.tree.leaves(together), strict=True):
        np.testing.assert_array_equal(one, other)


def _model(seed: int) -> keras.Sequential:
    """Return a network with layers of several kinds that have kernels."""
    model = keras.Sequential(
        [
            keras.layers.Input((8, 8, 2)),
            keras.layers.Conv2D(5, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Reshape((9, 5)),
            keras.layers.LSTM(7, return_sequences=True),
            keras.layers.LayerNormalization(),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    draw = np.random.default_rng(seed)
    model.set_weights([draw.normal(size=weight.shape) / 3 for weight in model.get_weights()])
    return model


def _fitted(model: keras.Sequential) -> list[Any]:
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(96, 8, 8, 2)).astype("float32"), draw.integers(0, 3, 96)
    model.fit(x, y, epochs=2, shuffle=False, verbose=0)
    return [np.asarray(weight) for weight in model.get_weights()]


@pytest.mark.slow
def test_two_trainings_at_once_give_the_weights_of_one_after_the_other() -> None:
    alone = [_fitted(_model(seed)) for seed in (1, 2)]
    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(_fitted, [_model(seed) for seed in (1, 2)]))
    for one, other in zip(jax.tree.leaves(alone), jax.tree.leaves(together), strict=True):
        np.testing.assert_array_equal(one, other)


TRAINED = """
import hashlib
from tests.kernels.test_threads import _fitted, _model

print(hashlib.sha256(b"".join(weight.tobytes() for weight in _fitted(_model(1)))).hexdigest())
"""


@pytest.mark.slow
def test_a_training_does_not_depend_on_how_many() -> None:
    assert run(TRAINED, RANVIER_THREADS="1") == run(TRAINED, RANVIER_THREADS="4")


@pytest.mark.slow
def test_more_processes_than_processors_give_the_weights_of_one() -> None:
    # How little they lose is for benchmarks/oversubscription.py to measure.
    processes = 2 * len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 4
    with ThreadPoolExecutor(processes) as threads:
        printed = set(threads.map(lambda _: run(TRAINED), range(processes)))
    assert printed == {run(TRAINED)}
