"""Rematerialization: intermediate values are computed again for the gradient rather than kept in memory."""

from __future__ import annotations

import contextvars
import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import jax
import numpy as np
from jax import tree_util

from ranvier._errors import InvalidArgument
from ranvier.state import masking, scope
from ranvier.state.scope import Scope

__all__ = ["RematMode", "RematScope", "called", "current_mode", "remat"]

_MODES = ("full", "activations", "larger_than", "list_of_layers", None)


class RematMode(NamedTuple):
    """Which layers compute again."""

    mode: str | None
    output_size_threshold: int
    layer_names: tuple[str, ...]


_active: contextvars.ContextVar[RematMode | None] = contextvars.ContextVar("ranvier_remat", default=None)


def current_mode() -> RematMode | None:
    """Return the mode of the innermost RematScope; None outside of one."""
    return _active.get()


class RematScope:
    """Layers that are made inside the `with` block compute again for the gradient what they would keep in memory.

    The numbers stay the same; training takes less memory and more time.

    Args:
        mode: `"full"` for all layers; `"activations"` keeps the products of matrices and computes the rest again, in
            layers that have an activation; `"larger_than"` for layers with large outputs; `"list_of_layers"` for those
            named; None for none, inside another scope.
        output_size_threshold: numbers of an output above which `"larger_than"` applies.
        layer_names: names of layers for `"list_of_layers"`.

    Raises:
        InvalidArgument: another mode.
    """

    def __init__(
        self,
        mode: Literal["full", "activations", "larger_than", "list_of_layers"] | None = "full",
        output_size_threshold: int = 1024,
        layer_names: list[str] | tuple[str, ...] | None = None,
    ) -> None:
        if mode not in _MODES:
            raise InvalidArgument(
                f"mode cannot be {mode!r}.",
                code="remat-mode",
                place="RematScope(mode=...)",
                expected=", ".join(map(repr, _MODES)),
                received=repr(mode),
            )
        self.mode, self.output_size_threshold, self.layer_names = mode, output_size_threshold, list(layer_names or [])
        self._tokens: list[contextvars.Token[RematMode | None]] = []

    def __enter__(self) -> RematScope:
        mode = RematMode(self.mode, self.output_size_threshold, tuple(self.layer_names))
        self._tokens.append(_active.set(mode if self.mode is not None else None))
        return self

    def __exit__(self, *_: object) -> None:
        _active.reset(self._tokens.pop())


def remat(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of the same values whose intermediate ones are computed again for the gradient.

    Inside a layer or a training step it may read and assign variables, draw random numbers and add losses.

    Example:
        >>> float(jax.grad(remat(lambda x: x**3))(2.0))
        12.0

    Source: A. Griewank, A. Walther, Revolve: an implementation of checkpointing (2000).
    """

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return _rematerialized(f, args, kwargs)

    return wrapped


def called(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return what `layer.call` returns, computed again for the gradient where the layer's mode says so."""
    mode: RematMode | None = layer.remat_mode
    if mode is None:
        return layer.call(*args, **kwargs)
    if mode.mode == "larger_than":
        return _rematerialized(layer.call, args, kwargs, least=mode.output_size_threshold + 1)
    if mode.mode == "activations" and getattr(layer, "activation", None) is not None:
        policy = jax.checkpoint_policies.dots_saveable
        return _rematerialized(layer.call, args, kwargs, policy=policy)
    if mode.mode == "full" or (mode.mode == "list_of_layers" and layer.name in mode.layer_names):
        return _rematerialized(layer.call, args, kwargs)
    return layer.call(*args, **kwargs)


def _rematerialized(
    f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], least: int = 0, policy: Any = None
) -> Any:
    outer = scope.active() or Scope()
    if outer.abstract or outer.observer is not None or outer.tapes is not None:
        return f(*args, **kwargs)  # only looked at: there is nothing to save
    leaves, structure = tree_util.tree_flatten((args, kwargs))
    traced = [isinstance(leaf, (jax.Array, np.ndarray)) for leaf in leaves]
    written: list[Any] = []
    inner = outer

    def pure(arrays: list[Any]) -> Any:
        """Everything that the call leaves in its scope comes out as values, so that no tracer stays behind."""
        nonlocal inner
        inner = dataclasses.replace(
            outer, values=dict(outer.values), written={}, losses=[], masks=dict(outer.masks), draws=dict(outer.draws)
        )
        given = iter(arrays)
        filled = [next(given) if is_array else leaf for is_array, leaf in zip(traced, leaves, strict=True)]
        for old, new in zip(leaves, filled, strict=True):
            if (mask := inner.masks.get(id(old))) is not None and mask[0] is old:
                inner.masks[id(new)] = (new, mask[1])
        some_args, some_kwargs = tree_util.tree_unflatten(structure, filled)
        found = _run_in(inner, f, some_args, some_kwargs)
        written[:] = inner.written.values()
        values = [inner.values[id(variable)] for variable in written]
        return found, values, inner.losses

    arrays = [leaf for is_array, leaf in zip(traced, leaves, strict=True) if is_array]
    if least and _size(jax.eval_shape(pure, arrays)[0][0]) < least:
        return f(*args, **kwargs)
    (outputs, masks), values, losses = jax.checkpoint(pure, policy=policy)(arrays)
    for variable, value in zip(written, values, strict=True):
        outer.write(variable, value)
    outer.losses += losses
    outer.draws.update(inner.draws)
    for output, mask in zip(tree_util.tree_leaves(outputs), masks, strict=True):
        if scope.active() is not None and mask is not None:
            masking.attach(output, mask)
    return outputs


def _run_in(inner: Scope, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """Return the outputs of a call in a scope, and the mask of each of them."""
    with scope.entered(inner):
        outputs = f(*args, **kwargs)
        return outputs, [masking.of(output) for output in tree_util.tree_leaves(outputs)]


def _size(outputs: Any) -> int:
    return max((math.prod(leaf.shape) for leaf in tree_util.tree_leaves(outputs)), default=0)
