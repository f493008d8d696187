"""How ready networks are used: found under every name, cut and trained on, saved and loaded, also by Keras."""

from __future__ import annotations

import importlib
import importlib.util
import os
import pathlib
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import ranvier
from ranvier import Sequential, applications, layers
from ranvier.compat import install
from ranvier.models import load_model
from tests.applications import cases

SOURCE = pathlib.Path(ranvier.__file__).parents[1]
PYTHON = os.environ.get("RANVIER_PEERS_PYTHON") or (sys.executable if importlib.util.find_spec("keras") else None)
READS = pathlib.Path(__file__).parents[1] / "saving" / "keras_reads.py"


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    code = "import sys, ranvier; from ranvier import applications; dir(applications)\nprint(sorted(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert "ranvier.applications" in done.stdout
    assert "ranvier.applications." not in done.stdout
    assert "'jax'" not in done.stdout


def test_every_listed_name_is_there() -> None:
    for name in applications.__all__:
        found = getattr(applications, name)
        assert getattr(found, "__name__", "").rpartition(".")[2] == name
        assert not name[0].isupper() or "weights:" in (found.__doc__ or "")
    assert applications.resnet50.ResNet50 is applications.resnet.ResNet50 is applications.ResNet50
    with pytest.raises(AttributeError, match="ResNet18"):
        applications.ResNet18  # noqa: B018


def test_scripts_find_them_under_tensorflows_names() -> None:
    with install():
        import keras
        import tensorflow as tf
        from keras.applications.resnet50 import ResNet50, preprocess_input
        from tensorflow.keras.applications import MobileNetV2, imagenet_utils
        from tensorflow.keras.applications.vgg16 import decode_predictions

        assert ResNet50 is applications.ResNet50
        assert MobileNetV2 is tf.keras.applications.mobilenet_v2.MobileNetV2 is applications.MobileNetV2
        assert keras.applications.efficientnet.EfficientNetB0 is applications.EfficientNetB0
        assert decode_predictions is imagenet_utils.decode_predictions
        assert preprocess_input(np.zeros((1, 1, 3)))[0, 0, 2] == -123.68


SCRIPT = """
import numpy as np
import tensorflow as tf
from keras.applications.mobilenet_v2 import preprocess_input

base = tf.keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(32, 32, 3), alpha=0.35)
base.trainable = False
inputs = tf.keras.Input((32, 32, 3))
x = base(preprocess_input(inputs), training=False)
outputs = tf.keras.layers.Dense(1)(tf.keras.layers.GlobalAveragePooling2D()(x))
model = tf.keras.Model(inputs, outputs)
model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss=tf.keras.losses.BinaryCrossentropy(from_logits=True))
before = base.get_weights()
model.fit(np.random.rand(8, 32, 32, 3) * 255, np.arange(8) % 2, epochs=1, verbose=0)
print("moved", sum(not np.array_equal(a, b) for a, b in zip(before, base.get_weights())))
base.trainable = True
for layer in base.layers[:100]:
    layer.trainable = False
model.compile(optimizer=tf.keras.optimizers.RMSprop(1e-5), loss="mse", metrics=["accuracy"])
print("trainable", len(model.trainable_variables), base.get_layer("block_16_project").trainable)
"""


@pytest.mark.slow
def test_a_script_tunes_a_network_by_the_command(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", "from ranvier.cli.main import main; main()", "run", str(path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    assert "moved 0" in done.stdout
    # The layers from number 100 on have 18 kernels and 18 normalizations with two weights each; the head has two.
    assert "trainable 56 True" in done.stdout


@pytest.mark.slow
def test_a_frozen_network_keeps_every_bit_and_moves_when_thawed() -> None:
    base = applications.MobileNet(weights=None, include_top=False, alpha=0.25, input_shape=(32, 32, 3), pooling="avg")
    cases.fill(base).trainable = False
    entry = ranvier.Input((32, 32, 3))
    model = ranvier.Model(entry, layers.Dense(2)(base(entry, training=False)))
    x, y = cases.images(base, 8), np.arange(8) % 2
    first = base.get_weights()
    for frozen in (True, False):
        base.trainable = not frozen
        model.compile(ranvier.optimizers.SGD(0.1), ranvier.losses.SparseCategoricalCrossentropy(from_logits=True))
        head = model.layers[-1].get_weights()
        model.fit(x, y, batch_size=8, epochs=1, verbose=0)
        moved = [not np.array_equal(*pair) for pair in zip(first, base.get_weights(), strict=True)]
        kinds = {variable.name for variable, other in zip(base.weights, moved, strict=True) if other}
        assert kinds == (set() if frozen else {"kernel", "gamma", "beta"})  # called with training=False
        assert not any(np.array_equal(*pair) for pair in zip(head, model.layers[-1].get_weights(), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("case", ["ConvNeXtTiny", "InceptionResNetV2", "MobileNetV3Small"])
def test_saved_networks_are_read_again(case: str, tmp_path: pathlib.Path) -> None:
    model = cases.build(ranvier, case)
    model.save(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras")
    assert cases.described(again) == cases.described(model)
    assert all(np.array_equal(*pair) for pair in zip(model.get_weights(), again.get_weights(), strict=True))


@pytest.mark.slow
@pytest.mark.peers
@pytest.mark.skipif(PYTHON is None, reason="Keras is not here; name a Python that has it in $RANVIER_PEERS_PYTHON")
@pytest.mark.parametrize("case", ["MobileNetV2", "EfficientNetB0", "ConvNeXtTiny"])
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_keras_reads_and_writes_again(case: str, ending: str, tmp_path: pathlib.Path) -> None:
    model = cases.build(ranvier, case)
    x = cases.images(model)
    file, again = tmp_path / f"m.{ending}", tmp_path / f"again.{ending}"
    model.save(file)
    np.savez(tmp_path / "in.npz", x=x)
    command: list[Any] = [PYTHON, READS, file, tmp_path / "in.npz", tmp_path / "out.npz", again]
    subprocess.run(list(map(str, command)), check=True, env={**os.environ, "KERAS_BACKEND": "torch"}, timeout=500)
    expected = np.load(tmp_path / "out.npz")["out/y"]
    read = load_model(again)
    assert isinstance(read, type(model)) and not isinstance(read, Sequential)
    assert [layer.name for layer in read.layers] == [layer.name for layer in model.layers]
    np.testing.assert_allclose(read.predict(x, verbose=0), expected, rtol=0, atol=2e-5 * np.abs(expected).max())
    name, arguments = cases.CASES[case]
    by_weights = getattr(applications, name)(**{"weights": again, **arguments})
    assert all(np.array_equal(*pair) for pair in zip(read.get_weights(), by_weights.get_weights(), strict=True))
