"""Functional: the model that is its graph of layers."""

from __future__ import annotations

from typing import ClassVar

from ranvier.models.model import Model

__all__ = ["Functional"]


class Functional(Model):
    """What `Model(inputs, outputs)` returns; everything it does is Model's."""

    keras_module: ClassVar[str | None] = "keras.src.models.functional"


Model.functional = Functional
