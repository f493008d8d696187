"""The names under `preprocessing` are those of `utils`."""

from __future__ import annotations

import pytest

import ranvier as keras


def test_names_lead_to_utils() -> None:
    for name in ("image_dataset_from_directory", "text_dataset_from_directory", "timeseries_dataset_from_array"):
        assert getattr(keras.preprocessing, name) is getattr(keras.utils, name)
    for name in ("array_to_img", "img_to_array", "load_img", "save_img"):
        assert getattr(keras.preprocessing.image, name) is getattr(keras.utils, name)
    assert keras.preprocessing.sequence.pad_sequences is keras.utils.pad_sequences
    assert "smart_resize" in dir(keras.preprocessing.image) and "image" in dir(keras.preprocessing)
    with pytest.raises(AttributeError, match="text"):
        _ = keras.preprocessing.text
