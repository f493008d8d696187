"""Random damage to a good file gives a refusal or exactly the saved model, never other weights, a crash or a hang."""

from __future__ import annotations

import functools
import io
import pathlib
import tempfile
import warnings

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ranvier._errors import FileRefused
from ranvier.models import load_model, save_model
from ranvier.saving import load_weights, save_weights
from tests.saving import models

INPUT = np.random.default_rng(3).normal(size=(4, 3)).astype("float32")
flips = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=4)
cuts = st.one_of(st.none(), st.floats(0, 1, exclude_max=True))
damage = st.tuples(flips, cuts)


@functools.cache
def good(ending: str) -> tuple[bytes, list[np.ndarray], np.ndarray]:
    model = models.compiled()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / f"m.{ending}"
        (save_weights if "weights" in ending else save_model)(model, path)
        return path.read_bytes(), models.values(model.variables), np.asarray(model(INPUT))


def damaged(data: bytes, what) -> bytes:
    changed = bytearray(data)
    for place, mask in what[0]:
        changed[int(place * len(changed))] ^= mask
    return bytes(changed if what[1] is None else changed[: int(what[1] * len(changed))])


def check(ending: str, what, read) -> None:
    data, expected, outputs = good(ending)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = pathlib.Path(folder) / f"m.{ending}"
        path.write_bytes(damaged(data, what))
        try:
            model = read(path)
        except FileRefused as refusal:
            assert refusal.place and refusal.code
            return
    models.assert_same(models.values(model.variables), expected)
    np.testing.assert_array_equal(np.asarray(model(INPUT)), outputs)


@settings(max_examples=60, deadline=10_000)
@given(damage)
def test_keras(what):
    check("keras", what, functools.partial(load_model, compile=False))


@settings(max_examples=60, deadline=10_000)
@given(damage)
def test_h5(what):
    check("h5", what, functools.partial(load_model, compile=False))


@settings(max_examples=150, deadline=10_000)
@given(damage)
def test_weights(what):
    def read(path):
        model = models.small()
        load_weights(model, path)
        return model

    check("weights.h5", what, read)


def test_undamaged_is_read():
    for ending in ("keras", "h5"):
        check(ending, ([], None), load_model)
    assert load_model(io.BytesIO(good("keras")[0])).built
