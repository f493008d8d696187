"""Keras's `datasets.california_housing`."""

from __future__ import annotations

from ranvier.data.datasets.california_housing import load_data

__all__ = ["load_data"]
