"""Spectrograms: Keras's outputs, gradients and configurations, files, and what is refused."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import layers, models
from ranvier._errors import InvalidArgument, WrongType
from tests.layers.cases import Case, probe
from tests.layers.sound_cases import CASES

ORACLE = pathlib.Path(__file__).parents[2] / "oracle"
RECORDED = np.load(ORACLE / "sound.npz")


def close(found: Any, expected: Any, what: str) -> None:
    assert found.shape == expected.shape and str(found.dtype) == str(expected.dtype)
    scale = float(np.abs(expected).max(initial=1.0))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * scale, err_msg=what)


FAST = (8, 16)
ROWS = [
    pytest.param(i, case, id=f"{i}-{case.id}", marks=() if i in FAST else pytest.mark.slow)
    for i, case in enumerate(CASES)
]


@pytest.mark.parametrize(("index", "case"), ROWS)
def test_as_keras(index: int, case: Case) -> None:
    layer = case.make(layers)
    x = jnp.asarray(case.inputs())
    layer.build(x.shape)
    recorded = [RECORDED[f"{index}/weight/{number}"] for number in range(len(layer.weights))]
    for weight, expected in zip(layer.get_weights(), recorded, strict=True):
        close(weight, expected, "weight")
    layer.set_weights(recorded)  # the angle of a number near -1 jumps with the last digit of its kernel
    close(layer(x), RECORDED[f"{index}/output"], "output")
    fixed = [v.stored for v in layer.non_trainable_variables]

    def objective(trainable: Any, x: Any) -> Any:
        y, _ = layer.stateless_call(trainable, fixed, x)
        return (y * probe(y.shape)).sum()

    by_weight, by_input = jax.grad(objective, (0, 1))([v.stored for v in layer.trainable_variables], x)
    close(by_input, RECORDED[f"{index}/input_gradient"], "input")
    for number, gradient in enumerate(by_weight):
        close(gradient, RECORDED[f"{index}/weight_gradient/{number}"], "weight")
    config = json.loads(json.dumps(layer.get_config()))
    del config["name"], config["dtype"]
    assert config == json.loads(str(RECORDED[f"{index}/config"]))


def test_files_both_ways(tmp_path: pathlib.Path) -> None:
    x = np.random.default_rng(7).normal(size=(2, 24)).astype("float32")
    model = models.load_model(ORACLE / "files/sound.keras")
    for number, found in enumerate(model.predict(x, verbose=0)):
        close(found, RECORDED[f"file/{number}"], "file")
    model.save(tmp_path / "again.keras")
    for a, b in zip(models.load_model(tmp_path / "again.keras").predict(x), model.predict(x), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_tone_is_heard_in_its_band() -> None:
    time = np.arange(800) / 8000
    layer = layers.MelSpectrogram(256, 100, sampling_rate=8000, num_mel_bins=10, min_freq=0.0)
    bands = np.asarray(layer(np.sin(2 * np.pi * 1000 * time)))
    mel = lambda hertz: 1127 * np.log(1 + hertz / 700)  # noqa: E731
    assert set(bands.argmax(0)) == {round(mel(1000) / mel(4000) * 11) - 1}
    assert bands.shape == (10, 9) and bands.max() - bands.min() <= 80 + 1e-4


def test_kernels_that_training_changes_are_changed() -> None:
    layer = layers.STFTSpectrogram("psd", 4)
    layer.build((None, 8, 1))
    assert [v.path for v in layer.trainable_variables] == [v.path for v in layer.weights] and len(layer.weights) == 2
    assert not layers.STFTSpectrogram("psd", 4, trainable=False).trainable_variables


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"mode": "power"}, "mode"),
        ({"padding": "causal"}, "padding"),
        ({"frame_step": 0}, "frame_step"),
        ({"frame_length": 4, "frame_step": 5}, "frame_step"),
        ({"fft_length": 8}, "fft_length"),
        ({"window": "gone"}, "gone"),
        ({"scaling": "power"}, "scaling"),
        ({"data_format": "last"}, "data_format"),
        ({"frame_length": 0}, "frame_length"),
    ],
    ids=str,
)
def test_stft_arguments_that_do_not_fit(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidArgument, match=named):
        layers.STFTSpectrogram(**arguments)


def test_signals_that_do_not_fit() -> None:
    with pytest.raises(InvalidArgument, match="sequence_length"):
        layers.MelSpectrogram(8, sequence_length=9)
    with pytest.raises(InvalidArgument, match="num_mel_bins"):
        layers.MelSpectrogram(num_mel_bins=0)
    with pytest.raises(InvalidArgument, match="one channel"):
        layers.MelSpectrogram(8, 4)(np.zeros((2, 9, 1)))
    with pytest.raises(WrongType, match="floats"):
        layers.STFTSpectrogram(frame_length=4)(np.zeros((2, 9, 1), "int32"))
    with pytest.raises(InvalidArgument, match="3"):
        layers.STFTSpectrogram(frame_length=4)(np.zeros((2, 9)))
    with pytest.warns(UserWarning, match="power of two"):
        layers.STFTSpectrogram(frame_length=4, fft_length=6)
