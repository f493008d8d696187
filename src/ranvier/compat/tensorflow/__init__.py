"""What `import tensorflow as tf` gives: the part of TensorFlow that scripts use around Keras.

Values are arrays of JAX; whatever takes a tensor also takes NumPy arrays, numbers and Variables.
"""

from __future__ import annotations

from ranvier import initializers, losses, metrics, optimizers
from ranvier.compat.tensorflow import (
    autograph,
    compat,
    config,
    data,
    dtypes,
    functions,
    image,
    io,
    linalg,
    math,
    nn,
    random,
    scattering,
    shaping,
    test,
    train,
    values,
    version,
)
from ranvier.compat.tensorflow.dtypes import *  # noqa: F403
from ranvier.compat.tensorflow.functions import *  # noqa: F403
from ranvier.compat.tensorflow.module import Module
from ranvier.compat.tensorflow.scattering import *  # noqa: F403
from ranvier.compat.tensorflow.shaping import *  # noqa: F403
from ranvier.compat.tensorflow.values import *  # noqa: F403
from ranvier.initializers import Constant, Ones, RandomNormal, RandomUniform, Zeros

_FROM_LINALG = ("clip_by_global_norm", "clip_by_norm", "einsum", "matmul", "norm", "tensordot")
_FROM_MATH = (
    *("abs", "acos", "add", "add_n", "argmax", "argmin", "asin", "atan", "ceil", "clip_by_value", "cos", "cosh"),
    *("cumsum", "divide", "equal", "erf", "exp", "floor", "greater", "greater_equal", "less", "less_equal"),
    *("logical_and", "logical_not", "logical_or", "maximum", "minimum", "multiply", "negative", "not_equal", "pow"),
    *("reduce_all", "reduce_any", "reduce_logsumexp", "reduce_max", "reduce_mean", "reduce_min", "reduce_prod"),
    *("reduce_sum", "round", "sigmoid", "sign", "sin", "sinh", "sqrt", "square", "subtract", "tan", "tanh", "truediv"),
)
globals().update({name: getattr(linalg, name) for name in _FROM_LINALG})
globals().update({name: getattr(math, name) for name in _FROM_MATH})
constant_initializer, ones_initializer, zeros_initializer = Constant, Ones, Zeros
random_normal_initializer, random_uniform_initializer = RandomNormal, RandomUniform
__version__ = version.VERSION

__all__ = [
    "Module",
    "__version__",
    "autograph",
    "compat",
    "config",
    "data",
    "dtypes",
    "image",
    "io",
    "linalg",
    "math",
    "nn",
    "random",
    "test",
    "train",
    "version",
]
__all__ += [*dtypes.__all__, *functions.__all__, *scattering.__all__, *shaping.__all__, *values.__all__]
__all__ += [*_FROM_LINALG, *_FROM_MATH]
__all__ += ["constant_initializer", "ones_initializer", "zeros_initializer"]
__all__ += ["initializers", "losses", "metrics", "optimizers"]
__all__ += ["random_normal_initializer", "random_uniform_initializer"]
