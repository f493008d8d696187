"""Where a command writes: results to standard output, or one JSON object there and the words to standard error."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Terminal", "json_option"]

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Write one JSON object to standard output, and words to standard error."
)


_FILE_WIDTH = 160


class Terminal:
    """The two streams of a command.

    Args:
        as_json: whether standard output is for one JSON object only.
    """

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    def console(self, progress: bool = False) -> Console:
        """Return the console for words, or the one for progress, which is always standard error."""
        from rich.console import Console

        console = Console(stderr=self.as_json or progress, highlight=False)
        # A file has no width: long lines are as well there.
        return console if console.is_terminal else Console(file=console.file, highlight=False, width=_FILE_WIDTH)

    def say(self, text: str = "", style: str | None = None) -> None:
        """Write words; a terminal wraps them, a file gets them as they are."""
        self.console().print(text, style=style, markup=False)

    def table(self, head: Iterable[str], rows: Iterable[Iterable[str]], numbers: Iterable[int] = ()) -> None:
        """Write a table; columns whose positions are in `numbers` stand at the right."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        right = set(numbers)
        names = list(head)
        for position, name in enumerate(names):
            # Only the last column is broken into lines, the others are short.
            last = position == len(names) - 1
            table.add_column(name, justify="right" if position in right else "left", no_wrap=not last)
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self.console().print(table)

    def result(self, value: dict[str, Any]) -> None:
        """Write the JSON object, where one is wanted."""
        if self.as_json:
            click.echo(json.dumps(_finite(value), ensure_ascii=False, allow_nan=False))


def _finite(value: Any) -> Any:
    """Return plain data in which a number that JSON cannot write is null."""
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
