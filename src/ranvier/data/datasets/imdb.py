"""Film reviews, praising or panning."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from ranvier.data.datasets.archives import read_npz
from ranvier.data.datasets.info import DatasetInfo, Source, Split
from ranvier.data.datasets.lookup import named, obtain
from ranvier.data.datasets.shuffled import shuffled_order
from ranvier.data.datasets.words import DEFAULT, Words, as_objects, check_texts, read_word_index

__all__ = ["INFO", "get_word_index", "load_data", "read"]

_FOLDER = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_WORD_INDEX = Source(
    filename="imdb_word_index.json",
    url=f"{_FOLDER}imdb_word_index.json",
    digest="md5:bfafd718b763782e994055a2d397834f",
    size=1_641_221,
)

INFO = DatasetInfo(
    name="imdb",
    task="text-classification",
    rows=(25_000, 25_000),
    shape=(None,),
    target="whether the review praises the film",
    licence="none stated; published for research with citation",
    citation="A. L. Maas, R. E. Daly, P. T. Pham, D. Huang, A. Y. Ng, C. Potts, Learning word vectors for "
    "sentiment analysis, ACL 2011",
    split="the official one; both parts shuffled with seed 113, as Keras draws them",
    sources=(
        Source(
            filename="imdb.npz",
            url=f"{_FOLDER}imdb.npz",
            digest="sha256:69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
            size=17_464_789,
        ),
    ),
    class_names=("negative", "positive"),
)


def load_data(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    **kwargs: Any,
) -> Split:
    """Load IMDB: 50,000 film reviews as lists of word numbers, and whether they praise (1) or pan (0).

    Words are numbered by how often they occur, from 1; `index_from` makes room below for 0 (padding),
    1 (start of a text) and 2 (a word out of the vocabulary).

    Args:
        path: the file's name in the cache.
        num_words: word numbers from here on are out of the vocabulary; None keeps all but the rarest.
        skip_top: word numbers below it are out of the vocabulary.
        maxlen: only reviews shorter than this, counted with the start, are kept; None keeps all.
        seed: decides the order of the rows.
        start_char: put before every review; None puts nothing.
        oov_char: stands for a word out of the vocabulary; None drops such words.
        index_from: added to every word number.
        kwargs: ignored, as in Keras, but with a warning.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: lists of integers in object arrays `[row]`, labels int64 `[row]`.

    Raises:
        InvalidArgument: no review is shorter than `maxlen`, or `path` is more than a file name.
        FileRefused: the file is damaged, or holds something else than lists of integers.
        DownloadError: there was no file on this machine, and it could not be downloaded.

    Source: A. L. Maas and others, Learning word vectors for sentiment analysis (2011).
    """
    if kwargs:
        names = ", ".join(sorted(kwargs))
        warnings.warn(f"imdb.load_data ignores {names}; the vocabulary is limited by num_words.", stacklevel=2)
    words = Words(num_words, skip_top, maxlen, start_char, oov_char, index_from)
    return read(obtain(INFO.name, (named(INFO.sources[0], path),)).files, words, seed)


def read(files: tuple[Path, ...], words: Words = DEFAULT, seed: int = 113) -> Split:
    """Read Keras's npz, shuffle each part, and apply the limits to both parts together."""
    names = ("x_train", "y_train", "x_test", "y_test")
    arrays = read_npz(files[0], names, ragged=("x_train", "x_test"), limit=1 << 28)
    generator = np.random.RandomState(seed)
    parts = []
    for x, y in ((arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])):
        check_texts((x, y), files[0])
        order = shuffled_order(len(x), generator)
        parts.append(words.encode(x[order], y[order]))
    (x_train, y_train), (x_test, y_test) = parts
    texts = words.limit(x_train + x_test)
    cut = len(x_train)
    return (as_objects(texts[:cut]), y_train), (as_objects(texts[cut:]), y_test)


def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """Return the number of every word, before `index_from` is added.

    Args:
        path: the file's name in the cache.

    Raises:
        FileRefused: the file is no JSON object of words and numbers.
        DownloadError: there was no file on this machine, and it could not be downloaded.
    """
    return read_word_index(obtain(INFO.name, (named(_WORD_INDEX, path),)).files[0])
