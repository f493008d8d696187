"""StringLookup: texts as numbers, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np

from ranvier._errors import DataError, Unsupported
from ranvier._typing import Array
from ranvier.layers.preprocessing.fingerprints import hash_texts
from ranvier.layers.preprocessing.host import HostLayer, Ready, not_in_program, plain_texts
from ranvier.layers.preprocessing.lookup import Lookup
from ranvier.state.symbolic import KerasTensor, is_symbolic

__all__ = ["StringLookup"]


@final
class StringLookup(HostLayer, Lookup):
    """Number texts by a vocabulary: unknown ones come first, then the most frequent.

    The lookup runs on the host: text never enters a compiled program. As the first layer of a model, or by itself, it
    takes NumPy arrays and lists of texts.

    Shapes: `"int"` keeps the inputs' shape; `"one_hot"` adds an axis of the vocabulary's size (or puts it in place of a
    last axis of 1); `"multi_hot"`, `"count"` and `"tf_idf"` turn `[row, token]` into `[row, vocabulary]`.

    Args:
        max_tokens: most tokens that the vocabulary may have, special ones included.
        num_oov_indices: how many numbers unknown texts share, by their hash; with 0 they are an error.
        mask_token: the text that gets number 0 (in mode `"int"`), or is left out.
        oov_token: what stands for unknown texts in the vocabulary, and comes back from `invert`.
        vocabulary: the texts, or the path of a file with one per line, instead of `adapt`.
        idf_weights: for `"tf_idf"`: a number per text of the vocabulary.
        invert: numbers in, texts out; by itself only, not in a model.
        output_mode: `"int"`, `"one_hot"`, `"multi_hot"`, `"count"` or `"tf_idf"`.
        pad_to_max_tokens: vectors have `max_tokens` entries, however small the vocabulary.
        sparse: only False.
        encoding: how bytes are read.
        salt: one or two whole numbers that choose another hash for unknown texts.

    Raises:
        NotReady: used before it has a vocabulary, or text reached it inside a compiled program.
        DataError: an unknown text, and `num_oov_indices` is 0.
        InvalidArgument: arguments or vocabulary that do not fit.

    Example:
        >>> layer = StringLookup()
        >>> layer.adapt(["b", "a", "b"])
        >>> layer.get_vocabulary(), layer(["a", "c"]).tolist()
        (['[UNK]', 'b', 'a'], [2, 0])
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str | None = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        name: str | None = None,
        salt: Any = None,
        **kwargs: Any,
    ) -> None:
        given = dict(locals())
        super().__init__(name=name, **{key: kwargs.pop(key) for key in ("trainable", "dtype") if key in kwargs})
        self.encoding = encoding
        self._configure(given, **kwargs)

    def _tokens(self, given: Any) -> list[Any]:
        return plain_texts(given, self, self.encoding).reshape(-1).tolist() if len(given) else []

    def _array(self, data: Any) -> np.ndarray:
        return plain_texts(data, self, self.encoding)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if self.invert and not is_symbolic((inputs,), {}):
            return self._inverted(inputs)
        return super().__call__(inputs, *args, **kwargs)

    def _inverted(self, numbers: Any) -> np.ndarray:
        """Return texts for numbers."""
        self.require_vocabulary()
        array = np.asarray(numbers)
        if array.dtype.kind == "V" or isinstance(numbers, Ready):
            raise not_in_program(self, "Text cannot be made")
        known = self.get_vocabulary()
        texts = np.empty(array.size, object)
        texts[:] = [known[n] if 0 <= n < len(known) else self.oov_token for n in array.reshape(-1).tolist()]
        return texts.reshape(array.shape)

    def prepare(self, inputs: Any) -> np.ndarray:
        """Return the texts' numbers in the inputs' shape, on the host; -1 where a mode leaves a text out."""
        self.require_vocabulary()
        texts = plain_texts(inputs, self, self.encoding)
        return self.numbers_of(texts.reshape(-1).tolist()).reshape(texts.shape)

    def numbers_of(self, texts: Sequence[str]) -> np.ndarray:
        """Return the numbers of texts in a row."""
        known = dict(self._vocabulary.numbers)
        masked = self.output_mode == "int" and self.mask_token is not None
        first = int(masked)
        unknown = first if self.num_oov_indices == 1 else -2
        if self.mask_token is not None:
            known[self.mask_token] = 0 if masked else -1
        numbers = np.fromiter((known.get(text, unknown) for text in texts), np.int32, len(texts))
        if unknown == -2 and (missing := np.flatnonzero(numbers == -2)).size:
            rest = [texts[place] for place in missing.tolist()]
            if not self.num_oov_indices:
                raise _unknown(self, rest)
            numbers[missing] = first + hash_texts(rest, self.num_oov_indices, self.salt)
        return numbers

    def call(self, inputs: Any) -> Array:
        """Return the output mode's form of prepared numbers."""
        if not isinstance(inputs, Ready):
            raise not_in_program(self, "Text cannot be looked up")
        return self.finish(inputs.value)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return the symbolic outputs; text in the case of `invert`, which no model can compute."""
        if self.invert:
            raise Unsupported(
                "A model cannot return text.",
                code="text-output",
                place=f"layer {self.name!r}",
                expected="invert=True outside of a model",
                fix="let the model return numbers, and call the layer on what predict returns",
            )
        return KerasTensor(inputs.shape, "int32") if self.output_mode == "int" else super().compute_output_spec(inputs)

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments, and what a file's reader must know before it has the vocabulary."""
        return {**super().constructor_arguments(), "encoding": self.encoding}


def _unknown(layer: Lookup, tokens: Sequence[Any]) -> DataError:
    return DataError(
        "A token is not in the vocabulary, and num_oov_indices=0 leaves no number for it.",
        code="token-unknown",
        place=f"layer {layer.name!r}",
        expected="tokens of the vocabulary",
        received=", ".join(map(repr, list(tokens)[:5])),
        fix="set num_oov_indices=1",
    )
