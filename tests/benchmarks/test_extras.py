from benchmarks import extras
from benchmarks.session import Session
from benchmarks.steady_state import QUICK
from tests.benchmarks.fakes import FakeWorker


def test_each_peer_is_compared_with_its_own_plain_fit():
    workers = {"ranvier": FakeWorker(ms=2.0), "keras_jax": FakeWorker(ms=6.0), "pytorch": FakeWorker()}
    found = extras.measure(Session(workers, settle_s=0), list(workers), QUICK)
    assert set(found) == {"ranvier", "keras_jax"}
    assert found["ranvier"]["plain_ms"]["median"] == 2.0
    assert found["ranvier"]["ratio"]["median"] == found["keras_jax"]["ratio"]["median"] == 1.5
    assert "extras" not in workers["pytorch"].asked
