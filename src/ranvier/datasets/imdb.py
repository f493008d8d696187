"""Keras's `datasets.imdb`."""

from __future__ import annotations

from ranvier.data.datasets.imdb import get_word_index, load_data

__all__ = ["get_word_index", "load_data"]
