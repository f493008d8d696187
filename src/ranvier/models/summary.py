"""The table of a model's layers, as plain text in Keras's shape."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import tree_util

from ranvier._errors import InvalidArgument, RanvierError
from ranvier.layers.base import Layer
from ranvier.layers.calling import tupled
from ranvier.models import native_layers
from ranvier.models.graph import Graph
from ranvier.state.symbolic import Operation
from ranvier.state.variable import Variable

__all__ = ["output_shape", "table"]


class Row(NamedTuple):
    """One layer of the table."""

    name: str
    shape: str
    parameters: str
    connected: str
    trainable: str
    kernels: str


def table(
    model: Any,
    line_length: int | None = None,
    positions: Any = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Any = None,
    kernels: bool = False,
) -> str:
    """Return the table of a model; the arguments are those of `Model.summary`."""
    graph: Graph | None = model.layer_graph
    branched = graph is not None and not _is_chain(graph)
    headers = ["Layer (type)", "Output Shape", "Param #"]
    shares = [0.45, 0.80, 1.0]
    if branched:
        headers, shares = [*headers, "Connected to"], [0.30, 0.56, 0.72, 1.0]
    if show_trainable:
        headers, shares = [*headers, "Trainable"], [*(0.85 * share for share in shares), 1.0]
    length = line_length or (98 if branched else 80) + (20 if kernels else 0)
    shown = _in_range(graph.operations if branched and graph is not None else model.layers, layer_range)
    seen = native_layers.seen(model) if kernels else None
    if kernels:
        headers, shares = [*headers, "Kernels"], [*(0.80 * share for share in shares), 1.0]
    rows = [row for operation in shown for row in _rows(operation, graph, expand_nested, 0, seen)]
    cells = []
    for row in rows:
        cell = [row.name, row.shape, row.parameters]
        cell += [row.connected] if branched else []
        cell += [row.trainable] if show_trainable else []
        cells.append(cell + ([row.kernels] if kernels else []))
    widths = _widths(positions or shares, length, len(headers))
    lines = [f'Model: "{model.name}"', *_drawn(headers, cells, widths, right={2}), *_totals(model)]
    return "\n".join([*lines, *(f" {line}" for line in (seen.notes() if seen else []))])


def _rows(
    operation: Operation, graph: Graph | None, expand: bool, depth: int, seen: native_layers.Seen | None
) -> Iterator[Row]:
    """Yield a layer's row, and those of a nested model's layers; a function of `ops` has a row without weights."""
    indent = "   " * depth + "└ " * (depth > 0)
    name = graph.names().get(id(operation), operation.name) if graph is not None else operation.name
    shape = _shape_text(operation, graph)
    connected = "-" if graph is None else _connections(operation, graph)
    if not isinstance(operation, Layer):
        yield Row(f"{indent}{name} ({_kind(operation)})", shape, "0", connected, "-", "reference")
        return
    count = f"{operation.count_params():,}" if operation.built else "0 (unbuilt)"
    trainable = "-" if not operation.weights else "Y" if operation.trainable_weights else "N"
    kernels = seen.cell(operation) if seen else ""
    yield Row(f"{indent}{name} ({type(operation).__name__})", shape, count, connected, trainable, kernels)
    if expand and hasattr(operation, "layers"):
        for child in operation.layers:
            yield from _rows(child, None, expand, depth + 1, seen)


def _kind(operation: Operation) -> str:
    """Return how a function of `ops` is called in the column of classes: `Relu` for `relu`."""
    return "".join(part.capitalize() for part in getattr(operation, "function").__name__.split("_"))  # noqa: B009


def _connections(operation: Operation, graph: Graph) -> str:
    """Return where an operation's inputs come from: `dense[0][0]` is the first output of dense's first call here."""
    calls: dict[int, int] = {}
    places: dict[int, str] = {id(t): f"{e.name}[0][0]" for t, e in zip(graph.inputs, graph.entries, strict=True)}
    found: list[str] = []
    names = graph.names()
    for step in graph.steps:
        identity = id(step.operation)
        number = calls.get(identity, 0)
        calls[identity] = number + 1
        for index, tensor in enumerate(tree_util.tree_leaves(step.node.outputs)):
            places[id(tensor)] = f"{names[identity]}[{number}][{index}]"
        if step.operation is operation:
            found += [places[id(tensor)] for tensor in step.node.inputs]
    return ", ".join(found) or "-"


def _shape_text(layer: Operation, graph: Graph | None) -> str:
    shape = output_shape(layer, graph)
    if shape is None:
        return "?"
    if isinstance(shape, tuple):
        return str(shape)
    shapes = tree_util.tree_leaves(shape, is_leaf=lambda node: isinstance(node, tuple))
    return ", ".join(map(str, shapes))


def output_shape(layer: Operation, graph: Graph | None) -> Any:
    """Return the shape of what a layer gives, from its symbolic calls or by evaluating its shapes; None if unknown."""
    nodes = [step.node for step in graph.steps if step.operation is layer] if graph is not None else []
    node = nodes[0] if nodes else layer.inbound_nodes[0] if layer.inbound_nodes else None
    if node is not None:
        return tree_util.tree_map(lambda tensor: tensor.shape, node.outputs)
    shapes = list((layer._build_shapes or {}).values()) if isinstance(layer, Layer) else []
    if not isinstance(layer, Layer) or not layer.built or len(shapes) != 1 or not isinstance(tupled(shapes[0]), tuple):
        return None
    try:
        return layer.compute_output_shape((None, *tupled(shapes[0])[1:]))
    except (RanvierError, TypeError, ValueError):
        return None  # the shape is for display only, and some layers need more than one input


def _is_chain(graph: Graph) -> bool:
    """Whether the graph is layers one after the other, each called once."""
    single = len(graph.inputs) == 1 and len(graph.outputs) == 1
    operations = {id(step.operation) for step in graph.steps}
    return (
        single
        and len(operations) == len(graph.steps)
        and all(len(step.node.inputs) == 1 for step in graph.steps)
        and all(len(graph.readers(tensor)) <= 1 for tensor in range(graph.size))
    )


def _in_range(layers: Sequence[Operation], layer_range: Any) -> Sequence[Operation]:
    if layer_range is None:
        return layers
    found = [
        [number for number, layer in enumerate(layers) if layer.name == name or re.match(name, layer.name)]
        for name in layer_range
    ]
    if len(found) != 2 or not all(found):
        raise InvalidArgument(
            "layer_range names no layers of the model.",
            code="summary-range",
            place="summary(layer_range=...)",
            expected="the names of the first and the last layer to show: " + ", ".join(x.name for x in layers),
            received=layer_range,
        )
    start, stop = sorted((found[0][0], found[1][0]))
    return layers[start : stop + 1]


# --- drawing ---------------------------------------------------------------------------------------------------------


def _widths(positions: Iterable[float], length: int, columns: int) -> list[int]:
    """Return the columns' inner widths for ends given as shares of the line or in characters."""
    ends = [int(p * length) if p <= 1 else int(p) for p in positions][:columns]
    starts = [0, *ends[:-1]]
    return [max(4, end - start - 3) for start, end in zip(starts, ends, strict=True)]


def _drawn(headers: list[str], cells: list[list[str]], widths: list[int], right: set[int]) -> list[str]:
    def rule(left: str, fill: str, middle: str, end: str) -> str:
        return left + middle.join(fill * (width + 2) for width in widths) + end

    def lines(row: list[str], bar: str) -> Iterator[str]:
        wrapped = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
        for number in range(max(map(len, wrapped))):
            parts = [column[number] if number < len(column) else "" for column in wrapped]
            aligned = [
                p.rjust(w) if i in right else p.ljust(w) for i, (p, w) in enumerate(zip(parts, widths, strict=True))
            ]
            yield bar + bar.join(f" {part} " for part in aligned) + bar

    drawn = [rule("┏", "━", "┳", "┓"), *lines(headers, "┃"), rule("┡", "━", "╇", "┩")]
    for number, row in enumerate(cells):
        drawn += lines(row, "│")
        last = number == len(cells) - 1
        drawn.append(rule("└", "─", "┴", "┘") if last else rule("├", "─", "┼", "┤"))
    return drawn


def _wrapped(text: str, width: int) -> list[str]:
    """Return the text in lines of at most `width`, broken at spaces where there are any."""
    found: list[str] = []
    while len(text) > width:
        cut = text.rfind(" ", 1, width + 1)
        cut = cut if cut > 0 and text[:cut].strip() else width
        found.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*found, text]


def _totals(model: Any) -> list[str]:
    optimizer = getattr(model, "optimizer", None)
    kept = list(getattr(optimizer, "variables", []) or []) if getattr(optimizer, "built", False) else []
    groups = [
        ("Total params", [*model.weights, *kept]),
        ("Trainable params", model.trainable_weights),
        ("Non-trainable params", model.non_trainable_weights),
    ]
    if kept:
        groups.append(("Optimizer params", kept))
    return [f" {label}: {_count(group):,} ({_size(group)})" for label, group in groups]


def _count(variables: Iterable[Variable]) -> int:
    return sum(v.size for v in variables)


def _size(variables: Iterable[Variable]) -> str:
    total = float(sum(v.size * jnp.dtype(v.dtype).itemsize for v in variables))
    units = ["B", "KB", "MB", "GB", "TB"]
    step = min(len(units) - 1, int(math.log(total, 1024))) if total >= 1 else 0
    return f"{total / 1024**step:.2f} {units[step]}"
