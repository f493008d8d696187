from __future__ import annotations

from types import SimpleNamespace

import pytest

from ranvier.callbacks import CallbackList, TerminateOnNaN
from tests.callbacks.fakes import FakeModel, run


@pytest.mark.parametrize(("loss", "ends"), [(1.0, False), (float("nan"), True), (float("inf"), True)])
def test_a_loss_that_is_no_number_ends_the_run(loss, ends):
    model = FakeModel()
    run([TerminateOnNaN()], [{"loss": loss}], model)
    assert model.stop_training is ends


def test_with_raise_error_the_ends_of_other_callbacks_are_not_reached():
    with pytest.raises(RuntimeError, match="NaN or infinite in epoch 1"):
        run([TerminateOnNaN(raise_error=True)], [{"loss": float("nan")}])


def test_what_the_guard_found_counts_though_the_last_healthy_loss_is_finite():
    model = FakeModel()
    model.history = SimpleNamespace(findings=[SimpleNamespace(code="non-finite-values")])
    with pytest.raises(RuntimeError):
        run([TerminateOnNaN(raise_error=True)], [{"loss": 1.0}], model)


def test_it_never_needs_python_inside_an_epoch():
    assert CallbackList([TerminateOnNaN()]).cadence("train") is None
