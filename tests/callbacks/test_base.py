from __future__ import annotations

import pytest

from ranvier._errors import InvalidArgument
from ranvier.callbacks import Callback, LambdaCallback


class AfterBatch(Callback):
    def __init__(self):  # as guides write it, without super().__init__()
        self.seen = []

    def on_batch_end(self, batch, logs=None):
        self.seen.append(batch)


class DuringTest(Callback):
    def on_test_batch_end(self, batch, logs=None):
        pass


@pytest.mark.parametrize(
    ("callback", "every", "train", "test"),
    [
        (Callback(), "epoch", None, None),
        (AfterBatch(), "batch", 1, None),
        (DuringTest(), "batch", None, 1),
        (LambdaCallback(on_train_batch_end=lambda batch, logs: None), "batch", 1, None),
        (LambdaCallback(on_epoch_end=lambda epoch, logs: None), "epoch", None, None),
    ],
)
def test_how_often_python_is_needed_follows_from_the_hooks(callback, every, train, test):
    assert callback.every == every
    assert callback.steps_between("train") == train
    assert callback.steps_between("test") == test


def test_every_can_be_set_on_the_object_or_the_class():
    callback = AfterBatch()
    callback.every = 25
    assert callback.steps_between("train") == 25

    class Rare(AfterBatch):
        every = 10

    assert Rare().steps_between("train") == 10
    callback.every = "epoch"
    assert callback.steps_between("train") is None


@pytest.mark.parametrize("every", [0, -3, "never", 2.5])
def test_a_cadence_that_is_none_is_refused(every):
    callback = AfterBatch()
    callback.every = every
    with pytest.raises(InvalidArgument, match="cadence"):
        callback.steps_between("train")


def test_the_older_batch_hooks_are_called_by_the_newer():
    callback = AfterBatch()
    callback.on_train_batch_end(3)
    assert callback.seen == [3]


def test_every_hook_of_keras_is_there():
    names = {
        f"on_{what}_{edge}" for what in ("epoch", "batch", "train", "test", "predict") for edge in ("begin", "end")
    }
    names |= {f"on_{what}_batch_{edge}" for what in ("train", "test", "predict") for edge in ("begin", "end")}
    assert all(callable(getattr(Callback, name)) for name in [*names, "set_model", "set_params"])
