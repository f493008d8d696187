"""single-row: training on one row, from which nothing general can be learned."""

from __future__ import annotations

from ranvier.doctor.finding import Finding
from ranvier.doctor.subject import Subject

__all__ = ["CODE", "findings"]

CODE = "single-row"


def findings(subject: Subject) -> list[Finding]:
    """Return a finding when the data that is trained on is one row in all."""
    places = [place for place in subject.arrays if place.startswith("x")]
    if not subject.whole or not places or any(len(subject.arrays[place]) != 1 for place in places):
        return []
    shapes = "; ".join(f"{place} {tuple(subject.arrays[place].shape)}" for place in places)
    evidence = [f"the first axis counts the rows: {shapes}"]
    if subject.has_layer("BatchNormalization"):
        evidence.append("BatchNormalization normalises over the rows of a batch: of one number each, the result is 0")
    cure = "If these are several rows, put their axis first; else pass more. One row shows at most that a model fits."
    return [Finding(CODE, "advice", "There is one row to learn from.", ", ".join(places), tuple(evidence), cure)]
