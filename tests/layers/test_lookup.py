"""Layers by name, class and configuration."""

from __future__ import annotations

import pytest

from ranvier import layers


def test_lookup_by_name_class_and_configuration() -> None:
    assert isinstance(layers.get("Flatten"), layers.Flatten)
    assert isinstance(layers.get("batch_normalization"), layers.BatchNormalization)
    dense = layers.Dense(2)
    assert layers.get(dense) is dense and layers.get(None) is None
    with pytest.raises(ValueError, match="no layer named"):
        layers.get("Dence")
