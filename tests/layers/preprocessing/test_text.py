"""Layers of text and categories: what is not compared with Keras's numbers, and what they refuse."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pytest

from ranvier import layers
from ranvier.layers.preprocessing.fingerprints import hash_numbers, hash_texts

TEXTS = ["the cat", "the dog"]


def adapted() -> Any:
    layer = layers.TextVectorization()
    layer.adapt(TEXTS)
    return layer


def test_batches_adapt_as_the_whole() -> None:
    layer = layers.TextVectorization(output_mode="tf_idf")
    layer.adapt(iter([TEXTS[:1], np.array(TEXTS[1:])[:, None], ["left out"]]), steps=2)
    whole = layers.TextVectorization(output_mode="tf_idf")
    whole.adapt(TEXTS)
    assert layer.get_vocabulary() == whole.get_vocabulary() == ["[UNK]", "the", "dog", "cat"]
    np.testing.assert_array_equal(layer(TEXTS), whole(TEXTS))


def test_a_second_adapt_forgets_the_first() -> None:
    layer = adapted()
    layer.adapt(["new"])
    assert layer.get_vocabulary(include_special_tokens=False) == ["new"]


def test_inverse_gives_the_texts_back() -> None:
    forward = layers.StringLookup(vocabulary=["a", "b"])
    back = layers.StringLookup(vocabulary=["a", "b"], invert=True)
    assert back(forward([["a", "z"], ["b", "b"]])).tolist() == [["a", "[UNK]"], ["b", "b"]]


def test_functions_of_ones_own() -> None:
    layer = layers.TextVectorization(
        standardize=lambda texts: np.char.replace(texts, "-", " "), split=lambda texts: [t.split("|") for t in texts]
    )
    layer.adapt(["a-b|c", "c|c"])
    assert layer.get_vocabulary(False) == ["c", "a b"]


def test_vocabulary_from_a_file(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("cat\ndog\n")
    layer = layers.StringLookup(vocabulary=str(path))
    assert layer.get_vocabulary() == ["[UNK]", "cat", "dog"]
    assert layer.get_config()["vocabulary"] is None


def test_numbers_hash_as_their_texts() -> None:
    numbers = np.random.default_rng(0).integers(-(2**31), 2**31, 50).astype(np.int32)
    numbers = np.concatenate([numbers, [10**k for k in range(10)], [-(10**k) for k in range(10)]]).astype(np.int32)
    wanted = hash_texts([str(n) for n in numbers.tolist()], 12345)
    np.testing.assert_array_equal(hash_numbers(numbers, 12345), wanted)


REFUSED: list[tuple[Any, type[Exception], str]] = [
    (lambda: layers.TextVectorization()(TEXTS), RuntimeError, "vocabulary-missing"),
    (lambda: layers.StringLookup(output_mode="count")(["a"]), RuntimeError, "vocabulary-missing"),
    (lambda: layers.IntegerLookup()([1]), RuntimeError, "vocabulary-missing"),
    (lambda: layers.Discretization(num_bins=3)([1.0]), RuntimeError, "discretization-boundaries"),
    (lambda: layers.StringLookup(vocabulary=[]), ValueError, "vocabulary-empty"),
    (lambda: layers.TextVectorization().adapt([""]), ValueError, "adapt-empty"),
    (lambda: layers.StringLookup(vocabulary=["a", "a"]), ValueError, "vocabulary"),
    (lambda: layers.StringLookup(vocabulary=["a", "b"], max_tokens=2), ValueError, "max_tokens=2"),
    (lambda: layers.StringLookup(vocabulary=["a"]).adapt(["b"]), ValueError, "vocabulary-given"),
    (lambda: layers.StringLookup(vocabulary=["a"], num_oov_indices=0)(["b"]), ValueError, "token-unknown"),
    (lambda: layers.StringLookup(vocabulary=["a"])([1, 2]), TypeError, "not-text"),
    (lambda: layers.TextVectorization(vocabulary=["a"])([["a"], ["b", "c"]]), TypeError, "not-text"),
    (lambda: layers.TextVectorization(vocabulary=["a"])([["a", "b"]]), ValueError, "text-shape"),
    (lambda: layers.IntegerLookup(vocabulary=[1]).set_vocabulary([1.5]), TypeError, "not-integers"),
    (lambda: layers.StringLookup(vocabulary="/nowhere/words.txt"), ValueError, "vocabulary-file"),
    (lambda: layers.StringLookup(vocabulary=["a"], output_mode="tf_idf"), ValueError, "idf_weights"),
    (lambda: layers.StringLookup(output_mode="tf_id"), ValueError, "output-mode"),
    (lambda: layers.StringLookup(sparse=True), NotImplementedError, "sparse-output"),
    (lambda: layers.StringLookup(invert=True)(layers.Input((1,), dtype="int32")), NotImplementedError, "text-output"),
    (lambda: layers.StringLookup(tokens=3), ValueError, "tokens"),
    (lambda: layers.TextVectorization(split="words"), ValueError, "split"),
    (lambda: layers.TextVectorization(ngrams="2"), ValueError, "ngrams"),
    (lambda: layers.TextVectorization(output_mode="count", output_sequence_length=3), ValueError, "output_mode"),
    (lambda: layers.Hashing(0), ValueError, "num_bins"),
    (lambda: layers.Hashing(3, salt="x"), ValueError, "salt"),
    (lambda: layers.Hashing(3, dtype="float32"), ValueError, "bins-dtype"),
    (lambda: layers.HashedCrossing(3)(["a"]), ValueError, "crossing-inputs"),
    (lambda: layers.HashedCrossing(3)([["a"], [1, 2]]), ValueError, "crossing-shapes"),
    (lambda: layers.HashedCrossing(3)([["a"], [1.5]]), TypeError, "not-categories"),
    (lambda: layers.CategoryEncoding(), ValueError, "num_tokens"),
    (lambda: layers.CategoryEncoding(2)([0], count_weights=[1.0]), ValueError, "count-weights"),
    (lambda: layers.Discretization([1.0], num_bins=2), ValueError, "discretization-bins"),
    (lambda: layers.Discretization([1.0]).adapt([1.0]), ValueError, "discretization-given"),
]


@pytest.mark.parametrize(("act", "kind", "word"), REFUSED, ids=[f"{n}-{row[2]}" for n, row in enumerate(REFUSED)])
def test_refusals(act: Any, kind: type[Exception], word: str) -> None:
    with pytest.raises(kind, match=word):
        act()
