"""Merging: what a traced function computes twice from the same inputs is computed once.

A gradient tape traces a step again up to the gradient call, so its program holds every forward pass twice. XLA merges
equal operations too late: it moves what a loop does not change out of the loop first, once for each copy, and from
there on takes the copies for different numbers (random draws begin with such counters).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

import jax
import numpy as np
from jax.extend import core as jex

__all__ = ["merged"]

Function = TypeVar("Function", bound=Callable[..., Any])

_SMALL = 1 << 10
"""Constants of up to so many bytes are compared by value, larger ones by identity."""


def merged(function: Function) -> Function:
    """Return a pure function of arrays that does the same, each equal operation once; operation by operation as it is.

    Example:
        >>> twice = lambda x: jax.numpy.sin(x) + jax.numpy.sin(x)
        >>> str(jax.make_jaxpr(merged(twice))(1.0)).count("sin")
        1
    """

    def run(*arguments: Any) -> Any:
        if jax.config.jax_disable_jit:  # type: ignore[attr-defined]  # somebody looks at single operations
            return function(*arguments)
        closed, shapes = jax.make_jaxpr(function, return_shape=True)(*arguments)
        once = _Once()
        given = [once.fresh(leaf) for leaf in jax.tree_util.tree_leaves(arguments)]
        results = once.run(closed.jaxpr, closed.consts, given)
        return jax.tree_util.tree_unflatten(jax.tree_util.tree_structure(shapes), [found.value for found in results])

    return run  # type: ignore[return-value]


class _Numbered(NamedTuple):
    """A value, and what equal values have in common."""

    value: Any
    number: Hashable


class _Once:
    """Runs traced programs and remembers the results of every operation."""

    def __init__(self) -> None:
        self.count = 0
        self.known: dict[Hashable, list[_Numbered]] = {}
        self.kept: list[Any] = []

    def fresh(self, value: Any) -> _Numbered:
        """Return a value that is equal to no other."""
        self.count += 1
        return _Numbered(value, self.count)

    def run(self, jaxpr: Any, consts: Any, given: list[_Numbered]) -> list[_Numbered]:
        """Return the results of a traced program."""
        values = dict(zip(jaxpr.constvars, map(self._constant, consts), strict=True))
        values |= dict(zip(jaxpr.invars, given, strict=True))

        def read(atom: Any) -> _Numbered:
            return self._constant(atom.val, atom.aval) if isinstance(atom, jex.Literal) else values[atom]

        for equation in jaxpr.eqns:
            with _named(equation):
                found = self._results(equation, [read(atom) for atom in equation.invars])
            values |= dict(zip(equation.outvars, found, strict=True))
        return [read(atom) for atom in jaxpr.outvars]

    def _constant(self, value: Any, kind: Hashable = None) -> _Numbered:
        if isinstance(value, (bool, int, float, complex, np.generic, np.ndarray)):
            array = np.asarray(value)
            if array.nbytes <= _SMALL:
                return _Numbered(value, (type(value), kind, array.dtype, array.shape, array.tobytes()))
        self.kept.append(value)  # so that no other object gets its identity
        return _Numbered(value, ("identity", id(value)))

    def _results(self, equation: Any, operands: list[_Numbered]) -> list[_Numbered]:
        inner = _inlined(equation)
        if inner is not None:
            return self.run(inner.jaxpr, inner.consts, operands)
        key = _key(equation, operands)
        if key is not None and key in self.known:
            return self.known[key]
        primitive = equation.primitive
        parameters = primitive.get_bind_params(equation.params)
        with equation.ctx.manager:
            result = primitive.bind(*(operand.value for operand in operands), **parameters)
        found = [self.fresh(value) for value in (result if primitive.multiple_results else [result])]
        if key is not None:
            self.kept.append(equation)
            self.known[key] = found
        return found


def _inlined(equation: Any) -> Any:
    """Return the program that an equation only calls, None for all others.

    Nobody differentiates a finished step, so rules of derivatives have had their turn.
    """
    if equation.effects:
        return None
    parameters = equation.params
    if equation.primitive.name in ("jit", "pjit"):
        placed = (*parameters.get("in_shardings", ()), *parameters.get("out_shardings", ()))
        return parameters["jaxpr"] if all(type(one).__name__ == "UnspecifiedValue" for one in placed) else None
    if equation.primitive.name in ("custom_jvp_call", "custom_vjp_call"):
        return parameters.get("call_jaxpr")
    return None


def _key(equation: Any, operands: list[_Numbered]) -> Hashable | None:
    """Return what two equations of the same results have in common; None where it cannot be told."""
    if equation.effects:
        return None
    key = equation.primitive, tuple(sorted(equation.params.items())), tuple(operand.number for operand in operands)
    try:
        hash(key)
    except TypeError:
        return None
    return key


@contextmanager
def _named(equation: Any) -> Iterator[None]:
    """Give operations the names of the layers that they belong to."""
    name = str(equation.source_info.name_stack)
    if not name:
        yield
        return
    with jax.named_scope(name):
        yield
