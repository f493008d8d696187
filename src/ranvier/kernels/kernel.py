"""What makes native code an operation of JAX: its derivatives, batching, and the way back to the reference.

A kernel is a forward pass, whose `saved` values serve its backward pass, and that backward pass. Everything else
follows from the reference, which is plain JAX: forward-mode derivatives, derivatives of derivatives, `vmap`, other
devices. Three primitives stand behind each kernel:

    forward     operands -> outputs, saved
    tangent     operands, outputs, saved, tangents -> tangents of the outputs          (linear in the tangents)
    backward    operands, outputs, saved, cotangents -> cotangents of chosen operands  (the transpose of `tangent`)
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
from jax import lax
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from ranvier._typing import Array
from ranvier.kernels import choose

__all__ = ["Kernel", "Native"]


class Native(NamedTuple):
    """The native side of a kernel.

    Attributes:
        fits: `fits(*operands, static=)` returns what speaks against native code here, empty for nothing. Its thresholds
            come from a named benchmark.
        forward: `forward(*operands, static=, saving=)` returns a tuple of outputs, and of saved values if `saving`.
        backward: `backward(operands, outputs, saved, cotangents, wanted, static=)` returns the cotangents of the
            operands that `wanted` counts.
    """

    fits: Callable[..., str]
    forward: Callable[..., tuple[Array, ...]]
    backward: Callable[..., tuple[Array, ...]]


class Kernel:
    """An operation with a reference in JAX and native code beside it.

    Args:
        name: what `ranvier info`, profiles and errors call it.
        outputs: how many outputs the operation has.
        reference: `reference(*operands, static=, saving=)` returns the tuple of outputs, followed, if `saving`, by the
            values that native's backward pass needs, in the same shapes and dtypes.
        native: the native side.
    """

    def __init__(self, name: str, outputs: int, reference: Callable[..., tuple[Array, ...]], native: Native) -> None:
        self.name, self.outputs, self.reference, self.native = name, outputs, reference, native
        self._forward = _primitive(f"ranvier_{name}", self._forward_reference, self._forward_native)
        self._tangent = _primitive(f"ranvier_{name}_tangent", self._tangent_reference)
        self._backward = _primitive(f"ranvier_{name}_backward", self._backward_reference, self._backward_native)
        ad.primitive_jvps[self._forward] = self._jvp
        ad.primitive_transposes[self._tangent] = self._transpose

    def __call__(self, *operands: Array, static: Any) -> tuple[Array, ...]:
        """Return the outputs, by native code or by the reference.

        Args:
            *operands: the arrays.
            static: all other arguments, as one hashable value.
        """
        if self.why_reference(*operands, static=static):
            return self.reference(*operands, static=static, saving=False)
        return tuple(self._forward.bind(*_varying_alike(operands), static=static, saving=False))

    def why_reference(self, *operands: Any, static: Any) -> str:
        """Return why these operands go by the reference; empty where they go by native code."""
        return choose.why_reference(self.name, self.native.fits, operands, static)

    def _forward_reference(self, *operands: Array, static: Any, saving: bool) -> tuple[Array, ...]:
        return self.reference(*operands, static=static, saving=saving)

    def _forward_native(self, *operands: Array, static: Any, saving: bool) -> tuple[Array, ...]:
        return self.native.forward(*operands, static=static, saving=saving)

    def _jvp(
        self, operands: Sequence[Array], tangents: Sequence[Any], *, static: Any, saving: bool
    ) -> tuple[tuple[Array, ...], tuple[Any, ...]]:
        if saving:  # a derivative of the derivative
            moving = tuple(map(ad.instantiate_zeros, tangents))
            return jax.jvp(functools.partial(self.reference, static=static, saving=True), tuple(operands), moving)
        made = self._forward.bind(*operands, static=static, saving=True)
        wanted = tuple(i for i, tangent in enumerate(tangents) if not isinstance(tangent, ad.Zero))
        moves = self._tangent.bind(
            *operands, *made, *(tangents[i] for i in wanted), static=static, wanted=wanted, count=len(operands)
        )
        return tuple(made[: self.outputs]), tuple(moves)

    def _tangent_reference(self, *values: Array, static: Any, wanted: tuple[int, ...], count: int) -> tuple[Array, ...]:
        operands, tangents = values[:count], values[len(values) - len(wanted) :]
        function = self._of(operands, static, wanted)
        moved: tuple[Array, ...] = jax.jvp(function, tuple(operands[i] for i in wanted), tuple(tangents))[1]
        return moved

    def _transpose(
        self, cotangents: Sequence[Any], *values: Any, static: Any, wanted: tuple[int, ...], count: int
    ) -> list[Any]:
        known = values[: len(values) - len(wanted)]
        given = tuple(map(ad.instantiate_zeros, cotangents))
        found = self._backward.bind(*known, *given, static=static, wanted=wanted, count=count)
        return [None] * len(known) + list(found)

    def _backward_reference(
        self, *values: Array, static: Any, wanted: tuple[int, ...], count: int
    ) -> tuple[Array, ...]:
        operands, cotangents = values[:count], values[len(values) - self.outputs :]
        function = self._of(operands, static, wanted)
        back = jax.vjp(function, *(operands[i] for i in wanted))[1]
        found: tuple[Array, ...] = back(tuple(cotangents))
        return found

    def _backward_native(self, *values: Array, static: Any, wanted: tuple[int, ...], count: int) -> tuple[Array, ...]:
        operands, made, cotangents = values[:count], values[count:][: -self.outputs], values[-self.outputs :]
        outputs, saved = made[: self.outputs], made[self.outputs :]
        return self.native.backward(operands, outputs, saved, cotangents, wanted, static=static)

    def _of(self, operands: Sequence[Array], static: Any, wanted: tuple[int, ...]) -> Callable[..., tuple[Array, ...]]:
        """Return the reference as a function of the wanted operands alone."""

        def function(*moving: Array) -> tuple[Array, ...]:
            given = list(operands)
            for place, value in zip(wanted, moving, strict=True):
                given[place] = value
            return self.reference(*given, static=static, saving=False)

        return function


Function = Callable[..., tuple[Array, ...]]


def _primitive(name: str, reference: Function, native: Function | None = None) -> Any:
    """Return a primitive of JAX that is `reference` everywhere but where a processor's program may hold `native`."""
    primitive = Primitive(name)
    primitive.multiple_results = True
    _give_results(primitive, reference)
    _give_transformations(primitive, reference)
    _give_code(primitive, reference, native)
    return primitive


def _give_results(primitive: Any, reference: Function) -> None:
    """Say what comes out, and compile it where it is called outside of any program."""

    @functools.lru_cache(maxsize=256)
    def compiled(static: tuple[tuple[str, Any], ...]) -> Callable[..., Any]:
        return jax.jit(lambda *arrays: primitive.bind(*arrays, **dict(static)))

    @functools.lru_cache(maxsize=1024)
    def results(operands: tuple[jax.ShapeDtypeStruct, ...], static: tuple[tuple[str, Any], ...]) -> Any:
        return jax.eval_shape(functools.partial(reference, **dict(static)), *operands)

    def abstract(*operands: Any, **static: Any) -> Any:
        key = tuple(jax.ShapeDtypeStruct(operand.shape, operand.dtype) for operand in operands)
        made = results(key, _items(static))
        return [operands[0].update(shape=one.shape, dtype=one.dtype, weak_type=False) for one in made]

    primitive.def_impl(lambda *operands, **static: compiled(_items(static))(*operands))
    primitive.def_abstract_eval(abstract)


def _give_transformations(primitive: Any, reference: Function) -> None:
    """Batch and differentiate as the reference does."""

    def batched(operands: Sequence[Any], axes: Sequence[Any], **static: Any) -> tuple[Any, Any]:
        results = jax.vmap(functools.partial(reference, **static), tuple(axes))(*operands)
        return results, [0] * len(results)

    def derivative(operands: Sequence[Any], tangents: Sequence[Any], **static: Any) -> Any:
        moving = tuple(map(ad.instantiate_zeros, tangents))
        return jax.jvp(functools.partial(reference, **static), tuple(operands), moving)

    batching.primitive_batchers[primitive] = batched
    ad.primitive_jvps[primitive] = derivative


def _give_code(primitive: Any, reference: Function, native: Function | None) -> None:
    """Compile to the reference, or on a processor to native code."""
    by_reference = mlir.lower_fun(reference, multiple_results=True)
    mlir.register_lowering(primitive, by_reference)
    if native is None:
        return
    by_native = mlir.lower_fun(native, multiple_results=True)

    def lowered(context: Any, *operands: Any, **static: Any) -> Any:
        whole = _whole(context.module_context.axis_context)
        return (by_native if whole else by_reference)(context, *operands, **static)

    mlir.register_lowering(primitive, lowered, platform="cpu")


def _whole(axes: Any) -> bool:
    """Whether a program's arrays, or in a `shard_map` their parts, are whole: the compiler does not split them further.

    In a program that it splits, every device would gather all rows for a call that the compiler cannot look into.
    """
    mesh = getattr(axes, "mesh", None)
    if mesh is None:
        return getattr(axes, "num_devices", 1) in (None, 1)
    return all(size == 1 or name in axes.manual_axes for name, size in mesh.shape.items())


def _varying_alike(operands: Sequence[Array]) -> list[Array]:
    """Return the operands, all varying over the same axes of a `shard_map`, which sums the gradients of shared ones."""
    varying = [jax.typeof(operand).manual_axis_type.varying for operand in operands]
    every = frozenset[Any]().union(*varying)
    missing = [tuple(sorted(every - own, key=str)) for own in varying]
    return [lax.pcast(x, axes, to="varying") if axes else x for x, axes in zip(operands, missing, strict=True)]


def _items(static: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(static.items()))
