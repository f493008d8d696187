"""`keras.preprocessing.text` and `.sequence` give what Keras's old ones gave."""

from __future__ import annotations

import json
import pathlib
import random
from typing import Any

import numpy as np
import pytest

from ranvier.compat import install, old_sequence, old_text
from tests.compat.preprocessing_cases import everything

RECORDED = json.loads((pathlib.Path(__file__).parents[1] / "oracle" / "old_preprocessing.json").read_text())["found"]


def close(found: Any, wanted: Any) -> None:
    """Compare nests of plain data; floats to rounding."""
    if isinstance(wanted, dict):
        assert set(found) == set(wanted)  # Keras's order of documents per word is that of a set
        for key in wanted:
            close(found[key], wanted[key])
    elif isinstance(wanted, list) and wanted and all(isinstance(one, (float, list)) for one in wanted):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            close(one, other)
    elif isinstance(wanted, float):
        assert found == pytest.approx(wanted, rel=1e-12)
    else:
        assert found == wanted


def test_as_keras() -> None:
    found = everything(old_text, old_sequence)
    for name, wanted in RECORDED.items():
        close(found[name], wanted)
    assert set(found) == set(RECORDED)


def test_negative_pairs_and_their_order() -> None:
    random.seed(0)
    pairs, labels = old_sequence.skipgrams([1, 2, 3], 9, window_size=1, negative_samples=2.0, seed=1)
    assert labels.count(1) == 4 and labels.count(0) == 8
    assert sorted(pair for pair, label in zip(pairs, labels, strict=True) if label) == [[1, 2], [2, 1], [2, 3], [3, 2]]
    assert all(1 <= other < 9 for _, other in pairs)
    none_kept = old_sequence.skipgrams([1, 2], 9, sampling_table=[0.0] * 3)
    assert none_kept == ([], [])


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="timeseries-argument"):
        old_sequence.TimeseriesGenerator(np.arange(3), np.arange(4), 1)
    with pytest.raises(ValueError, match="timeseries-argument"):
        old_sequence.TimeseriesGenerator(np.arange(3), np.arange(3), 3)
    with pytest.raises(RuntimeError, match="tokenizer-not-fitted"):
        old_text.Tokenizer().texts_to_matrix(["a"])
    with pytest.raises(ValueError, match="tokenizer-mode"):
        old_text.Tokenizer(num_words=3).sequences_to_matrix([[1]], "tf")
    with pytest.raises(ValueError, match="words"):
        old_text.Tokenizer(words=3)


def test_the_old_paths_lead_there() -> None:
    with install():
        from keras.preprocessing import timeseries_dataset_from_array
        from keras.preprocessing.sequence import TimeseriesGenerator, pad_sequences
        from tensorflow.keras.preprocessing.text import Tokenizer, one_hot, text_to_word_sequence

        assert Tokenizer is old_text.Tokenizer and TimeseriesGenerator is old_sequence.TimeseriesGenerator
        with pytest.warns(UserWarning, match="num_words"):
            tokenizer = Tokenizer(nb_words=3)
        tokenizer.fit_on_texts(["a a b"])
        assert pad_sequences(tokenizer.texts_to_sequences(["b a"])).tolist() == [[2, 1]]
        assert all(1 <= number < 20 for number in one_hot("a b c", 20))
        assert text_to_word_sequence("A b") == ["a", "b"]
        assert len(timeseries_dataset_from_array([1, 2, 3], None, 2)) == 1
