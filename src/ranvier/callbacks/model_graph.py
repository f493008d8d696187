"""What TensorBoard shows of a model: its graph, its configuration and its summary, as events."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

from ranvier._errors import RanvierError
from ranvier.callbacks.event_file import event, graph_event, message, text
from ranvier.state.symbolic import symbols

__all__ = ["events"]


def events(model: Any) -> Iterator[bytes]:
    """Yield the graph of layers, the configuration that the conceptual graph is drawn from, and the summary as text."""
    if getattr(model, "layer_graph", None) is not None:
        yield graph_event(_graph(model.layer_graph))
        try:
            yield event(0, text("keras", model.to_json(), "graph_keras_model", b"1"))
        except RanvierError as error:
            warnings.warn(f"TensorBoard gets no configuration of the model. {error.message}", stacklevel=2)
    lines: list[str] = []
    model.summary(print_fn=lines.append)
    # Four blanks before each line are Markdown's form of a text as it stands.
    yield event(0, text("model", "\n".join(f"    {line}" for line in "\n".join(lines).splitlines())))


def _graph(graph: Any) -> bytes:
    """Return a GraphDef: a node per layer, with the nodes that it takes its inputs from."""
    names = graph.names()
    makers: dict[int, str] = {}
    inputs: dict[str, list[str]] = {}
    kinds: dict[str, str] = {}
    for tensor, entry in zip(graph.inputs, graph.entries, strict=True):
        makers[id(tensor)] = entry.name
        inputs[entry.name], kinds[entry.name] = [], type(entry).__name__
    for step in graph.steps:
        name = names.get(id(step.operation), step.operation.name)
        found = inputs.setdefault(name, [])
        found += [makers[id(tensor)] for tensor in step.node.inputs if makers[id(tensor)] not in found]
        kinds[name] = type(step.operation).__name__
        makers |= {id(tensor): name for tensor in symbols(step.node.outputs)}
    nodes = [
        (1, message((1, name), (2, kinds[name]), *((3, source) for source in found))) for name, found in inputs.items()
    ]
    return message(*nodes, (4, message((1, 1))))
