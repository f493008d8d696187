"""Milliseconds per training step, after proof that everybody trains the same network."""

import math
from dataclasses import dataclass
from typing import Any

from benchmarks.catalog import PEERS, REFERENCE
from benchmarks.remote import PeerError
from benchmarks.session import Asked, Session
from benchmarks.statistics import ratios, relative_difference, summary
from benchmarks.workloads import QUICK_ROWS, WORKLOADS

AGREEMENT_STEPS = 8
# float32 against float64, and PyTorch and Optax place Adam's epsilon elsewhere: 1e-4 was seen, a bug gives 1e-2.
TOLERANCE = 1e-3
MOST_EPOCHS = 400


@dataclass(frozen=True)
class Effort:
    """How long to measure."""

    rounds: int
    trip_s: float
    predict_s: float
    cold_rounds: int
    quick: bool

    def rows(self, workload: str) -> int:
        """Rows to train on."""
        return QUICK_ROWS if self.quick else WORKLOADS[workload].rows


FULL = Effort(rounds=9, trip_s=1.0, predict_s=0.4, cold_rounds=5, quick=False)
QUICK = Effort(rounds=3, trip_s=0.3, predict_s=0.1, cold_rounds=1, quick=True)


def measure(
    session: Session, peers: list[str], baseline: str | None, workload: str, batch: int, effort: Effort
) -> dict[str, Any]:
    """One case: first call, agreement, rebuilt call, then rounds of timed trips."""
    where = f"{workload} batch {batch}"
    work = {"workload": workload, "batch": batch, "rows": effort.rows(workload)}
    first = session.each(peers, f"{where}: first call", lambda worker: worker.ask("prepare", **work))
    first = same_work(session, first, where)
    agreement = agree(session, list(first), workload, batch, where)
    agreed = [peer for peer, found in agreement.items() if found["agrees"]]
    again = session.each(agreed, f"{where}: rebuilt", lambda worker: worker.ask("prepare", **work))
    epochs = session.each(again, f"{where}: calibration", lambda worker: epochs_for(worker, effort.trip_s))
    trips = session.rounds(
        epochs, effort.rounds, f"{where}: timed", lambda peer, worker: timed_trip(worker, epochs[peer])
    )
    times = {peer: [trip["ms"] for trip in taken] for peer, taken in trips.items()}
    results = {}
    for peer, milliseconds in times.items():
        spread = summary(milliseconds)
        steady_s = trips[peer][0]["steps_per_epoch"] * spread["median"] / 1e3
        results[peer] = {
            "ms_per_step": spread,
            "ratio": ratios(milliseconds, times[baseline]) if baseline in times else None,
            "first_call_s": first[peer]["build_s"] + max(0.0, first[peer]["first_epoch_s"] - steady_s),
            "rebuilt_call_s": again[peer]["build_s"] + max(0.0, again[peer]["first_epoch_s"] - steady_s),
            "last_loss": trips[peer][-1]["loss"],
        }
    data = next((found["data"] for found in first.values()), None)
    return {**work, "data": data, "agreement": agreement, "peers": results}


def same_work(session: Session, prepared: dict[str, Any], where: str) -> dict[str, Any]:
    """Those peers whose data and initial weights have the fingerprint of the first one's."""
    expected = next((found["work"] for found in prepared.values()), None)
    for peer, found in prepared.items():
        if found["work"] != expected:
            session.fail(peer, where, f"other data or weights: fingerprint {found['work']}, expected {expected}")
    return {peer: found for peer, found in prepared.items() if found["work"] == expected}


def agree(session: Session, peers: list[str], workload: str, batch: int, where: str) -> dict[str, Any]:
    """Compare each peer's first losses (no dropout, no shuffling) with the float64 reference's."""
    request = {"workload": workload, "batch": batch, "steps": AGREEMENT_STEPS}
    answers = session.each([REFERENCE, *peers], f"{where}: agreement", lambda worker: worker.ask("agree", **request))
    if REFERENCE not in answers:
        return {}
    reference = answers.pop(REFERENCE)
    verdicts = {}
    for peer, answer in answers.items():
        compared = 1 if workload in PEERS[peer].only_first_loss else AGREEMENT_STEPS
        found, expected = answer["losses"][:compared], reference["losses"][:compared]
        if compared == AGREEMENT_STEPS:  # one fit over all the steps must give their mean
            found, expected = [*found, answer["mean_of_one_fit"]], [*expected, reference["mean_of_one_fit"]]
        difference = relative_difference(found, expected)
        agrees = difference <= TOLERANCE
        verdicts[peer] = {"agrees": agrees, "losses_compared": compared, "relative_difference": finite(difference)}
        if not agrees:
            session.fail(peer, f"{where}: agreement", f"losses {found} are not the reference's {expected}")
    return verdicts


def finite(value: float) -> float | None:
    """JSON has no infinity."""
    return value if math.isfinite(value) else None


def epochs_for(worker: Asked, trip_s: float) -> int:
    """Epochs of the long fit, so that it lasts `trip_s` longer than the short one."""
    trip = worker.ask("trip", epochs=2)
    epoch_s: float = max(min(trip["long_s"] - trip["short_s"], trip["short_s"]), trip["short_s"] / 10, 1e-4)
    return 1 + min(MOST_EPOCHS, max(1, math.ceil(trip_s / epoch_s)))


def timed_trip(worker: Asked, epochs: int) -> dict[str, Any]:
    """One trip with its milliseconds per step: the long fit less the short one, over the steps between them."""
    trip = worker.ask("trip", epochs=epochs)
    steps = trip["extra_epochs"] * trip["steps_per_epoch"]
    milliseconds = 1e3 * (trip["long_s"] - trip["short_s"]) / steps
    if not milliseconds > 0:
        raise PeerError(f"a fit of {epochs} epochs was no longer than one of a single epoch")
    return {**trip, "ms": milliseconds}
