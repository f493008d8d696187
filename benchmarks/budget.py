"""How a run with a limited time divides it among its cases."""

import math
import time
from dataclasses import dataclass, field

from benchmarks.workloads import find


@dataclass
class Budget:
    """Minutes for all cases (workload, batch); what one did not use goes to those behind it."""

    minutes: float | None
    cases: list[tuple[str, int]]
    started: float = field(default_factory=time.perf_counter)

    def until(self) -> float:
        """The clock at which the next case should end; calling it takes that case off the list."""
        weights = [find(workload).cost for workload, _ in self.cases]
        self.cases = self.cases[1:]
        if self.minutes is None:
            return math.inf
        now = time.perf_counter()
        left = max(0.0, self.started + 60 * self.minutes - now)
        return now + left * weights[0] / sum(weights)
