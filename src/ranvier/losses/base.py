"""Loss: the base of losses, with Keras's masks, weights and reductions."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

import jax.numpy as jnp
from jax import tree_util

from ranvier import _config
from ranvier._errors import InvalidArgument, NotReady
from ranvier._lookup import Configurable, auto_name
from ranvier._typing import Array, ArrayLike, DType
from ranvier.losses.reduction import REDUCTIONS, reduce_weighted
from ranvier.losses.shapes import broadcasts
from ranvier.state import eager, masking, scope
from ranvier.state.dtype_policy import DTypePolicy, policy_of
from ranvier.state.scope import Scope
from ranvier.state.variable import as_array

__all__ = ["FixedLoss", "Loss", "broadcasts", "shows_name", "some_pass"]


class Loss(Configurable):
    """The base of all losses; a subclass defines `call(y_true, y_pred)`, one value per row.

    Args:
        name: display name; made from the class's when None.
        reduction: `"sum_over_batch_size"` or `"mean"` (divide by the number of values), `"sum"`,
            `"mean_with_sample_weight"` (divide by the sum of the weights), `"none"` or None.
        dtype: type in which the loss computes; floatx when None.

    Raises:
        InvalidArgument: an unknown reduction, or weights that fit no axis of the values.

    Numerics:
        An empty batch gives 0 (Keras: an empty array). Weights `(batch,)` on values `(batch, time)` belong to rows,
        also where `batch == time` (Keras broadcasts them along `time` there, and fails elsewhere).

    Example:
        >>> class AbsoluteError(Loss):
        ...     def call(self, y_true, y_pred):
        ...         return jnp.abs(y_true - y_pred)
        >>> float(AbsoluteError()([1.0, 2.0], [1.0, 4.0]))
        1.0
        >>> float(AbsoluteError(reduction="sum")([1.0, 2.0], [1.0, 4.0], sample_weight=[1.0, 3.0]))
        6.0
    """

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: DType | DTypePolicy | None = None,
    ) -> None:
        if reduction not in REDUCTIONS:
            raise InvalidArgument(
                f"There is no reduction {reduction!r}.",
                code="loss-reduction",
                place=type(self).__name__,
                expected=", ".join(map(repr, REDUCTIONS)),
                received=repr(reduction),
                fix="pass one of these",
            )
        self.name = name or auto_name(type(self))
        self.reduction = reduction
        self.dtype_policy = policy_of(dtype or _config.floatx())

    @property
    def dtype(self) -> str:
        """The type in which the loss computes."""
        return self.dtype_policy.compute_dtype

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return one value per row (or per row and step); overridden by every loss."""
        raise NotReady(
            f"{type(self).__name__} computes nothing.",
            code="no-call",
            place=f"loss {self.name!r}",
            fix="define call(self, y_true, y_pred) in the class",
        )

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> Array:
        loss: Array = eager.applied(self._reduced, y_true, y_pred, sample_weight)
        return loss

    def _reduced(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None) -> Array:
        with some_pass():
            incoming = masking.of(y_pred)
            values = self.call(_targets(y_true, self.dtype), _cast_tree(y_pred, self.dtype))
            own = masking.of(values)
            mask = own if incoming is None else incoming if own is None else incoming & own
        return reduce_weighted(values, sample_weight, mask, self.reduction, self.dtype)

    def get_config(self) -> dict[str, Any]:
        """Return name, reduction, other constructor arguments, and the dtype where it is not floatx."""
        config = {"name": self.name, "reduction": self.reduction, **super().get_config()}
        if config.get("dtype") == _config.floatx():
            del config["dtype"]
        return config

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


class FixedLoss(Loss):
    """A loss that is one function of targets and outputs, without arguments of its own, and bears its name.

    Args:
        reduction: see `Loss`.
        name: display name; the function's when None.
        dtype: type in which the loss computes; floatx when None.
    """

    keras_module = "keras.losses"
    function: ClassVar[Callable[..., Array]]

    def __init_subclass__(cls) -> None:
        shows_name(cls, cls.function.__name__)

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: DType | DTypePolicy | None = None,
    ) -> None:
        super().__init__(name or self.function.__name__, reduction, dtype)

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return the function's value for each row."""
        return self.function(y_true, y_pred)


def shows_name(cls: type, name: str) -> None:
    """Let the signature of a class show the display name that it takes for None, as Keras's does."""
    _, *arguments = inspect.signature(cls.__init__).parameters.values()  # type: ignore[misc]
    shown = [argument.replace(default=name) if argument.name == "name" else argument for argument in arguments]
    cls.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]


def some_pass() -> AbstractContextManager[Any]:
    """Return the running pass, or a new one, so that masks can travel from `call` to the reduction."""
    return nullcontext() if scope.active() is not None else scope.entered(Scope())


def _cast_tree(tree: Any, dtype: Any) -> Any:
    """Return a nest of arrays in `dtype`; a nested list of numbers is one array."""
    leaves = tree_util.tree_leaves(tree)
    if not any(hasattr(leaf, "shape") for leaf in leaves):
        return as_array(tree).astype(dtype)
    return tree_util.tree_map(lambda leaf: as_array(leaf).astype(dtype), tree)


def _targets(y_true: Any, dtype: str) -> Any:
    """Return targets as floats of at least 32 bits: 16 bits cannot hold class numbers beyond 256 or 2048."""
    return _cast_tree(y_true, jnp.promote_types(dtype, jnp.float32))
