"""Metric: a number about many batches, as three pure functions over a small dict of totals.

    totals = metric.zero()
    totals = metric.add(totals, y_true, y_pred)      # once per batch
    metric.value(totals)

A metric is written as Keras has it: `update_state` assigns Variables, `result` reads them. The three functions run
these methods within a Scope that binds the Variables to the totals, so they are pure, whoever wrote the metric.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
from jax import tree_util

from ranvier import _config, initializers
from ranvier._errors import InvalidArgument, NotReady, RanvierError
from ranvier._lookup import Configurable, auto_name
from ranvier._typing import Array, DType
from ranvier.metrics import totals as sums
from ranvier.state import rng, scope
from ranvier.state.dtype_policy import DTypePolicy, policy_of
from ranvier.state.shape_first import shape_first
from ranvier.state.variable import Variable, as_array

__all__ = ["Metric", "Totals"]

Totals = dict[str, Array]


class Metric(Configurable):
    """The base of all metrics; a subclass adds variables and defines `update_state` and `result`.

    Args:
        dtype: type of the result; floatx when None.
        name: display name; made from the class's when None.

    Example:
        >>> class Largest(Metric):
        ...     def __init__(self, name="largest", **kwargs):
        ...         super().__init__(name=name, **kwargs)
        ...         self.seen = self.add_weight(name="seen", initializer="zeros")
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         self.seen.assign(jnp.maximum(self.seen.value, jnp.max(y_pred)))
        ...     def result(self):
        ...         return self.seen
        >>> metric = Largest()
        >>> float(metric.value(metric.add(metric.zero(), jnp.zeros(2), jnp.array([3.0, 5.0]))))
        5.0
    """

    def __init__(self, dtype: DType | DTypePolicy | None = None, name: str | None = None) -> None:
        self.name = name or auto_name(type(self))
        self.dtype_policy = policy_of(dtype or _config.floatx())
        self._added: list[Variable] = []
        self._rests: dict[int, Variable] = {}

    @property
    def dtype(self) -> str:
        """The type of the result."""
        return self.dtype_policy.compute_dtype

    # --- state -------------------------------------------------------------------------------------------------------

    @shape_first
    def add_variable(
        self,
        shape: Any,
        initializer: Any,
        dtype: DType | None = None,
        aggregation: str | None = "sum",
        name: str | None = None,
    ) -> Variable:
        """Create a variable of the metric's state.

        Args:
            shape: its shape.
            initializer: name, object or callable; zeros when None.
            dtype: floatx when None.
            aggregation: how replicas combine it; kept as a note.
            name: the last part of its path.

        Raises:
            NotReady: `super().__init__()` has not been called.
        """
        if "_added" not in vars(self):
            raise NotReady(
                "The metric adds a variable before its base is set up.",
                code="metric-super",
                place=type(self).__name__,
                fix="call super().__init__(name=name) first in __init__",
            )
        shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
        initial = initializers.get(initializer if initializer is not None else "zeros")
        # Also within a traced first update the start value is a real array; no draw of the global stream is used.
        with jax.ensure_compile_time_eval(), scope.entered(scope.Scope(key=rng.base_key(0))):
            value = as_array(initial(shape, dtype=dtype or _config.floatx()))
        variable = Variable(value, trainable=False, aggregation=aggregation, name=name)
        variable.owner_path = self.name
        self._added.append(variable)
        return variable

    @shape_first
    def add_weight(
        self, shape: Any = (), initializer: Any = None, dtype: DType | None = None, name: str | None = None
    ) -> Variable:
        """Create a variable of the metric's state; the older name of `add_variable`."""
        return self.add_variable(shape, initializer, dtype, name=name)

    def add_total(self, shape: Any, name: str) -> Variable:
        """Create a running sum that stays exact over long epochs; add to it with `accumulate`."""
        kind = str(jnp.promote_types(self.dtype, jnp.float32))
        total = self.add_variable(shape, "zeros", dtype=kind, name=name)
        self._rests[id(total)] = self.add_variable(shape, "zeros", dtype=kind, name=f"{name}_rest")
        return total

    def accumulate(self, total: Variable, increment: Any) -> None:
        """Add to a sum from `add_total`, keeping what float32 rounds away."""
        rest = self._rests[id(total)]
        value, left = sums.add(total.value, rest.value, as_array(increment).astype(total.dtype))
        total.assign(value)
        rest.assign(left)

    @property
    def variables(self) -> list[Variable]:
        """The metric's state, inner metrics' included: Keras's variables first, then the rests of exact sums."""
        rests = {id(rest) for rest in self._rests.values()}
        found = {id(v): v for v in self._added if id(v) not in rests}
        inner: dict[int, Variable] = {}
        for leaf in _leaves([value for key, value in vars(self).items() if key not in ("_added", "_rests")]):
            if isinstance(leaf, Variable):
                found.setdefault(id(leaf), leaf)
            elif leaf is not self:
                inner.update((id(v), v) for v in leaf.variables)
        return list((found | {id(v): v for v in self._rests.values()} | inner).values())

    # --- Keras's face ------------------------------------------------------------------------------------------------

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Take one batch into account; overridden by every metric."""
        raise self._undefined("update_state(self, y_true, y_pred, sample_weight=None)")

    def result(self) -> Any:
        """Return the value so far: a scalar, or a dict of scalars; overridden by every metric."""
        raise self._undefined("result(self)")

    def reset_state(self) -> None:
        """Forget all batches."""
        for variable in self.variables:
            variable.assign(jnp.zeros(variable.shape, variable.dtype))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.update_state(*args, **kwargs)
        return self.result()

    def stateless_update_state(self, metric_variables: list[Any], *args: Any, **kwargs: Any) -> list[Array]:
        """Return the variables' values after one more batch; nothing is assigned."""
        return list(self.add(self._as_totals(metric_variables), *args, **kwargs).values())

    def stateless_result(self, metric_variables: list[Any]) -> Any:
        """Return the value that these variables' values mean."""
        return self.value(self._as_totals(metric_variables))

    def stateless_reset_state(self) -> list[Array]:
        """Return the variables' values before any batch."""
        return list(self.zero().values())

    def get_config(self) -> dict[str, Any]:
        """Return name, dtype and the other constructor arguments."""
        return {"name": self.name, "dtype": self.dtype, **super().get_config()}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"

    # --- the pure core -----------------------------------------------------------------------------------------------

    def prepare(self, *specs: Any) -> None:
        """Let a metric that adds variables at its first update add them; nothing is computed or counted.

        Args:
            *specs: arrays or `jax.ShapeDtypeStruct`s of one batch, as `update_state` takes them.
        """
        structs = [jax.ShapeDtypeStruct(tuple(spec.shape), spec.dtype) for spec in specs]

        def first(*arrays: Array) -> None:
            with self._bound({}):
                self.update_state(*arrays)

        try:
            jax.eval_shape(first, *structs)
        except (TypeError, ValueError) as error:
            if isinstance(error, RanvierError) and error.code != "loss-shape":  # that one would blame the loss
                raise
            raise InvalidArgument(
                f"The metric {self.name!r} cannot be computed for targets and outputs of these shapes.",
                code="metric-shapes",
                place=f"metric {self.name!r} ({type(self).__name__})",
                received=", ".join(f"{struct.shape} {struct.dtype}" for struct in structs),
                fix='metrics=["accuracy"] chooses by the shapes; one-hot rows take Categorical..., numbers Sparse...',
            ) from error

    def zero(self) -> Totals:
        """Return the totals before any batch."""
        with self._bound({}):
            self.reset_state()
            return self._read()

    def add(self, totals: Mapping[str, Array], *args: Any, **kwargs: Any) -> Totals:
        """Return the totals after one more batch.

        Raises:
            NotReady: this batch made the metric add variables, so `totals` cannot hold them.
        """
        before = len(self.variables)
        with self._bound(totals):
            self.update_state(*args, **kwargs)
            if len(self.variables) != before:
                raise NotReady(
                    "The metric added variables during an update whose totals do not have them.",
                    code="metric-not-prepared",
                    place=f"metric {self.name!r}",
                    fix="call metric.prepare(y_true, y_pred) before metric.zero()",
                )
            return self._read()

    def keep(self, totals: Mapping[str, Array]) -> None:
        """Make totals the metric's state, so that `result()` reads them."""
        for key, variable in self._keyed().items():
            variable.store(totals[key])

    def value(self, totals: Mapping[str, Array]) -> Any:
        """Return the metric's value for these totals."""
        with self._bound(totals):
            return tree_util.tree_map(as_array, self.result(), is_leaf=lambda leaf: isinstance(leaf, Variable))

    @contextmanager
    def _bound(self, totals: Mapping[str, Array]) -> Iterator[scope.Scope]:
        """Enter a Scope whose values of this metric's variables are the totals, and the stored ones without totals."""
        running = scope.active()
        values = dict(running.values) if running is not None else {}
        for key, variable in self._keyed().items():
            values[id(variable)] = as_array(totals[key]) if totals else variable.stored
        if running is None:
            inner = scope.Scope(values=values)
        else:
            inner = dataclasses.replace(running, values=values, written={}, compute_dtypes=[])
        with scope.entered(inner):
            yield inner

    def _read(self) -> Totals:
        return {key: variable.value for key, variable in self._keyed().items()}

    def _keyed(self) -> dict[str, Variable]:
        """Return the variables by name, numbered where names repeat."""
        keyed: dict[str, Variable] = {}
        for variable in self.variables:
            key, number = variable.name, 0
            while key in keyed:
                number += 1
                key = f"{variable.name}_{number}"
            keyed[key] = variable
        return keyed

    def _as_totals(self, values: list[Any]) -> Totals:
        keys = list(self._keyed())
        if len(values) != len(keys):
            raise InvalidArgument(
                "The list holds another number of values than the metric has variables.",
                code="metric-variables",
                place=f"metric {self.name!r}",
                expected=f"{len(keys)}: {', '.join(keys)}",
                received=len(values),
                fix="pass metric.variables, or what the last stateless_update_state returned",
            )
        return {key: as_array(value) for key, value in zip(keys, values, strict=True)}

    def _undefined(self, method: str) -> NotReady:
        return NotReady(
            f"{type(self).__name__} does not say how it counts.",
            code="metric-undefined",
            place=f"metric {self.name!r}",
            fix=f"define {method} in the class",
        )


def _leaves(value: Any) -> Iterator[Any]:
    """Yield the variables and metrics in nested lists, tuples and dicts."""
    if isinstance(value, (Variable, Metric)):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, Mapping):
        yield from _leaves(list(value.values()))
