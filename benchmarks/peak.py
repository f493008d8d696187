"""What the machine can multiply at most: the largest speed of float32 matrix products seen during the run."""

import sys
import time
from typing import Any

import numpy as np

from benchmarks.catalog import REFERENCE
from benchmarks.session import Session

SIDES = (1024, 1536, 2048)
REPEATS = 3
# Who has a library of matrix products worth asking, beside NumPy's.
PRODUCERS = (REFERENCE, "pytorch")


def products() -> dict[str, float]:
    """GFLOP/s of square products on all cores by PyTorch where this process has loaded it, else by NumPy."""
    multiply, make = numpy_products()
    if "torch" in sys.modules:
        multiply, make = torch_products()
    found = {}
    for side in SIDES:
        a, b = make(side), make(side)
        multiply(a, b)
        times = []
        for _ in range(REPEATS):
            start = time.perf_counter()
            multiply(a, b)
            times.append(time.perf_counter() - start)
        found[str(side)] = 2 * side**3 / min(times) / 1e9
    return found


def numpy_products() -> tuple[Any, Any]:
    """Product and operands of NumPy."""
    rng = np.random.default_rng(0)
    return np.matmul, lambda side: rng.standard_normal((side, side), np.float32)


def torch_products() -> tuple[Any, Any]:
    """Product and operands of PyTorch."""
    import torch  # loaded already where this is called

    return torch.mm, lambda side: torch.randn(side, side)


class Peak:
    """Asks again and again through a run; the largest answer counts."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.samples: list[dict[str, Any]] = []

    def ask(self) -> None:
        """One more sample of everybody who can."""
        for who in PRODUCERS:
            if who in self.session.workers:
                found = self.session.each([who], "peak", lambda worker: worker.ask("products"))
                self.samples += [{"peer": who, "gflops": max(speeds.values())} for speeds in found.values()]

    def result(self) -> dict[str, Any]:
        """The largest speed and all samples [GFLOP/s]."""
        speeds = [sample["gflops"] for sample in self.samples]
        return {"gflops": max(speeds) if speeds else None, "samples": self.samples}
