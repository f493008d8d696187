"""The base of the layers that number tokens by a vocabulary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from ranvier import _config
from ranvier._errors import InvalidArgument, NotReady
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.layers.preprocessing import vocabulary_files
from ranvier.layers.preprocessing.encoding import check_mode, dense_only, encoded, encoded_shape
from ranvier.layers.preprocessing.token_counts import TokenCounts, batches_of
from ranvier.layers.preprocessing.vocabulary import Vocabulary, check_lookup, padded_weights, salted
from ranvier.state.symbolic import KerasTensor

__all__ = ["Lookup"]

MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")


class Lookup(Layer):
    """Numbers for tokens: first the mask's 0, then the numbers of unknown tokens, then the vocabulary's.

    Only `"int"` gives the mask a number; the other modes leave masked tokens out.
    """

    not_traced = frozenset({"_vocabulary", "_counts", "vocabulary", "_used"})
    keeps_own_store = True
    max_tokens: int | None
    num_oov_indices: int
    mask_token: Any
    oov_token: Any
    invert: bool
    pad_to_max_tokens: bool
    adaptable: bool
    """Whether `adapt` may be called: the vocabulary was not given."""
    _used = False

    def _configure(self, arguments: Mapping[str, Any], **more: Any) -> None:
        """Keep the constructor's arguments under their names, checked; `more` comes from files."""
        self.autocast = False
        self.supports_masking = False
        promised, more_given = more.pop("vocabulary_size", None), more.pop("has_input_vocabulary", None)
        self.oov_method = more.pop("oov_method", "floormod")
        check_lookup(self, {**arguments, "oov_method": self.oov_method}, more)
        for name in ("max_tokens", "num_oov_indices", "mask_token", "oov_token", "invert", "pad_to_max_tokens"):
            setattr(self, name, arguments[name])
        self.sparse = bool(arguments["sparse"])
        dense_only(self, sparse=self.sparse)
        self.output_mode = check_mode(self, arguments["output_mode"], MODES)
        self.salt = salted(self, arguments["salt"])
        given = arguments["vocabulary"]
        self.vocabulary = None if given is None or isinstance(given, (str, Path)) else self._tokens(given)
        self.idf_weights = None if arguments["idf_weights"] is None else list(map(float, arguments["idf_weights"]))
        self._idf: np.ndarray | None = None
        self._counts = TokenCounts()
        self._vocabulary = Vocabulary(self._specials())
        self.adaptable = given is None if more_given is None else not more_given
        self._size: int | None = promised
        if given is not None:
            self.set_vocabulary(given, self.idf_weights)
        self.built = True

    def _tokens(self, given: Any) -> list[Any]:
        """Return tokens as Python objects; overridden for their kind."""
        raise NotImplementedError

    def _specials(self) -> list[Any]:
        """Return the tokens that stand before the vocabulary's own."""
        mask = [self.mask_token] if self.mask_token is not None and self.output_mode == "int" else []
        return [*mask, *[self.oov_token] * self.num_oov_indices]

    # --- the vocabulary ----------------------------------------------------------------------------------------------

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """Return the tokens by their numbers; without mask and unknown tokens when asked."""
        own = list(self._vocabulary.tokens)
        return [*self._specials(), *own] if include_special_tokens else own

    def vocabulary_size(self) -> int:
        """Return how many numbers there are, mask and unknown tokens included."""
        return len(self._specials()) + len(self._vocabulary.tokens)

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Give the layer its vocabulary instead of `adapt`.

        Args:
            vocabulary: the tokens, most important first, or the path of a file with one per line. Mask and unknown
                tokens may lead it, all of them or none.
            idf_weights: for `"tf_idf"`: a number per token.

        Raises:
            InvalidArgument: no token, a token twice, more than `max_tokens`, or weights that do not fit.
        """
        if isinstance(vocabulary, (str, Path)):
            vocabulary = vocabulary_files.lines_of(vocabulary, self)
        tokens = self._tokens(vocabulary)
        if not tokens:
            raise InvalidArgument(
                "The vocabulary is empty.",
                code="vocabulary-empty",
                place=f"layer {self.name!r}",
                expected="at least one token",
                received="none",
            )
        led = tokens[: len(self._specials())] == self._specials()
        own = tokens[len(self._specials()) :] if led else tokens
        found = Vocabulary.checked(own, self)
        weights = padded_weights(self, idf_weights, len(tokens), led)
        self._take(found, weights)

    def _take(self, vocabulary: Vocabulary, weights: np.ndarray | None) -> None:
        """Use another vocabulary, unless a compiled program was made for the present one."""
        size = len(self._specials()) + len(vocabulary.tokens)
        traced = self.output_mode != "int" and not self.pad_to_max_tokens and size != self._size
        known, new = (np.zeros(0) if one is None else one for one in (self._idf, weights))
        if self._used and (traced or not np.array_equal(known, new) or self._table_differs(vocabulary)):
            raise NotReady(
                "The vocabulary cannot change after a model has computed with it.",
                code="vocabulary-in-use",
                place=f"layer {self.name!r}",
                expected=f"the vocabulary of {self._size} tokens",
                received=f"one of {size}",
                fix="adapt the layer before the model is used, or make layer and model anew",
            )
        self._vocabulary, self._idf, self._size = vocabulary, weights, size

    def _table_differs(self, vocabulary: Vocabulary) -> bool:
        """Whether the program itself looks tokens up, in another vocabulary."""
        return False

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Take the vocabulary from data, most frequent tokens first, forgetting an earlier one.

        Args:
            data: an array or list of tokens, each row a document, or an iterable of batches of them.
            steps: number of batches to read; all when None.

        Raises:
            InvalidArgument: the layer was given its vocabulary, or there are no tokens.
        """
        self.reset_state()
        for batch in batches_of(data, steps):
            self.update_state(batch)
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Count a batch's tokens."""
        array = np.asarray(self._array(data), object)
        self._count(array.reshape(len(array), -1) if array.ndim > 1 else array.reshape(1, -1))

    def _array(self, data: Any) -> np.ndarray:
        raise NotImplementedError

    def _count(self, rows: Iterable[Sequence[Any]]) -> None:
        if not self.adaptable:
            raise InvalidArgument(
                "The layer was given its vocabulary, so it cannot take another from data.",
                code="vocabulary-given",
                place=f"layer {self.name!r}",
                fix="leave vocabulary out, or do not call adapt",
            )
        self._counts.add(rows, documents=self.output_mode == "tf_idf")

    def finalize_state(self) -> None:
        """Make the vocabulary of what was counted."""
        if not self.adaptable:
            return
        most = None if self.max_tokens is None else self.max_tokens - len(self._specials())
        tokens = self._counts.most_frequent(most, without=(self.mask_token, self.oov_token))
        if not tokens:
            raise InvalidArgument(
                "There are no tokens to adapt to.",
                code="adapt-empty",
                place=f"layer {self.name!r}",
                expected="data with at least one token",
                received="none",
            )
        weights = None
        if self.output_mode == "tf_idf":
            learned = self._counts.inverse_document_frequencies(tokens).astype(_config.floatx())
            weights = padded_weights(self, learned, len(tokens), False)
        self._take(Vocabulary.checked(tokens, self), weights)
        self._counts = TokenCounts()

    def reset_state(self) -> None:
        """Forget what was counted."""
        self._counts = TokenCounts()

    # --- computing ---------------------------------------------------------------------------------------------------

    @property
    def depth(self) -> int | None:
        """Length of the vectors of all modes but `"int"`; None while unknown."""
        return self.max_tokens if self.pad_to_max_tokens else self._size

    def require_vocabulary(self) -> None:
        """Raise while there is no vocabulary.

        Raises:
            NotReady: neither given nor learned.
        """
        if not self._vocabulary.tokens and (self._size or 0) <= len(self._specials()):
            raise NotReady(
                "The layer has no vocabulary yet.",
                code="vocabulary-missing",
                place=f"layer {self.name!r}",
                expected="vocabulary=[...], or adapt(data) before it is used",
                received="neither",
                fix="call layer.adapt(texts) on the training data",
            )

    def finish(self, numbers: Array) -> Array:
        """Return the output mode's form of token numbers; inside a compiled program."""
        self.require_vocabulary()
        self._used = self._used or isinstance(numbers, jax.core.Tracer)
        depth = self.depth or 0
        if self.output_mode != "tf_idf":
            return encoded(numbers, self.output_mode, depth, "int32")
        counts = encoded(numbers, "count", depth, _config.floatx())
        return counts * (np.zeros(depth) if self._idf is None else self._idf).astype(counts.dtype)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return the symbolic outputs."""
        dtype = _config.floatx() if self.output_mode == "tf_idf" else "int32"
        return KerasTensor(self.compute_output_shape(inputs.shape), dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the output shape for tokens of this shape."""
        return encoded_shape(tuple(input_shape), self.output_mode, self.depth)

    # --- files -------------------------------------------------------------------------------------------------------

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments, and what a file's reader must know before it has the vocabulary."""
        names = ("invert", "max_tokens", "num_oov_indices", "oov_token", "mask_token", "output_mode", "sparse")
        more = ("pad_to_max_tokens", "idf_weights", "vocabulary", "oov_method", "salt")
        return {**{name: getattr(self, name) for name in (*names, *more)}, "vocabulary_size": self._size}

    def get_build_config(self) -> dict[str, Any]:
        """Return nothing: the layer needs no shapes."""
        return {}

    def asset_files(self) -> dict[str, bytes]:
        """Return the files that hold the vocabulary, by name; none where the configuration holds it."""
        return {} if self.vocabulary is not None else vocabulary_files.written(self.get_vocabulary())

    def load_asset_files(self, files: Mapping[str, bytes]) -> None:
        """Take the vocabulary from what `asset_files` gave."""
        if self.vocabulary is None and files:
            tokens = self._tokens(vocabulary_files.read(files, self))
            self._used = False  # a model that is being read has computed shapes only
            led = tokens[: len(self._specials())] == self._specials()
            own = tokens[len(self._specials()) :] if led else tokens
            self._take(Vocabulary.checked(own, self), self._idf)
            self._size = self._size if own else None

    def save_assets(self, dir_path: Any) -> None:
        """Write the vocabulary's files into a folder."""
        for name, content in self.asset_files().items():
            Path(dir_path, name).write_bytes(content)

    def load_assets(self, dir_path: Any) -> None:
        """Read the vocabulary's files from a folder."""
        present = [Path(dir_path, name) for name in vocabulary_files.NAMES if Path(dir_path, name).is_file()]
        self.load_asset_files({path.name: path.read_bytes() for path in present})

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the weights of `"tf_idf"` into `store`."""
        if self.output_mode == "tf_idf" and self._idf is not None:
            store["idf_weights"] = self._idf

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Take the weights of `"tf_idf"` from `store`."""
        if self.output_mode == "tf_idf" and "idf_weights" in store:
            found = np.asarray(store["idf_weights"], _config.floatx())
            if found.shape != (self.depth,):
                raise InvalidArgument(
                    "The stored weights do not fit the vocabulary.",
                    code="idf-weights",
                    place=f"layer {self.name!r}",
                    expected=f"{self.depth} numbers",
                    received=found.shape,
                )
            self._idf = found
