"""`tf.compat`: the little of TensorFlow 1 that scripts for TensorFlow 2 still set."""

from __future__ import annotations

from ranvier.compat.tensorflow.compat import v1

__all__ = ["v1"]
