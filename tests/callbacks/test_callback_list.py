from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranvier._errors import WrongType
from ranvier.callbacks import Callback, CallbackList, EarlyStopping, History, LambdaCallback, ProgbarLogger
from tests.callbacks.fakes import FakeModel, losses, run, train


class Recorder(Callback):
    def __init__(self, name, story):
        self.name, self.story = name, story

    def on_train_begin(self, logs=None):
        self.story.append((self.name, "train begin"))

    def on_epoch_begin(self, epoch, logs=None):
        self.story.append((self.name, "epoch begin", epoch))

    def on_epoch_end(self, epoch, logs=None):
        logs[self.name] = 1
        self.story.append((self.name, "epoch end", epoch, sorted(logs)))

    def on_train_end(self, logs=None):
        self.story.append((self.name, "train end"))


class Every(Callback):
    def __init__(self, every):
        self.every = every
        self.begun, self.ended = [], []

    def on_train_batch_begin(self, batch, logs=None):
        self.begun.append(batch)

    def on_train_batch_end(self, batch, logs=None):
        self.ended.append(batch)


def test_callbacks_are_told_in_order_and_share_the_logs():
    story = []
    run([Recorder("a", story), Recorder("b", story)], [{"loss": 1.0}])
    assert story == [
        ("a", "train begin"),
        ("b", "train begin"),
        ("a", "epoch begin", 0),
        ("b", "epoch begin", 0),
        ("a", "epoch end", 0, ["a", "loss"]),
        ("b", "epoch end", 0, ["a", "b", "loss"]),
        ("a", "train end"),
        ("b", "train end"),
    ]


def test_model_and_params_reach_every_callback():
    model, callback = FakeModel(), Callback()
    listed = CallbackList([callback], model=model, verbose=0, epochs=3, steps=7)
    assert callback.model is model
    assert callback.params == listed.params == {"verbose": 0, "epochs": 3, "steps": 7}


def test_the_signature_of_keras():
    kinds = [type(callback) for callback in CallbackList(None, add_history=True, add_progbar=True).callbacks]
    assert kinds == [ProgbarLogger, History]
    assert len(CallbackList([History()], add_history=True).callbacks) == 1


@pytest.mark.parametrize("thing", [3, "history", History])
def test_what_is_no_callback_is_refused(thing):
    with pytest.raises(WrongType, match="not a callback"):
        CallbackList([thing])


def test_nobody_who_needs_batches_means_no_python_inside_an_epoch():
    listed = CallbackList([History(), EarlyStopping("loss")])
    assert listed.cadence("train") is None
    assert listed.cadence("test") is None
    assert not listed.wants_trips


@pytest.mark.parametrize("most", [1000, 4, 1])
def test_each_callback_hears_of_its_own_steps_only(most):
    three, five = Every(3), Every(5)
    listed = CallbackList([three, five])
    listed.on_epoch_begin(0)
    due = train(listed, 16, most=most)
    assert three.ended == [2, 5, 8, 11, 14]
    assert five.ended == [4, 9, 14]
    assert five.begun == [0, 5, 10, 15]
    # Python is needed at these steps and at no other: a common divisor would have been 1.
    assert due == [3, 5, 6, 9, 10, 12, 15]


@given(
    cadences=st.lists(st.integers(1, 12), min_size=1, max_size=4),
    steps=st.integers(1, 40),
    most=st.integers(1, 40),
)
def test_nobody_misses_a_step_whatever_the_cadences_and_trips(cadences, steps, most):
    callbacks = [Every(every) for every in cadences]
    listed = CallbackList(callbacks)
    for epoch in range(2):
        listed.on_epoch_begin(epoch)
        train(listed, steps, most=most)
    for every, callback in zip(cadences, callbacks, strict=True):
        assert callback.ended == 2 * list(range(every - 1, steps, every))


def test_a_callback_that_needs_every_step_is_said_to_cost_once(capsys):
    callback = LambdaCallback(on_train_batch_end=lambda batch, logs: None)
    listed = CallbackList([callback])
    assert listed.cadence("train") == 1
    listed.cadence("train")
    CallbackList([callback]).cadence("train")
    assert capsys.readouterr().err.count("LambdaCallback: Python runs after every step") == 1


def test_trips_of_an_evaluation_inside_training_are_told_apart():
    seen = []

    class Trips(Callback):
        def on_trip_end(self, step, steps, logs=None):
            seen.append(("train", step))

        def on_test_trip_end(self, step, steps, logs=None):
            seen.append(("test", step))

    listed = CallbackList([Trips()])
    assert listed.wants_trips
    listed.on_trip_end(1, 2, {})
    listed.on_test_begin()
    assert listed.wants_trips
    listed.on_trip_end(3, 4, {})
    listed.on_test_end()
    listed.on_trip_end(2, 2, {})
    assert seen == [("train", 1), ("test", 3), ("train", 2)]


class Counter(Callback):
    def __init__(self):
        self.count = 0

    def on_train_begin(self, logs=None):
        self.count = 0

    def on_epoch_end(self, epoch, logs=None):
        self.count += 1

    def state_dict(self):
        return {"count": self.count}

    def load_state_dict(self, state):
        self.count = state["count"]


def test_state_survives_a_trip_through_json_though_the_order_of_classes_changes():
    first, second, stopper = Counter(), Counter(), EarlyStopping(restore_best_weights=True)
    listed = run([Callback(), first, stopper, second], losses(3.0, 2.0))
    second.count = 9
    state = json.loads(json.dumps(listed.state_dict()))
    arrays = listed.array_state()

    again = [Counter(), Counter(), EarlyStopping(restore_best_weights=True), ProgbarLogger(), Callback()]
    other = CallbackList(again)
    other.load_state_dict(state)
    other.load_array_state(arrays)
    assert [again[0].count, again[1].count, again[2].best] == [2, 9, 2.0]
    np.testing.assert_array_equal(again[2].best_weights[0], [2.0, 2.0])


def test_close_reaches_everybody():
    closed = []

    class Closing(Callback):
        def close(self):
            closed.append(True)

    CallbackList([Closing(), Closing()]).close()
    assert closed == [True, True]
