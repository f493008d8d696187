"""How a layer becomes plain data and is made anew from it: constructor arguments and shapes."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from ranvier._errors import InvalidArgument, Unsupported
from ranvier._lookup import Configurable, constructor_signature, plain, signature_arguments
from ranvier.layers.calling import remembering_shapes, tupled
from ranvier.state.dtype_policy import DTypePolicy, policy_of
from ranvier.state.remat import RematMode, current_mode

__all__ = ["Configured", "positive_integer", "refuse_options"]


class Configured(Configurable):
    """The half of a layer that knows what it was made from."""

    keras_module: ClassVar[str | None] = "keras.layers"
    writes_activity_regularizer: ClassVar[bool] = False
    """Whether the configuration has the entry also without one, as Keras's has for some layers."""
    name: str
    built: bool
    dtype_policy: DTypePolicy
    activity_regularizer: Any
    remat_mode: RematMode | None = None
    """What the RematScope asks for in which the layer was made."""
    _trainable: bool
    _given: tuple[tuple[Any, ...], dict[str, Any]]
    _build_shapes: dict[str, Any] | None

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Remember the constructor's arguments: a user's class need not store them to have a configuration."""
        layer = super().__new__(cls)
        layer._given = (args, kwargs)
        if (mode := current_mode()) is not None:
            layer.remat_mode = mode
        return layer

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in vars(cls):
            setattr(cls, "build", remembering_shapes(vars(cls)["build"]))  # noqa: B010

    def get_config(self) -> dict[str, Any]:
        """Return name, trainable, dtype and the constructor's arguments as plain data."""
        own = {name: plain(value) for name, value in self.constructor_arguments().items()}
        for name in ("name", "trainable", "dtype", "activity_regularizer", "autocast"):
            own.pop(name, None)
        base: dict[str, Any] = {"name": self.name, "trainable": self._trainable, "dtype": plain(self.dtype_policy)}
        if self.activity_regularizer is not None or self.writes_activity_regularizer:
            base["activity_regularizer"] = plain(self.activity_regularizer)
        return {**base, **own}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Build an equal layer from `get_config()`'s result; what the constructor does not take is set after it."""
        taken = signature_arguments(cls)
        later = {key: config[key] for key in ("name", "trainable", "dtype") if key in config and key not in taken}
        layer = cls(**{key: value for key, value in config.items() if key not in later})
        layer.name = later.get("name", layer.name)
        layer._trainable = later.get("trainable", layer._trainable)
        layer.dtype_policy = policy_of(later["dtype"]) if "dtype" in later else layer.dtype_policy
        return layer

    def constructor_arguments(self) -> dict[str, Any]:
        """Return what the layer was made from, as objects.

        Our own classes keep their arguments under their names. A user's class gives what it was called with, or, where
        it writes its own `get_config`, what the base below it knows: what `super().get_config()` returns in Keras.
        """
        cls = type(self)
        writer = next(base for base in cls.__mro__ if "get_config" in vars(base))
        if not _is_ours(cls) and _is_ours(writer):
            args, kwargs = self._given
            bound = constructor_signature(cls).bind(*args, **kwargs)
            return {**{k: v for k, v in bound.arguments.items() if k != "kwargs"}, **bound.kwargs}
        ours = next(base for base in cls.__mro__ if _is_ours(base))
        return {name: getattr(self, name) for name in signature_arguments(ours) if hasattr(self, name)}

    def get_build_config(self) -> dict[str, Any] | None:
        """Return the shapes with which the layer was built."""
        if self._build_shapes is None:
            return None
        if len(self._build_shapes) == 1:
            return {"input_shape": next(iter(self._build_shapes.values()))}
        return {"shapes_dict": self._build_shapes}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build with shapes from `get_build_config`."""
        shapes = config.get("shapes_dict") or {"input_shape": config.get("input_shape")}
        shapes = {name: tupled(shape) for name, shape in shapes.items()}
        self._build_shapes = shapes
        build: Any = getattr(self, "build")  # noqa: B009
        build(*shapes.values()) if len(shapes) == 1 else build(**shapes)
        self.built = True


def _is_ours(cls: type) -> bool:
    return cls.__module__.startswith("ranvier.")


def positive_integer(layer: Configured, name: str, value: Any) -> int:
    """Return an argument that counts something as an int.

    Raises:
        InvalidArgument: it is not a positive whole number.
    """
    try:
        number = 0 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = 0
    if number < 1:
        raise InvalidArgument(
            f"{name} of a layer must be a positive whole number.",
            code="not-positive",
            place=f"layer {layer.name!r}: {name}",
            expected="1 or more",
            received=repr(value),
        )
    return number


def refuse_options(layer: Configured, **options: Any) -> None:
    """Raise for options of Keras that do not exist here and were given a value."""
    for name, value in options.items():
        if value is not None and value is not False:
            raise Unsupported(
                f"{type(layer).__name__} does not support {name}.",
                code="unsupported-option",
                place=f"layer {layer.name!r}",
                received=f"{name}={value!r}"[:100],
                fix=f"leave {name} out",
            )
