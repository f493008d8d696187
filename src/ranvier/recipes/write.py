"""Writing a run folder: the model, its proof, its history, the report, the card and the record."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from ranvier.recipes.artefact import MODEL, prove
from ranvier.recipes.card import card
from ranvier.recipes.outcome import Outcome
from ranvier.recipes.record import record_of
from ranvier.recipes.report.page import page
from ranvier.recipes.run_folder import RECORD

__all__ = ["CARD", "HISTORY", "REPORT", "history_csv", "write"]

HISTORY, REPORT, CARD = "history.csv", "report.html", "card.md"


def write(folder: Path, outcome: Outcome) -> Outcome:
    """Write all files of a run and return the outcome with its proof.

    Raises:
        FileRefused: the saved model does not predict what the trained one does.
    """
    outcome.trained.model.save(folder / MODEL)
    outcome = replace(outcome, proof=prove(folder / MODEL, outcome.subject.x_test, outcome.predictions))
    texts = {
        HISTORY: history_csv(outcome.trained.history),
        REPORT: page(outcome),
        CARD: card(outcome),
        RECORD: json.dumps(record_of(outcome, folder), indent=2, ensure_ascii=False) + "\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return outcome


def history_csv(history: dict[str, list[float]]) -> str:
    """Return one line per epoch, counted from 1.

    Example:
        >>> history_csv({"loss": [0.5, 0.25]}).splitlines()
        ['epoch,loss', '1,0.5', '2,0.25']
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["epoch", *history])
    # Of an epoch that broke off there is no validation.
    rows = zip_longest(*history.values(), fillvalue="")
    writer.writerows([epoch, *values] for epoch, values in enumerate(rows, 1))
    return text.getvalue()
