"""`ranvier datasets`: which named data sets there are, and where each is found."""

from __future__ import annotations

import click

from ranvier.cli.terminal import Terminal, json_option

__all__ = ["datasets"]


@click.command()
@json_option
def datasets(as_json: bool) -> None:
    """List the named data sets: what they hold, where they are, whether their download was tried."""
    from dataclasses import asdict

    from ranvier.data.datasets import list_datasets
    from ranvier.recipes.subject import TRAINABLE

    terminal = Terminal(as_json)
    infos = list_datasets()
    rows = [
        [
            info.name,
            info.task.removesuffix("-classification"),
            f"{info.rows[0]:,} + {info.rows[1]:,}",
            f"{info.where}, {info.size / 1e6:.1f} MB" if info.where == "download" else info.where,
            f"{'yes' if info.tried else 'no'} / {'yes' if info.verified else 'no'}",
            info.licence + ("" if info.task in TRAINABLE else " [no recipe for `train` yet]"),
        ]
        for info in infos
    ]
    terminal.table(["name", "task", "rows", "where", "tried / verified", "licence"], rows, numbers=[2])
    terminal.say("rows: training + test. tried: the download was seen to work. verified: its hash was computed here.")
    facts = [
        {**asdict(info), "tried": info.tried, "verified": info.verified, "trainable": info.task in TRAINABLE}
        for info in infos
    ]
    terminal.result({"datasets": facts})
