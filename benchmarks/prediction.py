"""Microseconds per answer for one row and for a thousand, by `predict` and by the plain call."""

from typing import Any

from benchmarks.session import Session
from benchmarks.statistics import ratios, summary
from benchmarks.steady_state import Effort
from benchmarks.workloads import QUICK_ROWS

QUESTIONS = ((1, "predict"), (1, "call"), (1000, "predict"), (1000, "call"))


def measure(session: Session, peers: list[str], baseline: str | None, effort: Effort) -> list[dict[str, Any]]:
    """All questions to a trained `mlp`."""
    work = {"workload": "mlp", "batch": 32, "rows": QUICK_ROWS}
    ready = list(session.each(peers, "predict: training", lambda worker: worker.ask("prepare", **work)))
    return [question(session, ready, baseline, effort, rows, how) for rows, how in QUESTIONS]


def question(
    session: Session, peers: list[str], baseline: str | None, effort: Effort, rows: int, how: str
) -> dict[str, Any]:
    """One question in rounds."""
    request = {"rows": rows, "how": how, "seconds": effort.predict_s}
    answers = session.rounds(
        peers, effort.rounds, f"{how} of {rows} rows", lambda _, worker: worker.ask("predict", **request)
    )
    times = {peer: [answer["microseconds"] for answer in given] for peer, given in answers.items()}
    found = {
        peer: {"us": summary(taken), "ratio": ratios(taken, times[baseline]) if baseline in times else None}
        for peer, taken in times.items()
    }
    return {"rows": rows, "how": how, "peers": found}
