"""Arithmetic and indexing of symbolic tensors: each operator is the function of `ops` with the same meaning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ranvier.ops import arithmetic, comparison, elementwise, indexing, products
from ranvier.state.symbolic import KerasTensor

__all__ = ["install"]

_BOTH_SIDES: dict[str, Callable[[Any, Any], Any]] = {
    "add": arithmetic.add,
    "sub": arithmetic.subtract,
    "mul": arithmetic.multiply,
    "truediv": arithmetic.divide,
    "floordiv": arithmetic.floor_divide,
    "mod": arithmetic.mod,
    "pow": arithmetic.power,
    "matmul": products.matmul,
    "and": comparison.logical_and,
    "or": comparison.logical_or,
    "xor": comparison.logical_xor,
}
_ONE_SIDE: dict[str, Callable[..., Any]] = {
    "lt": comparison.less,
    "le": comparison.less_equal,
    "gt": comparison.greater,
    "ge": comparison.greater_equal,
    "ne": comparison.not_equal,
    "neg": elementwise.negative,
    "abs": elementwise.absolute,
    "invert": comparison.logical_not,
    "round": elementwise.round,
    "getitem": indexing.get_item,
}


def _reflected(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def operator(self: Any, other: Any) -> Any:
        return function(other, self)

    return operator


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    def operator(self: Any, *others: Any) -> Any:
        return function(self, *others)

    return operator


def install() -> None:
    """Give KerasTensor its operators; NumPy arrays and Variables on the left leave the work to it."""
    for name, function in _BOTH_SIDES.items():
        setattr(KerasTensor, f"__{name}__", _method(function))
        setattr(KerasTensor, f"__r{name}__", _reflected(function))
    for name, function in _ONE_SIDE.items():
        setattr(KerasTensor, f"__{name}__", _method(function))
    # NumPy's own operators would ask for the value of each tensor.
    setattr(KerasTensor, "__array_ufunc__", None)  # noqa: B010
