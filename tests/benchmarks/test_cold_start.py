from pathlib import Path

import pytest

from benchmarks import cold_start, report
from benchmarks.session import Session


class FakeProcess:
    """Slow with an empty cache folder, in which it then leaves something."""

    closed = 0

    def __init__(self, cache, seconds):
        self.cache, self.seconds, self.started = Path(cache), seconds, 0.0

    def ask(self, do, **arguments):
        assert (do, arguments["workload"], arguments["rows"]) == ("cold_start", "mlp", 7)
        filled = any(self.cache.iterdir())
        (self.cache / "program").touch()
        parts = dict.fromkeys(cold_start.PARTS, 0.0)
        return parts | {"first_epoch_s": self.seconds / 2 if filled else self.seconds, "peak_mib": 300.0}

    def close(self):
        FakeProcess.closed += 1


def test_the_second_run_finds_what_the_first_left_and_the_next_round_does_not():
    peers = {
        name: cold_start.ColdPeer(lambda cache, seconds=seconds: FakeProcess(cache, seconds), rows=7)
        for name, seconds in (("ranvier", 1.0), ("pytorch", 3.0))
    }
    session = Session(dict(peers), settle_s=0.0)
    taken = session.rounds(peers, 2, "cold start", lambda _, worker: worker.ask("cold start"))
    assert FakeProcess.closed == 8
    for pairs in taken.values():
        for pair in pairs:
            assert pair["first"]["first_epoch_s"] == 2 * pair["second"]["first_epoch_s"]
    assert session.foreign_share() is None


def test_table_of_one_run():
    process = {**dict.fromkeys(cold_start.PARTS, 0.5), "peak_mib": 256.0}
    taken = {
        "ranvier": [{"first": {**process, "total_s": 2.0}}, {"first": {**process, "total_s": 4.0}}],
        "pytorch": [{"first": {**process, "total_s": 6.0}}, {"first": {**process, "peak_mib": None, "total_s": 8.0}}],
    }
    run = cold_start.table("first", 60_000, taken, "ranvier")
    assert run["peers"]["pytorch"]["total_s"]["median"] == 7.0
    assert run["peers"]["pytorch"]["ratio"]["median"] == pytest.approx((6 / 2 + 8 / 4) / 2)
    assert run["peers"]["pytorch"]["peak_mib"] == 256.0
    result = {"cases": [], "predict": [], "cold_start": [run], "peers": {}}
    assert report.sections(result)[-1][0] == (
        "cold start, first run: s", {"ranvier": "3.00 (1x)", "pytorch": "7.00 (2.5x)"}
    )  # fmt: skip
