"""What a layer holds: its weights, their order, whether training changes them, and the types they are stored in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import jax.numpy as jnp
import numpy as np

from ranvier import constraints, initializers, regularizers
from ranvier._absent import absent_method
from ranvier._errors import InvalidArgument, NotReady
from ranvier._typing import Array, DType
from ranvier.layers import tracking
from ranvier.layers.stored import Stored
from ranvier.layers.typed import Typed
from ranvier.state import eager, naming, scope
from ranvier.state.carried import CarriedState
from ranvier.state.shape_first import shape_first
from ranvier.state.variable import Variable, as_array

if TYPE_CHECKING:
    from ranvier.layers.base import Layer

__all__ = ["WeightHolder"]


class WeightHolder(Stored, Typed):
    """The half of a layer that owns variables and sublayers."""

    name: str
    built: bool
    _trainable: bool
    _added: list[Variable]

    if not TYPE_CHECKING:  # it would take every name for one that is there

        def __getattr__(self, name: str) -> Any:
            if (absent := absent_method(type(self), name)) is not None:
                raise absent
            return object.__getattribute__(self, name)  # raises again, in Python's words or a property's

    @shape_first
    def add_weight(
        self,
        shape: Any = None,
        initializer: Any = None,
        dtype: DType | None = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str | None = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """Create a weight of this layer.

        Args:
            shape: its shape; `()` when None.
            initializer: name, object or callable; Glorot uniform for floats, zeros otherwise.
            dtype: the policy's variable dtype when None.
            trainable: whether gradients change it.
            regularizer: penalty on its value.
            constraint: projection after each update.
            name: the last part of its path.
        """
        kind = dtype or self.variable_dtype
        if initializer is None:
            initializer = "glorot_uniform" if jnp.issubdtype(jnp.dtype(kind), jnp.floating) else "zeros"
        variable = Variable(
            initializers.get(initializer),
            shape=tuple(shape) if isinstance(shape, (tuple, list)) else () if shape is None else (shape,),
            dtype=kind,
            trainable=trainable,
            autocast=autocast,
            aggregation=aggregation,
            name=name or "variable",
        )
        variable.owner_path = naming.below_scope(self.name)
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        self._added.append(variable)
        return variable

    @shape_first
    def add_variable(
        self,
        shape: Any,
        initializer: Any,
        dtype: DType | None = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Create a weight of this layer; the older form of `add_weight`."""
        return self.add_weight(shape, initializer, dtype, trainable, autocast, regularizer, constraint, name=name)

    def own_variables(self) -> list[Variable]:
        """Return this layer's own weights, sublayers' left out: trainable ones first, as Keras orders them."""
        found: dict[int, Variable] = {id(v): v for v in self._added}
        for attribute, variable in tracking.owned(self, Variable):
            if attribute.split("/")[0] != "_added" and id(variable) not in found:
                if variable.name == "variable":
                    variable.name = attribute.lstrip("_")
                found[id(variable)] = variable
        return [v for v in found.values() if v.trainable] + [v for v in found.values() if not v.trainable]

    def own_weights(self) -> list[Variable]:
        """Return this layer's own variables without those that only carry something from batch to batch."""
        return [variable for variable in self.own_variables() if not isinstance(variable, CarriedState)]

    def child_layers(self) -> Iterator[tuple[str, Layer]]:
        """Yield the direct sublayers with their structural names."""
        yield from tracking.owned(self, WeightHolder)

    def _flatten_layers(self, include_self: bool = True, recursive: bool = True) -> list[Layer]:
        below = list(tracking.layers_by_path(self).values())[1:]
        if not recursive:
            below = [child for _, child in tracking.sublayers(self)]
        return [cast("Layer", self), *below] if include_self else below

    @property
    def variables(self) -> list[Variable]:
        """All variables, sublayers' included."""
        return list(tracking.variables_by_path(self).values())

    @property
    def weights(self) -> list[Variable]:
        """All weights, sublayers' included, in Keras's order: the variables that files hold."""
        return [variable for variable in self.variables if not isinstance(variable, CarriedState)]

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that training changes; empty when the layer is frozen."""
        chosen: dict[int, Variable] = {}
        for layer, open_ in _with_trainable(self, True):
            if open_:
                chosen.update((id(v), v) for v in layer.own_variables() if v.trainable)
        return list(chosen.values())

    @property
    def trainable_weights(self) -> list[Variable]:
        """Same as `trainable_variables`."""
        return self.trainable_variables

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The variables that training leaves alone."""
        trained = {id(v) for v in self.trainable_variables}
        return [v for v in self.variables if id(v) not in trained]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training leaves alone."""
        return [variable for variable in self.non_trainable_variables if not isinstance(variable, CarriedState)]

    @property
    def trainable(self) -> bool:
        """Whether training changes this layer's weights; setting it also sets all sublayers.

        While a compiled model runs, this is what `compile` captured.
        """
        running = scope.active()
        if running is not None and running.trainable is not None:
            return running.trainable.get(id(self), self._trainable)
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for _, child in tracking.sublayers(self):
            child.trainable = value

    def get_weights(self) -> list[np.ndarray]:
        """Return the weights as NumPy arrays, in the order of `weights`."""
        return [np.asarray(v.stored) for v in self.weights]

    def set_weights(self, weights: list[Any]) -> None:
        """Set all weights from a list in the order of `weights`.

        Raises:
            InvalidArgument: another number of arrays, or an array of another shape.
        """
        variables = self.weights
        if len(weights) != len(variables):
            raise InvalidArgument(
                "The list holds another number of arrays than the layer has weights.",
                code="set-weights-count",
                place=f"layer {self.name!r}",
                expected=f"{len(variables)}: " + ", ".join(f"{v.path} {v.shape}" for v in variables[:20]),
                received=len(weights),
                fix="pass what get_weights() of an equal model returns",
            )
        arrays = [as_array(w) for w in weights]
        for variable, array in zip(variables, arrays, strict=True):
            if tuple(array.shape) != variable.shape:
                raise InvalidArgument(
                    "An array of the list has another shape than its weight.",
                    code="set-weights-shape",
                    place=f"layer {self.name!r}, weight {variable.path}",
                    expected=variable.shape,
                    received=tuple(array.shape),
                )
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)

    def weight_penalties(self) -> list[Array]:
        """Return the regularizers' penalties of the trainable weights."""
        return [eager.applied(v.regularizer, v.value) for v in self.trainable_variables if v.regularizer is not None]

    def count_params(self) -> int:
        """Return the number of numbers in all weights."""
        if not self.built:
            raise NotReady(
                "The weights do not exist before the layer is built.",
                code="not-built",
                place=f"layer {self.name!r}",
                fix="call build(input_shape), or call the layer on data once",
            )
        return sum(v.size for v in self.weights)


def _with_trainable(layer: WeightHolder, above: bool) -> Iterator[tuple[WeightHolder, bool]]:
    open_ = above and layer._trainable
    yield layer, open_
    for _, child in tracking.sublayers(layer):
        yield from _with_trainable(child, open_)
