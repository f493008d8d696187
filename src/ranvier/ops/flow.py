"""Control flow that works inside a compiled program; Variables and random draws work in the bodies too."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax, tree_util

from ranvier._errors import WrongType
from ranvier.ops.core import operand
from ranvier.state import flow
from ranvier.state.symbolic import op

__all__ = [
    "associative_scan",
    "cond",
    "custom_gradient",
    "fori_loop",
    "map",
    "scan",
    "switch",
    "vectorize",
    "vectorized_map",
    "while_loop",
]


def _arrays(tree: Any) -> Any:
    return tree_util.tree_map(lambda leaf: leaf if callable(leaf) else operand(leaf), tree)


@op
def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """Return `true_fn()` where the scalar `pred` holds, else `false_fn()`; both give the same shapes."""
    return flow.cond(pred, true_fn, false_fn)


@op
def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """Return `branches[index](*operands)`, the index clamped to the list."""
    last = len(branches) - 1
    if last == 0:
        return branches[0](*operands)
    rest = list(branches[:-1])
    return flow.cond(
        operand(index) >= last,
        branches[-1],
        lambda *values: switch(index, rest, *values),
        *operands,
    )


@op
def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> tuple[Any, Any]:
    """Run `carry, y = f(carry, x)` over the first axis of `xs`; return the last carry and the stacked `y`."""
    return flow.scan(f, _arrays(init), _arrays(xs), length=length, reverse=reverse, unroll=unroll)


@op
def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    """Repeat `loop_vars = body(*loop_vars)` while `cond(*loop_vars)`, at most `maximum_iterations` times."""
    several = isinstance(loop_vars, (tuple, list))
    start = tuple(_arrays(loop_vars)) if several else (_arrays(loop_vars),)

    def go_on(state: Any) -> Any:
        count, values = state
        wanted = cond(*values)
        return wanted if maximum_iterations is None else wanted & (count < maximum_iterations)

    def step(state: Any) -> Any:
        count, values = state
        result = body(*values)
        return count + 1, tuple(result) if several else (result,)

    _, values = flow.while_loop(go_on, step, (0, start))
    return values if several else values[0]


@op
def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """Run `value = body_fun(i, value)` for i from `lower` to `upper - 1`.

    With whole numbers as bounds it can be differentiated.
    """
    init = _arrays(init_val)
    if isinstance(lower, int) and isinstance(upper, int):
        steps = max(upper - lower, 0)

        def one(state: Any, _: Any) -> tuple[Any, None]:
            i, value = state
            return (i + 1, body_fun(i, value)), None

        return flow.scan(one, (lower, init), None, length=steps)[0][1]
    start = (operand(lower), init)
    return flow.while_loop(lambda s: s[0] < upper, lambda s: (s[0] + 1, body_fun(s[0], s[1])), start)[1]


@op
def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """Return `f(x)` for each x along the first axis, one after the other, stacked."""
    return flow.scan(lambda _, x: (None, f(x)), None, _arrays(xs))[1]


@op
def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """Return `function(x)` for each x along the first axis, all at once."""
    return jax.vmap(function)(_arrays(elements))


def vectorize(
    pyfunc: Callable[..., Any], *, excluded: Collection[int | str] | None = None, signature: str | None = None
) -> Callable[..., Any]:
    """Return a function of arrays that runs `pyfunc` on each of their numbers, or on slices that `signature` names.

    Args:
        pyfunc: a function of single numbers, or of arrays of the signature's axes.
        excluded: positions or names of arguments that are passed as they are.
        signature: axes of arguments and results, as in `"(n),(n)->()"`.

    Raises:
        WrongType: `pyfunc` is not callable.

    Example:
        >>> vectorize(lambda x, y: x + y, signature="(n),(n)->(n)")(jnp.ones((2, 2)), jnp.ones(2)).tolist()
        [[2.0, 2.0], [2.0, 2.0]]
    """
    if not callable(pyfunc):
        raise WrongType("vectorize takes a function.", code="not-callable", place="pyfunc=", received=repr(pyfunc))
    return op(jnp.vectorize(pyfunc, excluded=frozenset(excluded or ()), signature=signature))


@op
def associative_scan(f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    """Return all prefixes of `elems` along `axis`, combined by the associative function `f`."""
    return lax.associative_scan(f, _arrays(elems), reverse=reverse, axis=axis)


def custom_gradient(f: Callable[..., tuple[Any, Callable[..., Any]]]) -> Callable[..., Any]:
    """Return a function whose gradient is the one that `f` gives: `f(*args) -> (value, grad)`.

    `grad(upstream)` returns the gradients of the arguments, in order.
    """
    function: Callable[..., Any] = jax.custom_gradient(f)
    return op(function)  # so that an open tape sees the whole call, not what happens in it
