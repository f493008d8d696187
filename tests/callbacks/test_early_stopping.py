from __future__ import annotations

import numpy as np
import pytest

from ranvier._errors import InvalidArgument
from ranvier.callbacks import CallbackList, EarlyStopping
from tests.callbacks.fakes import FakeModel, losses, run


def test_training_ends_after_patience_epochs_without_improvement():
    stopper, model = EarlyStopping(patience=2), FakeModel()
    run([stopper], losses(3, 2, 2.5, 2.1, 1.0), model)
    assert model.stop_training
    assert (stopper.stopped_epoch, stopper.best_epoch, stopper.best) == (3, 1, 2.0)
    np.testing.assert_array_equal(model.weights[0], [4.0, 4.0])
    assert not stopper.restored


def test_the_best_weights_come_back():
    stopper, model = EarlyStopping(patience=2, restore_best_weights=True), FakeModel()
    run([stopper], losses(3, 2, 2.5, 2.1), model)
    np.testing.assert_array_equal(model.weights[0], [2.0, 2.0])
    assert stopper.restored


def test_the_best_weights_come_back_also_when_the_run_was_not_stopped():
    stopper, model = EarlyStopping(patience=5, restore_best_weights=True), FakeModel()
    run([stopper], losses(1, 2, 3), model)
    assert stopper.stopped_epoch == 0
    np.testing.assert_array_equal(model.weights[0], [1.0, 1.0])


def test_it_says_which_epoch_was_best_and_whose_weights_the_model_has(capsys):
    run([EarlyStopping(patience=1, restore_best_weights=True, verbose=1)], losses(3, 2, 2.5))
    run([EarlyStopping(patience=1, verbose=1)], losses(3, 2, 2.5))
    run([EarlyStopping(patience=9, verbose=1)], losses(3, 2))
    run([EarlyStopping(patience=1)], losses(3, 2, 2.5))  # fit(verbose=0)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "EarlyStopping stopped after epoch 3; best val_loss 2 in epoch 2; its weights are restored.",
        "EarlyStopping stopped after epoch 3; best val_loss 2 in epoch 2; the model keeps the last epoch's weights.",
        "EarlyStopping did not stop the run; best val_loss 2 in epoch 2; the model keeps the last epoch's weights.",
    ]


def test_without_verbose_it_is_silent_also_when_fit_shows_its_progress(capsys):
    stopper = EarlyStopping(patience=9, restore_best_weights=True)
    assert stopper.outcome() == "EarlyStopping did not stop the run; it saw no val_loss."
    listed = CallbackList([stopper], model=FakeModel(), verbose=1, epochs=2)
    listed.on_train_begin()
    run([stopper], losses(3, 2), listed.model, listed=listed)
    assert stopper.params["verbose"] == 1 and capsys.readouterr().out == ""
    assert stopper.outcome() == (
        "EarlyStopping did not stop the run; best val_loss 2 in epoch 2; its weights are restored."
    )


@pytest.mark.parametrize(
    ("options", "values", "stopped"),
    [
        ({"min_delta": 0.5}, (3, 2.8, 2.6), 1),  # each step is too small
        ({"min_delta": 0.5, "patience": 2}, (3, 2.8, 2.6, 2.4), 2),
        ({"mode": "max"}, (1, 2, 3, 2), 3),
        ({"baseline": 1.5, "patience": 2}, (3, 2, 1.9, 1.95), 3),  # never below the baseline, so no new patience
        ({"baseline": 2.5, "patience": 2}, (3, 2, 1.9, 1.95), 0),
        ({"start_from_epoch": 3}, (1, 2, 3, 4, 5), 4),
        ({}, (3, float("nan")), 1),
    ],
)
def test_options(options, values, stopped):
    stopper = EarlyStopping(**options)
    run([stopper], losses(*values))
    assert stopper.stopped_epoch == stopped


def test_direction_follows_from_the_name():
    stopper, model = EarlyStopping("val_accuracy", patience=1), FakeModel()
    run([stopper], [{"val_accuracy": value} for value in (0.5, 0.7, 0.6)], model)
    assert stopper.best == 0.7
    assert stopper.stopped_epoch == 2


def test_an_unknown_direction_is_an_error_that_says_what_to_do():
    with pytest.raises(InvalidArgument, match='mode="max"'):
        run([EarlyStopping("score")], [{"score": 1.0}, {"score": 2.0}])


def test_a_missing_number_is_warned_of_once():
    with pytest.warns(UserWarning, match="'val_loss'.*not among the logs") as caught:
        run([EarlyStopping()], [{"loss": 1.0}] * 3)
    assert len(caught) == 1


def test_a_resumed_run_stops_where_the_uninterrupted_one_does():
    values = losses(3, 2, 2.5, 2.2, 2.4)
    whole, model = EarlyStopping(patience=3, restore_best_weights=True), FakeModel()
    run([whole], values, model)

    first = run([EarlyStopping(patience=3, restore_best_weights=True)], values[:3])
    second, other = EarlyStopping(patience=3, restore_best_weights=True), FakeModel()
    listed = CallbackList([second], model=other)
    listed.on_train_begin()
    listed.load_state_dict(first.state_dict())
    listed.load_array_state(first.array_state())
    run([], values[3:], other, start=3, listed=listed)
    assert second.state_dict() == whole.state_dict()
    assert second.stopped_epoch == 4
    np.testing.assert_array_equal(other.weights[0], model.weights[0])


def test_a_second_fit_starts_anew():
    stopper = EarlyStopping(patience=1)
    run([stopper], losses(1, 2))
    run([stopper], losses(5, 4, 3))
    assert (stopper.best, stopper.stopped_epoch) == (3.0, 0)


def test_a_class_of_ones_own_decides_what_is_watched():
    class Gap(EarlyStopping):
        def get_monitor_value(self, logs):
            return logs["val_loss"] - logs["loss"]

    callback = Gap(patience=1, mode="min")
    model = FakeModel()
    run([callback], [{"loss": 1.0, "val_loss": 1.5}, {"loss": 0.5, "val_loss": 1.5}], model)
    assert (callback.best, callback.stopped_epoch, model.stop_training) == (0.5, 1, True)
