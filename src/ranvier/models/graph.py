"""The graph of a functional model: found once by walking back from the outputs, then run in order.

Layers come out in Keras's order (farthest from the outputs first), which decides the order of weights and the numbers
in weight files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from jax import tree_util

from ranvier._errors import InvalidArgument, WrongType
from ranvier.layers import InputLayer
from ranvier.layers.base import Layer
from ranvier.layers.preprocessing.host import Ready
from ranvier.models import fuse
from ranvier.models.drawn_masks import DrawnMasks
from ranvier.state.symbolic import KerasTensor, Node, Operation, symbols

__all__ = ["Graph", "Slot", "Step"]


class Slot:
    """Stands for the value of one tensor among the arguments of a step."""

    def __init__(self, number: int) -> None:
        self.number = number


class Step:
    """One call: an operation, its arguments with slots for tensors, and the slots that it fills."""

    def __init__(self, operation: Operation, node: Node, args: Any, kwargs: Any, outputs: list[int]) -> None:
        self.operation, self.args, self.kwargs, self.outputs = operation, args, kwargs, outputs
        self.node = node


class Graph:
    """The calls that lead from input tensors to output tensors.

    Args:
        inputs: symbolic tensors, single or nested in lists and dicts.
        outputs: symbolic tensors, single or nested.

    Raises:
        InvalidArgument: an output depends on an Input that is not among the inputs, or an input comes twice.
        WrongType: something else than symbolic tensors.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        self.input_struct, self.output_struct = inputs, outputs
        self.inputs, self.outputs = _only_symbols(inputs, "inputs"), _only_symbols(outputs, "outputs")
        if len({id(tensor) for tensor in self.inputs}) != len(self.inputs):
            raise InvalidArgument("An input comes twice in a model's inputs.", code="model-double-input")
        self.entries = [_entry(tensor) for tensor in self.inputs]
        nodes, found = _walk_back(self.outputs, self.inputs)
        depths = _depths(nodes)
        met = {id(operation): operation for operation in found}
        operations = [*(entry for entry in self.entries if id(entry) not in met), *met.values()]
        depth_of: dict[int, int] = {}
        for node in nodes:
            depth_of[id(node.operation)] = max(depth_of.get(id(node.operation), 0), depths[id(node)])
        entry_ids = {id(entry) for entry in self.entries}
        operations = [o for o in operations if id(o) in entry_ids or not isinstance(o, InputLayer)]
        self.operations: list[Operation] = sorted(operations, key=lambda o: -depth_of.get(id(o), 0))
        self.layers: list[Layer] = [o for o in self.operations if isinstance(o, Layer)]
        self._number(nodes)

    def _number(self, nodes: list[Node]) -> None:
        """Give every tensor a slot and lay out the steps."""
        slots: dict[int, int] = {id(tensor): number for number, tensor in enumerate(self.inputs)}
        self.steps: list[Step] = []

        def slot(leaf: Any) -> Any:
            return Slot(slots[id(leaf)]) if isinstance(leaf, KerasTensor) else leaf

        for node in nodes:
            if node.is_input:
                continue
            args, kwargs = tree_util.tree_map(slot, (node.args, node.kwargs))
            outputs = [slots.setdefault(id(tensor), len(slots)) for tensor in symbols(node.outputs)]
            self.steps.append(Step(node.operation, node, args, kwargs, outputs))
        self.text_steps = [
            number for number, step in enumerate(self.steps) if any(t.dtype == "string" for t in step.node.inputs)
        ]
        self.forgetful = any(getattr(step.operation, "forgets_masks", False) for step in self.steps)
        self.size = len(slots)
        self.result = tree_util.tree_map(slot, self.output_struct)
        kept = [leaf.number for leaf in tree_util.tree_leaves(self.result) if isinstance(leaf, Slot)]
        self.chains = fuse.chains(self.steps, Slot, kept)

    def run(
        self, values: list[Any], replace: Callable[[Operation], Any] | None = None, ready: Sequence[Any] = ()
    ) -> Any:
        """Return the outputs for one value per input.

        Args:
            values: one array or symbolic tensor per input, in order.
            replace: gives the callable to use for each operation.
            ready: what the host has made for each of `text_steps`.
        """
        known: list[Any] = [*values, *[None] * (self.size - len(values))]

        def fill(leaf: Any) -> Any:
            return known[leaf.number] if isinstance(leaf, Slot) else leaf

        made = dict(zip(self.text_steps, ready, strict=False))
        drawn = DrawnMasks(values) if self.forgetful else None
        done: set[int] = set()
        for place, step in enumerate(self.steps):
            if place in done:
                continue
            args, kwargs = tree_util.tree_map(fill, (step.args, step.kwargs))
            if place in made:
                args, kwargs = (Ready(made[place]),), {}
            call: Any = replace(step.operation) if replace else step.operation
            if drawn is not None:
                kwargs = {**kwargs, **drawn.written(step)}
            chain = self.chains.get(place, [place]) if replace is None and drawn is None else [place]
            if len(chain) > 1:
                value, together = fuse.called([self.steps[at].operation for at in chain], args[0])
                done.update(chain[:together])
                known[self.steps[chain[together - 1]].outputs[0]] = value
                continue
            outputs = tree_util.tree_leaves(call(*args, **kwargs))
            if drawn is not None:
                drawn.follow(step, args, outputs)
            for number, value in zip(step.outputs, outputs, strict=False):
                known[number] = value
        return tree_util.tree_map(fill, self.result)

    def readers(self, slot: int) -> list[Operation]:
        """Return the operations that take the tensor of a slot; the first slots are the inputs."""
        return [
            step.operation
            for step in self.steps
            for leaf in tree_util.tree_leaves((step.args, step.kwargs))
            if isinstance(leaf, Slot) and leaf.number == slot
        ]

    def names(self) -> dict[int, str]:
        """Return a name of its own for each operation, by identity; layers keep theirs.

        Raises:
            InvalidArgument: two layers have one name.
        """
        taken: dict[str, int] = {}
        for layer in self.layers:
            if layer.name in taken:
                raise InvalidArgument(
                    f"Two layers of the model are named {layer.name!r}.",
                    code="double-layer-name",
                    place=f"layer {layer.name!r}",
                    expected="a name of its own for every layer",
                    fix="rename one of them: Layer(..., name='...')",
                )
            taken[layer.name] = id(layer)
        for operation in self.operations:
            if isinstance(operation, Layer):
                continue
            name, number = operation.name, 0
            while name in taken:
                number += 1
                name = f"{operation.name}_{number}"
            taken[name] = id(operation)
        return {identity: name for name, identity in taken.items()}


def _only_symbols(tree: Any, what: str) -> list[KerasTensor]:
    leaves = tree_util.tree_leaves(tree)
    wrong = [leaf for leaf in leaves if not isinstance(leaf, KerasTensor)]
    if wrong or not leaves:
        raise WrongType(
            f"The {what} of a model are symbolic tensors.",
            code="model-tensors",
            place=f"Model({what}=...)",
            expected="tensors from keras.Input(...) and from layers called on them",
            received=f"{type(wrong[0]).__name__}" if wrong else "nothing",
            fix="begin with keras.Input(shape=...) and pass what the layers return",
        )
    return leaves


def _entry(tensor: KerasTensor) -> InputLayer:
    """Return the InputLayer of an input; a tensor from the middle of a graph gets a new one."""
    if tensor.history is not None and isinstance(tensor.history.operation, InputLayer):
        return tensor.history.operation
    return InputLayer(batch_shape=tensor.shape, dtype=tensor.dtype)


def _walk_back(outputs: list[KerasTensor], inputs: list[KerasTensor]) -> tuple[list[Node], Iterable[Operation]]:
    """Return the calls that lead to the outputs, each after what it needs, and the operations as they were met."""
    ends = {id(tensor) for tensor in inputs}
    finished: list[Node] = []
    seen: set[int] = set()
    met: dict[int, Operation] = {}

    def opened(tensor: KerasTensor) -> list[tuple[Node, Any]]:
        if tensor.history is None:
            raise _unconnected(tensor, inputs)
        node = tensor.history.node
        if id(node) in seen:
            return []
        if node.is_input and id(tensor) not in ends:
            raise _unconnected(tensor, inputs)
        seen.add(id(node))
        met.setdefault(id(node.operation), node.operation)
        return [(node, iter(node.inputs))]

    for output in outputs:
        stack = [] if _is_middle_input(output, ends) else opened(output)
        while stack:
            node, waiting = stack[-1]
            tensor = next(waiting, None)
            if tensor is None:
                finished.append(node)
                stack.pop()
            elif not _is_middle_input(tensor, ends):
                stack += opened(tensor)
    return finished, met.values()


def _is_middle_input(tensor: KerasTensor, ends: set[int]) -> bool:
    """Whether the walk stops here at a tensor that a layer, not an Input, has made."""
    return id(tensor) in ends and (tensor.history is None or not tensor.history.node.is_input)


def _depths(nodes: list[Node]) -> dict[int, int]:
    """Return how many calls lie between each call and the outputs, at most; equal layers share their largest."""
    depths: dict[int, int] = {}
    shared: dict[int, int] = {}
    for node in reversed(nodes):
        depth = max(depths.get(id(node), 0), shared.get(id(node.operation), 0))
        depths[id(node)] = shared[id(node.operation)] = depth
        for tensor in node.inputs:
            if tensor.history is not None:
                parent = id(tensor.history.node)
                depths[parent] = max(depths.get(parent, 0), depth + 1)
    return depths


def _unconnected(tensor: KerasTensor, inputs: list[KerasTensor]) -> InvalidArgument:
    return InvalidArgument(
        "An output of the model depends on an Input that is not among the model's inputs.",
        code="model-unconnected",
        place=f"tensor {tensor.name!r}",
        expected=f"tensors computed from {', '.join(t.name for t in inputs)}",
        received=f"a tensor of shape {tensor.shape} from elsewhere",
        fix="add that Input to Model(inputs=[...])",
    )
