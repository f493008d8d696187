"""Replays what Keras's callbacks did on the same logs (scripts/record_oracles/callbacks.py)."""

from __future__ import annotations

import json
import pathlib

import numpy as np
import pytest

from ranvier import callbacks
from ranvier.callbacks import CallbackList
from tests.callbacks.fakes import FakeModel, train

RECORDED = json.loads((pathlib.Path(__file__).parents[1] / "oracle" / "callbacks.json").read_text())


class Recorder(FakeModel):
    def __init__(self):
        super().__init__(rate=0.5)
        self.saved = []

    def save(self, path, overwrite=True):
        self.saved.append(pathlib.Path(path).name)


@pytest.mark.parametrize("case", RECORDED["cases"], ids=lambda case: case["kind"])
def test_the_same_outcome(case, tmp_path):
    arguments = dict(case["options"])
    if case["kind"] == "ModelCheckpoint":
        arguments["filepath"] = tmp_path / ("{epoch}-{batch}.keras" if "save_freq" in arguments else "{epoch}.keras")
    callback, model = getattr(callbacks, case["kind"])(**arguments), Recorder()
    listed = CallbackList([callback], model=model, steps=case["steps"])
    listed.on_train_begin()
    rates = []
    for epoch, value in enumerate(case["values"]):
        model.weights = [np.array([float(epoch)])]
        listed.on_epoch_begin(epoch)
        train(listed, case["steps"])
        logs = {case["monitor"]: value}
        listed.on_epoch_end(epoch, logs)
        rates.append(logs.get("learning_rate", 0.0))
        if model.stop_training:
            break
    listed.on_train_end()
    expected = case["outcome"]
    assert len(rates) == expected["epochs"]
    assert float(model.weights[0][0]) == expected["weights"]
    assert [*rates, model.optimizer.learning_rate] == expected["rate"]
    assert model.saved == expected["saved"]
    assert {name: getattr(callback, name) for name in expected["attributes"]} == expected["attributes"]


@pytest.mark.parametrize("append", [True, False])
def test_the_same_file(append, tmp_path):
    path = tmp_path / "log.csv"
    for _ in range(2):
        logger = callbacks.CSVLogger(path, append=append)
        logger.on_train_begin()
        for epoch in range(2):
            logger.on_epoch_end(epoch, {"loss": 1.5 - epoch, "acc": 0.25, "recall": np.array([0.5, 1.0])})
    assert path.read_bytes().decode() == RECORDED["csv"]["append" if append else "anew"]
