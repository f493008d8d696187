"""Where a model begins and ends: its symbolic inputs and outputs, their shapes and names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jax import tree_util

from ranvier._errors import NotReady
from ranvier.models.graph import Graph
from ranvier.state.symbolic import KerasTensor

__all__ = ["Ends", "graph_of"]


class Ends:
    """The part of a Model that knows its symbolic inputs and outputs."""

    name: str
    layer_graph: Graph | None

    @property
    def inputs(self) -> list[KerasTensor] | None:
        """The symbolic inputs as a flat list; None when the model has none."""
        return None if self.layer_graph is None else list(self.layer_graph.inputs)

    @property
    def outputs(self) -> list[KerasTensor] | None:
        """The symbolic outputs as a flat list; None when the model has none."""
        return None if self.layer_graph is None else list(self.layer_graph.outputs)

    @property
    def input(self) -> Any:
        """The symbolic inputs, nested as the model was made with them."""
        return graph_of(self).input_struct

    @property
    def output(self) -> Any:
        """The symbolic outputs, nested as the model was made with them."""
        return graph_of(self).output_struct

    @property
    def input_shape(self) -> Any:
        """The shapes of the inputs, nested like `input`."""
        return tree_util.tree_map(lambda tensor: tensor.shape, self.input)

    @property
    def output_shape(self) -> Any:
        """The shapes of the outputs, nested like `output`."""
        return tree_util.tree_map(lambda tensor: tensor.shape, self.output)

    @property
    def input_names(self) -> list[str] | None:
        """The names of the inputs, in order; None when the model has no symbolic inputs."""
        return None if self.layer_graph is None else [entry.name for entry in self.layer_graph.entries]

    @property
    def output_names(self) -> list[str] | None:
        """The names of the outputs, in order: a dict's keys, else the layers that make them."""
        if self.layer_graph is None:
            return None
        if isinstance(self.layer_graph.output_struct, Mapping):
            return sorted(self.layer_graph.output_struct)
        names = self.layer_graph.names()
        operations = [tensor.history.operation for tensor in self.layer_graph.outputs if tensor.history is not None]
        return [names.get(id(operation), operation.name) for operation in operations]


def graph_of(model: Ends) -> Graph:
    """Return a model's graph.

    Raises:
        NotReady: it has none.
    """
    if model.layer_graph is None:
        raise NotReady(
            "The model has no symbolic inputs and outputs.",
            code="no-graph",
            place=f"model {model.name!r}",
            fix="make it with Model(inputs, outputs), or give a Sequential an Input",
        )
    return model.layer_graph
