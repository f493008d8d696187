"""`tf.function` and what stands around it: tapes, conditions, loops, calls into Python."""

from __future__ import annotations

import functools
import inspect
import logging
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import jax
import numpy as np

from ranvier import ops
from ranvier._errors import WrongType
from ranvier.compat.tensorflow.values import TensorSpec, convert_to_tensor
from ranvier.engine.compiled_function import CompiledFunction
from ranvier.engine.tape import GradientTape
from ranvier.state import scope

__all__ = [
    "GradientTape",
    "cond",
    "custom_gradient",
    "device",
    "executing_eagerly",
    "function",
    "get_logger",
    "group",
    "map_fn",
    "name_scope",
    "no_op",
    "numpy_function",
    "print",
    "py_function",
    "vectorized_map",
    "while_loop",
]


class Switch:
    """What `tf.config.run_functions_eagerly` sets."""

    eagerly = False


class _Function(CompiledFunction):
    """A compiled function that obeys the switch, and brings its arguments to the types of a signature."""

    def __init__(self, function: Callable[..., Any], input_signature: Any = None) -> None:
        super().__init__(function)
        self.input_signature = None if input_signature is None else tuple(input_signature)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.input_signature is not None:
            args, kwargs = self._by_signature(args, kwargs)
        call = self.python_function if Switch.eagerly else super().__call__
        return call(*args, **kwargs)

    def _by_signature(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments as tensors of the signature's types; what stands before them, `self`, stays."""
        assert self.input_signature is not None
        names = list(inspect.signature(self.python_function).parameters)
        first = int(bool(names) and names[0] == "self")
        specs = dict(zip(names[first:], self.input_signature, strict=False))
        positional = [jax.tree.map(_typed, spec, arg) for spec, arg in zip(specs.values(), args[first:], strict=False)]
        rest = args[first + len(positional) :]
        named = {name: jax.tree.map(_typed, specs[name], arg) if name in specs else arg for name, arg in kwargs.items()}
        return (*args[:first], *positional, *rest), named


def _typed(spec: TensorSpec, value: Any) -> Any:
    """Return a value as a tensor of a signature's type.

    Raises:
        WrongType: its shape is another.
    """
    tensor = convert_to_tensor(value, spec.dtype)
    sizes = tuple(tensor.shape)
    if len(sizes) == len(spec.shape) and all(
        want in (None, size) for want, size in zip(spec.shape, sizes, strict=True)
    ):
        return tensor
    raise WrongType(
        "An argument does not have the shape of input_signature.",
        code="signature-shape",
        place="tf.function",
        expected=tuple(spec.shape),
        received=sizes,
        fix="pass a tensor of this shape, or write None for the sizes that change",
    )


def function(func: Callable[..., Any] | None = None, input_signature: Any = None, **options: Any) -> Any:
    """Compile a function, as a decorator with or without arguments.

    Args:
        func: the function; None when the decorator is given arguments.
        input_signature: TensorSpecs; arguments are brought to their types, and must have their shapes.
        options: `jit_compile`, `reduce_retracing`, `autograph`, ...: accepted, everything is compiled.

    Example:
        >>> @function
        ... def double(x):
        ...     return 2 * x
        >>> float(double(np.float32(3)))
        6.0
    """
    if func is None:
        return functools.partial(function, input_signature=input_signature, **options)
    return _Function(func, input_signature)


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function whose gradient is the one that `f` gives: `f(*args) -> (value, grad)`.

    `grad` takes the gradient of each value, as an argument of its own, and returns those of the arguments in order.

    Example:
        >>> @custom_gradient
        ... def half_felt(x):
        ...     return x * x, lambda upstream: upstream * x
        >>> float(jax.grad(half_felt)(3.0))
        3.0
    """

    @functools.wraps(f)
    def call(*args: Any) -> Any:
        args = tuple(convert_to_tensor(arg) for arg in args)
        return ops.custom_gradient(given)(*args)

    def given(*args: Any) -> tuple[Any, Callable[..., Any]]:
        value, grad = f(*args)

        def backward(upstream: Any) -> Any:
            found = grad(*upstream) if isinstance(upstream, (tuple, list)) else grad(upstream)
            return tuple(found) if isinstance(found, (tuple, list)) and len(args) > 1 else found

        return value, backward

    return call


def executing_eagerly() -> bool:
    """Whether values are computed at once: outside of functions and steps that are compiled."""
    return scope.active() is None


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any], name: str | None = None) -> Any:
    """Return what one of two functions returns."""
    return ops.cond(pred, true_fn, false_fn)


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    maximum_iterations: int | None = None,
    **options: Any,
) -> Any:
    """Return the loop's variables after the last turn."""
    return ops.while_loop(cond, body, loop_vars, maximum_iterations)


def map_fn(fn: Callable[[Any], Any], elems: Any, dtype: Any = None, **options: Any) -> Any:
    """Return the function's results for every row, as one tensor."""
    return ops.map(fn, elems)


def vectorized_map(fn: Callable[[Any], Any], elems: Any, **options: Any) -> Any:
    """Return the function's results for every row, computed together."""
    return ops.vectorized_map(fn, elems)


def numpy_function(func: Callable[..., Any], inp: Any, Tout: Any = None, **options: Any) -> Any:
    """Call a function of NumPy arrays; the values must be there, so nothing around it is compiled."""
    return jax.tree.map(convert_to_tensor, func(*(np.asarray(value) for value in inp)))


def py_function(func: Callable[..., Any], inp: Any, Tout: Any = None, name: str | None = None) -> Any:
    """Call a Python function with values; they must be there, so nothing around it is compiled."""
    return jax.tree.map(convert_to_tensor, func(*(convert_to_tensor(np.asarray(value)) for value in inp)))


def print(*inputs: Any, output_stream: Any = None, sep: str = " ", end: str = "\n", **options: Any) -> None:
    """Print values, at every call also of a compiled function."""
    text = sep.join("{}" for _ in inputs)
    values = [ops.convert_to_tensor(value) if hasattr(value, "__jax_array__") else value for value in inputs]
    if any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(values)):
        jax.debug.print(text, *values)
    else:
        _write(text.format(*values) + end, output_stream)


def _write(text: str, stream: Any) -> None:
    (stream if hasattr(stream, "write") else sys.stderr).write(text)


def device(device_name: Any) -> AbstractContextManager[None]:
    """Accepted: JAX chooses the device."""
    return nullcontext()


def name_scope(name: str) -> AbstractContextManager[None]:
    """Accepted: names come from layers."""
    return nullcontext()


def no_op(name: str | None = None) -> None:
    """Do nothing."""


def group(*inputs: Any, name: str | None = None) -> None:
    """Accepted: what was computed is computed."""


def get_logger() -> logging.Logger:
    """Return the log of TensorFlow's name."""
    return logging.getLogger("tensorflow")
