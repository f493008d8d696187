from __future__ import annotations

import json

import pytest

from ranvier._errors import InvalidArgument
from ranvier.callbacks import CallbackList, History, LearningRateScheduler, ReduceLROnPlateau
from tests.callbacks.fakes import FakeModel, losses, run


def test_the_rate_falls_after_patience_epochs():
    model, history = FakeModel(rate=0.1), History()
    run([ReduceLROnPlateau(factor=0.5, patience=2), history], losses(3, 3, 3, 3), model)
    # Reduced at the end of epoch 3, so the fourth epoch's rate is the new one.
    assert history.history["learning_rate"] == [0.1, 0.1, 0.1, 0.05]


def test_not_below_the_smallest_rate_and_not_while_cooling_down():
    model, history = FakeModel(rate=0.1), History()
    run([ReduceLROnPlateau(factor=0.1, patience=1, cooldown=2, min_lr=0.005), history], losses(*[3] * 7), model)
    assert history.history["learning_rate"] == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.005, 0.005, 0.005])
    assert model.optimizer.learning_rate == 0.005


def test_small_gains_do_not_count():
    model = FakeModel(rate=0.1)
    run([ReduceLROnPlateau(patience=1, min_delta=0.1)], losses(3, 2.95), model)
    assert model.optimizer.learning_rate == pytest.approx(0.01)


def test_a_factor_that_does_not_reduce_is_refused():
    with pytest.raises(InvalidArgument, match="smaller"):
        ReduceLROnPlateau(factor=1.0)


def test_a_resumed_run_waits_as_long_as_the_whole_one():
    first = run([ReduceLROnPlateau(patience=3)], losses(3, 3, 3))
    model = FakeModel(rate=0.1)
    listed = CallbackList([ReduceLROnPlateau(patience=3)], model=model)
    listed.on_train_begin()
    listed.load_state_dict(json.loads(json.dumps(first.state_dict())))
    run([], losses(3), model, start=3, listed=listed)
    assert model.optimizer.learning_rate == pytest.approx(0.01)


def test_reductions_are_said_where_asked(capsys):
    run([ReduceLROnPlateau(patience=1, verbose=1)], losses(3, 3), FakeModel(rate=0.1))
    assert capsys.readouterr().out == "Epoch 2: learning rate reduced from 0.1 to 0.01\n"


@pytest.mark.parametrize("schedule", [lambda epoch, rate: rate / 2 if epoch else rate, lambda epoch: 0.1 / 2**epoch])
def test_a_schedule_of_epoch_and_rate_or_of_the_epoch(schedule):
    history = History()
    run([LearningRateScheduler(schedule), history], losses(1, 1, 1), FakeModel(rate=0.1))
    assert history.history["learning_rate"] == pytest.approx([0.1, 0.05, 0.025])


def test_an_error_inside_a_schedule_is_not_mistaken_for_one_argument():
    def broken(epoch, rate):
        raise TypeError("inside")

    with pytest.raises(TypeError, match="inside"):
        LearningRateScheduler(broken).next(0, 0.1)


@pytest.mark.parametrize("value", [None, "0.1", [0.1, 0.2]])
def test_a_schedule_must_return_a_number(value):
    with pytest.raises(InvalidArgument, match="number"):
        LearningRateScheduler(lambda epoch: value).next(0, 0.1)


def test_a_model_without_a_learning_rate_is_named():
    model = FakeModel()
    del model.optimizer.learning_rate
    with pytest.raises(InvalidArgument, match="LearningRateScheduler"):
        run([LearningRateScheduler(lambda epoch: 0.1)], losses(1), model)
