"""`ranvier predict`: what a finished run says of new rows."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ranvier.cli.terminal import Terminal, json_option

if TYPE_CHECKING:
    from ranvier.recipes.schema import Schema

__all__ = ["predict"]

_LINES = (".jsonl", ".ndjson")


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("data")
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="A .csv or .jsonl file to write.")
@json_option
def predict(run: Path, data: str, out: Path | None, as_json: bool) -> None:
    """Predict DATA with the model of the run folder RUN.

    DATA is a data set (its test rows) or a .csv, .npz or .npy file with the same columns; a target column is ignored.
    Classes come with their probabilities. Without -o the rows go to standard output, as CSV.
    """
    from ranvier.recipes import outcome
    from ranvier.recipes.reading import read_rows
    from ranvier.recipes.record import Run
    from ranvier.saving.atomic import replacing

    if out is not None and out.suffix.lower() not in (".csv", *_LINES):
        raise click.BadParameter(f"{out.name} ends neither in .csv nor in .jsonl", param_hint="-o")
    if out is not None and not out.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(out.parent))
    finished = Run.read(run)
    rows = read_rows(data, finished.schema, targets=False)
    answers = _answers(outcome.predict(finished.model(), rows.x), finished.schema)
    terminal = Terminal(as_json)
    result: dict[str, Any] = {"run": str(run), "data": rows.name, "rows": len(answers)}
    if out is not None:
        with replacing(out) as file:
            file.write((_as_lines if out.suffix.lower() in _LINES else _as_csv)(answers).encode())
        terminal.say(f"{len(answers):,} predictions written to {out}")
        terminal.result({**result, "out": str(out)})
    elif as_json:
        terminal.result({**result, "predictions": answers})
    else:
        click.echo(_as_csv(answers), nl=False)


def _answers(predictions: Any, schema: Schema) -> list[dict[str, Any]]:
    """Return one plain object per row: its number, the prediction, and the probabilities of classes."""
    if not schema.class_names:
        return [{"row": row, "prediction": float(value)} for row, value in enumerate(predictions)]
    best = predictions.argmax(axis=1)
    return [
        {
            "row": row,
            "prediction": schema.class_names[best[row]],
            "probability": float(values[best[row]]),
            "probabilities": {name: float(value) for name, value in zip(schema.class_names, values, strict=True)},
        }
        for row, values in enumerate(predictions)
    ]


def _as_lines(answers: list[dict[str, Any]]) -> str:
    """Return one JSON object per line."""
    import json

    return "".join(json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers)


def _as_csv(answers: list[dict[str, Any]]) -> str:
    """Return a table with one column per class."""
    import csv
    import io

    text = io.StringIO(newline="")
    classes = list(answers[0].get("probabilities", {}))
    plain = [name for name in answers[0] if name != "probabilities"]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*plain, *(f"p({name})" for name in classes)])
    for answer in answers:
        writer.writerow([*(answer[name] for name in plain), *(answer["probabilities"][name] for name in classes)])
    return text.getvalue()
