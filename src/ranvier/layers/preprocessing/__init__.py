"""Layers that prepare data, inside or before a model."""
