"""Lambda: any function as a layer, in this process."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, final

from ranvier import _lookup
from ranvier._config import configuration
from ranvier._errors import InvalidArgument, WrongType
from ranvier.layers.base import Layer
from ranvier.layers.calling import tupled
from ranvier.ops.core import traceable
from ranvier.state.symbolic import KerasTensor

__all__ = ["Lambda"]


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
            return KerasTensor(self.output_shape(inputs.shape), self.compute_dtype)
        row = self.output_shape if isinstance(self.output_shape, (tuple, list)) else (self.output_shape,)
        return KerasTensor((inputs.shape[0], *row), self.compute_dtype)

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
