"""Newswires of 1987, by topic."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ranvier.data.datasets.archives import read_npz
from ranvier.data.datasets.info import DatasetInfo, Source, Split
from ranvier.data.datasets.lookup import named, obtain
from ranvier.data.datasets.shuffled import shuffled_order
from ranvier.data.datasets.words import DEFAULT, Words, as_objects, check_texts, read_word_index

__all__ = ["INFO", "get_label_names", "get_word_index", "load_data", "read"]

_FOLDER = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_WORD_INDEX = Source(
    filename="reuters_word_index.json",
    url=f"{_FOLDER}reuters_word_index.json",
    digest="md5:4d44cc38712099c9e383dc6e5f11a921",
    size=550_378,
)
_TOPICS = (
    "cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton "
    "carcass crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock "
    "retail ipi iron-steel rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead"
)

INFO = DatasetInfo(
    name="reuters",
    task="text-classification",
    rows=(8_982, 2_246),
    shape=(None,),
    target="the topic of the newswire",
    licence="free for research with citation (Reuters-21578, distribution 1.0)",
    citation="D. D. Lewis, Reuters-21578 text categorization test collection, distribution 1.0, 1997",
    split="80 % training and 20 % test rows after a shuffle with seed 113, as Keras draws them",
    sources=(
        Source(
            filename="reuters.npz",
            url=f"{_FOLDER}reuters.npz",
            digest="sha256:d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
            size=2_110_848,
        ),
    ),
    class_names=tuple(_TOPICS.split()),
)


def load_data(
    path: str = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> Split:
    """Load Reuters: 11,228 newswires as lists of word numbers, in 46 topics.

    Words are numbered by how often they occur, from 1; `index_from` makes room below for 0 (padding),
    1 (start of a text) and 2 (a word out of the vocabulary).

    Args:
        path: the file's name in the cache.
        num_words: word numbers from here on are out of the vocabulary; None keeps all but the rarest.
        skip_top: word numbers below it are out of the vocabulary.
        maxlen: only texts shorter than this, counted with the start, are kept; None keeps all.
        test_split: share of rows that are held out.
        seed: decides the order of the rows.
        start_char: put before every text; None puts nothing.
        oov_char: stands for a word out of the vocabulary; None drops such words.
        index_from: added to every word number.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: lists of integers in object arrays `[row]`, labels int64 `[row]`.

    Raises:
        InvalidArgument: no text is shorter than `maxlen`, or `path` is more than a file name.
        FileRefused: the file is damaged, or holds something else than lists of integers.
        DownloadError: there was no file on this machine, and it could not be downloaded.

    Source: D. D. Lewis, Reuters-21578 text categorization test collection, distribution 1.0 (1997).
    """
    words = Words(num_words, skip_top, maxlen, start_char, oov_char, index_from)
    return read(obtain(INFO.name, (named(INFO.sources[0], path),)).files, words, test_split, seed)


def read(files: tuple[Path, ...], words: Words = DEFAULT, test_split: float = 0.2, seed: int = 113) -> Split:
    """Read Keras's npz, shuffle it, apply the limits, and divide it."""
    arrays = read_npz(files[0], ("x", "y"), ragged=("x",), limit=1 << 28)
    x, y = check_texts((arrays["x"], arrays["y"]), files[0])
    order = shuffled_order(len(x), np.random.RandomState(seed))
    texts, labels = words.encode(x[order], y[order])
    texts = words.limit(texts)
    cut = int(len(texts) * (1 - test_split))
    return (as_objects(texts[:cut]), labels[:cut]), (as_objects(texts[cut:]), labels[cut:])


def get_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """Return the number of every word, before `index_from` is added.

    Args:
        path: the file's name in the cache.

    Raises:
        FileRefused: the file is no JSON object of words and numbers.
        DownloadError: there was no file on this machine, and it could not be downloaded.
    """
    return read_word_index(obtain(INFO.name, (named(_WORD_INDEX, path),)).files[0])


def get_label_names() -> tuple[str, ...]:
    """Return the 46 topics in the order of the labels.

    Example:
        >>> get_label_names()[3]
        'earn'
    """
    return INFO.class_names
