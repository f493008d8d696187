"""Figures of the report: matplotlib draws them as SVG, the page's style sheet colours them for light and dark."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

__all__ = ["confusion_matrix", "curve", "predicted_against_true", "residuals"]

# Colours that nobody else uses stand for the page's own; `_themed` puts those in.
_INK, _PAPER, _FIRST, _SECOND = "#010203", "#0a0b0c", "#040506", "#070809"
_THEME = {_INK: "var(--ink)", _PAPER: "var(--card)", _FIRST: "var(--first)", _SECOND: "var(--second)"}
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ranvier",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.titlecolor": _INK,
    "axes.titlesize": 11,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "text.color": _INK,
    "grid.color": _INK,
    "grid.alpha": 0.12,
    "legend.frameon": False,
}
_PANEL = (4.2, 3.2)
_MOST_POINTS = 2000
_MOST_NUMBERS, _MOST_NAMES = 20, 30


def _svg(name: str, alternative: str, size: tuple[float, float], draw: Callable[[Figure], None]) -> str:
    """Draw a figure and return it as an inline SVG element whose ids begin with `name`."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return _themed(name, alternative, buffer.getvalue())


def _themed(name: str, alternative: str, text: str) -> str:
    """Turn matplotlib's document into an element of an HTML page that takes its colours from the page."""
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = (
        re.sub(r'\s(?:xmlns(?::\w+)?|version|width|height)="[^"]*"', "", text[: text.index(">")])
        + text[text.index(">") :]
    )
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = text.replace('xlink:href="#', f'href="#{name}-').replace("url(#", f"url(#{name}-")
    text = text.replace("xlink:href=", "href=")
    for stand_in, colour in _THEME.items():
        text = text.replace(stand_in, colour)
    return text.replace("<svg", f'<svg role="img" aria-label="{alternative}"', 1).strip()


def curve(history: dict[str, list[float]], best_epoch: int, metric: str, title: str) -> str:
    """Return one number of training and validation over the epochs, with the best epoch marked."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for key, colour, label in ((metric, _FIRST, "training"), (f"val_{metric}", _SECOND, "validation")):
            values = history.get(key, [])
            marker = "o" if len(values) < 3 else None
            axes.plot(range(1, len(values) + 1), values, color=colour, label=label, linewidth=1.8, marker=marker)
        axes.axvline(best_epoch, color=_INK, linewidth=1, linestyle=":")
        axes.set(title=title, xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(visible=True)
        axes.legend()

    text = f"{title} per epoch for training and validation rows; epoch {best_epoch} was best"
    return _svg(f"curve-{metric}", text, _PANEL, draw)


def confusion_matrix(counts: npt.NDArray[Any], names: tuple[str, ...]) -> str:
    """Return `[true, named]` counts as squares, as dark as their share of the true class."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        _squares(axes, shares)
        if len(names) <= _MOST_NUMBERS:
            for (row, column), count in np.ndenumerate(counts):
                if count:
                    colour = _PAPER if shares[row, column] > 0.5 else _INK
                    axes.text(column + 0.5, row + 0.5, f"{count:,}", ha="center", va="center", color=colour, size=8)
        every = -(-len(names) // _MOST_NAMES)
        at = np.arange(0, len(names), every)
        long = max(map(len, names)) > 3
        axes.set_xticks(at + 0.5, [names[i] for i in at], rotation=60 if long else 0, ha="right" if long else "center")
        axes.set_yticks(at + 0.5, [names[i] for i in at])
        axes.set(xlabel="named by the network", ylabel="true class", aspect="equal")
        axes.invert_yaxis()
        axes.tick_params(length=0)

    right = int(np.trace(counts))
    text = f"Confusion matrix of {len(names)} classes: {right} of {int(counts.sum())} test rows on the diagonal"
    return _svg("confusion", text, (5.6, 5.4), draw)


def _squares(axes: Axes, shares: npt.NDArray[Any]) -> None:
    """Fill the axes with one square per pair of classes; empty pairs are left out to keep the file small."""
    for row, column in np.argwhere(shares > 0):
        axes.fill(
            [column, column + 1, column + 1, column],
            [row, row, row + 1, row + 1],
            color=_FIRST,
            alpha=float(0.12 + 0.88 * shares[row, column]),
            linewidth=0,
        )
    axes.set(xlim=(0, len(shares)), ylim=(0, len(shares)))


def predicted_against_true(y: npt.NDArray[Any], predictions: npt.NDArray[Any]) -> str:
    """Return one point per row: the prediction above the true amount."""
    chosen = np.random.default_rng(0).permutation(len(y))[:_MOST_POINTS]
    shown = f" ({len(chosen):,} of {len(y):,} rows)" if len(chosen) < len(y) else ""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        low, high = float(min(y.min(), predictions.min())), float(max(y.max(), predictions.max()))
        axes.plot([low, high], [low, high], color=_INK, linewidth=1, linestyle=":")
        axes.scatter(y[chosen], predictions[chosen], s=6, color=_FIRST, alpha=0.4, linewidths=0)
        _readable(axes.xaxis, axes.yaxis)
        axes.set(title="predicted against true", xlabel=f"true{shown}", ylabel="predicted")

    return _svg("predicted", "Predicted against true amounts", _PANEL, draw)


def _readable(*sides: Axis) -> None:
    """Give an axis few ticks, and commas in large numbers."""
    for side in sides:
        side.set_major_locator(MaxNLocator(4))
        side.set_major_formatter(StrMethodFormatter("{x:,g}"))


def residuals(y: npt.NDArray[Any], predictions: npt.NDArray[Any]) -> str:
    """Return how often which error occurs."""

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.hist(predictions - y, bins=40, color=_FIRST, alpha=0.8)
        axes.axvline(0, color=_INK, linewidth=1, linestyle=":")
        _readable(axes.xaxis)
        axes.set(title="residuals: predicted minus true", xlabel="residual", ylabel="rows")

    return _svg("residuals", "Distribution of the residuals", _PANEL, draw)
