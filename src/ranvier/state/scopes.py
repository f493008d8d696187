"""Keras's faces of the Scope: variables bound to given values, and a place where only shapes count."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.state import scope
from ranvier.state.scope import Scope
from ranvier.state.variable import Variable, as_array

__all__ = ["StatelessScope", "SymbolicScope"]


class _Entered:
    """Makes one Scope the active one inside a `with` block."""

    def __init__(self, inner: Scope) -> None:
        self._scope = inner
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Any:
        self._stack.enter_context(scope.entered(self._scope))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


class StatelessScope(_Entered):
    """Inside the `with` block variables have given values, and assignments stay in the scope.

    Args:
        state_mapping: pairs `(variable, value)`.
        collect_losses: accepted; `losses` always has what layers added.
        initialize_variables: accepted; variables draw their first values when somebody looks at them.

    Attributes:
        losses: what `add_loss` was given inside.

    Raises:
        InvalidArgument: a key that is no Variable, or a value of another shape.

    Example:
        >>> v = Variable(1.0)
        >>> with StatelessScope([(v, 3.0)]) as inside:
        ...     _ = v.assign(v * 2)
        ...     print(float(v.value))
        6.0
        >>> float(v.value), float(inside.get_current_value(v))
        (1.0, 6.0)
    """

    def __init__(
        self,
        state_mapping: Iterable[tuple[Variable, Any]] | None = None,
        collect_losses: bool = False,
        initialize_variables: bool = True,
    ) -> None:
        self.collect_losses, self.initialize_variables = collect_losses, initialize_variables
        self.state_mapping = {id(variable): _fitted(variable, value) for variable, value in state_mapping or ()}
        super().__init__(Scope(values=self.state_mapping, closed=True))
        self.losses = self._scope.losses

    def add_loss(self, loss: Any) -> None:
        """Add a loss to `losses`."""
        self.losses.append(loss)

    def add_update(self, update: tuple[Variable, Any]) -> None:
        """Set a variable's value in the scope, from a pair `(variable, value)`."""
        variable, value = update
        self._scope.write(variable, as_array(value))

    def get_current_value(self, variable: Variable) -> Array | None:
        """Return the value that a variable has in the scope; None where it was neither given nor assigned."""
        return self.state_mapping.get(id(variable))


class SymbolicScope(_Entered):
    """Inside the `with` block only shapes count: variables without a value read as zeros, and nothing is drawn."""

    def __init__(self) -> None:
        super().__init__(Scope(abstract=True))


def _fitted(variable: object, value: Any) -> Array:
    if not isinstance(variable, Variable):
        raise InvalidArgument(
            "Only variables can be given values in a StatelessScope.",
            code="stateless-key",
            place="StatelessScope(state_mapping=...)",
            expected="pairs (Variable, value)",
            received=type(variable).__name__,
        )
    array = jnp.asarray(as_array(value), variable.dtype)
    if tuple(array.shape) != variable.shape:
        raise InvalidArgument(
            "A value has another shape than its variable.",
            code="stateless-shape",
            place=variable.path,
            expected=variable.shape,
            received=tuple(array.shape),
        )
    return array
