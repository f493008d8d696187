"""The exam before the first step: nothing is compiled, and the data is looked at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ranvier.doctor import subject
from ranvier.doctor.ailments import (
    ORDER,
    class_weights,
    label_encoding,
    logits_and_probabilities,
    loss_task_mismatch,
    metric_task_mismatch,
    negative_weights,
    non_finite_data,
    output_range,
    single_row,
    softmax_over_one_unit,
    trainable_after_compile,
    unsavable_layer,
    unscaled_inputs,
    unshuffled_data,
)
from ranvier.doctor.finding import Finding
from ranvier.doctor.subject import Output

__all__ = ["before_measuring", "before_training", "class_weight", "trainable_changed", "validation_split"]


def before_training(model: Any, program: Any, feed: Any) -> list[Finding]:
    """Return what is wrong with model, loss and data before the first step, the likeliest cause first.

    Args:
        model: the built model.
        program: its Program; of a training step of the user's own, only the data is looked at.
        feed: where batches come from; of a stream, only its first batch is looked at.
    """
    seen = subject.look(model, program, feed)
    found = [
        *non_finite_data.findings(seen),
        *(finding for output in seen.outputs for finding in _of_output(output)),
        *unscaled_inputs.findings(seen),
        *single_row.findings(seen),
        *unshuffled_data.order(seen),
        *unsavable_layer.findings(seen),
    ]
    return sorted(found, key=lambda finding: ORDER.index(finding.code))


def before_measuring(model: Any, program: Any, feed: Any, name: str) -> list[Finding]:
    """Return what makes a measurement meaningless: NaN in the data, and targets that the loss cannot mean.

    Args:
        model: the built model.
        program: its Program.
        feed: the data that is held out or evaluated.
        name: what to call that data.
    """
    seen = subject.look(model, program, feed)
    # A part of the data may well be all of one class.
    outputs = [replace(output, alone=False) for output in seen.outputs]
    found = [*non_finite_data.findings(seen), *(one for output in outputs for one in label_encoding.findings(output))]
    return [replace(one, place=f"{name}, {one.place}") for one in found if one.severity == "error"]


def validation_split(y_all: Any, y_head: Any, y_tail: Any, loss: Any) -> list[Finding]:
    """Return what is wrong with a split that keeps the order of the rows.

    Args:
        y_all: targets of all rows.
        y_head: targets that are trained on.
        y_tail: targets that training is validated on.
        loss: what `compile` was given.
    """
    return unshuffled_data.split(y_head, y_tail, loss)


_OF_OUTPUTS = (
    label_encoding,
    softmax_over_one_unit,
    loss_task_mismatch,
    logits_and_probabilities,
    output_range,
    metric_task_mismatch,
    negative_weights,
)
"""The ailments of outputs, the likeliest cause first."""


def class_weight(y: Any, weights: Any) -> list[Finding]:
    """Return what is wrong with the class weights of `fit`.

    Args:
        y: targets of all rows.
        weights: class number to weight.
    """
    return class_weights.findings(y, weights)


def trainable_changed(layers: Sequence[str]) -> list[Finding]:
    """Return what is wrong with a `trainable` that was set after `compile`.

    Args:
        layers: names of the layers that it was set of.
    """
    return trainable_after_compile.findings(layers)


def _of_output(output: Output) -> list[Finding]:
    """Return what is wrong with one output; what another finding brings about becomes its evidence."""
    kept: list[Finding] = []
    for finding in (finding for ailment in _OF_OUTPUTS for finding in ailment.findings(output)):
        cause = next((number for number, one in enumerate(kept) if finding.code in one.explains), None)
        if cause is None:
            kept.append(finding)
        else:
            symptom = f"also seen: {finding.code} ({finding.place})"
            kept[cause] = replace(kept[cause], evidence=(*kept[cause].evidence, symptom))
    return kept
