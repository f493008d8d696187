"""non-finite-values: a number of the training stopped being finite; where it began, and why."""

from __future__ import annotations

import re

from ranvier.doctor.finding import Finding
from ranvier.engine.hooks import NonFinite

__all__ = ["CODE", "LARGE", "finding"]

CODE = "non-finite-values"
LARGE = 1e4
"""Size of operands above which an overflow is the likely reason: exp overflows float32 at 89, a square at 1.8e19."""

_TITLES = {
    "data": "Training met NaN or infinity in the data and ended.",
    "output": "A layer computed NaN or infinity, and training ended.",
    "loss": "The loss became NaN or infinite though every layer's output was finite, and training ended.",
    "gradient": "A gradient became NaN or infinite though the loss was finite, and training ended.",
    "update": "An update made a weight NaN or infinite though its gradient was finite, and training ended.",
}
_SMALLER = "lower the learning rate, clip gradients (optimizer with clipnorm=1.0), scale the inputs"


def finding(fact: NonFinite) -> Finding:
    """Return the finding for what the engine's guard located.

    Example:
        >>> finding(NonFinite(0, 4, "data", "x", rows=(3,))).place
        'data x'
    """
    layer = f" ({fact.layer})" if fact.layer else ""
    reason, cure = _reason(fact)
    evidence = [f"{name}: {value}" for name, value in fact.facts.items()]
    if fact.rows:
        evidence.append(f"rows of the batch: {', '.join(map(str, fact.rows))}")
    evidence += [f"likely reason: {reason}", "the model has the weights of the last healthy step"]
    title = _TITLES.get(fact.kind, "A number became NaN or infinite, and training ended.")
    place = fact.place if fact.kind == "loss" else f"{fact.kind} {fact.place}{layer}"
    return Finding(CODE, "error", title, place, tuple(evidence), cure, fact.epoch, fact.step)


def _reason(fact: NonFinite) -> tuple[str, str]:
    """Return why it happened, as far as the facts tell, and what to do."""
    first = fact.epoch == 0 and fact.step == 0
    if fact.kind == "data":
        return "missing or infinite values in these rows", "Fill or drop these values before training."
    if fact.kind == "gradient":
        return (
            "a slope that is infinite (sqrt or a power at 0, a division by 0) or an overflow on the way back",
            f"Add a small number below sqrt and divisions; or {_SMALLER}.",
        )
    if fact.kind == "update":
        return "a step too large for the number type", f"To make steps smaller: {_SMALLER}."
    low, high = _range(fact)
    if fact.layer == "Embedding":
        return (
            f"ids outside the vocabulary: they run from {low:g} to {high:g}",
            "Let input_dim be the largest id + 1, or map ids that are not in the vocabulary to one of their own.",
        )
    if max(abs(low), abs(high)) > LARGE:
        grown = "they are so from the start: unscaled inputs or weights" if first else "they grew in training"
        return (
            f"overflow of numbers as large as {max(abs(low), abs(high)):.3g}; {grown}",
            f"To shrink them: {_SMALLER}.",
        )
    if fact.kind == "loss":
        return _reason_of_loss(low)
    return (
        "an operation that is not defined for these operands: log or sqrt of a negative number, a division by 0, exp "
        "above 88",
        f"Look for such an operation in this layer; else {_SMALLER}.",
    )


def _reason_of_loss(low: float) -> tuple[str, str]:
    if low <= 0:
        return (
            "log, a root or a division of outputs that are 0 or negative",
            "Give the last layer an activation whose range the loss can take (sigmoid, softmax, softplus), or pass "
            "from_logits=True to a crossentropy.",
        )
    return (
        "an operation in the loss that is not defined for these outputs",
        f"Look for log or a division; else {_SMALLER}.",
    )


def _range(fact: NonFinite) -> tuple[float, float]:
    """Return the range of the operands as the guard wrote it, (1, 1) where it is unknown."""
    text = str(fact.facts.get("operand range") or fact.facts.get("output range") or "")
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d*)?(?:e[+-]?\d+)?", text)]
    return (numbers[0], numbers[-1]) if numbers else (1.0, 1.0)
