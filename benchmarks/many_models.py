"""What stays in memory when one model after another is built and fitted in one process."""

import os
from pathlib import Path
from typing import Any

from benchmarks.catalog import PEERS
from benchmarks.datasets import load
from benchmarks.session import Session
from benchmarks.workloads import WORKLOADS, initial_weights

MODELS, FEW = 200, 40
# What a first model loads and compiles does not count as growth.
SETTLED = 10


def measure(session: Session, peers: list[str], quick: bool) -> dict[str, Any]:
    """Growth per peer: 200 models of Ranvier; fewer of the others, who compile each anew."""
    counts = {peer: FEW if quick or not PEERS[peer].is_product else MODELS for peer in peers}
    return session.each_named(
        peers, "many models", lambda peer, worker: worker.ask("many_models", count=counts[peer])
    )  # fmt: skip


def measure_one(peer: Any, count: int) -> dict[str, Any]:
    """In the worker: resident memory after the first ten models and after all [MiB]."""
    work = WORKLOADS["tiny"]
    weights, (x, y) = initial_weights(work), load(work, 64)
    after = []
    for _ in range(count):
        peer.build(work, weights, 32, dropout=True)
        peer.fit(x, y, epochs=1, shuffle=True)
        after.append(resident_mib())
    growth = after[-1] - after[SETTLED - 1]
    return {"models": count, "growth_mib": growth, "mib_per_model": growth / (count - SETTLED)}


def resident_mib() -> float:
    """Resident memory of this process now; Linux only."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20
