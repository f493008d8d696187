"""From the start of a process to the end of its first epoch: with empty caches, then with what the first run left."""

import tempfile
import time
from collections.abc import Callable
from typing import Any

from benchmarks.catalog import PEERS
from benchmarks.remote import RemoteWorker
from benchmarks.session import Asked, Session
from benchmarks.statistics import ratios, summary
from benchmarks.steady_state import Effort
from benchmarks.workloads import COLD_ROWS, QUICK_ROWS

RUNS = ("first", "second")
PARTS = ("import_s", "data_s", "build_s", "first_epoch_s")


class ColdPeer:
    """Stands for a peer between its processes: each request starts two of them, one after the other."""

    def __init__(self, start: Callable[[str], RemoteWorker], rows: int) -> None:
        self.start = start
        self.rows = rows

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Times of the first and of the second process, which share a cache folder that was empty before."""
        with tempfile.TemporaryDirectory(prefix="ranvier-bench-") as cache:
            return {run: self._process(cache) for run in RUNS}

    def cpu_seconds(self) -> float | None:
        """No process waits while another is measured."""
        return None

    def _process(self, cache: str) -> dict[str, Any]:
        worker = self.start(cache)
        try:
            parts = worker.ask("cold_start", workload="mlp", batch=32, rows=self.rows)
            return {**parts, "total_s": time.perf_counter() - worker.started}
        finally:
            worker.close()


def measure(pythons: dict[str, str], baseline: str | None, effort: Effort) -> tuple[list[dict[str, Any]], Session]:
    """First and second run of `mlp` at batch 32 over all of MNIST, for every peer with an interpreter."""
    rows = QUICK_ROWS if effort.quick else COLD_ROWS

    def starter(peer: str) -> Callable[[str], RemoteWorker]:
        return lambda cache: RemoteWorker(PEERS[peer], pythons[peer], cache)

    workers: dict[str, Asked] = {peer: ColdPeer(starter(peer), rows) for peer in pythons}
    session = Session(workers)
    taken = session.rounds(workers, effort.cold_rounds, "cold start", lambda _, worker: worker.ask("cold start"))
    return [table(run, rows, taken, baseline) for run in RUNS], session


def table(run: str, rows: int, taken: dict[str, list[Any]], baseline: str | None) -> dict[str, Any]:
    """Totals with spread and ratio, and the median of every part."""
    totals = {peer: [pair[run]["total_s"] for pair in pairs] for peer, pairs in taken.items()}
    peers = {}
    for peer, pairs in taken.items():
        known = [pair[run]["peak_mib"] for pair in pairs if pair[run]["peak_mib"] is not None]
        peers[peer] = {
            "total_s": summary(totals[peer]),
            "ratio": ratios(totals[peer], totals[baseline]) if baseline in totals else None,
            "parts": {part: summary([pair[run][part] for pair in pairs])["median"] for part in PARTS},
            "peak_mib": summary(known)["median"] if known else None,
        }
    return {"run": run, "rows": rows, "peers": peers}
