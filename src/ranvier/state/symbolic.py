"""Symbolic tensors and the graph that calls on them leave behind.

`Input` makes a KerasTensor; a layer or an op called on KerasTensors records a Node and returns KerasTensors whose
shapes come from abstract evaluation. A functional model is the walk over these nodes.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar

import jax
import jax.numpy as jnp
from jax import tree_util

from ranvier._errors import InvalidArgument, WrongType
from ranvier._lookup import auto_name
from ranvier._typing import Shape
from ranvier.state import eager, scope
from ranvier.state.scope import Scope
from ranvier.state.variable import Variable, dtype_name

__all__ = ["Function", "History", "KerasTensor", "Node", "Operation", "infer", "is_symbolic", "op", "record", "symbols"]

P = ParamSpec("P")
R = TypeVar("R")

_tensor_numbers = itertools.count()


class KerasTensor:
    """A value that does not exist yet: a shape (None where unknown), a dtype, and the node that will make it."""

    def __init__(
        self,
        shape: Iterable[int | None],
        dtype: Any = "float32",
        sparse: bool = False,
        ragged: bool = False,
        record_history: bool = True,
        name: str | None = None,
    ) -> None:
        self.shape: Shape = tuple(shape)
        self.dtype = dtype_name(dtype)
        self.sparse, self.ragged = sparse, ragged
        self.name = name or f"keras_tensor_{next(_tensor_numbers)}"
        self.history: History | None = None

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def _keras_history(self) -> History | None:
        return self.history

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise _no_value(self)

    def __iter__(self) -> Any:
        raise _no_value(self)

    def __bool__(self) -> bool:
        raise _no_value(self)

    def __float__(self) -> float:
        raise _no_value(self)

    def __int__(self) -> int:
        raise _no_value(self)


def _no_value(tensor: KerasTensor) -> WrongType:
    return WrongType(
        "A symbolic tensor has no value: NumPy and Python cannot compute with it.",
        code="symbolic-value",
        place=tensor.name,
        expected="a function of ranvier.ops, an activation, or a layer",
        received=repr(tensor),
        fix="use ops.relu(x) for max(0, x), ops.exp(x) for np.exp(x), ops.where(...) for if, or a Lambda layer",
    )


class History:
    """Which call of which operation made a tensor, and which of its outputs it is."""

    def __init__(self, operation: Operation, node_index: int, tensor_index: int) -> None:
        self.operation, self.node_index, self.tensor_index = operation, node_index, tensor_index

    @property
    def node(self) -> Node:
        """The call itself."""
        return self.operation.inbound_nodes[self.node_index]

    def __iter__(self) -> Any:
        return iter((self.operation, self.node_index, self.tensor_index))

    def __getitem__(self, index: int) -> Any:
        return (self.operation, self.node_index, self.tensor_index)[index]


class Operation:
    """Something that can be called on symbolic tensors: a layer, or a function of `ranvier.ops`."""

    name: str

    @property
    def inbound_nodes(self) -> list[Node]:
        """The symbolic calls of this operation so far."""
        nodes: list[Node] = self.__dict__.setdefault("_inbound_nodes", [])
        return nodes


class Node:
    """One symbolic call: its operation, arguments and outputs."""

    def __init__(self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any) -> None:
        self.operation, self.args, self.kwargs, self.outputs = operation, args, kwargs, outputs

    @property
    def inputs(self) -> list[KerasTensor]:
        """The symbolic tensors among the arguments, in order."""
        return symbols((self.args, self.kwargs))

    @property
    def is_input(self) -> bool:
        """Whether the call only declares an input."""
        return not self.inputs


def symbols(tree: Any) -> list[KerasTensor]:
    """Return the symbolic tensors in a nest of arguments."""
    return [leaf for leaf in tree_util.tree_leaves(tree) if isinstance(leaf, KerasTensor)]


def is_symbolic(*trees: Any) -> bool:
    """Whether any leaf is a symbolic tensor."""
    return any(isinstance(leaf, KerasTensor) for leaf in tree_util.tree_leaves(trees))


def record(operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any) -> Any:
    """Remember a symbolic call and stamp its outputs with their history."""
    node = Node(operation, args, kwargs, outputs)
    operation.inbound_nodes.append(node)
    index = len(operation.inbound_nodes) - 1
    for number, tensor in enumerate(symbols(outputs)):
        tensor.history = History(operation, index, number)
    return outputs


# Two sizes for every unknown axis: an output axis that differs between them is unknown too.
_SIZES = (83, 89)
# For functions that divide an unknown axis, such as a split or a reshape: multiples of every number to 10.
_DIVISIBLE = (2520, 5040)


def infer(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return the symbolic outputs of `function` by abstract evaluation; nothing is computed or initialized."""
    leaves, structure = tree_util.tree_flatten((args, kwargs))
    positions = [i for i, leaf in enumerate(leaves) if isinstance(leaf, KerasTensor)]
    _require_numbers([leaves[i] for i in positions])
    running = scope.active()

    def evaluate(size: int) -> Any:
        def shaped(values: list[Any]) -> Any:
            filled = list(leaves)
            for position, value in zip(positions, values, strict=True):
                filled[position] = value
            called_args, called_kwargs = tree_util.tree_unflatten(structure, filled)
            pass_ = Scope(abstract=True, key=jax.random.key(0), training=running.training if running else None)
            with scope.entered(pass_):
                return function(*called_args, **called_kwargs)

        specs = [
            jax.ShapeDtypeStruct(tuple(size if d is None else d for d in leaves[p].shape), leaves[p].dtype)
            for p in positions
        ]
        return jax.eval_shape(shaped, specs)

    unknown = any(None in leaves[p].shape for p in positions)
    try:
        first = evaluate(_SIZES[0])
        second = evaluate(_SIZES[1]) if unknown else first
    except (TypeError, ValueError) as error:
        if not unknown:
            raise
        try:
            first, second = (evaluate(size) for size in _DIVISIBLE)
        except (TypeError, ValueError):
            raise error from None

    def merge(a: Any, b: Any) -> KerasTensor:
        shape = tuple(m if m == n else None for m, n in zip(a.shape, b.shape, strict=True))
        return KerasTensor(shape, a.dtype)

    return tree_util.tree_map(merge, first, second)


def _require_numbers(tensors: list[KerasTensor]) -> None:
    text = [tensor for tensor in tensors if tensor.dtype == "string"]
    if text:
        raise WrongType(
            "Text can only be computed with by layers for text.",
            code="text-tensor",
            place=f"tensor {text[0].name!r} of shape {text[0].shape}",
            expected="TextVectorization, StringLookup, Hashing or HashedCrossing, directly behind the Input",
            received="text in another layer, in an operation, or in a model within a model",
            fix="turn it into numbers first, in the outermost model",
        )


class Function(Operation):
    """A function of `ranvier.ops` as a node of a graph."""

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        self.function = function
        self.name = name or auto_name(function.__name__)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if is_symbolic(args, kwargs):
            return record(self, args, kwargs, infer(self.function, *args, **kwargs))
        outputs = self.function(*args, **kwargs)
        running = scope.active()
        if running is not None and running.observer is not None:
            running.observer(self, "/".join([place for place in running.trail[-1:] if place] + [self.name]), outputs)
        return outputs


def op(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function of arrays also take Variables and symbolic tensors.

    The wrapped function sees arrays only; on symbolic tensors the call becomes a node of the graph.
    """

    @functools.wraps(function)
    def face(*args: P.args, **kwargs: P.kwargs) -> R:
        symbolic = False
        variable = False
        for leaf in tree_util.tree_leaves((args, kwargs)):
            symbolic = symbolic or isinstance(leaf, KerasTensor)
            variable = variable or isinstance(leaf, Variable)
        if variable:
            args, kwargs = tree_util.tree_map(
                lambda leaf: leaf.value if isinstance(leaf, Variable) else leaf, (args, kwargs)
            )
        if symbolic:
            result: R = Function(function)(*args, **kwargs)
            return result
        return function(*args, **kwargs) if not eager.recording() else eager.applied(function, *args, **kwargs)

    face.is_op = True  # type: ignore[attr-defined]
    return face


def static_shape(tensor: Any) -> Shape:
    """Return the shape of an array or a symbolic tensor as a tuple."""
    shape = getattr(tensor, "shape", None)
    if shape is None:
        return tuple(jnp.shape(tensor))
    if any(size is not None and not isinstance(size, int) for size in shape):
        raise InvalidArgument("This shape is not made of integers.", code="bad-shape", received=repr(shape))
    return tuple(shape)
