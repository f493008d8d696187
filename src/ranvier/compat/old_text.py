"""`keras.preprocessing.text` of Keras 2: the Tokenizer and its functions."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ranvier._errors import InvalidArgument, NotReady
from ranvier.compat.notes import note

__all__ = ["Tokenizer", "hashing_trick", "one_hot", "text_to_word_sequence", "tokenizer_from_json"]

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
_MODES = ("binary", "count", "freq", "tfidf")


def text_to_word_sequence(input_text: str, filters: str = _FILTERS, lower: bool = True, split: str = " ") -> list[str]:
    """Return a text's words.

    Args:
        input_text: the text.
        filters: characters that divide words.
        lower: whether words become lower case.
        split: what divides words.

    Example:
        >>> text_to_word_sequence("The cat, the dog!")
        ['the', 'cat', 'the', 'dog']
    """
    text = input_text.lower() if lower else input_text
    divided = text.translate({ord(sign): split for sign in filters})
    return [word for word in divided.split(split) if word]


def one_hot(
    input_text: str,
    n: int,
    filters: str = _FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Iterable[str]] | None = None,
) -> list[int]:
    """Return a number from 1 to n - 1 for each word of a text, by Python's hash; see `hashing_trick`."""
    return hashing_trick(input_text, n, hash, filters, lower, split, analyzer)


def hashing_trick(
    text: str,
    n: int,
    hash_function: Any = None,
    filters: str = _FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], Iterable[str]] | None = None,
) -> list[int]:
    """Return a number from 1 to n - 1 for each word of a text, by its hash; words may share one.

    Args:
        text: the text.
        n: one more than the largest number.
        hash_function: of a word; `"md5"` is the same in every process, None (Python's `hash`) is not.
        filters, lower, split: as for `text_to_word_sequence`.
        analyzer: divides the text instead.

    Example:
        >>> hashing_trick("a b a", 100, "md5")
        [92, 95, 92]
    """
    number = (
        {None: hash, "md5": _md5}.get(hash_function, hash_function) if not callable(hash_function) else hash_function
    )
    words = analyzer(text) if analyzer is not None else text_to_word_sequence(text, filters, lower, split)
    return [number(word) % (n - 1) + 1 for word in words]


def _md5(word: str) -> int:
    return int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16)


class Tokenizer:
    """Numbers words by how often they occur: 1 for the most frequent; today `layers.TextVectorization`.

    Args:
        num_words: only numbers below this one are given.
        filters, lower, split: as for `text_to_word_sequence`.
        char_level: characters instead of words.
        oov_token: what unknown words count as; it gets number 1. None leaves them out.
        analyzer: divides a text instead.

    Example:
        >>> tokenizer = Tokenizer()
        >>> tokenizer.fit_on_texts(["the cat", "the dog"])
        >>> tokenizer.word_index, tokenizer.texts_to_sequences(["the bird and the dog"])
        ({'the': 1, 'cat': 2, 'dog': 3}, [[1, 1, 3]])
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = _FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Callable[[str], Iterable[str]] | None = None,
        **kwargs: Any,
    ) -> None:
        if "nb_words" in kwargs:
            note("Tokenizer(nb_words=...)", "is called num_words today")
            num_words = kwargs.pop("nb_words")
        self.document_count = kwargs.pop("document_count", 0)
        if kwargs:
            raise InvalidArgument(
                f"Tokenizer does not know the argument {next(iter(kwargs))!r}.",
                code="unknown-argument",
                place="Tokenizer(...)",
            )
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.analyzer = char_level, oov_token, analyzer
        self.word_counts: OrderedDict[str, int] = OrderedDict()
        self.word_docs: defaultdict[str, int] = defaultdict(int)
        self.index_docs: defaultdict[int, int] = defaultdict(int)
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def _tokens(self, text: Any) -> list[str]:
        """Return the tokens of a text, or of a list that has them already."""
        if isinstance(text, list):
            return [word.lower() for word in text] if self.lower else text
        if self.char_level:
            return list(text.lower() if self.lower else text)
        if self.analyzer is not None:
            return list(self.analyzer(text))
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Count the words of texts, or of lists of words, and number them anew."""
        for text in texts:
            tokens = self._tokens(text)
            self.document_count += 1
            for word in tokens:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            for word in set(tokens):
                self.word_docs[word] += 1
        ordered = sorted(self.word_counts, key=lambda word: -self.word_counts[word])
        leading = [] if self.oov_token is None else [self.oov_token]
        self.word_index = {word: number for number, word in enumerate([*leading, *ordered], start=1)}
        self.index_word = {number: word for word, number in self.word_index.items()}
        self.index_docs.update({self.word_index[word]: count for word, count in self.word_docs.items()})

    def fit_on_sequences(self, sequences: Sequence[Sequence[int]]) -> None:
        """Count in how many sequences each number occurs; needed before `"tfidf"` without texts."""
        self.document_count += len(sequences)
        for sequence in sequences:
            for number in set(sequence):
                self.index_docs[number] += 1

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        """Return the numbers of each text's words."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        """Yield the numbers of each text's words."""
        unknown = None if self.oov_token is None else self.word_index.get(self.oov_token)
        for text in texts:
            numbers = (self.word_index.get(word) for word in self._tokens(text))
            replaced = (unknown if number is None or self._beyond(number) else number for number in numbers)
            yield [number for number in replaced if number is not None]

    def _beyond(self, number: int) -> bool:
        return bool(self.num_words) and number >= (self.num_words or 0)

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """Return texts for numbers, with a blank between words."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Iterable[int]]) -> Iterator[str]:
        """Yield a text for each sequence of numbers."""
        for sequence in sequences:
            words = (None if self._beyond(number) else self.index_word.get(number) for number in sequence)
            replaced = (self.oov_token if word is None else word for word in words)
            yield " ".join(word for word in replaced if word is not None)

    def texts_to_matrix(self, texts: Iterable[Any], mode: str = "binary") -> np.ndarray:
        """Return a row per text and a column per number; see `sequences_to_matrix`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Sequence[Sequence[int]], mode: str = "binary") -> np.ndarray:
        """Return a row per sequence and a column per number.

        Args:
            sequences: numbers of words.
            mode: `"binary"`, `"count"`, `"freq"`, or `"tfidf"`: (1 + log count) log(1 + documents / (1 + with it)).

        Raises:
            NotReady: nothing was fitted.
            InvalidArgument: there is no such mode.
        """
        if mode not in _MODES:
            raise InvalidArgument(
                "The Tokenizer has no such mode.",
                code="tokenizer-mode",
                place="mode=",
                expected=", ".join(map(repr, _MODES)),
                received=repr(mode),
            )
        width = self.num_words or (len(self.word_index) + 1 if self.word_index else 0)
        if not width or (mode == "tfidf" and not self.document_count):
            raise NotReady(
                "The Tokenizer has seen no texts yet.",
                code="tokenizer-not-fitted",
                place="sequences_to_matrix",
                fix="call fit_on_texts(texts) first, or pass num_words",
            )
        matrix = np.zeros((len(sequences), width))
        for row, sequence in zip(matrix, sequences, strict=True):
            for number, count in Counter(number for number in sequence if number < width).items():
                row[number] = self._weight(mode, number, count, len(sequence))
        return matrix

    def _weight(self, mode: str, number: int, count: int, length: int) -> float:
        if mode == "tfidf":
            rarity = np.log(1 + self.document_count / (1 + self.index_docs.get(number, 0)))
            return float((1 + np.log(count)) * rarity)
        return {"binary": 1.0, "count": float(count), "freq": count / length}[mode]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, and what was learned as JSON."""
        names = ("num_words", "filters", "lower", "split", "char_level", "oov_token", "document_count")
        return {
            **{name: getattr(self, name) for name in names},
            **{name: json.dumps(getattr(self, name)) for name in _LEARNED},
        }

    def to_json(self, **kwargs: Any) -> str:
        """Return the Tokenizer as JSON; `kwargs` go to `json.dumps`."""
        return json.dumps({"class_name": "Tokenizer", "config": self.get_config()}, **kwargs)


_LEARNED = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """Return the Tokenizer that `to_json` described."""
    config = dict(json.loads(json_string)["config"])
    learned = {name: json.loads(config.pop(name)) for name in _LEARNED}
    tokenizer = Tokenizer(**config)
    tokenizer.word_counts.update(learned["word_counts"])
    tokenizer.word_docs.update(learned["word_docs"])
    tokenizer.word_index = learned["word_index"]
    # JSON's keys are texts.
    tokenizer.index_docs.update({int(number): count for number, count in learned["index_docs"].items()})
    tokenizer.index_word = {int(number): word for number, word in learned["index_word"].items()}
    return tokenizer
