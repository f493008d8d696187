"""From plan to scores: what is learned, from which rows, and what it answers in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ranvier._errors import DataError, InvalidArgument
from ranvier.recipes import training
from ranvier.recipes.network import build
from ranvier.recipes.outcome import Outcome
from ranvier.recipes.plan import in_words, plan_for
from ranvier.recipes.split import divide
from tests.recipes.subjects import amounts, clouds, outcome_of


def test_a_regression_answers_in_the_unit_and_beats_the_baselines(regression: Outcome) -> None:
    assert regression.predictions.shape == regression.subject.y_test.shape
    assert regression.scores["rmse"] < 2_000 and regression.beaten and regression.bounds is None
    guess, linear = regression.baselines
    assert guess.scores["r2"] == pytest.approx(0, abs=0.05) and linear.scores["r2"] > 0.3


def test_the_loss_of_a_regression_is_a_share_of_the_variance(regression: Outcome) -> None:
    history = regression.trained.history
    assert history["val_loss"][0] < 2 and min(history["val_loss"]) < 0.1
    best = regression.trained.best_epoch
    assert history["val_loss"][best - 1] == min(history["val_loss"]) == regression.trained.best["val_loss"]


def test_two_clouds_are_told_apart(classification: Outcome) -> None:
    assert classification.scores["accuracy"] > 0.9
    np.testing.assert_allclose(classification.predictions.sum(axis=1), 1, rtol=1e-5)
    assert classification.trained.epochs == 3 and not classification.trained.stopped_early


def test_test_rows_take_no_part(classification: Outcome) -> None:
    subject = classification.subject
    other = replace(subject, x_test=subject.x_test[::-1] * 100, y_test=1 - subject.y_test)
    again = outcome_of(other, epochs=3)
    for one, two in zip(classification.trained.model.get_weights(), again.trained.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_preprocessing_looks_at_the_rows_to_learn_from_only() -> None:
    subject = amounts()
    plan = plan_for(subject, 1)
    split = divide(subject.y_train, "regression", 0.15, 0)
    spoilt = subject.x_train.copy()
    spoilt[split.validation] += 1e6
    one, two = (build(plan, replace(subject, x_train=x), split.train) for x in (subject.x_train, spoilt))
    for name in ("columns", "unit"):
        assert one.get_layer(name).get_config() == two.get_layer(name).get_config()


def test_a_column_that_never_changed_does_no_harm(regression: Outcome) -> None:
    row = regression.subject.x_test[:1].copy()
    row[0, 2] += 0.5
    moved = regression.trained.model.predict(row, verbose=0) - regression.predictions[:1]
    assert abs(float(moved.item())) < 20_000


def test_another_seed_gives_other_weights(classification: Outcome) -> None:
    other = outcome_of(classification.subject, epochs=1, seed=1)
    assert not np.array_equal(other.trained.model.get_weights()[0], classification.trained.model.get_weights()[0])


@pytest.mark.filterwarnings("ignore:EarlyStopping watches")
def test_numbers_that_explode_are_a_failure_that_says_so() -> None:
    subject = clouds()
    plan = replace(plan_for(subject, 2), learning_rate=float("inf"))
    with pytest.raises(training.TrainingFailed, match="before one epoch"):
        training.train(plan, subject, divide(subject.y_train, "classification", 0.15, 0))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused_with_their_column(value: float) -> None:
    subject = amounts()
    x = subject.x_train.copy()
    x[5, 1] = value
    with pytest.raises(DataError, match=r"'microns'.*missing or infinite"):
        replace(subject, x_train=x)
    with pytest.raises(DataError, match="do not fit"):
        replace(subject, y_train=subject.y_train[1:])


@pytest.mark.parametrize(("epochs", "seed"), [(0, 0), (1, -1), (1, 2**31)])
def test_a_plan_has_limits(epochs: int, seed: int) -> None:
    with pytest.raises(InvalidArgument):
        plan_for(clouds(), epochs, seed)


def test_the_plan_in_words_has_a_reason_for_everything() -> None:
    for subject in (clouds(), amounts()):
        plan = plan_for(subject)
        choices = in_words(plan, subject, divide(subject.y_train, subject.schema.kind, 0.15, 0))
        assert [choice.topic for choice in choices] == [
            "Task", "Test rows", "Validation", "Preprocessing", "Network", "Loss", "Optimizer", "Stopping",
        ]  # fmt: skip
        assert all(choice.text and choice.why for choice in choices)
