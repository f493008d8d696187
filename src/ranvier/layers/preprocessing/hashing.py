"""Layers that number categories by a hash, with no vocabulary."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp
import numpy as np

from ranvier import _config
from ranvier._errors import InvalidArgument, WrongType
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.layers.configured import positive_integer
from ranvier.layers.preprocessing.encoding import check_mode, dense_only, encoded, encoded_shape
from ranvier.layers.preprocessing.fingerprints import cross, hash_numbers, hash_texts, text_hashes
from ranvier.layers.preprocessing.host import HostLayer, Ready, is_text, plain_texts
from ranvier.layers.preprocessing.vocabulary import salted
from ranvier.layers.preprocessing.words import Words
from ranvier.state.symbolic import KerasTensor

__all__ = ["HashedCrossing", "Hashing"]


@final
class Hashing(HostLayer):
    """Put texts or whole numbers into bins by their hash.

        outputs = hash(str(inputs)) mod num_bins

    Whole numbers are hashed inside the compiled program; text on the host.

    Shapes: as of StringLookup, with `num_bins` as the vocabulary's size.

    Args:
        num_bins: number of bins, that of `mask_value` included.
        mask_value: the value that gets bin 0, which no other gets then.
        salt: one or two whole numbers: the hash is SipHash then, FarmHash else.
        output_mode: `"int"`, `"one_hot"`, `"multi_hot"` or `"count"`.
        sparse: only False.

    Raises:
        InvalidArgument: arguments that do not fit.

    Example:
        >>> Hashing(num_bins=3)([["A"], ["B"], ["A"]]).tolist()
        [[1], [0], [1]]

    Source: FarmHash, Pike and Alakuijala (2014); SipHash, Aumasson and Bernstein (2012).
    """

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: str = "int",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64" if output_mode == "int" else _config.floatx()
        super().__init__(**kwargs)
        self.autocast = False
        self.num_bins = positive_integer(self, "num_bins", num_bins)
        self.mask_value, self.salt = mask_value, salted(self, salt)
        self.output_mode = check_mode(self, output_mode, ("int", "one_hot", "multi_hot", "count"))
        self.sparse = bool(sparse)
        dense_only(self, sparse=self.sparse)
        _require_integer_type(self)
        self.built = True

    @property
    def _masks(self) -> bool:
        return self.mask_value is not None and self.num_bins > 1

    def prepare(self, inputs: Any) -> np.ndarray:
        """Return the bins of texts or numbers, in the inputs' shape, on the host."""
        bins = self.num_bins - self._masks
        if is_text(inputs):
            values = plain_texts(inputs, self)
            texts = values.reshape(-1).tolist()
        else:
            values = _whole(np.asarray(inputs), self, floats=True)
            texts = [str(int(value)) for value in values.reshape(-1)]
        found = hash_texts(texts, bins, self.salt).reshape(values.shape)
        return np.where(values == self.mask_value, 0, found + 1).astype(np.int32) if self._masks else found

    def call(self, inputs: Any) -> Array:
        """Return the output mode's form of the bins."""
        if isinstance(inputs, Ready):
            found = inputs.value
        else:
            values = jnp.asarray(inputs)
            found = hash_numbers(values.astype("int32"), self.num_bins - self._masks, self.salt)
            found = jnp.where(values == self.mask_value, 0, found + 1) if self._masks else found
        return encoded(found, self.output_mode, self.num_bins, _result_type(self))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the output shape for values of this shape."""
        return encoded_shape(tuple(input_shape), self.output_mode, self.num_bins)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return the symbolic outputs."""
        return KerasTensor(self.compute_output_shape(inputs.shape), _result_type(self))


@final
class HashedCrossing(HostLayer):
    """Put combinations of categories into bins by their common hash.

    Whole numbers are hashed inside the compiled program; text, alone or beside numbers, on the host.

    Shapes: a list of inputs, all `()`, `[row]` or `[row, 1]`; outputs have that shape for `"int"`, else `[row, bin]`.

    Args:
        num_bins: number of bins.
        output_mode: `"int"` or `"one_hot"`.
        sparse: only False.

    Raises:
        InvalidArgument: fewer than two inputs, or shapes that differ.
        WrongType: inputs that are neither text nor whole numbers.

    Example:
        >>> HashedCrossing(num_bins=5)([["A", "B", "A"], [101, 101, 101]]).tolist()
        [1, 4, 1]

    Source: FarmHash's fingerprint of a pair, Pike and Alakuijala (2014).
    """

    def __init__(
        self,
        num_bins: int,
        output_mode: str = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        dtype = "int64" if output_mode == "int" and dtype is None else dtype
        super().__init__(name=name, dtype=dtype, **kwargs)
        self.autocast = False
        self.num_bins = positive_integer(self, "num_bins", num_bins)
        self.output_mode = check_mode(self, output_mode, ("int", "one_hot"))
        self.sparse = bool(sparse)
        dense_only(self, sparse=self.sparse)
        _require_integer_type(self)
        self.built = True

    def prepare(self, inputs: Any) -> np.ndarray:
        """Return the bins of combinations of texts and numbers, on the host."""
        self._require_several(inputs)
        arrays = [plain_texts(x, self) if is_text(x) else _whole(np.asarray(x), self) for x in inputs]
        self._check_shapes([array.shape for array in arrays])
        bins: np.ndarray = cross([_feature(array) for array in arrays], self.num_bins)
        return bins.astype(np.int32).reshape(arrays[0].shape)

    def _require_several(self, inputs: Any) -> None:
        if not isinstance(inputs, (list, tuple)) or len(inputs) < 2:
            raise InvalidArgument(
                "HashedCrossing combines two inputs or more.",
                code="crossing-inputs",
                place=f"layer {self.name!r}",
                expected="a list of at least two arrays",
                received=f"{type(inputs).__name__}",
            )

    def _check_shapes(self, shapes: list[tuple[int | None, ...]]) -> None:
        first = shapes[0]
        if len(first) > 2 or first[1:] not in ((), (1,)) or any(shape != first for shape in shapes):
            raise InvalidArgument(
                "The inputs to combine do not have one shape.",
                code="crossing-shapes",
                place=f"layer {self.name!r}",
                expected="equal shapes: (), (rows,) or (rows, 1)",
                received=", ".join(map(str, shapes)),
                fix="pass one column per input",
            )

    def call(self, inputs: Any) -> Array:
        """Return the output mode's form of the bins."""
        if isinstance(inputs, Ready):
            found = jnp.asarray(inputs.value)
        else:
            arrays = [jnp.asarray(x).astype("int32") for x in inputs]
            # The sign fills the upper half, as in a number of 64 bits.
            found = cross([Words((x >> 31).astype("uint32"), x.astype("uint32")) for x in arrays], self.num_bins)
        return encoded(found, self.output_mode, self.num_bins, _result_type(self))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the output shape for a list of shapes."""
        shapes = [tuple(shape) for shape in input_shape]
        self._check_shapes(shapes)
        return encoded_shape(shapes[0], self.output_mode, self.num_bins)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return the symbolic outputs."""
        self._require_several(inputs)
        return KerasTensor(self.compute_output_shape([x.shape for x in inputs]), _result_type(self))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments; the dtype by its name."""
        own = {"num_bins": self.num_bins, "output_mode": self.output_mode, "sparse": self.sparse}
        return {**own, "name": self.name, "dtype": self.dtype_policy.name}


def _feature(array: np.ndarray) -> np.ndarray:
    """Return what a combination's hash takes in: a text's own hash, or the number itself."""
    if array.dtype.kind == "O":
        return text_hashes(array.reshape(-1).tolist())
    return array.reshape(-1).astype(np.int64).astype(np.uint64)


def _whole(array: np.ndarray, layer: Layer, floats: bool = False) -> np.ndarray:
    if array.dtype.kind in "iub" or (floats and array.dtype.kind == "f"):
        return array
    raise WrongType(
        f"{type(layer).__name__} takes texts or whole numbers.",
        code="not-categories",
        place=f"layer {layer.name!r}",
        expected="text, or integers",
        received=str(array.dtype),
        fix="give measured values to Discretization first",
    )


def _require_integer_type(layer: Any) -> None:
    if layer.output_mode == "int" and layer.dtype_policy.name not in ("int32", "int64"):
        raise InvalidArgument(
            "Bins are whole numbers.",
            code="bins-dtype",
            place=f"layer {layer.name!r}",
            expected="dtype 'int32' or 'int64' with output_mode='int'",
            received=layer.dtype_policy.name,
        )


def _result_type(layer: Any) -> str:
    """Return the dtype of the outputs: there are no whole numbers of 64 bits."""
    return "int32" if layer.output_mode == "int" else str(layer.compute_dtype)
