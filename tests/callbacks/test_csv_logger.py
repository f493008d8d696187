from __future__ import annotations

import csv
import json

import numpy as np

from ranvier.callbacks import CallbackList, CSVLogger
from tests.callbacks.fakes import FakeModel, losses, run


def rows(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_names_sorted_after_the_epoch(tmp_path):
    run([CSVLogger(tmp_path / "new" / "log.csv")], [{"val_loss": 2.0, "acc": 0.5, "loss": 1.0}])
    assert rows(tmp_path / "new" / "log.csv") == [["epoch", "acc", "loss", "val_loss"], ["0", "0.5", "1.0", "2.0"]]


def test_columns_for_a_validation_that_comes_later(tmp_path):
    run([CSVLogger(tmp_path / "log.csv", separator=";")], [{"loss": 1.0}, {"loss": 0.5, "val_loss": 2.0}])
    text = (tmp_path / "log.csv").read_text().splitlines()
    assert text == ["epoch;loss;val_loss", "0;1.0;NA", "1;0.5;2.0"]


def test_several_numbers_in_one_cell(tmp_path):
    run([CSVLogger(tmp_path / "log.csv")], [{"val_recall": [0.5, 1.0], "loss": np.array(2.0)}])
    assert rows(tmp_path / "log.csv")[1] == ["0", "2.0", '"[0.5, 1.0]"']


def test_a_new_run_overwrites_or_appends(tmp_path):
    path = tmp_path / "log.csv"
    run([CSVLogger(path)], losses(3, 2))
    run([CSVLogger(path)], losses(1))
    assert [row[0] for row in rows(path)] == ["epoch", "0"]
    run([CSVLogger(path, append=True)], losses(0.5), start=1)
    assert [row[0] for row in rows(path)] == ["epoch", "0", "1"]


def resumed(path, saved, values, start, append):
    """Continue a run from a state that a checkpoint holds."""
    model = FakeModel()
    listed = CallbackList([CSVLogger(path, append=append)], model=model)
    listed.on_train_begin()
    listed.load_state_dict(json.loads(json.dumps(saved)))
    run([], values, model, start=start, listed=listed)


def test_a_resumed_run_writes_no_row_twice_and_loses_none(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("older\n")
    for append in (True, False):
        first = CallbackList([CSVLogger(path, append=append)], model=FakeModel())
        first.on_train_begin()
        states = [first.state_dict()]
        for epoch, logs in enumerate(losses(4, 3, 2)):
            first.on_epoch_end(epoch, logs)
            states.append(first.state_dict())
        whole = path.read_text()
        # The newest checkpoint may be older than the last rows: they are written again, not doubled.
        for known in (3, 2, 0):
            resumed(path, states[known], losses(4, 3, 2)[known:], known, append)
            assert path.read_text() == whole
    assert "older" not in whole
