"""Keras's `datasets.mnist`."""

from __future__ import annotations

from ranvier.data.datasets.mnist import load_data

__all__ = ["load_data"]
