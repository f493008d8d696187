"""Milliseconds per training step, after proof that everybody trains the same network."""

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks import flops
from benchmarks.catalog import PEERS, REFERENCE, able
from benchmarks.session import Asked, Session
from benchmarks.statistics import ratios, relative_difference, summary
from benchmarks.workloads import QUICK_ROWS, find

AGREEMENT_STEPS = 8
# At larger batches of a network that was compared already: its first loss, and that of what two updates made of it.
AGAIN_STEPS = 3
MOST_EPOCHS = 400
FEWEST_STEPS = 4
MOST_ROUNDS = 15
PLANS = 4


@dataclass(frozen=True)
class Effort:
    """How long to measure. A `lean` run compiles side by side and skips what only first calls can tell."""

    rounds: int
    trip_s: float
    predict_s: float
    cold_rounds: int
    quick: bool
    lean: bool = False

    def rows(self, workload: str, batch: int = 1) -> int:
        """Rows to train on, in full batches."""
        rows = find(workload).rows
        rows = min(rows, QUICK_ROWS if workload in ("tiny", "mlp") else 1_024) if self.quick else rows
        return max(batch, rows - rows % batch)


FULL = Effort(rounds=9, trip_s=1.0, predict_s=0.4, cold_rounds=5, quick=False)
QUICK = Effort(rounds=3, trip_s=0.3, predict_s=0.1, cold_rounds=1, quick=True)
LEAN = Effort(rounds=5, trip_s=0.2, predict_s=0.1, cold_rounds=3, quick=False, lean=True)


@dataclass(frozen=True)
class Plan:
    """One fit of `epochs` epochs with `steps` steps each; all but the first are timed."""

    steps: int
    epochs: int

    @property
    def timed(self) -> int:
        """Steps that are timed."""
        return self.steps * (self.epochs - 1)


def measure(
    session: Session,
    peers: list[str],
    baseline: str | None,
    workload: str,
    batch: int,
    effort: Effort,
    until: float = math.inf,
    steps: int = AGREEMENT_STEPS,
) -> dict[str, Any]:
    """One case: first call, agreement over `steps`, rebuilt call, then rounds of timed trips, `until` that clock."""
    where = f"{workload} batch {batch}"
    work: dict[str, Any] = {"workload": workload, "batch": batch, "rows": effort.rows(workload, batch)}
    peers = [peer for peer in peers if able(peer, find(workload))]
    first: dict[str, Any] = {}
    if not effort.lean:
        first = session.each(peers, f"{where}: first call", lambda worker: worker.ask("prepare", **work))
        peers = list(first)
    agreement, works = agree(session, peers, workload, batch, where, steps, effort.lean)
    agreed = [peer for peer, found in agreement.items() if found["agrees"]]
    request = "ready" if effort.lean else "prepare"
    again = compiling(session, agreed, f"{where}: rebuilt", lambda worker: worker.ask(request, **work), effort.lean)
    epoch = work["rows"] // batch
    plans = plan_all(session, list(again), epoch, effort, where)
    trips = session.rounds(
        plans, effort.rounds, f"{where}: timed", trip_by(plans), until=until, most=MOST_ROUNDS if effort.lean else 0
    )
    times = {peer: [trip["ms"] for trip in taken] for peer, taken in trips.items()}
    results = {}
    for peer, milliseconds in times.items():
        spread = summary(milliseconds)
        results[peer] = {
            "ms_per_step": spread,
            "ratio": ratios(milliseconds, times[baseline]) if baseline in times else None,
            "trip": {"steps": plans[peer].steps, "epochs": plans[peer].epochs},
            "last_loss": trips[peer][-1]["loss"],
        }
        if first:
            steady_s = epoch * spread["median"] / 1e3
            for name, call in (("first_call_s", first[peer]), ("rebuilt_call_s", again[peer])):
                results[peer][name] = call["build_s"] + max(0.0, call["first_epoch_s"] - steady_s)
    needed = flops.training(find(workload)) * batch
    data = next((found["data"] for found in works.values()), None)
    return {**work, "data": data, "flops_per_step": needed, "agreement": agreement, "peers": results}


def agree(
    session: Session, peers: list[str], workload: str, batch: int, where: str, steps: int, lean: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Verdict on each peer's first losses (no dropout, no shuffling), and what the peers said of their work.

    Dense networks are compared with the float64 reference; the others with the median over peers of each loss,
    Ranvier's own left out wherever there are others: it must do as they do, not they as it does.
    """
    request = {"workload": workload, "batch": batch, "steps": steps, "once": lean}
    asked = [REFERENCE, *peers] if able(REFERENCE, find(workload)) and REFERENCE in session.workers else peers
    answers = compiling(session, asked, f"{where}: agreement", lambda worker: worker.ask("agree", **request), lean)
    exact = answers.pop(REFERENCE, None)
    if exact is None and REFERENCE in asked:
        return {}, answers
    answers = same_work(session, answers, where)
    if not answers:
        return {}, {}
    reference = exact or middle(answers)
    verdicts = {}
    for peer, answer in answers.items():
        compared = 1 if workload in PEERS[peer].only_first_loss else steps
        found, expected = answer["losses"][:compared], reference["losses"][:compared]
        if compared == steps and not lean:  # one fit over all the steps must give their mean
            found, expected = [*found, answer["mean_of_one_fit"]], [*expected, reference["mean_of_one_fit"]]
        difference = relative_difference(found, expected)
        agrees = difference <= find(workload).tolerance
        verdicts[peer] = {"agrees": agrees, "losses_compared": compared, "relative_difference": finite(difference)}
        if not agrees:
            session.fail(peer, f"{where}: agreement", f"losses {found} are not the reference's {expected}")
    return verdicts, answers


def compiling(session: Session, peers: list[str], where: str, do: Callable[[Asked], Any], lean: bool) -> dict[str, Any]:
    """`do` with every peer; in a lean run, those that compile by twos. The others' thread pools bear no company."""
    alone = [peer for peer in peers if not (lean and PEERS[peer].compiles)]
    found = session.each(alone, where, do) | session.each([each for each in peers if each not in alone], where, do, 2)
    return {peer: found[peer] for peer in peers if peer in found}


def middle(answers: dict[str, Any]) -> dict[str, Any]:
    """The median answer of the peers that are not the product."""
    others = [answer for peer, answer in answers.items() if not PEERS[peer].is_product] or list(answers.values())
    losses = [statistics.median(values) for values in zip(*(each["losses"] for each in others), strict=True)]
    means = [each["mean_of_one_fit"] for each in others if each["mean_of_one_fit"] is not None]
    return {"losses": losses, "mean_of_one_fit": statistics.median(means) if means else None}


def same_work(session: Session, answers: dict[str, Any], where: str) -> dict[str, Any]:
    """Those peers whose data and initial weights have the fingerprint of the first one's."""
    expected = next((found["work"] for found in answers.values()), None)
    for peer, found in answers.items():
        if found["work"] != expected:
            session.fail(peer, where, f"other data or weights: fingerprint {found['work']}, expected {expected}")
    return {peer: found for peer, found in answers.items() if found["work"] == expected}


def finite(value: float) -> float | None:
    """JSON has no infinity."""
    return value if math.isfinite(value) else None


def plan_all(session: Session, peers: list[str], epoch: int, effort: Effort, where: str) -> dict[str, Plan]:
    """Everybody's plan, after a trip by it, so that nothing is left to compile."""
    where = f"{where}: calibration"
    paces = session.each(peers, where, lambda worker: worker.ask("pace", limit_s=effort.trip_s)["step_s"])
    plans = {peer: plan(pace, epoch, effort.trip_s) for peer, pace in paces.items()}
    settled: dict[str, Plan] = {}
    for _ in range(PLANS):  # the first guess holds what every epoch costs, so it may be far too short a trip
        ready = session.each_named(plans, where, trip_by(plans))  # which may compile for a new number of rows
        trips = session.each_named(ready, where, trip_by(plans))
        better = {peer: plan(trip["ms"] / 1e3, epoch, effort.trip_s) for peer, trip in trips.items()}
        kept = {peer for peer, found in better.items() if found.timed <= 2 * plans[peer].timed}
        settled |= {peer: plans[peer] for peer in kept}
        plans = {peer: found for peer, found in better.items() if peer not in kept}
    return settled | plans


def plan(step_s: float, epoch: int, trip_s: float) -> Plan:
    """The trip of a peer that takes about `step_s` per step, with `epoch` steps in all rows.

    Two timed epochs or more. Who is slow has shorter ones, and so pays for their ends more often: they take half a trip
    at least, beside which an end is little. An epoch has some steps at least: memory that is fetched anew for each
    epoch is none of a step's cost.
    """
    step_s = max(step_s, 1e-7)
    steps = min(epoch, max(FEWEST_STEPS, math.ceil(trip_s / 2 / step_s)))
    return Plan(steps, 1 + min(MOST_EPOCHS, max(1, math.ceil(trip_s / (steps * step_s)))))


def trip_by(plans: dict[str, Plan]) -> Callable[[str, Asked], dict[str, Any]]:
    """Asks each for a trip by its own plan."""
    return lambda peer, worker: timed_trip(worker, plans[peer])


def timed_trip(worker: Asked, plan: Plan) -> dict[str, Any]:
    """One trip with its milliseconds per step, ends of epochs inside."""
    trip = worker.ask("trip", steps=plan.steps, epochs=plan.epochs)
    return {**trip, "ms": 1e3 * sum(trip["epochs_s"]) / plan.timed}
