"""`ranvier evaluate`: the scores of a finished run on rows with known targets."""

from __future__ import annotations

from pathlib import Path

import click

from ranvier.cli.terminal import Terminal, json_option

__all__ = ["evaluate"]


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("data")
@json_option
def evaluate(run: Path, data: str, as_json: bool) -> None:
    """Measure the model of the run folder RUN on DATA.

    DATA is a data set (its test rows) or a .csv, .npz or .npy file with the same columns and the target.
    """
    from ranvier.recipes.outcome import predict
    from ranvier.recipes.reading import read_rows
    from ranvier.recipes.record import Run
    from ranvier.recipes.scoring import TITLES, score, shown

    terminal = Terminal(as_json)
    finished = Run.read(run)
    rows = read_rows(data, finished.schema, targets=True)
    assert rows.y is not None
    scores = score(finished.schema.kind, rows.y, predict(finished.model(), rows.x))
    terminal.say(f"{rows.name}: {len(rows.x):,} rows")
    terminal.table(["score", "value"], [[TITLES[name], shown(name, value)] for name, value in scores.items()], [1])
    terminal.result({"run": str(run), "data": rows.name, "rows": len(rows.x), "scores": scores})
