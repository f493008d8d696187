"""`tf.version`: which TensorFlow a script believes to run on."""

from __future__ import annotations

__all__ = ["VERSION"]

VERSION = "2.21.0"
"""The TensorFlow whose names are understood; `tf.__version__` says the same."""
