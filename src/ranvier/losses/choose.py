"""From what a person wrote (`"mse"`, a function, a class, an object) to a Loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from jax import tree_util

from ranvier import _lookup
from ranvier._errors import InvalidArgument
from ranvier._lookup import snake_case
from ranvier._typing import Shape
from ranvier.losses import crossentropy, divergence, focal, margin, overlap, regression, sequence, similarity
from ranvier.losses.base import Loss
from ranvier.losses.shapes import same_rank
from ranvier.state.variable import as_array

__all__ = ["ALIASES", "TABLE", "FunctionLoss", "as_loss", "deserialize", "get", "label_kind", "object_name", "resolve"]

_FAMILIES = (regression, crossentropy, divergence, margin, focal, overlap, similarity, sequence)
# A function with an argument that has no default is no loss by itself: its name means the class's default.
_INCOMPLETE = ("categorical_generalized_cross_entropy",)
TABLE: dict[str, Any] = {
    name: getattr(family, name) for family in _FAMILIES for name in family.__all__ if name not in _INCOMPLETE
}
ALIASES = {
    "bce": "binary_crossentropy",
    "BCE": "binary_crossentropy",
    "kld": "kl_divergence",
    "KLD": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
    "mae": "mean_absolute_error",
    "MAE": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "MAPE": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "MSE": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
    "MSLE": "mean_squared_logarithmic_error",
}
_BY_KIND = {
    "binary": "binary_crossentropy",
    "sparse": "sparse_categorical_crossentropy",
    "categorical": "categorical_crossentropy",
}


def get(identifier: Any) -> Any:
    """Return a loss object or function for a name, a configuration, a class, or the thing itself; None stays None."""
    return deserialize(identifier)


def deserialize(name: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return a loss for a configuration or a name."""
    return _lookup.get(name, "loss", TABLE, ALIASES, custom_objects)


class FunctionLoss(Loss):
    """A function `(y_true, y_pred) -> values` as a Loss; a user's own, most often.

    Args:
        fn: gives one value per row (or a scalar).
        reduction: see `Loss`.
        name: display name; the function's when None.
        dtype: type in which the loss computes.
        **kwargs: handed to `fn`.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name or object_name(fn), reduction, dtype)
        self.fn, self.arguments = fn, kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the function's values; `(batch,)` beside `(batch, 1)` reaches it as two columns."""
        true_leaves, true_tree = tree_util.tree_flatten(y_true)
        leaves, tree = tree_util.tree_flatten(y_pred)
        if len(leaves) == len(true_leaves):
            pairs = [same_rank(as_array(a), as_array(b)) for a, b in zip(true_leaves, leaves, strict=True)]
            y_true = tree_util.tree_unflatten(true_tree, [a for a, _ in pairs])
            y_pred = tree_util.tree_unflatten(tree, [b for _, b in pairs])
        return self.fn(y_true, y_pred, **self.arguments)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, the function in Keras's form."""
        return {**super().get_config(), "fn": _lookup.identify(self.fn), **_lookup.plain(self.arguments)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> FunctionLoss:
        """Build an equal loss; the function is one of ours or a custom object."""
        return cls(**{**config, "fn": get(config["fn"])})


def object_name(thing: Any) -> str:
    """Return the display name of a function or object: its `name`, else its (class's) name in snake case."""
    name = getattr(thing, "name", None)
    return name if isinstance(name, str) else snake_case(getattr(thing, "__name__", type(thing).__name__))


def as_loss(identifier: Any) -> Loss:
    """Return a Loss for a name, a function, a class, a configuration or a Loss.

    Raises:
        InvalidArgument: nothing has that name, or the thing cannot be called.

    Example:
        >>> as_loss("mse").name, as_loss(lambda y_true, y_pred: y_pred).reduction
        ('mse', 'sum_over_batch_size')
    """
    found = get(identifier)
    if isinstance(found, Loss):
        return found
    if not callable(found):
        raise InvalidArgument(
            "This is not a loss.",
            code="not-a-loss",
            expected="a name, a function (y_true, y_pred) -> values, or a Loss",
            received=repr(identifier)[:200],
            fix=f"pass one of {', '.join(sorted(TABLE))}",
        )
    return FunctionLoss(found, name=identifier if isinstance(identifier, str) else None)


def label_kind(y_true_shape: Shape, y_pred_shape: Shape) -> Literal["binary", "sparse", "categorical"]:
    """Return which kind of labels these shapes mean, by Keras's rule.

    One output unit is binary; fewer axes than the outputs, or one column beside several units, is sparse.
    """
    last = y_pred_shape[-1] if y_pred_shape else None
    if last == 1:
        return "binary"
    fewer = len(y_true_shape) < len(y_pred_shape)
    if fewer or (y_true_shape and y_true_shape[-1] == 1 and last is not None and last > 1):
        return "sparse"
    return "categorical"


def resolve(identifier: Any, y_true_shape: Shape, y_pred_shape: Shape) -> Loss:
    """Return a Loss as `compile(loss=...)` means it: `"crossentropy"` and `"ce"` by the shapes, all else `as_loss`.

    Example:
        >>> resolve("ce", (8,), (8, 3)).fn.__name__
        'sparse_categorical_crossentropy'
    """
    if isinstance(identifier, str) and identifier.lower() in ("crossentropy", "ce"):
        return FunctionLoss(TABLE[_BY_KIND[label_kind(y_true_shape, y_pred_shape)]], name=identifier)
    return as_loss(identifier)
