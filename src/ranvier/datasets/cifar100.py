"""Keras's `datasets.cifar100`."""

from __future__ import annotations

from ranvier.data.datasets.cifar100 import load_data

__all__ = ["load_data"]
