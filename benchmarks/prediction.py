"""Microseconds per answer: of `mlp` to few and many rows by `predict` and by the plain call, and of every network."""

from typing import Any

from benchmarks.catalog import able
from benchmarks.session import Session
from benchmarks.statistics import ratios, summary
from benchmarks.steady_state import Effort
from benchmarks.workloads import find

MANY = 10_000
ROWS = MANY + 240
QUESTIONS = tuple((rows, how) for rows in (1, 32, MANY) for how in ("predict", "call"))
INFERENCE_ROWS = (1, 32)


def measure(session: Session, peers: list[str], baseline: str | None, effort: Effort) -> list[dict[str, Any]]:
    """All questions to a trained `mlp`, and its `evaluate` on many rows."""
    work = {"workload": "mlp", "batch": 32, "rows": ROWS}
    ready = list(session.each(peers, "predict: training", lambda worker: worker.ask("prepare", **work)))
    asked = [(rows, how, "predict", {"rows": rows, "how": how, "seconds": effort.predict_s}) for rows, how in QUESTIONS]
    asked.append((MANY, "evaluate", "evaluate", {"rows": MANY, "seconds": effort.predict_s}))
    return [
        {
            "rows": rows,
            "how": how,
            "peers": question(session, ready, baseline, effort, f"{how} of {rows} rows", do, with_),
        }
        for rows, how, do, with_ in asked
    ]


def inference(
    session: Session, peers: list[str], baseline: str | None, effort: Effort, workloads: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Answers of every network to one row and to 32, by `predict`."""
    results = []
    for workload in workloads:
        trained = [peer for peer in peers if able(peer, find(workload))]
        where = f"{workload}: answering"
        ready = list(session.each(trained, where, lambda worker: worker.ask("answerer", workload=workload)))  # noqa: B023
        for rows in INFERENCE_ROWS:
            request = {"rows": rows, "how": "predict", "seconds": effort.predict_s}
            found = question(session, ready, baseline, effort, f"{where} {rows} rows", "predict", request)
            results.append({"workload": workload, "rows": rows, "peers": found})
    return results


def question(
    session: Session,
    peers: list[str],
    baseline: str | None,
    effort: Effort,
    where: str,
    do: str,
    request: dict[str, Any],
) -> dict[str, Any]:
    """One question in rounds; microseconds and ratio of each peer."""
    answers = session.rounds(peers, effort.rounds, where, lambda _, worker: worker.ask(do, **request))
    times = {peer: [answer["microseconds"] for answer in given] for peer, given in answers.items()}
    return {
        peer: {"us": summary(taken), "ratio": ratios(taken, times[baseline]) if baseline in times else None}
        for peer, taken in times.items()
    }
