"""Keras's `datasets.reuters`."""

from __future__ import annotations

from ranvier.data.datasets.reuters import get_label_names, get_word_index, load_data

__all__ = ["get_label_names", "get_word_index", "load_data"]
