"""VarianceScaling under the names of its authors."""

from __future__ import annotations

from typing import Any, ClassVar, final

from ranvier.initializers.random import VarianceScaling

__all__ = ["GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform"]


class _Named(VarianceScaling):
    """VarianceScaling with scale, mode and distribution fixed by the class."""

    rule: ClassVar[tuple[float, str, str]]

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None:
        super().__init__(*self.rule, seed=seed, input_axes=input_axes, output_axes=output_axes)


@final
class GlorotUniform(_Named):
    """Uniform with variance `2 / (fan_in + fan_out)`.

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.
    """

    rule = (1.0, "fan_avg", "uniform")


@final
class GlorotNormal(_Named):
    """Truncated normal with variance `2 / (fan_in + fan_out)`.

    Source: Glorot and Bengio, 2010.
    """

    rule = (1.0, "fan_avg", "truncated_normal")


@final
class HeUniform(_Named):
    """Uniform with variance `2 / fan_in`, for ReLU networks.

    Source: He et al., "Delving deep into rectifiers", 2015.
    """

    rule = (2.0, "fan_in", "uniform")


@final
class HeNormal(_Named):
    """Truncated normal with variance `2 / fan_in`, for ReLU networks.

    Source: He et al., 2015.
    """

    rule = (2.0, "fan_in", "truncated_normal")


@final
class LecunUniform(_Named):
    """Uniform with variance `1 / fan_in`.

    Source: LeCun et al., "Efficient BackProp", 1998.
    """

    rule = (1.0, "fan_in", "uniform")


@final
class LecunNormal(_Named):
    """Truncated normal with variance `1 / fan_in`, for SELU networks.

    Source: LeCun et al., 1998; Klambauer et al., 2017.
    """

    rule = (1.0, "fan_in", "truncated_normal")
