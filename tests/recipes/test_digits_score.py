"""What the main job promises on digits: median test accuracy over 5 seeds at least 97.5 %, no seed below 96 %."""

from __future__ import annotations

import statistics

import pytest

from ranvier.cli.train import _subject
from ranvier.recipes import scoring, training
from ranvier.recipes.outcome import predict
from ranvier.recipes.plan import plan_for
from ranvier.recipes.split import divide

SEEDS = range(5)


@pytest.mark.slow
def test_digits_over_five_seeds():
    subject = _subject("digits")
    accuracies = []
    for seed in SEEDS:
        plan = plan_for(subject, None, seed)
        split = divide(subject.y_train, subject.schema.kind, plan.validation_share, plan.seed)
        trained = training.train(plan, subject, split)
        scores = scoring.score(subject.schema.kind, subject.y_test, predict(trained.model, subject.x_test))
        accuracies.append(scores["accuracy"])
    assert statistics.median(accuracies) >= 0.975
    assert min(accuracies) >= 0.96
