"""Keras's `datasets.cifar10`."""

from __future__ import annotations

from ranvier.data.datasets.cifar10 import load_data

__all__ = ["load_data"]
