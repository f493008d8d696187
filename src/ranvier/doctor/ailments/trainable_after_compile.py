"""trainable-after-compile: layers frozen or thawed too late for this training."""

from __future__ import annotations

from collections.abc import Sequence

from ranvier.doctor.finding import Finding
from ranvier.doctor.rows import listed

__all__ = ["CODE", "findings"]

CODE = "trainable-after-compile"


def findings(layers: Sequence[str]) -> list[Finding]:
    """Return a finding for layers whose `trainable` is not what `compile` saw.

    Args:
        layers: their names.
    """
    if not layers:
        return []
    evidence = (
        f"changed since then: {listed(layers)}",
        "training goes on with what was trainable then, as the critic of a GAN wants it",
    )
    cure = "Call compile() again for the change to take effect."
    return [Finding(CODE, "advice", "`trainable` changed after compile().", "compile()", evidence, cure)]
