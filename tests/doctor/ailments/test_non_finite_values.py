from __future__ import annotations

import pytest

from ranvier.doctor.ailments import non_finite_values
from ranvier.engine.hooks import NonFinite


def told(kind, place="dense_1", layer="", epoch=2, step=7, rows=(), **facts):
    named = {name.replace("_", " "): value for name, value in facts.items()}
    return non_finite_values.finding(NonFinite(epoch, step, kind, place, layer, rows, named))


def test_epoch_step_layer_and_rows():
    found = told("output", layer="Dense", rows=(3, 9), operand_range="-1.5 to 2")
    assert (found.code, found.severity, found.epoch, found.step) == ("non-finite-values", "error", 2, 7)
    assert found.place == "output dense_1 (Dense)"
    assert "rows of the batch: 3, 9" in found.evidence
    assert "operand range: -1.5 to 2" in found.evidence
    assert "epoch 3, step 8" in str(found)
    assert any("last healthy step" in line for line in found.evidence)


@pytest.mark.parametrize(
    ("found", "reason", "cure"),
    [
        (told("data", "x", rows=(1,)), "missing or infinite values", "Fill or drop"),
        (told("output", operand_range="1.27e-31 to 2.118e+33"), "overflow of numbers as large as 2.12e+33", "clipnorm"),
        (told("output", operand_range="-1e20 to 0"), "they grew in training", "learning rate"),
        (told("output", epoch=0, step=0, operand_range="0 to 1e20"), "from the start", "scale the inputs"),
        (told("output", operand_range="-3 to 2"), "not defined", "such an operation"),
        (told("output"), "not defined", "such an operation"),
        (told("loss", "the loss", output_range="0 to 1"), "log, a root or a division", "from_logits"),
        (told("loss", "the loss", output_range="0.25 to 1"), "not defined for these outputs", "log or a division"),
        (told("loss", "the loss", output_range="-5e19 to 2"), "overflow", "clipnorm"),
        (told("gradient", "dense/kernel", weight_range="-1 to 1"), "slope that is infinite", "sqrt"),
        (told("update", "optimizer/slots"), "step too large", "learning rate"),
    ],
)
def test_the_likely_reason_and_the_cure(found, reason, cure):
    assert reason in " ".join(found.evidence)
    assert cure in found.cure


def test_a_kind_that_is_not_known_yet_is_told_all_the_same():
    assert told("something").title.startswith("A number became NaN")
