"""Calls of Keras 2's `preprocessing.text` and `preprocessing.sequence`: pure data, read by the recording script too."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

TEXTS = ["The cat sat on the mat.", "The dog, the cat!", "", "a\tb a  é", "the-the 7"]
WORDS = [["The", "cat"], ["dog", "the"]]

TOKENIZERS: dict[str, dict[str, Any]] = {
    "plain": {},
    "few": {"num_words": 4},
    "unknown": {"num_words": 4, "oov_token": "<oov>"},
    "characters": {"char_level": True},
    "as written": {"lower": False, "filters": "!.", "split": " "},
}
MODES = ("binary", "count", "freq", "tfidf")
SERIES: dict[str, dict[str, Any]] = {
    "plain": {"length": 3},
    "spaced": {"length": 4, "sampling_rate": 2, "stride": 3, "batch_size": 2},
    "part": {"length": 2, "start_index": 3, "end_index": 9, "batch_size": 4},
    "backwards": {"length": 3, "reverse": True, "batch_size": 5},
}


def tokenized(text: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Return all that a Tokenizer of a `preprocessing.text` module gives, as JSON has it."""
    tokenizer = text.Tokenizer(**options)
    tokenizer.fit_on_texts(TEXTS)
    tokenizer.fit_on_texts(WORDS)
    sequences = tokenizer.texts_to_sequences([*TEXTS, "the unseen dog", ["mat", "cat"]])
    again = text.tokenizer_from_json(tokenizer.to_json())
    found = {
        "config": {**tokenizer.get_config(), "word_docs": None, "index_docs": None},
        "word_docs": dict(tokenizer.word_docs),
        "index_docs": dict(tokenizer.index_docs),
        "sequences": sequences,
        "texts": tokenizer.sequences_to_texts([*sequences, [99, 1]]),
        "matrices": [tokenizer.sequences_to_matrix(sequences, mode).tolist() for mode in MODES],
        "again": again.texts_to_matrix(TEXTS, "tfidf").tolist(),
    }
    tokenizer.fit_on_sequences([[1, 2, 2], [1]])
    found["more"] = tokenizer.sequences_to_matrix([[1, 2]], "tfidf").tolist()
    result: dict[str, Any] = json.loads(json.dumps(found))
    return result


def words(text: Any) -> dict[str, Any]:
    """Return what the functions of a `preprocessing.text` module give."""
    return {
        "words": [text.text_to_word_sequence(one) for one in TEXTS],
        "other": text.text_to_word_sequence("A,b;C", filters=";", lower=False, split=","),
        "md5": [text.hashing_trick(one, 50, "md5") for one in TEXTS],
        "own": text.hashing_trick("aa bbb", 10, len),
    }


def windows(sequence: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Return what a TimeseriesGenerator gives."""
    data = np.arange(14) * 10
    series = sequence.TimeseriesGenerator(data, data + 1, **options)
    batches = [series[number] for number in range(len(series))]
    return {"batches": [[x.tolist(), y.tolist()] for x, y in batches]}


def pairs(sequence: Any) -> dict[str, Any]:
    """Return what word2vec's helpers give where nothing is drawn."""
    near = sequence.skipgrams([1, 2, 0, 3], 4, window_size=2, negative_samples=0, shuffle=False)
    coded = sequence.skipgrams([1, 2], 4, negative_samples=0, shuffle=False, categorical=True)
    return {"near": near, "coded": coded, "table": sequence.make_sampling_table(8).tolist()}


def everything(text: Any, sequence: Any) -> dict[str, Any]:
    """Return the results of all calls."""
    found = {f"tokenizer {name}": tokenized(text, options) for name, options in TOKENIZERS.items()}
    found |= {f"series {name}": windows(sequence, options) for name, options in SERIES.items()}
    result: dict[str, Any] = json.loads(json.dumps({**found, "words": words(text), "pairs": pairs(sequence)}))
    return result
