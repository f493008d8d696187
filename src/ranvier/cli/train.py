"""`ranvier train`: from a named data set to a proven model, its report and its scores beside baselines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ranvier.cli.terminal import Terminal, json_option

if TYPE_CHECKING:
    from ranvier.recipes.outcome import Outcome
    from ranvier.recipes.plan import Choice
    from ranvier.recipes.subject import Subject

__all__ = ["train"]


@click.command()
@click.argument("data")
@click.option("--epochs", type=click.IntRange(1), help="Most passes over the training rows; chosen by their number.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Decides every draw.")
@click.option("--out", type=click.Path(path_type=Path), help="The run folder; runs/DATA-DATE-TIME when not given.")
@click.option("--overwrite", is_flag=True, help="Replace an earlier run in that folder, with everything in it.")
@json_option
def train(data: str, epochs: int | None, seed: int, out: Path | None, overwrite: bool, as_json: bool) -> None:
    """Train a network on DATA, the name of a data set of images or numbers, and write its run folder.

    `ranvier datasets` lists the names.
    """
    from datetime import datetime

    from ranvier.cli.progress import RunProgress
    from ranvier.recipes import training
    from ranvier.recipes.examine import examine
    from ranvier.recipes.plan import in_words, plan_for
    from ranvier.recipes.run_folder import claim, new_run_folder
    from ranvier.recipes.split import divide
    from ranvier.recipes.write import write

    terminal = Terminal(as_json)
    folder = out or Path("runs") / f"{data}-{datetime.now():%Y%m%d-%H%M%S}"
    claim(folder, overwrite)
    subject = _subject(data)
    plan = plan_for(subject, epochs, seed)
    split = divide(subject.y_train, subject.schema.kind, plan.validation_share, plan.seed)
    choices = in_words(plan, subject, split)
    _say_plan(terminal, subject, choices)
    with new_run_folder(folder, overwrite) as work:
        progress = RunProgress(terminal.console(progress=True), plan.epochs)
        trained = training.train(plan, subject, split, (progress,))
        terminal.say(f"Training {trained.outcome()}.")
        outcome = write(work, examine(subject, plan, choices, split, trained))
    _say_outcome(terminal, outcome, folder)
    terminal.result(_result(folder))


def _subject(name: str) -> Subject:
    """Load a data set, after a look whether there is a recipe for it, so that text is not downloaded in vain."""
    from ranvier.data.datasets import infos, load
    from ranvier.recipes.subject import of_dataset, refuse_text

    known = infos()
    if name in known:
        refuse_text(known[name], tuple(known.values()))
    return of_dataset(load(name))


def _say_plan(terminal: Terminal, subject: Subject, choices: tuple[Choice, ...]) -> None:
    """Write the plan: what will be done, and why."""
    from rich.table import Table
    from rich.text import Text

    terminal.say(f"The plan for {subject.name}", style="bold")
    table = Table.grid(padding=(0, 2))
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for choice in choices:
        table.add_row(choice.topic, Text.assemble(choice.text, "\n", (choice.why, "dim")))
    terminal.console().print(table)


def _say_outcome(terminal: Terminal, outcome: Outcome, folder: Path) -> None:
    """Write the scores beside the baselines, the proof, and where everything is."""
    from ranvier.recipes.scoring import TITLES, shown

    models = [("this network", outcome.scores), *((b.title, b.scores) for b in outcome.baselines)]
    rows = [[title, *(shown(name, value) for name, value in scores.items())] for title, scores in models]
    names = [TITLES[name] for name in outcome.scores]
    terminal.say(f"\nOn {len(outcome.subject.y_test):,} held-out rows", style="bold")
    terminal.table(["model", *names], rows, numbers=range(1, len(names) + 1))
    terminal.say(outcome.judgement, style="" if outcome.certain else "bold")
    for baseline in outcome.baselines:
        terminal.say(f"{baseline.title}: {baseline.note}", style="dim")
    terminal.say(f"Proof: {outcome.proof}.")
    terminal.say(f"Run folder: {folder} (open {folder / 'report.html'})")


def _result(folder: Path) -> dict[str, Any]:
    """Return the record of the run that was written, and where it is."""
    from ranvier.recipes.record import Run

    return {"run": str(folder), **Run.read(folder).record}
