"""TextVectorization: from raw text to numbers of words, in one layer."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any, final

import numpy as np

from ranvier import _config, _lookup
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.preprocessing.encoding import dense_only, encoded_shape
from ranvier.layers.preprocessing.host import HostLayer, Ready, not_in_program, plain_texts
from ranvier.layers.preprocessing.string_lookup import StringLookup
from ranvier.layers.preprocessing.token_counts import batches_of
from ranvier.layers.preprocessing.tokenizing import SPLIT, STANDARDIZE, joined, split_rows, standardized
from ranvier.state.symbolic import KerasTensor

__all__ = ["TextVectorization"]


@final
class TextVectorization(HostLayer):
    """Turn texts into rows of token numbers, or into counts: standardize, split, join to n-grams, look up.

    The text's part runs on the host; counts, one-hot vectors and tf-idf are computed in the compiled program. As the
    first layer of a model it takes NumPy arrays and lists of texts, in `fit`, `evaluate` and `predict`.

    Shapes: inputs `[row]` or `[row, 1]`; outputs `[row, token]` for `"int"`, else `[row, vocabulary]`.

    Args:
        max_tokens: most tokens that the vocabulary may have, special ones included.
        standardize: `"lower_and_strip_punctuation"`, `"lower"`, `"strip_punctuation"` (all of ASCII), None, or a
            function of a NumPy array of texts.
        split: `"whitespace"`, `"character"`, None, or a function of a NumPy array of texts that returns a list of
            tokens for each.
        ngrams: also tokens of up to so many neighbours; a tuple gives the exact numbers.
        output_mode: `"int"`, `"multi_hot"`, `"count"`, `"tf_idf"`; `"one_hot"` where nothing is split.
        output_sequence_length: for `"int"`: rows are cut or filled with 0 to this length; to the longest when None.
        pad_to_max_tokens: vectors have `max_tokens` entries, however small the vocabulary.
        vocabulary: the tokens, or the path of a file with one per line, instead of `adapt`.
        idf_weights: for `"tf_idf"`: a number per token.
        sparse, ragged: only False.
        encoding: how bytes are read.

    Raises:
        NotReady: used before it has a vocabulary, or text reached it inside a compiled program.
        InvalidArgument: arguments or vocabulary that do not fit.

    Example:
        >>> layer = TextVectorization(output_sequence_length=3)
        >>> layer.adapt(["the cat", "The dog!"])
        >>> layer.get_vocabulary()
        ['', '[UNK]', 'the', 'dog', 'cat']
        >>> layer(["cat and the dog", "dog"]).tolist()
        [[4, 1, 2], [3, 0, 0]]
    """

    keeps_own_store = True

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: Any = "lower_and_strip_punctuation",
        split: Any = "whitespace",
        ngrams: Any = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        names = ("has_input_vocabulary", "vocabulary_size")
        more: dict[str, Any] = {key: kwargs.pop(key) for key in names if key in kwargs}
        super().__init__(name=name, **kwargs)
        self.autocast = False
        dense_only(self, ragged=ragged)
        self.standardize, self.split, self.encoding = _function(standardize), _function(split), encoding
        self.ngrams = tuple(ngrams) if isinstance(ngrams, list) else ngrams
        self.output_sequence_length, self.ragged = output_sequence_length, False
        more |= {"vocabulary": vocabulary, "idf_weights": idf_weights, "pad_to_max_tokens": pad_to_max_tokens}
        more |= {"output_mode": output_mode, "sparse": sparse, "encoding": encoding}
        # Keras's name, which stands in the paths of its files.
        self._lookup_layer = StringLookup(max_tokens, mask_token="", **more)
        self.output_mode = self._lookup_layer.output_mode
        self._check()
        self.built = True

    def _check(self) -> None:
        wrong = {
            "standardize": self.standardize is None or callable(self.standardize) or self.standardize in STANDARDIZE,
            "split": self.split is None or callable(self.split) or self.split in SPLIT,
            "ngrams": self.ngrams is None or all(isinstance(n, int) and n > 0 for n in self._widths()),
            "output_sequence_length": self.output_sequence_length is None
            or (self.output_mode == "int" and isinstance(self.output_sequence_length, int)),
        }
        expected = {
            "standardize": f"None, a function, or one of {list(STANDARDIZE)}",
            "split": f"None, a function, or one of {list(SPLIT)}",
            "ngrams": "None, a positive whole number, or a tuple of such",
            "output_sequence_length": "None, or a whole number with output_mode='int'",
        }
        for name, fits in wrong.items():
            if not fits:
                raise InvalidArgument(
                    f"{name} of TextVectorization does not fit.",
                    code="text-argument",
                    place=f"layer {self.name!r}: {name}",
                    expected=expected[name],
                    received=repr(getattr(self, name))[:100],
                )

    def _widths(self) -> tuple[Any, ...]:
        """Return the lengths of the n-grams."""
        return tuple(range(1, self.ngrams + 1)) if isinstance(self.ngrams, int) else tuple(self.ngrams)

    # --- the vocabulary ----------------------------------------------------------------------------------------------

    def adapt(self, data: Any, batch_size: int | None = None, steps: int | None = None) -> None:
        """Take the vocabulary from texts, most frequent tokens first, forgetting an earlier one.

        Args:
            data: an array or list of texts, or an iterable of batches of them.
            batch_size: accepted for Keras; arrays are read at once.
            steps: number of batches to read; all when None.

        Raises:
            InvalidArgument: the layer was given its vocabulary, or there are no tokens.
        """
        self.reset_state()
        for batch in batches_of(data, steps):
            self.update_state(batch)
        self.finalize_state()

    @property
    def adaptable(self) -> bool:
        """Whether `adapt` may be called: the vocabulary was not given."""
        return self._lookup_layer.adaptable

    def update_state(self, data: Any) -> None:
        """Count a batch's tokens."""
        self._lookup_layer._count(self._token_rows(plain_texts(data, self, self.encoding)))

    def finalize_state(self) -> None:
        """Make the vocabulary of what was counted."""
        self._lookup_layer.finalize_state()

    def reset_state(self) -> None:
        """Forget what was counted."""
        self._lookup_layer.reset_state()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """Return the tokens by their numbers; without `""` and `"[UNK]"` when asked."""
        return self._lookup_layer.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """Return how many numbers there are, those of filling and of unknown tokens included."""
        return self._lookup_layer.vocabulary_size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Give the layer its vocabulary instead of `adapt`; see StringLookup."""
        self._lookup_layer.set_vocabulary(vocabulary, idf_weights)

    # --- computing ---------------------------------------------------------------------------------------------------

    def prepare(self, inputs: Any) -> np.ndarray:
        """Return the texts' token numbers [row, token] on the host, filled with 0 (`"int"`) or -1."""
        self._lookup_layer.require_vocabulary()
        texts = plain_texts(inputs, self, self.encoding)
        rows = self._token_rows(texts)
        numbers = self._lookup_layer.numbers_of([token for row in rows for token in row])
        bag = self.output_mode != "int"
        longest = max(map(len, rows), default=0)
        width = longest if self.output_sequence_length is None else self.output_sequence_length
        if bag and self.split is not None:
            width = 1 << max(0, longest - 1).bit_length()  # few different shapes, so few compiled programs
        result = np.full((len(rows), width), -1 if bag else 0, np.int32)
        begin = 0
        for row, tokens in zip(result, rows, strict=True):
            row[: len(tokens)] = numbers[begin : begin + min(len(tokens), width)]
            begin += len(tokens)
        flat = texts.ndim == 0 or (texts.ndim == 1 and self.split is None)
        return result[0] if flat else result

    def _token_rows(self, texts: np.ndarray) -> list[list[str]]:
        """Return the tokens of each row."""
        rows = split_rows(standardized(texts, self.standardize, self), self.split, self)
        return rows if self.ngrams is None else [joined(row, self._widths()) for row in rows]

    def call(self, inputs: Any) -> Array:
        """Return the output mode's form of prepared numbers."""
        if not isinstance(inputs, Ready):
            raise not_in_program(self, "Text cannot be split")
        return self._lookup_layer.finish(inputs.value)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the output shape for texts of this shape."""
        shape = tuple(input_shape)
        if self.output_mode == "int":
            return (*shape[:1], self.output_sequence_length)
        tokens = (*shape[:1], None) if self.split is not None or len(shape) < 2 else shape
        return encoded_shape(tokens, self.output_mode, self._lookup_layer.depth)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return the symbolic outputs."""
        dtype = _config.floatx() if self.output_mode == "tf_idf" else "int32"
        return KerasTensor(self.compute_output_shape(inputs.shape), dtype)

    # --- files -------------------------------------------------------------------------------------------------------

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments, and what a file's reader must know before it has the vocabulary."""
        inner = self._lookup_layer.constructor_arguments()
        names = ("standardize", "split", "ngrams", "output_mode", "output_sequence_length", "ragged", "encoding")
        shared = ("max_tokens", "pad_to_max_tokens", "sparse", "vocabulary", "idf_weights")
        return {
            **{name: getattr(self, name) for name in names},
            **{name: inner[name] for name in shared},
            "vocabulary_size": self.vocabulary_size() if inner["vocabulary_size"] is None else inner["vocabulary_size"],
        }

    def get_build_config(self) -> dict[str, Any]:
        """Return nothing: the layer needs no shapes."""
        return {}

    def asset_files(self) -> dict[str, bytes]:
        """Return the files that hold the vocabulary, by name; none where the configuration holds it."""
        return self._lookup_layer.asset_files()

    def load_asset_files(self, files: Mapping[str, bytes]) -> None:
        """Take the vocabulary from what `asset_files` gave."""
        self._lookup_layer.load_asset_files(files)

    def save_assets(self, dir_path: Any) -> None:
        """Write the vocabulary's files into a folder."""
        self._lookup_layer.save_assets(dir_path)

    def load_assets(self, dir_path: Any) -> None:
        """Read the vocabulary's files from a folder."""
        self._lookup_layer.load_assets(dir_path)

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the weights of `"tf_idf"` into `store`."""
        self._lookup_layer.save_own_variables(store)

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Take the weights of `"tf_idf"` from `store`."""
        self._lookup_layer.load_own_variables(store)


def _function(given: Any) -> Any:
    """Return what a file says for a function: its name, whose code comes from custom_objects."""
    return _lookup.get(given, "function", {}) if isinstance(given, Mapping) else given
