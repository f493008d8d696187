"""Conversion, casts, slices, and the errors that name the right function."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import ops
from ranvier._config import set_floatx
from ranvier._errors import InvalidArgument, WrongType
from ranvier.state.symbolic import KerasTensor
from ranvier.state.variable import Variable


@pytest.mark.parametrize(
    "value",
    [
        2**31,
        -(2**31) - 1,
        np.array([1, 2**40]),
        [1, 2**33],
        np.array([2**31], "uint64") * 2,
        np.uint64(2**63),
    ],
)
def test_whole_numbers_that_do_not_fit_are_an_error(value: Any) -> None:
    for convert in (ops.convert_to_tensor, ops.to_device, lambda x: ops.add(x, 1), lambda x: ops.cast(x, "int32")):
        with pytest.raises(InvalidArgument) as caught:
            convert(value)
        assert caught.value.code == "integer-overflow"


@pytest.mark.parametrize("value", [2**31 - 1, -(2**31), np.array([2**31 - 1, -(2**31)])])
def test_whole_numbers_at_the_limit_are_kept(value: Any) -> None:
    for convert in (ops.convert_to_tensor, ops.to_device):
        result = convert(value)
        assert result.dtype == jnp.int32
        np.testing.assert_array_equal(np.asarray(result, np.int64), value)


def test_an_explicit_type_that_is_too_small_is_an_error() -> None:
    with pytest.raises(InvalidArgument, match="300"):
        ops.convert_to_tensor(np.array([300]), "int8")
    with pytest.raises(InvalidArgument):
        ops.convert_to_tensor(np.array([2**31], "uint32"), "int32")
    assert ops.convert_to_tensor(np.array([2**31], "uint32")).dtype == jnp.uint32


def test_data_becomes_floatx() -> None:
    assert ops.to_device(np.array([1.5])).dtype == jnp.float32
    assert ops.to_device(np.array([1.5], "float16")).dtype == jnp.float16
    assert ops.to_device(np.array([True])).dtype == jnp.bool_
    assert ops.to_device(np.array([3], "uint8")).dtype == jnp.uint8
    set_floatx("bfloat16")
    try:
        assert ops.to_device(np.array([1.5])).dtype == jnp.bfloat16
    finally:
        set_floatx("float32")


def test_text_stays_numpy_as_data_and_is_refused_as_numbers() -> None:
    words = np.array(["a", "b"])
    assert ops.to_device(words) is words
    with pytest.raises(WrongType, match="not-numeric"):
        ops.convert_to_tensor(words)
    with pytest.raises(WrongType):
        ops.add(np.array([object()]), 1)


def test_torch_like_tensors_are_read() -> None:
    class Tensor:
        def detach(self) -> "Tensor":
            return self

        def cpu(self) -> "Tensor":
            return self

        def numpy(self) -> np.ndarray:
            return np.array([1.0, 2.0])

    assert ops.to_device(Tensor()).tolist() == [1.0, 2.0]
    assert ops.add(Tensor(), 1).tolist() == [2.0, 3.0]


def test_variables_and_lists_of_arrays_are_operands() -> None:
    weight = Variable(np.array([1.0, 2.0], "float32"))
    assert ops.multiply(weight, 2).tolist() == [2.0, 4.0]
    assert ops.convert_to_tensor(weight, "int32").dtype == jnp.int32
    assert ops.sum([jnp.float32(1), jnp.float32(2)]).tolist() == 3.0
    assert ops.concatenate([weight, weight]).shape == (4,)


def test_conversion_back() -> None:
    array = ops.convert_to_numpy(jnp.arange(3))
    array[0] = 7
    assert array.tolist() == [7, 1, 2]
    assert ops.is_tensor(jnp.ones(1)) and not ops.is_tensor(np.ones(1)) and not ops.is_tensor(KerasTensor((1,)))


def test_shape_type_and_size_of_anything() -> None:
    symbol = KerasTensor((None, 3), "int32")
    assert ops.shape(symbol) == (None, 3) and ops.dtype(symbol) == "int32" and ops.ndim(symbol) == 2
    assert ops.size(symbol) is None and ops.size([[1, 2]]) == 2 and ops.shape([[1, 2]]) == (1, 2)


def test_sparse_and_unknown_types_are_refused() -> None:
    with pytest.raises(WrongType):
        ops.convert_to_tensor([1.0], sparse=True)
    with pytest.raises(InvalidArgument, match="float23"):
        ops.cast([1.0], "float23")
    with pytest.raises(InvalidArgument, match="scatter-reduction"):
        ops.scatter_update(jnp.zeros(3), [[0]], [1.0], reduction="mean")
    with pytest.raises(InvalidArgument, match="constant_values"):
        ops.pad(jnp.ones(2), (1, 1), mode="reflect", constant_values=1)
    with pytest.raises(InvalidArgument, match="vector"):
        ops.searchsorted(jnp.ones((2, 2)), 1.0)


def test_saturate_cast_of_the_largest_numbers() -> None:
    big = jnp.array([3e9, -3e9, 2147483520.0, 1.5])
    assert ops.saturate_cast(big, "int32").tolist() == [2147483647, -2147483648, 2147483520, 1]
    assert ops.saturate_cast(jnp.array([300, -5]), "uint8").tolist() == [255, 0]
    assert ops.saturate_cast(jnp.array([1e10]), "float16").tolist() == [65504.0]


def test_a_stopped_gradient_is_zero() -> None:
    assert float(jax.grad(lambda x: ops.stop_gradient(x) * x)(3.0)) == 3.0


def test_safe_division_has_a_safe_gradient() -> None:
    assert float(jax.grad(lambda x: ops.divide_no_nan(1.0, x))(0.0)) == 0.0


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("max", lambda x: max(0, x)),
        ("numpy", np.exp),
        ("numpy inside", lambda x: np.exp(x) + 1),
        ("math", lambda x: float(x[0])),
        ("if", lambda x: x if x.sum() > 0 else -x),
        ("range", lambda x: list(range(x.astype(int)[0]))),
        ("index", lambda x: np.zeros(3)[x.astype(int)]),
    ],
)
def test_python_on_traced_values_names_the_right_function(name: str, function: Any) -> None:
    def compiled(x: Any) -> Any:
        with ops.traceable("layer 'dense'"):
            return function(x)

    with pytest.raises(WrongType) as caught:
        jax.jit(lambda x: compiled(x))(jnp.ones(3))
    text = str(caught.value)
    assert "ops.relu" in text and "ops.exp" in text and "layer 'dense'" in text


def test_other_errors_pass_through() -> None:
    with pytest.raises(ZeroDivisionError), ops.traceable("here"):
        raise ZeroDivisionError
    with pytest.raises(ValueError, match="my own"), ops.traceable("here"):
        raise ValueError("my own")
    with pytest.raises(InvalidArgument), ops.traceable("here"):
        raise InvalidArgument("mine: truth value of an array")
    with pytest.raises(TypeError, match="add got incompatible shapes"), ops.traceable("here"):
        jnp.ones(3) + jnp.ones(2)


def test_symbolic_tensors_say_the_same() -> None:
    x = KerasTensor((None, 3))
    for wrong in (lambda: max(0, x), lambda: np.exp(x), lambda: bool(x), lambda: float(x)):
        with pytest.raises(TypeError) as caught:
            wrong()
        assert "ops.exp" in str(caught.value) or "ufunc" in str(caught.value)


def test_empty_arrays_have_shape_and_type() -> None:
    assert ops.empty((2, 0), "int32").shape == (2, 0) and ops.empty((2,)).dtype == jnp.float32
    assert ops.empty_like(jnp.ones((2, 3), "int8")).dtype == jnp.int8


@pytest.mark.parametrize("name", ["swish", "hard_swish"])
def test_second_names_compute_the_same(name: str) -> None:
    x = jnp.linspace(-4, 4, 9)
    assert np.array_equal(getattr(ops, name)(x), getattr(ops, name.replace("swish", "silu"))(x))
