"""Forked children compute, and a process may end while a kernel runs."""

from __future__ import annotations

import os

import pytest

from tests.kernels.checks import needs_library
from tests.kernels.processes import run

pytestmark = [needs_library, pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")]

CHILD = """
import os, signal, warnings
warnings.simplefilter("ignore")  # Python and JAX warn of forks in general

def in_child(body):
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        good = False
        try:
            good = body()
        finally:
            os._exit(0 if good else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def kernel():
    x, ones = numbers(600, 64), np.ones(64, np.float32)
    return bool(np.allclose(np.mean(layer_norm(x, ones, ones, 1e-3), axis=1), 1, atol=1e-5))

def data_loader():
    return float(numbers(300, 300).dot(numbers(300, 300)).sum()) != 0 and native.library().code.ranvier_threads() > 0
"""


def test_a_child_forked_after_the_library_is_loaded_computes() -> None:
    printed = run(
        f"{CHILD}\nassert native.library() is not None\nprint(in_child(kernel), kernel())", RANVIER_THREADS="2"
    )
    assert printed.split() == ["0", "True"]


def test_a_child_of_a_process_that_trains_loads_data() -> None:
    # JAX itself does not compute in a child of a process in which it did: its own threads are not there.
    printed = run(f"{CHILD}\nprint(kernel(), in_child(data_loader), kernel())", RANVIER_THREADS="2")
    assert printed.split() == ["True", "0", "True"]


def test_the_interpreter_may_end_during_a_step() -> None:
    printed = run(
        """
        import threading, time

        def step(_, x):
            return layer_norm(x, jnp.ones(512), jnp.zeros(512), 1e-3)

        steps = jax.jit(lambda x, count: jax.lax.fori_loop(0, count, step, x))
        x = steps(jnp.ones((2000, 512)), 1).block_until_ready()
        threading.Thread(target=steps, args=(x, 2**31 - 1), daemon=True).start()
        time.sleep(0.3)
        print("ends")
        """,
        RANVIER_THREADS="2",
    )
    assert printed.split() == ["ends"]
