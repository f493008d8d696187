"""plot_model: a picture of a model's layers and how they are connected, without Graphviz."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from ranvier._errors import InvalidArgument, NotReady
from ranvier.layers.base import Layer
from ranvier.models.graph import Graph
from ranvier.models.summary import output_shape
from ranvier.state.symbolic import Operation, symbols

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Box", "boxes_of", "plot_model"]

_FORMATS = (".svg", ".png", ".pdf")
_LINE, _CHARACTER, _GAP, _LANE, _MARGIN = 0.19, 0.083, 0.38, 0.12, 0.15
"""Heights and widths on the page [inches]."""
_INK = "#34495e"


class Box(NamedTuple):
    """One operation of the picture: its lines of text, its row, and the boxes that it takes its inputs from."""

    lines: list[str]
    row: int
    parents: list[int]


def plot_model(
    model: Any,
    to_file: str | os.PathLike[str] = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **kwargs: Any,
) -> str:
    """Draw a model's layers as boxes, inputs first, and return the file's name.

    Args:
        model: a model; a subclassed one is drawn as a list of its layers.
        to_file: name of the picture: `.svg`, `.png` or `.pdf`.
        show_shapes: write each layer's output shape.
        show_dtype: write each layer's dtype.
        show_layer_names: write names beside classes.
        rankdir: `"TB"` from top to bottom, `"LR"` from left to right.
        expand_nested: draw the layers of nested models in place of the model.
        dpi: resolution of a `.png` [dots per inch].
        show_layer_activations: write each layer's activation.
        show_trainable: write whether training changes each layer.
        splines: accepted; lines are straight.
        kwargs: accepted, as in Keras.

    Raises:
        InvalidArgument: another file format or direction.
        NotReady: the model has no layers yet.
    """
    path = os.fspath(to_file)
    if os.path.splitext(path)[1].lower() not in _FORMATS or rankdir not in ("TB", "LR"):
        raise InvalidArgument(
            "The picture cannot be drawn like that.",
            code="plot-format",
            place="plot_model",
            expected=f"a file name that ends in {', '.join(_FORMATS)}; rankdir 'TB' or 'LR'",
            received=f"{path!r}, rankdir={rankdir!r}",
            fix="plot_model(model, to_file='model.svg')",
        )
    shown = {"shapes": show_shapes, "dtype": show_dtype, "names": show_layer_names}
    shown |= {"activations": show_layer_activations, "trainable": show_trainable}
    boxes = boxes_of(model, shown, expand_nested)
    if not boxes:
        raise NotReady("The model has no layers to draw.", code="plot-empty", place=f"model {model.name!r}")
    figure = _drawn(boxes, rankdir)
    # Fixed ids and no date: the same model gives the same file.
    with matplotlib.rc_context({"svg.hashsalt": "ranvier", "svg.fonttype": "none"}):
        figure.savefig(path, dpi=dpi, metadata={"Date": None} if path.lower().endswith(".svg") else None)
    return path


# --- what is drawn ---------------------------------------------------------------------------------------------------


def boxes_of(model: Any, shown: dict[str, bool], expand: bool) -> list[Box]:
    """Return the boxes of a model, parents before children."""
    if model.layer_graph is None:
        layers = list(model.layers)
        return [Box(_lines(x, None, shown), number, [number - 1][:number]) for number, x in enumerate(layers)]
    boxes: list[Box] = []
    _add_graph(boxes, model.layer_graph, {}, shown, expand)
    return boxes


def _add_graph(boxes: list[Box], graph: Graph, fed: dict[int, int], shown: dict[str, bool], expand: bool) -> list[int]:
    """Add a graph's boxes; return the boxes that make its outputs.

    Args:
        boxes: all boxes so far.
        graph: the graph.
        fed: for a nested model, the box that feeds each input, by the input's number.
        shown: what is written into the boxes.
        expand: whether nested models are opened.
    """
    makers: dict[int, int] = {}
    box_of: dict[int, int] = {}
    for number, (tensor, entry) in enumerate(zip(graph.inputs, graph.entries, strict=True)):
        if number in fed:
            makers[id(tensor)] = fed[number]
        else:
            boxes.append(Box(_lines(entry, graph, shown), 0, []))
            makers[id(tensor)] = len(boxes) - 1
    for step in graph.steps:
        parents = [makers[id(tensor)] for tensor in step.node.inputs]
        inner: Graph | None = getattr(step.operation, "layer_graph", None) if expand else None
        outputs = symbols(step.node.outputs)
        if inner is not None and len(inner.inputs) == len(parents):
            ends = _add_graph(boxes, inner, dict(enumerate(parents)), shown, expand)
            makers |= {id(tensor): end for tensor, end in zip(outputs, ends, strict=True)}
            continue
        row = 1 + max(boxes[parent].row for parent in parents)
        known = box_of.get(id(step.operation))
        if known is None:
            boxes.append(Box(_lines(step.operation, graph, shown), row, sorted(set(parents))))
            known = box_of[id(step.operation)] = len(boxes) - 1
        else:
            before = boxes[known]
            boxes[known] = Box(before.lines, max(before.row, row), sorted({*before.parents, *parents}))
        makers |= {id(tensor): known for tensor in outputs}
    return [makers[id(tensor)] for tensor in graph.outputs]


def _lines(operation: Operation, graph: Graph | None, shown: dict[str, bool]) -> list[str]:
    function = getattr(operation, "function", None) if not isinstance(operation, Layer) else None
    kind = f"ops.{function.__name__}" if function is not None else type(operation).__name__
    lines = [f"{operation.name} ({kind})" if shown["names"] and function is None else kind]
    activation = getattr(operation, "activation", None)
    if shown["activations"] and activation is not None:
        lines.append(f"activation: {getattr(activation, '__name__', type(activation).__name__)}")
    if shown["shapes"]:
        lines.append(f"output: {output_shape(operation, graph) or '?'}")
    if isinstance(operation, Layer):
        if shown["dtype"]:
            lines.append(f"dtype: {operation.compute_dtype}")
        if shown["trainable"] and operation.weights:
            lines.append("trainable" if operation.trainable_weights else "frozen")
    return lines


# --- where and how ---------------------------------------------------------------------------------------------------


def _drawn(boxes: list[Box], rankdir: str) -> Figure:
    """Draw the boxes in rows and the arrows between them; an arrow that skips rows takes a lane beside all boxes."""
    width = max(_CHARACTER * max(map(len, box.lines)) for box in boxes) + 0.3
    height = _LINE * max(len(box.lines) for box in boxes) + 0.16
    across, along = (width, height) if rankdir == "TB" else (height, width)
    places = _places(boxes)
    centres = [
        (_MARGIN + c * (across + _GAP) + across / 2, _MARGIN + r * (along + _GAP) + along / 2) for c, r in places
    ]
    edges = [(parent, number) for number, box in enumerate(boxes) for parent in box.parents]
    skips = [edge for edge in edges if boxes[edge[1]].row - boxes[edge[0]].row > 1]
    border = max(c for c, _ in centres) + across / 2
    page = (border + _LANE * (len(skips) + 1) * bool(skips) + _MARGIN, max(r for _, r in centres) + along / 2 + _MARGIN)
    size = page if rankdir == "TB" else page[::-1]
    figure = Figure(figsize=size)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, size[0]), ylim=(size[1], 0))
    axes.axis("off")
    for parent, number in edges:
        lane = border + _LANE * (1 + skips.index((parent, number))) if (parent, number) in skips else None
        points = _route(centres[parent], centres[number], across, along, lane)
        _arrow(axes, points if rankdir == "TB" else [point[::-1] for point in points])
    for box, centre in zip(boxes, centres, strict=True):
        _box(axes, box, centre if rankdir == "TB" else centre[::-1], width, height)
    return figure


def _route(
    start: tuple[float, float], end: tuple[float, float], across: float, along: float, lane: float | None
) -> list[tuple[float, float]]:
    """Return the corners of an arrow from the far edge of one box to the near edge of another."""
    tail, head = (start[0], start[1] + along / 2), (end[0], end[1] - along / 2)
    if lane is None:
        return [tail, head]
    # Beside the straight arrows, through the gaps between rows, and down the lane.
    tail, head = (tail[0] + across / 6, tail[1]), (head[0] + across / 6, head[1])
    leave, enter = tail[1] + _GAP * 0.35, head[1] - _GAP * 0.5
    return [tail, (tail[0], leave), (lane, leave), (lane, enter), (head[0], enter), head]


def _places(boxes: list[Box]) -> list[tuple[float, int]]:
    """Return column and row of each box: rows centred, their boxes sorted by the mean column of their parents."""
    rows: dict[int, list[int]] = {}
    for number, box in enumerate(boxes):
        rows.setdefault(box.row, []).append(number)
    widest = max(map(len, rows.values()))
    columns: dict[int, float] = {}

    def wish(number: int) -> float:
        parents = [columns[parent] for parent in boxes[number].parents if parent in columns]
        return sum(parents) / len(parents) if parents else (widest - 1) / 2

    for row in sorted(rows):
        members = sorted(rows[row], key=wish)
        start = wish(members[0]) if len(members) == 1 else (widest - len(members)) / 2
        columns |= {number: start + position for position, number in enumerate(members)}
    return [(columns[number], box.row) for number, box in enumerate(boxes)]


def _box(axes: Axes, box: Box, centre: tuple[float, float], width: float, height: float) -> None:
    corner = (centre[0] - width / 2, centre[1] - height / 2)
    style = "round,pad=0,rounding_size=0.06"
    axes.add_patch(FancyBboxPatch(corner, width, height, boxstyle=style, facecolor="#eef3fa", edgecolor=_INK))
    axes.text(*centre, "\n".join(box.lines), ha="center", va="center", fontsize=8, family="monospace", color="#1b2631")


def _arrow(axes: Axes, points: list[tuple[float, float]]) -> None:
    axes.plot(*zip(*points[:-1], strict=True), color=_INK, linewidth=0.9, solid_capstyle="butt")
    arrow = {"arrowstyle": "-|>", "color": _INK, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", xy=points[-1], xytext=points[-2], arrowprops=arrow)
