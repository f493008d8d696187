"""Input: where a symbolic graph begins."""

from __future__ import annotations

from typing import Any, final

from ranvier._errors import InvalidArgument, NotReady, Unsupported
from ranvier._typing import DType, Shape
from ranvier.layers.base import Layer
from ranvier.state.symbolic import KerasTensor, record
from ranvier.state.variable import dtype_name

__all__ = ["Input", "InputLayer"]


@final
class InputLayer(Layer):
    """The entry of a model: a shape and a dtype.

    Args:
        shape: one row's shape, without the batch axis.
        batch_size: size of the batch axis; None when it may change.
        dtype: type to which inputs are cast; `floatx` when None.
        sparse, ragged: kept for Keras's files; only False works.
        batch_shape: shape with the batch axis, instead of `shape`.
        input_tensor: a symbolic tensor to stand for the input.
        optional: whether None may be passed.
        name: key of the input in a dict of inputs.

    Example:
        >>> InputLayer(shape=(4,)).batch_shape
        (None, 4)
    """

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: DType | None = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Any = None,
        input_tensor: KerasTensor | None = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        if sparse or ragged:
            raise Unsupported(
                "Sparse and ragged inputs are not supported.",
                code="sparse-input",
                place=f"input {self.name!r}",
                fix="pass dense arrays",
            )
        if shape is None:
            shape = self.given_input_shape
        self.batch_shape = _batch_shape(shape, batch_size, batch_shape, input_tensor, self.name)
        self.sparse, self.ragged, self.optional = False, False, bool(optional)
        self.input_dtype_name = dtype_name(dtype if dtype is not None or input_tensor is None else input_tensor.dtype)
        self.built = True
        tensor = input_tensor
        if tensor is None or tensor.history is not None:
            tensor = KerasTensor(self.batch_shape, self.input_dtype_name, name=self.name)
        record(self, (), {}, tensor)

    @property
    def dtype(self) -> str:
        """The type to which inputs are cast."""
        return self.input_dtype_name

    def call(self) -> Any:
        """Inputs are fed, not computed."""
        raise NotReady("An InputLayer cannot be called.", code="call-of-input", place=f"input {self.name!r}")

    def get_config(self) -> dict[str, Any]:
        """Return shape, dtype and name."""
        return {
            "batch_shape": list(self.batch_shape),
            "dtype": self.input_dtype_name,
            "sparse": self.sparse,
            "ragged": self.ragged,
            "name": self.name,
            "optional": self.optional,
        }


def _batch_shape(shape: Any, batch_size: int | None, batch_shape: Any, tensor: KerasTensor | None, name: str) -> Shape:
    if tensor is not None:
        return tensor.shape
    if shape is not None and batch_shape is not None:
        raise InvalidArgument(
            "An input takes shape or batch_shape, not both.",
            code="input-both-shapes",
            place=f"input {name!r}",
            received=f"shape={shape}, batch_shape={batch_shape}",
            fix="leave one of them out",
        )
    if batch_shape is not None:
        sizes = tuple(batch_shape)
    elif shape is not None:
        sizes = (batch_size, *((shape,) if isinstance(shape, int) else shape))
    else:
        raise InvalidArgument(
            "An input needs a shape.",
            code="input-without-shape",
            place=f"input {name!r}",
            expected="shape=(features,)",
            fix="pass shape=x.shape[1:]",
        )
    if any(size is not None and (isinstance(size, bool) or int(size) != size or size < 0) for size in sizes):
        raise InvalidArgument(
            "A shape is made of sizes and None.", code="input-shape", place=f"input {name!r}", received=sizes
        )
    return tuple(None if size is None else int(size) for size in sizes)


def Input(
    shape: Any = None,
    batch_size: int | None = None,
    dtype: DType | None = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: KerasTensor | None = None,
    optional: bool = False,
) -> KerasTensor:
    """Return a symbolic tensor with which a model begins.

    Args:
        shape: one row's shape, without the batch axis; None where any size goes.
        batch_size: size of the batch axis.
        dtype: type to which inputs are cast.
        sparse, ragged: only False works.
        batch_shape: shape with the batch axis, instead of `shape`.
        name: key of the input in a dict of inputs.
        tensor: a symbolic tensor to stand for the input.
        optional: whether None may be passed.

    Example:
        >>> Input(shape=(28, 28)).shape
        (None, 28, 28)
    """
    layer = InputLayer(shape, batch_size, dtype, sparse, ragged, batch_shape, tensor, optional, name)
    result: KerasTensor = layer.output
    return result
