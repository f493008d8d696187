"""`ranvier bench`: how fast a model trains here, and where the time goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ranvier.cli.terminal import Terminal, json_option

if TYPE_CHECKING:
    from ranvier.recipes.speed import Speed

__all__ = ["bench"]


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--batch", type=click.IntRange(min=1), default=32, show_default=True, help="Rows per training step.")
@click.option("--data", type=click.Path(path_type=Path), help="An .npz file with arrays x and y; made up without it.")
@json_option
def bench(model: Path, batch: int, data: Path | None, as_json: bool) -> None:
    """Measure how fast the model of the file MODEL trains on this machine.

    Steps per second inside the compiled training loop, the share of the machine's own peak of float32 products,
    measured in the same run, and the time of each layer forward and backward. The file stays as it is.
    """
    import warnings

    from ranvier.models import load_model
    from ranvier.recipes.speed import measure

    terminal = Terminal(as_json)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a file without the optimizer's state is as good here
        loaded = load_model(model)
    found = measure(loaded, batch, _read(data) if data else None)
    batch, rate = found.batch, 1e3 / found.ms_per_step
    facts: dict[str, Any] = {
        "model": str(model),
        "data": str(data) if data else None,
        **found._asdict(),
        "steps_per_second": rate,
        "rows_per_second": rate * batch,
        "share_of_peak": found.share_of_peak,
    }
    terminal.say(
        f"{model}: {rate:,.1f} steps of {batch} rows per second, {found.ms_per_step:.3g} ms each\n"
        f"products and convolutions: {found.flops_per_step / 1e6:,.1f} million operations per step, "
        f"{100 * found.share_of_peak:.0f} % of this machine's {found.peak / 1e9:,.0f} GFLOP/s"
    )
    terminal.table(["layer", "kernels", "forward ms", "backward ms", "share"], _rows(found), [2, 3, 4])
    for note in found.notes:
        terminal.say(note)
    if found.compiled_here:
        terminal.say("The file has no loss: Adam on the mean squared error was measured.")
    terminal.result(facts)


def _rows(found: Speed) -> list[list[str]]:
    """Return one row per layer, and one for each part of a step that is no layer."""
    rows = []
    for entry in found.layers:
        both = entry["forward_ms"], entry["backward_ms"]
        rows.append([entry["layer"], entry["kernels"], *map(_number, both), _share(sum(both), found)])
    return rows + [[name, "", _number(spent), "", _share(spent, found)] for name, spent in found.rest.items()]


def _number(milliseconds: float) -> str:
    return f"{milliseconds:.3f}"


def _share(milliseconds: float, found: Speed) -> str:
    return f"{100 * milliseconds / found.ms_per_step:.0f} %"


def _read(file: Path) -> tuple[Any, Any]:
    """Return the arrays `x` and `y` of a file; pickled ones are refused."""
    import numpy as np

    from ranvier._errors import DataError

    try:
        with np.load(file, allow_pickle=False) as arrays:
            return arrays["x"], arrays["y"]
    except (KeyError, ValueError, TypeError) as error:
        raise DataError(
            "The data cannot be measured with.",
            code="bench-data",
            place=str(file),
            expected="an .npz file with arrays x and y",
            received=str(error),
        ) from error
