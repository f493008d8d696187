"""`tf.compat.v1`: the log's level and the seed; sessions and placeholders are not here."""

from __future__ import annotations

from types import SimpleNamespace

from ranvier.compat.tensorflow.functions import executing_eagerly, get_logger
from ranvier.compat.tensorflow.random import set_seed as set_random_seed

__all__ = ["enable_eager_execution", "enable_v2_behavior", "executing_eagerly", "logging", "set_random_seed"]

logging = SimpleNamespace(
    DEBUG=10,
    INFO=20,
    WARN=30,
    WARNING=30,
    ERROR=40,
    FATAL=50,
    get_verbosity=lambda: get_logger().getEffectiveLevel(),
    set_verbosity=lambda v: get_logger().setLevel(v),
)
"""What is logged under TensorFlow's name; Ranvier itself logs under `ranvier`."""


def enable_eager_execution() -> None:
    """Accepted: values are computed at once."""


def enable_v2_behavior() -> None:
    """Accepted: there is no other."""
