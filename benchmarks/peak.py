"""What the machine can multiply at most: the largest speed of float32 matrix products seen during the run."""

import sys
import time
from typing import Any

import numpy as np

from benchmarks.catalog import BASELINE, REFERENCE
from benchmarks.session import Session

SIDES = (512, 1024, 2048)
REPEATS = 3
# Whose matrix products are asked: NumPy's, PyTorch's and our own, which on some machines are twice as fast.
PRODUCERS = (REFERENCE, "pytorch", BASELINE)


def products() -> dict[str, float]:
    """GFLOP/s of square products on all cores by PyTorch or Ranvier where this process has loaded it, else by NumPy."""
    multiply, make = numpy_products()
    if "torch" in sys.modules:
        multiply, make = torch_products()
    elif "ranvier" in sys.modules:
        multiply, make = ranvier_products()
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


def ranvier_products() -> tuple[Any, Any]:
    """Product and operands of the dense kernel, in native code for any size; NumPy's without a library."""
    import jax  # loaded already where this is called

    from ranvier.kernels import native
    from ranvier.kernels.dense import KERNEL, Dense

    if native.library() is None:
        return numpy_products()
    static = Dense("linear", False)
    product = jax.jit(lambda a, b: KERNEL.native.forward(a, b, static=static, saving=False)[0])
    rng = np.random.default_rng(0)
    make = lambda side: jax.numpy.asarray(rng.standard_normal((side, side), np.float32))  # noqa: E731
    return lambda a, b: jax.block_until_ready(product(a, b)), make


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
