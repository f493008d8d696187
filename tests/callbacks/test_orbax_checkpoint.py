"""OrbaxCheckpoint against a stand-in for Orbax's manager; without Orbax it says what to install."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from ranvier import layers
from ranvier.callbacks import OrbaxCheckpoint
from ranvier.models import Sequential

X, Y = np.ones((6, 2), "float32"), np.ones(6, "float32")


@pytest.fixture
def managers(monkeypatch):
    made = []

    class Manager:
        def __init__(self, directory, options):
            self.directory, self.options, self.saved, self.waited = directory, options, {}, 0
            made.append(self)

        def save(self, step, args):
            self.saved[step] = args

        def wait_until_finished(self):
            self.waited += 1

    args = SimpleNamespace(StandardSave=lambda tree: tree, JsonSave=lambda data: data, Composite=lambda **parts: parts)
    orbax = SimpleNamespace(CheckpointManager=Manager, CheckpointManagerOptions=lambda **options: options, args=args)
    monkeypatch.setitem(sys.modules, "orbax", SimpleNamespace(checkpoint=orbax))
    monkeypatch.setitem(sys.modules, "orbax.checkpoint", orbax)
    return made


def fitted(callback, epochs=2):
    model = Sequential([layers.Input((2,)), layers.Dense(1, name="out")])
    model.compile("adam", "mse")
    model.fit(X, Y, batch_size=2, epochs=epochs, verbose=0, callbacks=[callback])
    return model


def test_every_epoch_the_whole_state(managers, tmp_path):
    model = fitted(OrbaxCheckpoint(tmp_path / "c", max_to_keep=3, save_on_background=False))
    (manager,) = managers
    assert manager.directory == str(tmp_path / "c") and manager.waited
    assert manager.options == {"max_to_keep": 3, "enable_async_checkpointing": False}
    assert list(manager.saved) == [0, 1]
    tree = manager.saved[1]["pytree"]
    np.testing.assert_array_equal(tree["trainable_variables"]["out"]["kernel"], model.get_weights()[0])
    assert int(tree["optimizer_variables"]["iterations"]) == 6
    assert manager.saved[1]["model_config"]["config"] == model.to_json()


def test_every_few_steps_the_weights_alone(managers, tmp_path):
    fitted(OrbaxCheckpoint(tmp_path, save_freq=4, save_weights_only=True))
    assert list(managers[0].saved) == [4]
    assert set(managers[0].saved[4]) == {"pytree"}
    assert set(managers[0].saved[4]["pytree"]) == {"trainable_variables", "non_trainable_variables"}


def test_only_the_best(managers, tmp_path):
    callback = OrbaxCheckpoint(tmp_path, monitor="loss", save_best_only=True, initial_value_threshold=-1.0)
    fitted(callback)
    assert managers[0].saved == {} and callback.state_dict()["best"] == -1.0


def test_without_orbax(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "orbax", None)
    monkeypatch.setitem(sys.modules, "orbax.checkpoint", None)
    with pytest.raises(ImportError, match="orbax-checkpoint"):
        OrbaxCheckpoint(tmp_path)
