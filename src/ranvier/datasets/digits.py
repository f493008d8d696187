"""The digits that come with scikit-learn, in the form of Keras's data sets."""

from __future__ import annotations

from ranvier.data.datasets.digits import load_data

__all__ = ["load_data"]
