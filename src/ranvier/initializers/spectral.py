"""Kernels that compute the short-time Fourier transform as a convolution."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp
import numpy as np

from ranvier._errors import InvalidArgument
from ranvier._lookup import plain
from ranvier._typing import Array, DType
from ranvier.initializers.base import Initializer
from ranvier.ops import windows
from ranvier.state.variable import dtype_name

__all__ = ["STFT"]


@final
class STFT(Initializer):
    """`window[n] cos(2 pi n k / F)` or `-window[n] sin(2 pi n k / F)`, divided by the size of the window.

    The shape is [frame step n, 1, frequency k], with `F / 2 + 1` frequencies.

    Args:
        side: `"real"` for the cosines, `"imag"` for the sines.
        window: `"hann"`, `"hamming"`, ..., its weights, or None for all steps alike.
        scaling: `"density"` divides by the root of the sum of squares, `"spectrum"` by the sum; None, and a window of
            None, by nothing.
        periodic: whether a named window is periodic instead of symmetric.

    Numerics: angles are computed in float64; Keras computes them in the type of the kernel.

    Raises:
        InvalidArgument: an argument that does not exist.

    Example:
        >>> STFT(window=None)((2, 1, 2)).round(3)[:, 0].tolist()
        [[1.0, 1.0], [1.0, -1.0]]

    Source: Cheuk et al., "nnAudio", 2020.
    """

    keras_module = "keras.initializers"

    def __init__(
        self, side: str = "real", window: Any = "hann", scaling: str | None = "density", periodic: bool = False
    ) -> None:
        for name, value, known in (
            ("side", side, ("real", "imag")),
            ("scaling", scaling, ("density", "spectrum", None)),
        ):
            if value not in known:
                raise InvalidArgument(
                    f"STFT does not know this {name}.",
                    code=f"stft-{name}",
                    place=f"{name}=",
                    expected=", ".join(map(str, known)),
                    received=repr(value),
                )
        if isinstance(window, str):
            windows.weights(window, 1)
        self.side, self.window, self.scaling, self.periodic = side, window, scaling, periodic

    def __call__(self, shape: Any, dtype: DType | None = None) -> Array:
        """Return the kernel of `shape`.

        Raises:
            InvalidArgument: the window is not as long as the first axis.
        """
        steps, _, frequencies = shape
        turns = np.outer(np.arange(steps), np.arange(frequencies)) / (2 * (frequencies - 1))
        kernel = np.cos(2 * np.pi * turns) if self.side == "real" else -np.sin(2 * np.pi * turns)
        if self.window is not None:
            kernel = kernel * self._scaled_window(steps)[:, None]
        return jnp.asarray(kernel[:, None], dtype_name(dtype))

    def _scaled_window(self, steps: int) -> Any:
        named = isinstance(self.window, str)
        weights = windows.weights(self.window, steps, self.periodic) if named else np.asarray(self.window, np.float64)
        if weights.shape != (steps,):
            raise InvalidArgument(
                "The window is not as long as the frame.",
                code="window-length",
                place="window=",
                expected=(steps,),
                received=weights.shape,
            )
        if self.scaling is None:
            return weights
        return weights / (np.sqrt(np.sum(weights**2)) if self.scaling == "density" else np.sum(np.abs(weights)))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as plain data."""
        return {
            "side": self.side,
            "window": plain(self.window),
            "periodic": self.periodic,
            "scaling": self.scaling,
        }
