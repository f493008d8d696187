"""Keras's `datasets.boston_housing`."""

from __future__ import annotations

from ranvier.data.datasets.boston_housing import load_data

__all__ = ["load_data"]
