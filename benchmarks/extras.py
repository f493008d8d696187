"""What metrics, class weights and validation cost: `fit` with them against plain `fit`, of the same peer."""

from typing import Any

from benchmarks.catalog import PEERS
from benchmarks.session import Session
from benchmarks.statistics import ratios, summary
from benchmarks.steady_state import Effort

MODULE = "benchmarks.peers.keras_like"


def measure(session: Session, peers: list[str], effort: Effort) -> dict[str, Any]:
    """Milliseconds per training step of `mlp`, batch 32, plain and with everything; ratio: with over plain.

    With everything: three metrics, class weights, and validation on a sixth of the rows after every epoch, whose time
    counts as the training steps' own.
    """
    work = {"workload": "mlp", "batch": 32, "rows": effort.rows("mlp")}
    able = [peer for peer in peers if PEERS[peer].module == MODULE]
    ready = list(session.each(able, "extras: first call", lambda worker: worker.ask("prepare_extras", **work)))
    rounds = max(3, effort.rounds // 2)
    trips = session.rounds(ready, rounds, "extras: timed", lambda _, worker: worker.ask("extras"))
    return {
        peer: {
            "plain_ms": summary([trip["plain_ms"] for trip in taken]),
            "extras_ms": summary([trip["extras_ms"] for trip in taken]),
            "ratio": ratios([trip["extras_ms"] for trip in taken], [trip["plain_ms"] for trip in taken]),
        }
        for peer, taken in trips.items()
    }
