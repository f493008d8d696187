"""A native kernel that became slower than its own reference is noticed: ratios in one process, wide margins."""

import pytest

from benchmarks import guard
from ranvier.kernels import choose


@pytest.mark.slow
@pytest.mark.parametrize("case", guard.CASES, ids=lambda case: case.name)
def test_native_code_is_not_slower_than_its_reference(case):
    if why := choose.why_none():
        pytest.skip(why)
    found = guard.measure(case)
    assert case.kernel in found.kernels, f"chosen were {sorted(found.kernels)}"
    assert found.ratio <= case.at_most, f"{found.native_ms:.3f} ms, reference {found.reference_ms:.3f} ms"


def test_a_way_that_got_slow_is_seen(monkeypatch):
    waits = {False: 3e-3, True: 0.0}
    monkeypatch.setattr(
        guard, "compiled", lambda case, by_reference: (lambda: guard.time.sleep(waits[by_reference]), frozenset())
    )
    assert guard.measure(guard.CASES[0], rounds=2).ratio > guard.CASES[0].at_most
