"""`ranvier`: the group of all commands."""

from __future__ import annotations

import click

from ranvier import __version__
from ranvier.cli.bench import bench
from ranvier.cli.datasets import datasets
from ranvier.cli.evaluate import evaluate
from ranvier.cli.failures import CommandLine
from ranvier.cli.info import info
from ranvier.cli.predict import predict
from ranvier.cli.run import run
from ranvier.cli.train import train

__all__ = ["cli", "main"]


@click.group(
    cls=CommandLine,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Every command but run takes --json. Exit codes: 0 done, 1 unexpected, 2 usage, 3 data, 4 file refused, "
    "5 download, 6 training failed, 7 file system, 130 interrupted, 143 terminated. RANVIER_DEBUG=1 shows tracebacks.",
)
@click.version_option(__version__, prog_name="ranvier")
def cli() -> None:
    """Neural networks trained as one compiled program: from data to a checked model and a report.

    Start with: ranvier train digits
    """


for command in (train, evaluate, predict, run, bench, datasets, info):
    cli.add_command(command)


def main() -> None:
    """Run the command line; the entry point of the installed program."""
    cli(prog_name="ranvier")
