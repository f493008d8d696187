"""One example of every kernel, for what all of them must do: small, and in as many rows as a test wants."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

from ranvier.kernels import attention, catalog, convolution, convolution_pooled, convolution_transpose, dense
from ranvier.kernels.kernel import Kernel
from ranvier.kernels.recurrent import Way
from ranvier.kernels.windows import Window

WAY = Way(every=True, masked=True)
WINDOWS = (Window(3, 2, 1, 1, 1, 4), Window(2, 1, 2, 1, 0, 5))
OVERLAPPING = (Window(3, 2, 1, 1, 1, 4), Window(2, 1, 1, 1, 0, 6))
HALVES = (Window(2, 2, 1, 0, 0, 2), Window(2, 2, 1, 0, 0, 2))


class Example(NamedTuple):
    """Operands of a kernel, what it takes beside them, and which operands have a row for each row of the results."""

    kernel: Kernel
    operands: list[np.ndarray]
    static: Any
    by_row: tuple[bool, ...]

    @property
    def floats(self) -> tuple[int, ...]:
        """The places of the operands that have gradients."""
        return tuple(i for i, operand in enumerate(self.operands) if operand.dtype == np.float32)


# By kernel: the shapes of the operands, `None` for the rows and names of types where they are no floats; the rest.
_ALL: dict[str, tuple[list[Any], Any]] = {
    "attention": (
        [(None, 18, 2, 5), (None, 19, 1, 5), (None, 19, 1, 3), (None, 1, 18, 19, "mask")],
        attention.Attention(0.4, True, True),
    ),
    "average_pool": ([(None, 7, 6, 5)], OVERLAPPING),
    "convolution": ([(None, 7, 6, 5), (3, 2, 5, 17), (17,)], convolution.Setting(WINDOWS, True)),
    "convolution_pooled": (
        [(None, 7, 6, 5), (3, 2, 5, 17), (17,)],
        convolution_pooled.Setting(convolution.Setting(WINDOWS, True), HALVES),
    ),
    "convolution_transpose": (
        [(None, 4, 5, 9), (3, 2, 5, 9)],
        convolution_transpose.Setting(WINDOWS, (7, 6)),
    ),
    "cross_entropy": ([(None, 19), (None, "labels")], None),
    "dense": ([(None, 7), (7, 19), (19,)], dense.Dense("gelu", True)),
    "gru": ([(None, 4, 3), (3, 15), (5, 15), (2, 15), (None, 5), (None, 4, "mask")], WAY),
    "layer_norm": ([(None, 19), (19,), (19,)], 1e-3),
    "lstm": ([(None, 4, 3), (3, 20), (5, 20), (20,), (None, 5), (None, 5), (None, 4, "mask")], WAY),
    "max_pool": ([(None, 7, 6, 5)], OVERLAPPING),
    "simple_rnn_relu": ([(None, 4, 3), (3, 5), (5, 5), (5,), (None, 5), (None, 4, "mask")], WAY),
    "simple_rnn_tanh": ([(None, 4, 3), (3, 5), (5, 5), (5,), (None, 5), (None, 4, "mask")], WAY),
}

EXAMPLES = {name: _ALL[name] for name in catalog.entries()}


def example(name: str, rows: int = 2) -> Example:
    """Return the example of a kernel with so many rows."""
    shapes, static = EXAMPLES[name]
    draw = np.random.default_rng(len(name))
    operands = []
    for shape in shapes:
        kind = shape[-1] if isinstance(shape[-1], str) else ""
        sizes = [rows if size is None else size for size in (shape[:-1] if kind else shape)]
        if kind == "labels":
            operands.append(draw.integers(0, 19, sizes).astype(np.int32))
        else:
            array = draw.normal(size=sizes)
            operands.append(array > -0.5 if kind else array.astype(np.float32))
    return Example(catalog.entries()[name].kernel, operands, static, tuple(shape[0] is None for shape in shapes))


@contextlib.contextmanager
def all_native() -> Iterator[None]:
    """Let every kernel go by native code, however little there is to do: that it pays is for benchmarks to show."""
    with contextlib.ExitStack() as stack:
        for entry in catalog.entries().values():
            kernel = entry.kernel
            stack.enter_context(
                mock.patch.object(kernel, "native", kernel.native._replace(fits=lambda *operands, static: ""))
            )
        yield
