"""Layers that compute little: a function of one's own, nothing at all, a penalty, a mask."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, final

from jax import tree_util

from ranvier import _lookup, ops, regularizers
from ranvier._config import configuration
from ranvier._errors import InvalidArgument, WrongType
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.layers.calling import tupled
from ranvier.ops.core import traceable
from ranvier.state.symbolic import KerasTensor

__all__ = ["ActivityRegularization", "Identity", "Lambda", "Masking"]


@final
class Identity(Layer):
    """Return the inputs as they are: a place holder.

        outputs = inputs

    Shapes: outputs have the shape of inputs, which may be a nest.

    Example:
        >>> float(Identity()([3.0])[0])
        3.0
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the inputs."""
        return inputs


@final
class ActivityRegularization(Layer):
    """Return the inputs as they are, and add a penalty on their size to the loss.

        penalty = (l1 * sum(abs(inputs)) + l2 * sum(inputs²)) / batch

    Shapes: outputs have the shape of inputs, `[batch, ...]`; the penalty is a scalar.

    Args:
        l1: weight of the absolute values.
        l2: weight of the squares.

    Raises:
        InvalidArgument: a weight is negative.

    Example:
        >>> layer = ActivityRegularization(l1=0.5)
        >>> _ = layer([[1.0, -3.0], [0.0, 0.0]])
        >>> float(layer.losses[0])
        1.0
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1, self.l2 = l1, l2
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the inputs."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """Return the arguments; the regularizer is made of them."""
        return {name: value for name, value in super().get_config().items() if name != "activity_regularizer"}


@final
class Masking(Layer):
    """Mark the steps of a sequence that hold nothing but one value, so that later layers skip them.

        mask    = any(inputs != mask_value)      over the features
        outputs = where(mask, inputs, 0)

    Shapes: inputs and outputs `[batch, time, features]`, the mask `[batch, time]`.

    Args:
        mask_value: the value that means "no step here".

    Example:
        >>> Masking(mask_value=9.0)([[[9.0, 9.0], [9.0, 1.0]]])[0].tolist()
        [[0.0, 0.0], [9.0, 1.0]]
    """

    def __init__(self, mask_value: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Array) -> Any:
        """Return the inputs, 0 in the steps that are skipped."""
        return ops.where(ops.any(ops.not_equal(inputs, self.mask_value), axis=-1, keepdims=True), inputs, 0)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return which steps hold something."""
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)


@final
class Lambda(Layer):
    """Call a function of one's own.

        outputs = function(inputs, **arguments)

    A file never holds its code: the configuration gives the function's name, and loading needs
    `custom_objects={name: function}`. Weights that the function uses are not tracked; subclass Layer for those.

    Args:
        function: takes the inputs, and `mask` and `training` where it has such arguments.
        output_shape: one row's output shape, or a function of the input shape; found by evaluation when None.
        mask: the output mask, or a function `(inputs, mask) -> mask`.
        arguments: further keyword arguments of `function`.

    Example:
        >>> float(Lambda(lambda x: x * 2)([3.0])[0])
        6.0
    """

    unsavable = "a Lambda layer holds Python code, which a file of ours never does"

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise WrongType(
                "A Lambda layer needs a function.",
                code="lambda-function",
                place=f"layer {self.name!r}",
                expected="a callable",
                received=repr(function)[:100],
            )
        self.function = function
        self.output_shape = output_shape
        self.mask = mask
        self.arguments = dict(arguments or {})
        self.supports_masking = mask is not None
        parameters = inspect.signature(function).parameters if not inspect.isbuiltin(function) else {}
        self._asked = {name for name in ("mask", "training") if name in parameters}

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Return the function's result."""
        offered = {"mask": mask, "training": training}
        with traceable(f"function of layer {self.name!r}"):
            return self.function(inputs, **self.arguments, **{name: offered[name] for name in self._asked})

    def compute_output_spec(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Return the symbolic output, of the given shape where there is one."""
        if self.output_shape is None:
            return super().compute_output_spec(inputs)
        if callable(self.output_shape):
            shapes = tree_util.tree_map(lambda tensor: tensor.shape, inputs)
            return KerasTensor(self.output_shape(shapes), self.compute_dtype)
        row = self.output_shape if isinstance(self.output_shape, (tuple, list)) else (self.output_shape,)
        rows = tree_util.tree_leaves(inputs)[0].shape[0]
        return KerasTensor((rows, *row), self.compute_dtype)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the given mask, or what the given function makes of the inputs' mask."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Lambda:
        """Build from a configuration; the functions are looked up in `custom_objects` only."""
        found = dict(config)
        for name in ("function", "output_shape", "mask"):
            if isinstance(found.get(name), Mapping):
                found[name] = _known_function(found[name], str(config.get("name")))
        found["output_shape"] = tupled(found.get("output_shape"))
        return cls(**found)


def _known_function(reference: Mapping[str, Any], layer: str) -> Any:
    named = reference.get("class_name") == "function" and isinstance(reference.get("config"), str)
    name = str(reference["config"]) if named else ""
    if name in configuration.custom_objects:
        return _lookup.find(name, "function", {})
    raise InvalidArgument(
        "The file has a Lambda layer, and code is never read from a file.",
        code="lambda-code",
        place=f"layer {layer!r}",
        expected=f"custom_objects={{{name or 'name'!r}: the function}}",
        received=f"a reference to {name!r}" if named else "serialized Python code",
        fix="pass the function in custom_objects, or put a layer class in the Lambda's place",
    )
