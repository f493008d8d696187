"""logits-and-probabilities: the loss takes the outputs for what they are not, or an activation stands twice.

Decided from the loss's `from_logits` and the output's activations alone. An activation that is not known for certain (a
function of the user's own, the end of a subclassed model that only looks linear) is left alone.
"""

from __future__ import annotations

from ranvier.doctor.finding import Finding, Severity
from ranvier.doctor.pairing import from_logits
from ranvier.doctor.ranges import described, interval
from ranvier.doctor.subject import Output

__all__ = ["CODE", "findings"]

CODE = "logits-and-probabilities"
_SQUASHING = ("softmax", "sigmoid")
_CROSSENTROPIES = ("binary", "categorical", "sparse")


def findings(output: Output) -> list[Finding]:
    """Return a finding when the output's activation and what the loss expects of it exclude each other."""
    if output.family not in _CROSSENTROPIES or not output.shape or output.shape[-1] == 1 == _classes(output):
        return []
    found = _squashed_twice(output) or _squashed_logits(output) or _no_probabilities(output)
    return [] if found is None else [found]


def _classes(output: Output) -> int | None:
    """Return the number of classes of a loss over classes; other ailments speak of a single one."""
    return output.shape[-1] if output.family in ("categorical", "sparse") else None


def _finding(output: Output, title: str, evidence: list[str], cure: str, severity: Severity = "error") -> Finding:
    layer = f"layer {output.layer!r}" if output.layer else f"output {output.name!r}"
    loss = f"loss {output.loss.name!r}, from_logits={from_logits(output.loss)}"
    return Finding(CODE, severity, title, layer, (loss, *evidence), cure)


def _squashed_twice(output: Output) -> Finding | None:
    last, before = output.activation, output.before
    if last not in _SQUASHING or before not in _SQUASHING:
        return None
    return _finding(
        output,
        f"The output is squashed twice: {before}, then {last}.",
        [f"{described(before)}, which {last} presses into a narrow band"],
        f"Leave the {before} before the last activation out.",
    )


def _squashed_logits(output: Output) -> Finding | None:
    if output.activation not in _SQUASHING or not from_logits(output.loss):
        return None
    return _finding(
        output,
        "The loss expects logits, but the outputs are probabilities already.",
        [described(output.activation), "the loss applies the activation a second time, so its gradients fade"],
        f"Leave the {output.activation} out, or pass from_logits=False.",
    )


def _no_probabilities(output: Output) -> Finding | None:
    if from_logits(output.loss):
        return None
    if output.family != "binary" and output.activation == "sigmoid":
        return _finding(
            output,
            "Independent sigmoids under a loss for one class per row: their sum is not 1.",
            ["the loss divides them by their sum; training often works, the outputs are no probabilities"],
            'For one class per row, activation="softmax"; for several labels, loss="binary_crossentropy".',
            "advice",
        )
    values = interval(output.activation)
    if values is None or (values[0] >= 0 and values[1] <= 1):
        return None
    wanted = "sigmoid" if output.family == "binary" else "softmax"
    return _finding(
        output,
        "The loss expects probabilities, but the outputs can lie outside 0 to 1.",
        [described(output.activation), "the loss cuts them off at 0 and 1, where its gradient is 0"],
        f'Give the last layer activation="{wanted}", or pass from_logits=True to the loss.',
    )
