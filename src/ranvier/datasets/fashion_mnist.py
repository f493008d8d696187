"""Keras's `datasets.fashion_mnist`."""

from __future__ import annotations

from ranvier.data.datasets.fashion_mnist import load_data

__all__ = ["load_data"]
