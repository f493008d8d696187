"""unsavable-layer: a model that no file can hold whole, told before hours are spent on training it."""

from __future__ import annotations

from ranvier.doctor.finding import Finding
from ranvier.doctor.subject import Subject

__all__ = ["CODE", "findings"]

CODE = "unsavable-layer"


def findings(subject: Subject) -> list[Finding]:
    """Return one piece of advice that names all layers that hold code."""
    held = {path or layer.name: layer for path, layer in subject.layers.items() if layer.unsavable}
    if not held:
        return []
    reasons = dict.fromkeys(str(layer.unsavable) for layer in held.values())
    return [
        Finding(
            CODE,
            "advice",
            "This model cannot be saved whole.",
            ", ".join(f"layer {path!r}" for path in held),
            tuple(reasons),
            "It trains as it is, and save_weights works. To save it whole, write the function as a Layer subclass.",
        )
    ]
