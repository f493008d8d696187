"""Models that take text: trained, evaluated, predicted with, saved; and what they refuse."""

from __future__ import annotations

import pathlib
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers
from ranvier._errors import FileRefused
from ranvier.engine import compiled
from ranvier.utils import PyDataset

TEXTS = np.array(["the cat sat", "the dog ran", "a cat", "a dog and a cat"] * 4)
TARGETS = np.array([[1.0], [0.0], [1.0], [1.0]] * 4, np.float32)


def classifier() -> Any:
    words = layers.TextVectorization(output_sequence_length=5)
    words.adapt(TEXTS)
    chain = [words, layers.Embedding(10, 4), layers.GlobalAveragePooling1D(), layers.Dense(1, activation="sigmoid")]
    model = keras.Sequential(chain)
    model.compile(keras.optimizers.Adam(0.1), "binary_crossentropy")
    return model


def test_text_in_training_equals_numbers_made_before_it() -> None:
    keras.utils.set_random_seed(3)
    whole = classifier()
    keras.utils.set_random_seed(3)
    words, *rest = classifier().layers
    inner = keras.Sequential(rest)
    inner.compile(keras.optimizers.Adam(0.1), "binary_crossentropy")
    history = whole.fit(TEXTS, TARGETS, epochs=3, batch_size=4, verbose=0, seed=1, validation_split=0.25).history
    numbers = np.asarray(words(TEXTS))
    wanted = inner.fit(numbers, TARGETS, epochs=3, batch_size=4, verbose=0, seed=1, validation_split=0.25).history
    assert history == wanted and history["loss"][-1] < history["loss"][0]
    np.testing.assert_array_equal(whole.predict(TEXTS), inner.predict(numbers))


def test_every_way_of_passing_text() -> None:
    model = classifier()
    wanted = model.predict(TEXTS)
    for texts in (TEXTS[:, None], TEXTS.tolist(), TEXTS.astype(object), np.char.encode(TEXTS)):
        np.testing.assert_array_equal(model.predict(texts), wanted)
    np.testing.assert_array_equal(model(TEXTS), wanted)
    np.testing.assert_array_equal(model.predict_on_batch(TEXTS[:3]), wanted[:3])
    assert model.predict(np.array([["some text"]])).shape == (1, 1)
    assert model.test_on_batch(TEXTS, TARGETS) == pytest.approx(model.evaluate(TEXTS, TARGETS, verbose=0), rel=1e-5)
    before = model.train_on_batch(TEXTS, TARGETS)
    assert model.test_on_batch(TEXTS, TARGETS) < before


class Batches(PyDataset):
    """Four batches of texts; counts its epochs."""

    ended = 0

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> Any:
        return TEXTS[4 * index : 4 * index + 4], TARGETS[4 * index : 4 * index + 4]

    def on_epoch_end(self) -> None:
        self.ended += 1


def test_sources_of_batches() -> None:
    def generator() -> Iterator[Any]:
        yield from Batches()

    model, source = classifier(), Batches()
    history = model.fit(source, epochs=2, verbose=0, shuffle=False, validation_data=(TEXTS, TARGETS)).history
    assert source.ended == 2 and len(history["val_loss"]) == 2
    assert model.predict(source).shape == (16, 1)
    assert model.evaluate(generator(), verbose=0) == pytest.approx(model.evaluate(TEXTS, TARGETS, verbose=0))
    model.fit(generator(), verbose=0, validation_data=Batches())
    fresh = classifier()
    fresh.fit(generator(), verbose=0)
    assert fresh.built


def several() -> tuple[Any, Any]:
    """A model with text, numbers, and layers for both; and data for it."""
    text, measured, number = layers.Input((1,), dtype="string", name="text"), layers.Input((2,)), layers.Input((1,))
    ids = layers.Input((1,), dtype="int32", name="ids")
    counts, words = layers.TextVectorization(output_mode="tf_idf"), layers.StringLookup(output_mode="one_hot")
    counts.adapt(TEXTS)
    words.adapt(TEXTS)
    parts = [
        counts(text),
        words(text),
        measured,
        layers.Discretization([0.0, 5.0], output_mode="one_hot")(number),
        layers.HashedCrossing(7, output_mode="one_hot")([text, ids]),
        layers.HashedCrossing(7, output_mode="one_hot")([ids, ids]),
        layers.IntegerLookup(vocabulary=[3, 5], output_mode="one_hot")(ids),
        layers.CategoryEncoding(16, output_mode="one_hot")(ids),
    ]
    model = keras.Model([text, measured, number, ids], layers.Concatenate()(parts))
    count = np.arange(16)
    return model, [TEXTS, np.ones((16, 2), np.float32), count.astype(np.float32), count]


def test_several_inputs_and_readers() -> None:
    model, data = several()
    found = model.predict(data)
    counts, words = (
        next(one for one in model.layers if type(one).__name__ == n) for n in ("TextVectorization", "StringLookup")
    )
    np.testing.assert_allclose(found[:, : counts.vocabulary_size()], counts(TEXTS), rtol=1e-6)
    crossed = layers.HashedCrossing(7, output_mode="one_hot")([TEXTS, data[3]])
    begin = counts.vocabulary_size() + words.vocabulary_size() + 5
    np.testing.assert_array_equal(found[:, begin : begin + 7], crossed)
    by_name = {entry.name: value for entry, value in zip(model.layer_graph.entries, data, strict=True)}
    np.testing.assert_array_equal(model.predict(by_name), found)


@pytest.mark.parametrize("zipped", [True, False])
def test_the_vocabulary_is_in_the_file(tmp_path: pathlib.Path, zipped: bool) -> None:
    model, data = several()
    path = tmp_path / ("model.keras" if zipped else "model")
    model.save(path, zipped=zipped)
    np.testing.assert_array_equal(keras.models.load_model(path).predict(data), model.predict(data))
    if zipped:
        archive = zipfile.ZipFile(path)
        lines = archive.read("assets/layers/text_vectorization/vocabulary.txt").decode().split("\n")
        assert lines[0] == "[UNK]" and "cat" in lines
        assert b'"cat"' not in archive.read("config.json")


def test_tokens_that_hold_a_line_end_survive_the_file(tmp_path: pathlib.Path) -> None:
    letters = layers.TextVectorization(split="character", standardize=None, output_sequence_length=4)
    letters.adapt(["a\nb", "\u2028a\x85"])
    model = keras.Sequential([layers.Input((1,), dtype="string"), letters])
    model.save(tmp_path / "model.keras")
    twin = keras.models.load_model(tmp_path / "model.keras")
    assert twin.layers[0].get_vocabulary() == letters.get_vocabulary()


def test_a_layer_without_vocabulary_stays_so_in_a_file(tmp_path: pathlib.Path) -> None:
    model = keras.Sequential([layers.Input((1,), dtype="string"), layers.TextVectorization()])
    model.save(tmp_path / "model.keras")
    twin = keras.models.load_model(tmp_path / "model.keras")
    with pytest.raises(RuntimeError, match="vocabulary-missing"):
        twin.predict(TEXTS)
    twin.layers[0].adapt(TEXTS)
    assert twin.predict(TEXTS).shape == (16, 5)


def test_text_for_a_model_of_numbers() -> None:
    model = keras.Sequential([layers.Input((1,)), layers.Dense(1)])
    with pytest.raises(ValueError, match="TextVectorization"):
        model.predict(TEXTS)


def test_text_goes_to_layers_for_text_only() -> None:
    text = layers.Input((1,), dtype="string")
    inner = classifier()
    inner.predict(TEXTS)
    for reader in (layers.Dense(2), inner):
        with pytest.raises(TypeError, match="text-tensor"):
            reader(text)


def test_an_interrupted_run_continues(tmp_path: pathlib.Path) -> None:
    keras.utils.set_random_seed(1)
    whole = classifier()
    whole.fit(TEXTS, TARGETS, epochs=4, verbose=0, seed=1)
    for epochs in (2, 4):
        keras.utils.set_random_seed(1)
        resumed = classifier()
        resumed.fit(TEXTS, TARGETS, epochs=epochs, verbose=0, seed=1, resume=tmp_path / "run")
    for found, wanted in zip(resumed.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_text_of_another_shape() -> None:
    model, (texts, *rest) = several()
    with pytest.raises(ValueError, match="model-input-shape"):
        model.predict([np.stack([texts, texts], 1), *rest])
    with pytest.raises(TypeError, match="not-text"):
        model.predict([np.arange(16), *rest])


def test_a_vocabulary_in_use_does_not_change() -> None:
    lookup = layers.IntegerLookup(vocabulary=[1, 2])
    model = keras.Sequential([layers.Input((1,), dtype="int32"), lookup])
    model.predict(np.array([[1]]))
    with pytest.raises(RuntimeError, match="vocabulary-in-use"):
        lookup.set_vocabulary([5, 6, 7])
    words = layers.TextVectorization(output_sequence_length=2)
    words.adapt(["a"])
    model = keras.Sequential([words])
    assert model.predict(["a b"]).tolist() == [[2, 1]]
    words.adapt(["b"])
    assert model.predict(["a b"]).tolist() == [[1, 2]]


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"a": 1}', b"[1, 2]", b'["[UNK]", "a", "a"]'], ids=["deep", "dict", "ids", "twice"]
)
def test_a_hostile_vocabulary_is_refused(tmp_path: pathlib.Path, content: bytes) -> None:
    words = layers.TextVectorization()
    words.adapt(TEXTS)
    keras.Sequential([layers.Input((1,), dtype="string"), words]).save(tmp_path / "good.keras")
    with zipfile.ZipFile(tmp_path / "good.keras") as good, zipfile.ZipFile(tmp_path / "bad.keras", "w") as bad:
        for name in good.namelist():
            bad.writestr(name, good.read(name))
        bad.writestr("assets/layers/text_vectorization/vocabulary.json", content)
    with pytest.raises(FileRefused, match="file-damaged"):
        keras.models.load_model(tmp_path / "bad.keras")


def test_an_equal_model_finds_its_program() -> None:
    before = classifier()
    before.predict(TEXTS)
    count = len(compiled.shared)
    classifier().predict(TEXTS)
    assert len(compiled.shared) == count
