"""How many floating point operations a function's products of matrices and convolutions take."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr, Jaxpr
from jax.tree_util import tree_leaves

from ranvier.kernels import choose

__all__ = ["flops"]


def flops(function: Callable[..., Any], *arguments: Any) -> int:
    """Return the operations of a function, a multiply-add being two; nothing is computed.

    Counted are products of matrices and convolutions, of kernels those of their references. What else there is, such as
    activations, normalization and the optimizer, is not; the body of a loop of unknown length counts once.

    Args:
        function: a function of arrays.
        *arguments: arrays, or their shapes and dtypes.

    Example:
        >>> import jax.numpy as jnp
        >>> flops(lambda a, b: jnp.tanh(a @ b), jnp.ones((2, 3)), jnp.ones((3, 5)))
        60
    """
    with choose.reference_only():
        return _within(jax.make_jaxpr(function)(*arguments).jaxpr)


def _within(program: Any) -> int:
    return sum(_of(step) for step in program.eqns)


def _of(step: Any) -> int:
    made: tuple[int, ...] = step.outvars[0].aval.shape if step.outvars else ()
    match step.primitive.name:
        case "dot_general":
            (summed, _), _ = step.params["dimension_numbers"]
            return 2 * math.prod(made) * math.prod(int(step.invars[0].aval.shape[axis]) for axis in summed)
        case "conv_general_dilated":
            weights, places = step.invars[1].aval.shape, step.params["dimension_numbers"].rhs_spec
            taps = math.prod(map(int, weights)) // max(int(weights[places[0]]), 1)
            # Between the rows of a dilated input there are zeros, which nobody multiplies.
            return 2 * math.prod(made) * taps // math.prod(map(int, step.params["lhs_dilation"]))
        case "scan":
            return int(step.params["length"]) * _within(step.params["jaxpr"].jaxpr)
        case "cond":
            return max(_within(branch.jaxpr) for branch in step.params["branches"])
    return sum(map(_within, _inner(step.params)))


def _inner(params: dict[str, Any]) -> Iterator[Any]:
    """Yield the programs that an operation calls."""
    for value in tree_leaves(list(params.values()), is_leaf=lambda node: isinstance(node, (ClosedJaxpr, Jaxpr))):
        if isinstance(value, ClosedJaxpr):
            yield value.jaxpr
        elif isinstance(value, Jaxpr):
            yield value
