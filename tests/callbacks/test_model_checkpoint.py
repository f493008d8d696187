from __future__ import annotations

import json
import pathlib

import pytest

from ranvier._errors import InvalidArgument
from ranvier.callbacks import CallbackList, EarlyStopping, ModelCheckpoint
from tests.callbacks.fakes import FakeModel, losses, run, train


def files(folder):
    return sorted(path.name for path in pathlib.Path(folder).iterdir())


def test_a_file_per_epoch_by_the_template(tmp_path):
    run([ModelCheckpoint(tmp_path / "new" / "m-{epoch:02d}-{val_loss:.1f}.keras")], losses(2, 1))
    assert files(tmp_path / "new") == ["m-01-2.0.keras", "m-02-1.0.keras"]


def test_only_the_best(tmp_path):
    checkpoint = ModelCheckpoint(tmp_path / "{epoch}.keras", save_best_only=True)
    run([checkpoint], losses(3, 2, 2.5, 1))
    assert files(tmp_path) == ["1.keras", "2.keras", "4.keras"]
    assert checkpoint.best == 1.0


def test_only_what_beats_the_threshold(tmp_path):
    run([ModelCheckpoint(tmp_path / "{epoch}.keras", save_best_only=True, initial_value_threshold=2.5)], losses(3, 2))
    assert files(tmp_path) == ["2.keras"]


def test_weights_alone(tmp_path):
    run([ModelCheckpoint(tmp_path / "w.weights.h5", save_weights_only=True)], losses(1))
    assert (tmp_path / "w.weights.h5").read_text() == "weights"


@pytest.mark.parametrize("most", [1000, 2])
def test_every_so_many_steps_counted_over_epochs(tmp_path, most):
    checkpoint = ModelCheckpoint(tmp_path / "{epoch}-{batch}.keras", save_freq=4)
    listed = CallbackList([checkpoint], model=FakeModel(), steps=6)
    listed.on_train_begin()
    due = []
    for epoch in range(3):
        listed.on_epoch_begin(epoch)
        due.append(train(listed, 6, most=most))
        listed.on_epoch_end(epoch, {})
    # Steps 4, 8, 12, 16 of the run; Python is needed at these alone.
    assert files(tmp_path) == ["1-4.keras", "2-2.keras", "2-6.keras", "3-4.keras"]
    assert due == [[4], [2, 6], [4]]


def test_the_count_of_steps_goes_on_in_a_resumed_run(tmp_path):
    first = CallbackList([ModelCheckpoint(tmp_path / "{epoch}-{batch}.keras", save_freq=4)], model=FakeModel(), steps=6)
    first.on_epoch_begin(0)
    train(first, 6)
    first.on_epoch_end(0, {})
    first.on_epoch_begin(1)
    train(first, 3)  # interrupted in the middle of the second epoch
    state = json.loads(json.dumps(first.state_dict()))

    second = CallbackList(
        [ModelCheckpoint(tmp_path / "{epoch}-{batch}.keras", save_freq=4)], model=FakeModel(), steps=6
    )
    second.load_state_dict(state)
    train(second, 6, step=3)
    assert files(tmp_path) == ["1-4.keras", "2-2.keras", "2-6.keras"]


def test_a_model_that_cannot_be_saved_whole_gets_its_weights_saved_beside(tmp_path):
    with pytest.warns(UserWarning, match=r"weights alone, as .*best1\.weights\.h5") as caught:
        run([ModelCheckpoint(tmp_path / "best{epoch}.h5")], losses(2, 1), FakeModel(savable=False))
    assert files(tmp_path) == ["best1.weights.h5", "best2.weights.h5"]
    assert len(caught) == 1


def test_a_file_that_cannot_be_written_does_not_end_the_run(tmp_path):
    (tmp_path / "m.keras").mkdir()
    stopper = EarlyStopping(patience=9)
    with pytest.warns(UserWarning, match="could not write"):
        run([ModelCheckpoint(tmp_path / "m.keras"), stopper], losses(2, 1))
    assert stopper.best == 1.0


def test_what_is_saved_is_said_where_asked(tmp_path, capsys):
    run([ModelCheckpoint(tmp_path / "m.keras", save_best_only=True, verbose=1)], losses(1, 2))
    assert capsys.readouterr().out.splitlines() == [
        f"Epoch 1: saved {tmp_path / 'm.keras'}",
        "Epoch 2: val_loss did not improve from 1.00000",
    ]


@pytest.mark.parametrize(
    "options",
    [
        {"filepath": "m"},
        {"filepath": "m.h5", "save_weights_only": True},
        {"filepath": "m.keras", "save_freq": 0},
        {"filepath": "m.keras", "save_freq": "batch"},
        {"filepath": "m.keras", "save_freq": True},
    ],
)
def test_wrong_arguments_are_refused_at_once(options):
    with pytest.raises(InvalidArgument, match="ModelCheckpoint"):
        ModelCheckpoint(**options)


def test_a_name_that_is_not_among_the_logs_is_named(tmp_path):
    with pytest.raises(InvalidArgument, match="val_auc"):
        run([ModelCheckpoint(tmp_path / "{val_auc:.2f}.keras")], losses(1))
