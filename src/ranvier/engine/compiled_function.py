"""A Python function as one compiled program over the Variables that it reads and writes: what `tf.function` asks for.

The function is traced once without computing, to find its Variables; then it is compiled as a pure function of their
values, of its array arguments and of a key. Calls with arrays of the same shapes and equal other arguments run the same
program.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from types import MethodType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import tree_util

from ranvier._errors import WrongType
from ranvier._typing import Array
from ranvier.engine.tape import Recorder, recorded
from ranvier.ops.core import explain
from ranvier.state import eager, rng, scope
from ranvier.state.scope import Scope
from ranvier.state.variable import Variable

__all__ = ["CompiledFunction"]

_log = logging.getLogger("ranvier")


class CompiledFunction:
    """A function that is compiled when it is called outside of a running step.

    Arrays among the arguments are inputs of the program; everything else is part of it, so another value makes another
    program. A function that needs the values of arrays in Python (`if x > 0`, `float(x)`) runs uncompiled.

    Args:
        function: the function; it may read and assign Variables, call layers and optimizers, and open a GradientTape.

    Example:
        >>> total = Variable(0.0)
        >>> add = CompiledFunction(lambda x: total.assign_add(x))
        >>> add(np.float32(2)), float(total)
        (Array(2., dtype=float32), 2.0)
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.python_function = function
        self.compiles = True
        self._programs: dict[Hashable, _Program] = {}
        functools.update_wrapper(self, function)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self.compiles or scope.active() is not None or eager.recording() or _symbolic(args, kwargs):
            return self.python_function(*args, **kwargs)
        leaves, structure = tree_util.tree_flatten((args, kwargs), is_leaf=lambda n: isinstance(n, Variable))
        arrays = [leaf for leaf in leaves if _is_array(leaf)]
        key = structure, tuple(_signature(leaf) for leaf in leaves)
        if key not in self._programs:
            program = _Program(self.python_function, leaves, structure)
            try:
                program.find_variables(arrays)
            except Exception as error:
                if not _needs_values(error):
                    raise
                self.compiles = False
                _log.info("%s runs uncompiled: %s", getattr(self, "__name__", "the function"), error)
                return self.python_function(*args, **kwargs)
            self._programs[key] = program
        return self._programs[key].run(arrays)


@dataclass
class _Program:
    """The function for one kind of arguments.

    Attributes:
        function: the function.
        leaves: the arguments' leaves; arrays among them are only examples.
        structure: how the leaves nest.
        variables: every Variable that the function reads or writes.
    """

    function: Callable[..., Any]
    leaves: list[Any]
    structure: Any
    variables: list[Variable] = field(default_factory=list)
    compiled: Any = None

    def call(self, arrays: list[Any]) -> Any:
        """Call the function with arrays in the places of arrays."""
        given = iter(arrays)
        leaves = [next(given) if _is_array(leaf) else leaf for leaf in self.leaves]
        args, kwargs = tree_util.tree_unflatten(self.structure, leaves)
        result = self.function(*args, **kwargs)
        return tree_util.tree_map(
            lambda leaf: leaf.value if isinstance(leaf, Variable) else leaf,
            result,
            is_leaf=lambda leaf: isinstance(leaf, Variable),
        )

    def find_variables(self, arrays: list[Any]) -> None:
        """Trace the function once: layers and optimizers are built, and its Variables become known."""
        seen: dict[int, Variable] = {}

        def look(arrays: list[Any]) -> None:
            running = _Seeing(values=_Unbound(), key=rng.base_key(0), seen=seen)
            running.tapes = Recorder(lambda _: None, shapes_only=True)
            with scope.entered(running):
                self.call(arrays)

        jax.eval_shape(look, arrays)
        self.variables = list(seen.values())
        # An array of the shapes is enough to tell arrays from the rest.
        self.leaves = [np.zeros(0) if _is_array(leaf) else leaf for leaf in self.leaves]
        self.compiled = jax.jit(self._pure)

    def _pure(self, values: list[Array], key: Array, arrays: list[Any]) -> tuple[Any, dict[int, Array]]:
        def make_scope() -> Scope:
            return Scope(values={id(v): value for v, value in zip(self.variables, values, strict=True)}, key=key)

        running, result = recorded(make_scope, lambda: self.call(arrays))
        changed = {n: running.values[id(v)] for n, v in enumerate(self.variables) if id(v) in running.written}
        return result, changed

    def run(self, arrays: list[Any]) -> Any:
        """Run the program and store what it assigned."""
        result, changed = self.compiled([v.stored for v in self.variables], rng.global_key(), arrays)
        for number, value in changed.items():
            self.variables[number].store(value)
        return result


class _Unbound(dict[int, Array]):
    """Values of a pass that looks for Variables: it claims to hold each, so that none is assigned outside of it."""

    def __contains__(self, _: object) -> bool:
        return True


@dataclass
class _Seeing(Scope):
    """A pass that notes every Variable it meets; what it assigns is forgotten with it."""

    seen: dict[int, Variable] = field(default_factory=dict)

    def read(self, variable: Variable) -> Array | None:
        self.seen[id(variable)] = variable
        with jax.ensure_compile_time_eval():
            stored = variable.stored
        traced = jnp.copy(stored)
        # What is built while tracing (slots of optimizers) wants real values.
        if not isinstance(traced, jax.core.Tracer):
            return stored
        return self.values.setdefault(id(variable), traced)

    def write(self, variable: Variable, value: Array) -> None:
        self.seen[id(variable)] = variable
        super().write(variable, value)


def _is_array(leaf: Any) -> bool:
    return isinstance(leaf, (jax.Array, np.ndarray, np.generic)) and leaf.dtype.kind in "biufcV"


def _signature(leaf: Any) -> Hashable:
    """Return what of an argument decides about the program: shape and dtype of arrays, the value of the rest."""
    if _is_array(leaf):
        return "array", tuple(leaf.shape), str(leaf.dtype)
    if isinstance(leaf, (bool, int, float, str, bytes, type(None))):
        return type(leaf), leaf
    # The program holds the object, so its identity stays its own.
    return "object", id(leaf)


def _symbolic(*trees: Any) -> bool:
    from_outside = tree_util.tree_leaves(trees)
    return any(isinstance(leaf, jax.core.Tracer) or hasattr(leaf, "_keras_history") for leaf in from_outside)


def _needs_values(error: Exception) -> bool:
    """Whether Python or NumPy wanted the value of an array that has none while the function is traced."""
    return explain(error) is not None or (isinstance(error, WrongType) and error.code == "traced-value")
