"""Types and the session of `keras.backend`."""

import pytest

import ranvier
from ranvier import backend


@pytest.mark.parametrize(
    ("dtypes", "expected"),
    [
        (("int32", "float32"), "float32"),
        (("int32", float), "float32"),
        (("bfloat16", float), "bfloat16"),
        (("int8", int), "int8"),
        (("int8", "uint8"), "int16"),
        ((int, float), "float32"),
        ((int, int), "int32"),
        (("bool", "bool"), "bool"),
        ((), "float32"),
        (("float16", "bfloat16"), "float32"),
    ],
)
def test_result_type(dtypes: tuple[object, ...], expected: str) -> None:
    assert backend.result_type(*dtypes) == expected  # type: ignore[arg-type]


def test_questions_about_types() -> None:
    assert backend.is_float_dtype("bfloat16") and not backend.is_float_dtype("int8")
    assert backend.is_int_dtype("uint8") and not backend.is_int_dtype("bool")
    assert backend.standardize_dtype("float") == "float32" and backend.backend() == "jax"


def test_clear_session_starts_the_names_anew() -> None:
    backend.clear_session()
    assert ranvier.layers.Dense(1).name == "dense" and ranvier.layers.Dense(1).name == "dense_1"
    x = ranvier.Input((2,))
    ranvier.ops.exp(x)
    backend.clear_session()
    assert ranvier.layers.Dense(1).name == "dense"
    assert ranvier.ops.exp(x).history.operation.name == "exp"
    assert backend.get_uid("a") == 1 and backend.get_uid("a") == 2 and backend.get_uid("b") == 1
