"""Keras's `utils` namespace. What another package owns is found there on first access."""

from __future__ import annotations

import importlib
from typing import Any

from ranvier._absent import no_attribute
from ranvier.utils.arrays import normalize, pad_sequences, to_categorical
from ranvier.utils.seeding import set_random_seed

_ELSEWHERE = {
    "Config": "ranvier.utils.named_values",
    "CustomObjectScope": "ranvier.saving.objects",
    "FeatureSpace": "ranvier.models.feature_space",
    "Progbar": "ranvier.utils.progbar",
    "PyDataset": "ranvier.utils.py_dataset",
    "array_to_img": "ranvier.utils.image_files",
    "audio_dataset_from_directory": "ranvier.utils.audio_dataset",
    "clear_session": "ranvier.backend",
    "custom_object_scope": "ranvier.saving.objects",
    "deserialize_keras_object": "ranvier.models.load",
    "disable_interactive_logging": "ranvier.config",
    "enable_interactive_logging": "ranvier.config",
    "get_custom_objects": "ranvier.saving.objects",
    "get_file": "ranvier.utils.get_file",
    "get_registered_name": "ranvier.saving.objects",
    "get_registered_object": "ranvier.saving.objects",
    "get_source_inputs": "ranvier.utils.sources",
    "image_dataset_from_directory": "ranvier.utils.image_dataset",
    "img_to_array": "ranvier.utils.image_files",
    "is_interactive_logging_enabled": "ranvier.config",
    "is_keras_tensor": "ranvier.backend",
    "load_img": "ranvier.utils.image_files",
    "model_to_dot": "ranvier.utils.dot",
    "pack_x_y_sample_weight": "ranvier.utils.batches",
    "plot_model": "ranvier.models.plot",
    "register_keras_serializable": "ranvier.saving.objects",
    "save_img": "ranvier.utils.image_files",
    "serialize_keras_object": "ranvier.saving.blueprint",
    "split_dataset": "ranvier.utils.batches",
    "standardize_dtype": "ranvier.backend",
    "text_dataset_from_directory": "ranvier.utils.text_dataset",
    "timeseries_dataset_from_array": "ranvier.utils.timeseries",
    "unpack_x_y_sample_weight": "ranvier.utils.batches",
}

__all__ = ["Sequence", "bounding_boxes", "normalize", "pad_sequences", "set_random_seed", "to_categorical", *_ELSEWHERE]


def __getattr__(name: str) -> Any:
    name = "PyDataset" if name == "Sequence" else name  # its older name
    if name == "bounding_boxes":
        return importlib.import_module("ranvier.utils.bounding_boxes")
    if name in _ELSEWHERE:
        found = getattr(importlib.import_module(_ELSEWHERE[name]), name)
        globals()[name] = found  # a module of the same name, such as get_file, must not hide it
        return found
    raise no_attribute("ranvier.utils", name)


def __dir__() -> list[str]:
    return list(__all__)
