"""IntegerLookup: whole numbers, such as identifiers, as numbers from 0 on, and back."""

from __future__ import annotations

from typing import Any, final

import jax.numpy as jnp
import numpy as np

from ranvier._errors import InvalidArgument, WrongType
from ranvier._typing import Array
from ranvier.layers.preprocessing.fingerprints import hash_numbers
from ranvier.layers.preprocessing.lookup import Lookup
from ranvier.layers.preprocessing.vocabulary import Vocabulary
from ranvier.state.symbolic import KerasTensor

__all__ = ["IntegerLookup"]


@final
class IntegerLookup(Lookup):
    """Number whole numbers by a vocabulary: unknown ones come first, then the most frequent.

    It is a function of arrays, inside the compiled program.

    Shapes: as of StringLookup.

    Args:
        max_tokens: most tokens that the vocabulary may have, special ones included.
        num_oov_indices: how many numbers unknown values share; with 0 they give -1 or no entry.
        mask_token: the value that gets number 0 (in mode `"int"`), or is left out.
        oov_token: what stands for unknown values in the vocabulary, and comes back from `invert`.
        vocabulary: the values, or the path of a file with one per line, instead of `adapt`.
        vocabulary_dtype: only `"int64"`; values are kept in 32 bits.
        idf_weights: for `"tf_idf"`: a number per value of the vocabulary.
        invert: numbers in, values of the vocabulary out.
        output_mode: `"int"`, `"one_hot"`, `"multi_hot"`, `"count"` or `"tf_idf"`.
        sparse: only False.
        pad_to_max_tokens: vectors have `max_tokens` entries, however small the vocabulary.
        oov_method: how unknown values share their numbers: by `"floormod"` or by `"farmhash"`.
        salt: with `"farmhash"`: one or two whole numbers that choose another hash.

    Raises:
        NotReady: used before it has a vocabulary.
        InvalidArgument: arguments or vocabulary that do not fit.

    Numerics: with `num_oov_indices=0` Keras raises for an unknown value; a compiled program cannot, and gives -1.

    Example:
        >>> layer = IntegerLookup(vocabulary=[12, 36])
        >>> layer([36, 12, 99]).tolist()
        [2, 1, 0]
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int | None = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        given = dict(locals())
        super().__init__(name=name, **{key: kwargs.pop(key) for key in ("trainable", "dtype") if key in kwargs})
        if vocabulary_dtype != "int64" or (salt is not None and oov_method != "farmhash"):
            raise InvalidArgument(
                "These arguments of IntegerLookup do not fit.",
                code="lookup-argument",
                place=f"layer {self.name!r}",
                expected="vocabulary_dtype='int64', and a salt with oov_method='farmhash' only",
                received=f"vocabulary_dtype={vocabulary_dtype!r}, oov_method={oov_method!r}, salt={salt!r}",
            )
        self.vocabulary_dtype = vocabulary_dtype
        self._configure(given, oov_method=oov_method, **kwargs)

    def _tokens(self, given: Any) -> list[Any]:
        if all(isinstance(token, str) for token in given):
            given = [int(token) for token in given]  # the lines of a file
        return self._array(given).reshape(-1).tolist() if len(given) else []

    def _array(self, data: Any) -> np.ndarray:
        array = np.asarray(data.to_numpy() if hasattr(data, "to_numpy") else data)
        if array.dtype.kind not in "iub":
            raise WrongType(
                "IntegerLookup takes whole numbers.",
                code="not-integers",
                place=f"layer {self.name!r}",
                expected="an array or list of integers",
                received=f"{array.dtype}",
                fix="use StringLookup for texts, Discretization for measured values",
            )
        return array

    def _table_differs(self, vocabulary: Vocabulary) -> bool:
        return vocabulary.tokens != self._vocabulary.tokens

    def call(self, inputs: Any) -> Array:
        """Return the output mode's form of the values' numbers."""
        self.require_vocabulary()
        inputs = inputs.astype("int32")
        return self.finish(self._inverted(inputs) if self.invert else self._numbers(inputs))

    def _inverted(self, numbers: Array) -> Array:
        known = jnp.asarray(np.asarray(self.get_vocabulary(), np.int32))
        inside = (numbers >= 0) & (numbers < len(known))
        return jnp.where(inside, known[jnp.clip(numbers, 0, len(known) - 1)], self.oov_token)

    def _numbers(self, values: Array) -> Array:
        masked = self.output_mode == "int" and self.mask_token is not None
        unknown = self._unknown(values, int(masked))
        tokens = np.asarray(self._vocabulary.tokens, np.int32)
        if tokens.size:
            order = np.argsort(tokens).astype(np.int32)
            place = jnp.clip(jnp.searchsorted(jnp.asarray(tokens[order]), values), 0, tokens.size - 1)
            found = jnp.asarray(tokens[order])[place] == values
            numbers = jnp.where(found, jnp.asarray(order)[place] + len(self._specials()), unknown)
        else:
            numbers = unknown
        if self.mask_token is not None:
            numbers = jnp.where(values == self.mask_token, 0 if masked else -1, numbers)
        return numbers

    def _unknown(self, values: Array, first: int) -> Array:
        """Return the number that each value has if the vocabulary does not know it."""
        if self.num_oov_indices < 2:
            return jnp.full(values.shape, first if self.num_oov_indices else -1, "int32")
        if self.oov_method == "farmhash":
            return hash_numbers(values, self.num_oov_indices, self.salt) + first
        found: Array = values % self.num_oov_indices + first
        return found

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return the symbolic outputs."""
        return KerasTensor(inputs.shape, "int32") if self.output_mode == "int" else super().compute_output_spec(inputs)

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments, and what a file's reader must know before it has the vocabulary."""
        return {**super().constructor_arguments(), "vocabulary_dtype": self.vocabulary_dtype}
