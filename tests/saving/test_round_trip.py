"""What we wrote, we read: weights, optimizer state, configuration, bit for bit."""

from __future__ import annotations

import filecmp
import io
import json
import zipfile

import numpy as np
import pytest

from ranvier import layers
from ranvier._errors import FileRefused, InvalidArgument, NotReady, Unsupported, WrongType
from ranvier.layers import Input
from ranvier.models import Sequential, load_model, save_model
from ranvier.saving import load_weights, register_keras_serializable, save_weights
from tests.saving import models


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_compiled_model(tmp_path, ending):
    model = models.compiled()
    save_model(model, tmp_path / f"m.{ending}")
    again = load_model(tmp_path / f"m.{ending}")
    models.assert_same(models.values(again.variables), models.values(model.variables))
    models.assert_same(models.values(again.optimizer.variables), models.values(model.optimizer.variables))
    assert again.compile_arguments["loss"] == "mse"
    assert again.get_config() == model.get_config()


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_branched_model(tmp_path, ending):
    model, inputs = models.branched(), models.branched_inputs()
    save_model(model, tmp_path / f"m.{ending}")
    again = models.outputs_of(load_model(tmp_path / f"m.{ending}", compile=False), inputs)
    for name, value in models.outputs_of(model, inputs).items():
        np.testing.assert_array_equal(again[name], value)


@pytest.mark.parametrize("ending", ["keras", "h5", "weights.h5"])
def test_equal_models_give_equal_bytes(tmp_path, ending):
    model = models.compiled()
    write = save_weights if "weights" in ending else save_model
    write(model, tmp_path / f"a.{ending}")
    write(model, tmp_path / f"b.{ending}")
    assert filecmp.cmp(tmp_path / f"a.{ending}", tmp_path / f"b.{ending}", shallow=False)


def test_folder_and_file_object(tmp_path):
    model, buffer = models.small(), io.BytesIO()
    save_model(model, tmp_path / "folder", zipped=False)
    save_model(model, buffer)
    for source in (tmp_path / "folder", io.BytesIO(buffer.getvalue())):
        models.assert_same(models.values(load_model(source).variables), models.values(model.variables))


def test_weights_with_bfloat16(tmp_path):
    model = Sequential([Input((3,)), layers.Dense(2, dtype="bfloat16")])
    save_weights(model, tmp_path / "m.weights.h5")
    expected = models.values(model.variables)
    for variable in model.variables:
        variable.assign(np.ones(variable.shape))
    load_weights(model, tmp_path / "m.weights.h5")
    models.assert_same(models.values(model.variables), expected)


def test_another_model_is_refused_and_left_as_it_was(tmp_path):
    save_weights(models.small(), tmp_path / "m.weights.h5")
    other = Sequential([Input((3,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(5)])
    before = models.values(other.variables)
    with pytest.raises(FileRefused, match="another shape") as refusal:
        load_weights(other, tmp_path / "m.weights.h5")
    assert "layers/dense_1/vars/0" in refusal.value.place
    models.assert_same(models.values(other.variables), before)


@pytest.mark.parametrize("ending", ["weights.h5", "h5"])
def test_skip_mismatch_loads_what_fits(tmp_path, ending):
    model = models.small()
    (save_weights if "weights" in ending else save_model)(model, tmp_path / f"m.{ending}")
    other = Sequential([Input((3,)), layers.Dense(4), layers.BatchNormalization(), layers.Dense(5)])
    with pytest.warns(UserWarning, match="left as they"):
        load_weights(other, tmp_path / f"m.{ending}", skip_mismatch=True)
    models.assert_same(models.values(other.layers[0].variables), models.values(model.layers[0].variables))


def test_by_name(tmp_path):
    model = Sequential([Input((3,)), layers.Dense(4, name="one"), layers.Dense(2, name="two")])
    save_model(model, tmp_path / "m.h5")
    other = Sequential([Input((4,)), layers.Dense(2, name="two")])
    load_weights(other, tmp_path / "m.h5", by_name=True)
    models.assert_same(models.values(other.variables), models.values(model.layers[1].variables))


def test_extra_weights_are_said(tmp_path):
    save_weights(models.small(), tmp_path / "m.weights.h5")
    other = Sequential([Input((3,)), layers.Dense(4)])
    with pytest.warns(UserWarning, match="no place for"):
        load_weights(other, tmp_path / "m.weights.h5")


def test_lambda_is_told_before_writing_and_weights_can_be_saved(tmp_path):
    model = Sequential([Input((3,)), layers.Dense(2), layers.Lambda(lambda x: x * 2, name="twice")])
    for ending in ("keras", "h5"):
        with pytest.raises(WrongType, match="twice"):
            save_model(model, tmp_path / f"m.{ending}")
    save_weights(model, tmp_path / "m.weights.h5")
    assert [path.name for path in tmp_path.iterdir()] == ["m.weights.h5"]


def test_named_lambda_needs_custom_objects(tmp_path):
    source = (models.FILES / "lambda.keras").read_bytes()
    with zipfile.ZipFile(io.BytesIO(source)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(entries["config.json"])
    function = {"module": "builtins", "class_name": "function", "config": "twice", "registered_name": "twice"}
    config["config"]["layers"][1]["config"]["function"] = function
    entries["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    with pytest.raises(FileRefused, match="code"):
        load_model(tmp_path / "m.keras")
    model = load_model(tmp_path / "m.keras", custom_objects={"twice": lambda x: x * 2})
    np.testing.assert_array_equal(model(np.ones((1, 2), "float32")), [[2.0, 2.0]])


class Scaled(layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape):
        self.bias = self.add_weight(shape=(input_shape[-1],), name="bias", initializer="ones")

    def call(self, inputs):
        return inputs * self.factor + self.bias

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


def test_own_class_needs_custom_objects(tmp_path):
    model = Sequential([Input((3,)), Scaled(2.0)])
    save_model(model, tmp_path / "m.keras")
    with pytest.raises(FileRefused, match="Scaled"):
        load_model(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras", custom_objects={"Scaled": Scaled})
    np.testing.assert_array_equal(again(np.ones((1, 3), "float32")), [[3.0, 3.0, 3.0]])


def test_registered_class_needs_nothing(tmp_path):
    @register_keras_serializable("tests")
    class Doubled(Scaled):
        pass

    model = Sequential([Input((3,)), Doubled(2.0)])
    save_model(model, tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras")
    assert type(again.layers[0]) is Doubled


def test_failed_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "m.keras"
    save_model(models.small(), path)
    before = path.read_bytes()
    monkeypatch.setattr("ranvier.saving.weights.write_dataset", _no_space)
    with pytest.raises(OSError, match="no space"):
        save_model(models.small(), path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["m.keras"]


def _no_space(*_):
    raise OSError("no space")


def test_arguments(tmp_path):
    model = models.small()
    save_model(model, tmp_path / "m.keras")
    with pytest.raises(InvalidArgument, match="exists"):
        save_model(model, tmp_path / "m.keras", overwrite=False)
    with pytest.raises(InvalidArgument, match="ending"):
        save_model(model, tmp_path / "m.model")
    with pytest.raises(InvalidArgument, match=r"weights\.h5"):
        save_weights(model, tmp_path / "m.npz")
    with pytest.raises(Unsupported, match="several files"):
        load_weights(model, tmp_path / "m.weights.json")
    with pytest.raises(Unsupported, match="never run"):
        load_model(tmp_path / "m.keras", safe_mode=False)
    with pytest.raises(Unsupported, match="local"):
        load_model("hf://someone/model")
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "none.keras")
    with pytest.raises(NotReady):
        save_model(Sequential([layers.Dense(2)]), tmp_path / "n.keras")
