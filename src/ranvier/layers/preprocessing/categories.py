"""Layers that turn numbers into categories and categories into vectors; functions of arrays, in the program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import jax.numpy as jnp
import numpy as np

from ranvier._errors import InvalidArgument, NotReady
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.layers.configured import positive_integer
from ranvier.layers.preprocessing import quantiles
from ranvier.layers.preprocessing.encoding import check_mode, dense_only, encoded, encoded_shape
from ranvier.layers.preprocessing.token_counts import batches_of

__all__ = ["CategoryEncoding", "Discretization"]


@final
class CategoryEncoding(Layer):
    """Turn class numbers into vectors: one-hot, which classes occur in a row, or how often.

    Shapes: `[row, member]` becomes `[row, class]`; `"one_hot"` adds an axis of classes, or puts it in place of a last
    axis of 1.

    Args:
        num_tokens: number of classes.
        output_mode: `"one_hot"`, `"multi_hot"` or `"count"`.
        sparse: only False.

    Raises:
        InvalidArgument: arguments that do not fit.

    Numerics: a number outside of the classes gives no entry.

    Example:
        >>> CategoryEncoding(3, output_mode="count")([[0, 2, 2]]).tolist()
        [[1.0, 0.0, 2.0]]
    """

    def __init__(
        self, num_tokens: int | None = None, output_mode: str = "multi_hot", sparse: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.autocast = False
        self.num_tokens = positive_integer(self, "num_tokens", num_tokens if num_tokens is not None else 0)
        self.output_mode = check_mode(self, output_mode, ("one_hot", "multi_hot", "count"))
        self.sparse = bool(sparse)
        dense_only(self, sparse=self.sparse)
        self.built = True

    def call(self, inputs: Any, count_weights: Any = None) -> Array:
        """Return the vectors.

        Args:
            inputs: class numbers.
            count_weights: for `"count"`: what each member counts, in the inputs' shape.
        """
        if count_weights is not None and self.output_mode != "count":
            raise InvalidArgument(
                "Only counts can be weighted.",
                code="count-weights",
                place=f"layer {self.name!r}",
                expected="output_mode='count' beside count_weights",
                received=repr(self.output_mode),
            )
        numbers = jnp.asarray(inputs).astype("int32")
        return encoded(numbers, self.output_mode, self.num_tokens, self.compute_dtype, count_weights)

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments; `sparse` is not among them, as in Keras's files."""
        return {"num_tokens": self.num_tokens, "output_mode": self.output_mode}


@final
class Discretization(Layer):
    """Turn numbers into the numbers of the ranges that they lie in.

        outputs = how many boundaries are <= inputs

    Shapes: as of CategoryEncoding, with one class more than boundaries; `"int"` keeps the inputs' shape.

    Args:
        bin_boundaries: ascending boundaries, instead of `adapt`.
        num_bins: how many ranges of equal numbers of rows `adapt` finds.
        epsilon: share of rows by which `adapt` may be wrong, the smaller the more it keeps.
        output_mode: `"int"`, `"one_hot"`, `"multi_hot"` or `"count"`.
        sparse: only False.

    Raises:
        NotReady: used before it has boundaries.
        InvalidArgument: not exactly one of boundaries and number of bins.

    Example:
        >>> Discretization(bin_boundaries=[0.0, 1.0])([-1.5, 0.0, 0.5, 3.0]).tolist()
        [0, 1, 1, 2]
    """

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if (num_bins is None) == (bin_boundaries is None) or (num_bins is not None and num_bins < 0):
            raise InvalidArgument(
                "Discretization takes boundaries, or a number of bins to find them for.",
                code="discretization-bins",
                place=f"layer {self.name!r}",
                expected="one of bin_boundaries and num_bins",
                received=f"bin_boundaries={bin_boundaries}, num_bins={num_bins}"[:100],
            )
        self.bin_boundaries = None if bin_boundaries is None else np.asarray(bin_boundaries, np.float64).tolist()
        self.num_bins, self.epsilon = num_bins, epsilon
        self.output_mode = check_mode(self, output_mode, ("int", "one_hot", "multi_hot", "count"))
        self.sparse = bool(sparse)
        dense_only(self, sparse=self.sparse)
        self._summary = quantiles.EMPTY
        self.built = True

    not_traced = frozenset({"_summary"})

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Find the boundaries in data, forgetting earlier ones.

        Args:
            data: an array or list of numbers, or an iterable of batches.
            steps: number of batches to read; all when None.

        Raises:
            InvalidArgument: the layer was given its boundaries, or there are no numbers.
        """
        if self.num_bins is None:
            raise InvalidArgument(
                "This Discretization was given its boundaries.",
                code="discretization-given",
                place=f"layer {self.name!r}",
                fix="pass num_bins instead of bin_boundaries",
            )
        self.reset_state()
        for batch in batches_of(data, steps):
            self.update_state(batch)
        self.finalize_state()

    @property
    def adaptable(self) -> bool:
        """Whether `adapt` may be called: the boundaries were not given."""
        return self.num_bins is not None

    def update_state(self, data: Any) -> None:
        """Take in a batch of numbers."""
        values = np.asarray(data).astype("float32")
        if values.size:
            self._summary = quantiles.merged(quantiles.summary(values, self.epsilon), self._summary, self.epsilon)

    def finalize_state(self) -> None:
        """Set the boundaries by what was taken in."""
        if self.num_bins is None:
            return
        if not self._summary.size:
            raise InvalidArgument("There are no rows to adapt to.", code="adapt-empty", place=f"layer {self.name!r}")
        self.bin_boundaries = quantiles.boundaries(self._summary, self.num_bins).tolist()

    def reset_state(self) -> None:
        """Forget what was taken in."""
        self._summary = quantiles.EMPTY

    def call(self, inputs: Any) -> Array:
        """Return the numbers of the ranges, in the output mode's form."""
        if self.bin_boundaries is None:
            raise NotReady(
                "The layer has no boundaries yet.",
                code="discretization-boundaries",
                place=f"layer {self.name!r}",
                expected="bin_boundaries=[...], or adapt(data) before it is used",
                received="neither",
                fix="call layer.adapt(values) on the training data",
            )
        values = jnp.asarray(inputs)
        edges = jnp.asarray(np.asarray(self.bin_boundaries), jnp.promote_types(values.dtype, "float32"))
        found = jnp.searchsorted(edges, values, side="right").astype("int32")
        return encoded(found, self.output_mode, len(self.bin_boundaries) + 1, self._output_dtype)

    @property
    def _output_dtype(self) -> str:
        return "int32" if self.output_mode == "int" else str(self.compute_dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the output shape for numbers of this shape."""
        known = self.bin_boundaries
        return encoded_shape(tuple(input_shape), self.output_mode, self.num_bins if known is None else len(known) + 1)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments; boundaries from `adapt` are among them."""
        own = {name: getattr(self, name) for name in ("bin_boundaries", "num_bins", "epsilon", "output_mode", "sparse")}
        return {**own, "name": self.name, "dtype": self.dtype_policy.name}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Discretization:
        """Build an equal layer from `get_config()`'s result."""
        both = config.get("bin_boundaries") is not None and config.get("num_bins") is not None
        layer = cls(**{**config, "bin_boundaries": None} if both else config)
        if both:
            layer.bin_boundaries = list(config["bin_boundaries"])
        return layer
