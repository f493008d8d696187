"""Functions on arrays, Variables and symbolic tensors, by Keras's names."""

from __future__ import annotations

from ranvier.ops import (
    activation,
    arithmetic,
    attention,
    comparison,
    convolution,
    core,
    creation,
    ctc,
    elementwise,
    flow,
    image,
    indexing,
    linalg,
    nans,
    nn,
    normalization,
    numpy,
    operators,
    patches,
    pooling,
    probability,
    products,
    rearranging,
    reductions,
    shapes,
    spectral,
    statistics,
    trigonometry,
    windows,
)
from ranvier.ops.activation import *  # noqa: F403
from ranvier.ops.arithmetic import *  # noqa: F403
from ranvier.ops.attention import *  # noqa: F403
from ranvier.ops.comparison import *  # noqa: F403
from ranvier.ops.convolution import *  # noqa: F403
from ranvier.ops.core import *  # noqa: F403
from ranvier.ops.creation import *  # noqa: F403
from ranvier.ops.ctc import *  # noqa: F403
from ranvier.ops.elementwise import *  # noqa: F403
from ranvier.ops.flow import *  # noqa: F403
from ranvier.ops.indexing import *  # noqa: F403
from ranvier.ops.linalg import *  # noqa: F403
from ranvier.ops.nans import *  # noqa: F403
from ranvier.ops.normalization import *  # noqa: F403
from ranvier.ops.patches import *  # noqa: F403
from ranvier.ops.pooling import *  # noqa: F403
from ranvier.ops.probability import *  # noqa: F403
from ranvier.ops.products import *  # noqa: F403
from ranvier.ops.rearranging import *  # noqa: F403
from ranvier.ops.reductions import *  # noqa: F403
from ranvier.ops.shapes import *  # noqa: F403
from ranvier.ops.spectral import *  # noqa: F403
from ranvier.ops.statistics import *  # noqa: F403
from ranvier.ops.trigonometry import *  # noqa: F403
from ranvier.ops.windows import *  # noqa: F403

__all__ = ["image", "linalg", "nn", "numpy"]
__all__ += activation.__all__
__all__ += arithmetic.__all__
__all__ += attention.__all__
__all__ += comparison.__all__
__all__ += convolution.__all__
__all__ += core.__all__
__all__ += creation.__all__
__all__ += ctc.__all__
__all__ += elementwise.__all__
__all__ += flow.__all__
__all__ += indexing.__all__
__all__ += linalg.__all__
__all__ += nans.__all__
__all__ += normalization.__all__
__all__ += patches.__all__
__all__ += pooling.__all__
__all__ += probability.__all__
__all__ += products.__all__
__all__ += rearranging.__all__
__all__ += reductions.__all__
__all__ += shapes.__all__
__all__ += spectral.__all__
__all__ += statistics.__all__
__all__ += trigonometry.__all__
__all__ += windows.__all__

operators.install()
