"""Reporter: what is done with findings: told, raised, or left alone."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Literal

from ranvier._errors import DoctorError
from ranvier.doctor.finding import Finding

__all__ = ["Mode", "Reporter"]

Mode = Literal["report", "strict", "off"]


class Reporter:
    """Keeps the findings of one run, each once.

    Args:
        mode: `"report"` prints each on standard error as one readable block, `"strict"` raises the first alarm,
            `"off"` looks away.
        advised: places and codes of advice that was given before and is not repeated; new advice is added.

    Attributes:
        findings: all that were reported.
    """

    def __init__(self, mode: str = "report", advised: set[tuple[str, str]] | None = None) -> None:
        self.mode = mode
        self.advised = set() if advised is None else advised
        self.findings: list[Finding] = []

    def report(self, findings: Iterable[Finding]) -> None:
        """Keep new findings and tell them.

        Raises:
            DoctorError: in strict mode, for an error or a warning; it has the Finding as `finding`.
        """
        if self.mode == "off":
            return
        known = {(finding.code, finding.place) for finding in self.findings}
        new = [finding for finding in findings if (finding.code, finding.place) not in known]
        self.findings += new
        alarm = next((finding for finding in new if finding.alarm), None) if self.mode == "strict" else None
        for finding in new:
            mark = finding.code, finding.place
            if finding is not alarm and mark not in self.advised:
                print(finding, file=sys.stderr, flush=True)
            if not finding.alarm:
                self.advised.add(mark)
        if alarm is not None:
            raise _raised(alarm)


def _raised(finding: Finding) -> DoctorError:
    error = DoctorError(
        f"{finding.title} (doctor='strict')",
        code=finding.code,
        place=finding.place,
        received="; ".join(finding.evidence),
        fix=finding.cure,
    )
    error.finding = finding  # type: ignore[attr-defined]
    return error
