from __future__ import annotations

import pytest

from ranvier._errors import InvalidArgument
from ranvier.callbacks import LambdaCallback
from tests.callbacks.fakes import run


def test_each_function_is_called_at_its_hook():
    story = []
    callback = LambdaCallback(
        on_epoch_begin=lambda epoch, logs: story.append(("begin", epoch)),
        on_epoch_end=lambda epoch, logs: story.append(("end", epoch, logs["loss"])),
        on_train_begin=lambda logs: story.append("first"),
        on_train_end=lambda logs: story.append("last"),
        on_test_end=lambda logs: story.append("never"),
    )
    run([callback], [{"loss": 1.0}])
    assert story == ["first", ("begin", 0), ("end", 0, 1.0), "last"]


def test_a_batch_hook_by_the_names_that_guides_use():
    seen = []
    run([LambdaCallback(on_train_batch_begin=lambda batch, logs: seen.append(batch))], [{"loss": 1.0}], steps=3)
    assert seen == [0, 1, 2]


def test_an_unknown_hook_is_refused():
    with pytest.raises(InvalidArgument, match="on_epoch_over"):
        LambdaCallback(on_epoch_over=print)
