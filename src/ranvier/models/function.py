"""Function: the operations between symbolic tensors as something that can be called."""

from __future__ import annotations

from typing import Any, ClassVar, final

from jax import tree_util

from ranvier._lookup import auto_name
from ranvier.models import inputs as arguments
from ranvier.models.graph import Graph
from ranvier.state.symbolic import KerasTensor, Operation, infer, is_symbolic, record

__all__ = ["Function"]


@final
class Function(Operation):
    """The operations that lead from symbolic inputs to symbolic outputs; a Model without training.

    Args:
        inputs: symbolic tensors, single or in a list or dict.
        outputs: symbolic tensors computed from them.
        name: display name.

    Example:
        >>> from ranvier import Input, ops
        >>> x = Input((2,))
        >>> [float(v) for v in Function(x, ops.square(x) + 1)([[1.0, 2.0]])[0]]
        [2.0, 5.0]
    """

    keras_module: ClassVar[str | None] = "keras"

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None) -> None:
        self.name = name or auto_name(type(self))
        self.graph = Graph(inputs, outputs)

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic inputs as a flat list."""
        return list(self.graph.inputs)

    @property
    def outputs(self) -> list[KerasTensor]:
        """The symbolic outputs as a flat list."""
        return list(self.graph.outputs)

    def __call__(self, inputs: Any) -> Any:
        """Return the outputs for arrays, or symbolic ones for symbolic tensors."""
        if is_symbolic(inputs):
            return record(self, (inputs,), {}, infer(self._run, inputs))
        return self._run(inputs)

    def _run(self, given: Any) -> Any:
        graph = self.graph
        values = arguments.arranged(given, graph.input_struct, graph.entries, self.name)
        fitted = [
            arguments.fitted(value, entry, self.name, keep_integers=False)
            for value, entry in zip(values, graph.entries, strict=True)
        ]
        return graph.run(fitted)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shapes of the outputs for shapes of the inputs."""
        entries = iter(self.graph.entries)
        tensors = tree_util.tree_map(
            lambda shape: KerasTensor(shape, next(entries).dtype), input_shape, is_leaf=_is_shape
        )
        return tree_util.tree_map(lambda tensor: tensor.shape, infer(self._run, tensors))


def _is_shape(node: Any) -> bool:
    return isinstance(node, (tuple, list)) and all(size is None or isinstance(size, int) for size in node)
