"""softmax-over-one-unit: an output that is 1 whatever the input is."""

from __future__ import annotations

import numpy as np

from ranvier.doctor.ailments import HEAD
from ranvier.doctor.finding import Finding
from ranvier.doctor.subject import Output

__all__ = ["CODE", "findings"]

CODE = "softmax-over-one-unit"


def findings(output: Output) -> list[Finding]:
    """Return a finding when the softmax of an output has one unit to choose from.

    Only outputs are looked at: inside a model, attention over an axis of one element is legal.
    """
    if output.activation != "softmax" or not output.shape or output.shape[-1] != 1:
        return []
    layer = f"layer {output.layer!r}" if output.layer else f"output {output.name!r}"
    return [
        Finding(
            CODE,
            "error",
            "A softmax over one unit is always 1, so nothing can be learned.",
            layer,
            (f"outputs of shape {output.shape}", "softmax([z]) = exp(z) / exp(z) = 1; its gradient is 0"),
            _cure(output),
            explains=HEAD,
        )
    ]


def _cure(output: Output) -> str:
    binary = 'activation="sigmoid" with loss="binary_crossentropy"'
    classes = 'for k classes, k units with softmax and loss="sparse_categorical_crossentropy"'
    if output.y is not None and not np.isin(output.y, (0, 1)).all() and output.family == "elementwise":
        return 'For numbers as targets, leave the activation out: Dense(1) with loss="mse".'
    return f"For two classes, {binary}; {classes}."
