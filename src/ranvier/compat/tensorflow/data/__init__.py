"""`tf.data`: rows and batches that flow through functions, on the host."""

from __future__ import annotations

from ranvier.compat.tensorflow.data import experimental
from ranvier.compat.tensorflow.data.dataset import Dataset, Options
from ranvier.compat.tensorflow.data.experimental import AUTOTUNE, INFINITE_CARDINALITY, UNKNOWN_CARDINALITY

__all__ = ["AUTOTUNE", "INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "Dataset", "Options", "experimental"]
