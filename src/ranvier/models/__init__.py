"""Models, by Keras's names."""

from __future__ import annotations

from ranvier.models.clone import clone_model, model_from_json
from ranvier.models.functional import Functional
from ranvier.models.generation import Generated, generate
from ranvier.models.load import load_model, save_model
from ranvier.models.model import Model
from ranvier.models.sequential import Sequential

__all__ = [
    "Functional",
    "Generated",
    "Model",
    "Sequential",
    "clone_model",
    "generate",
    "load_model",
    "model_from_json",
    "save_model",
]
