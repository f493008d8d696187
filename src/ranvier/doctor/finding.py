"""Finding: one root cause, with its place, the evidence and the cure."""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ranvier._errors import InvalidArgument

__all__ = ["ALARMS", "SEVERITIES", "Finding", "Severity"]

Severity = Literal["error", "warning", "advice"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "advice")
ALARMS: tuple[Severity, ...] = ("error", "warning")
"""What counts as an alarm: advice is a pattern without a symptom."""

_WIDTH = 100


@dataclass(frozen=True)
class Finding:
    """What the doctor found.

    Attributes:
        code: the ailment, as in `docs/reference/ailments/`.
        severity: `"error"` (cannot be right), `"warning"` (a symptom was measured), `"advice"` (a pattern, no symptom).
        title: the fault in one sentence.
        place: argument, column, layer or output.
        evidence: what was seen, one line each.
        cure: what to do now.
        epoch: epoch of a fault that training showed, counted from 0.
        step: step within the epoch, counted from 0.
        explains: codes of ailments that this one brings about, so that they are not reported beside it.

    Raises:
        InvalidArgument: an unknown severity.
    """

    code: str
    severity: Severity
    title: str
    place: str
    evidence: tuple[str, ...] = ()
    cure: str = ""
    epoch: int | None = None
    step: int | None = None
    explains: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "evidence", tuple(self.evidence))
        if self.severity not in SEVERITIES:
            raise InvalidArgument(
                f"There is no severity {self.severity!r}.",
                code="finding-severity",
                place=f"finding {self.code!r}",
                expected=", ".join(SEVERITIES),
                received=repr(self.severity),
            )

    @property
    def alarm(self) -> bool:
        """Whether this says that something is wrong, not only that it could be better."""
        return self.severity in ALARMS

    def __str__(self) -> str:
        when = "" if self.epoch is None else f"epoch {self.epoch + 1}"
        when += "" if self.step is None else f", step {self.step + 1}"
        rows = [("where", self.place), ("when", when.lstrip(", "))]
        rows += [("seen" if number == 0 else "", line) for number, line in enumerate(self.evidence)]
        rows += [("to do", self.cure)]
        return "\n".join([f"[{self.severity}] {self.code}: {self.title}", *(_row(*row) for row in rows if row[1])])

    def to_dict(self) -> dict[str, Any]:
        """Return all attributes as JSON-ready data."""
        return {**asdict(self), "evidence": list(self.evidence), "explains": list(self.explains)}


def _row(label: str, text: str) -> str:
    head = f"  {label + ':' if label else '':<8}"
    return textwrap.fill(text, _WIDTH, initial_indent=head, subsequent_indent=" " * 10, break_on_hyphens=False)
