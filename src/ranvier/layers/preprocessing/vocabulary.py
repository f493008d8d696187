"""A vocabulary: tokens and their numbers; and what the arguments of a lookup must fulfil."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ranvier import _config
from ranvier._errors import InvalidArgument

if TYPE_CHECKING:
    from ranvier.layers.base import Layer
    from ranvier.layers.preprocessing.lookup import Lookup

__all__ = ["Vocabulary", "check_lookup", "padded_weights", "salted"]


class Vocabulary:
    """Tokens in the order of their numbers, the first number being that after the special tokens."""

    def __init__(self, specials: Sequence[Any], tokens: Sequence[Any] = ()) -> None:
        self.tokens = list(tokens)
        self.numbers = {token: number for number, token in enumerate(self.tokens, start=len(specials))}

    @classmethod
    def checked(cls, tokens: Sequence[Any], layer: Lookup) -> Vocabulary:
        """Return the vocabulary of a layer.

        Raises:
            InvalidArgument: a token twice, a reserved one, or too many.
        """
        specials = layer._specials()
        repeated = [token for token, count in Counter(tokens).items() if count > 1]
        reserved = [layer.mask_token, layer.oov_token if layer.invert else None]
        misplaced = [token for token in reserved if token is not None and token in tokens]
        size = len(specials) + len(tokens)
        if not repeated and not misplaced and (layer.max_tokens is None or size <= layer.max_tokens):
            return cls(specials, tokens)
        raise InvalidArgument(
            "The vocabulary does not fit the layer.",
            code="vocabulary",
            place=f"layer {layer.name!r}",
            expected=f"different tokens, at most max_tokens={layer.max_tokens}, with {specials} in front or nowhere",
            received=f"twice: {repeated[:5]}" if repeated else f"among them {misplaced}" if misplaced else f"{size}",
            fix="leave out what is there twice, and the special tokens",
        )


def _refuse(layer: Layer, name: str, expected: str, received: Any) -> InvalidArgument:
    return InvalidArgument(
        f"{name} of {type(layer).__name__} does not fit.",
        code="lookup-argument",
        place=f"layer {layer.name!r}: {name}",
        expected=expected,
        received=repr(received)[:100],
    )


def check_lookup(layer: Layer, given: Mapping[str, Any], unknown: Mapping[str, Any]) -> None:
    """Raise for arguments of a lookup that do not fit each other."""
    max_tokens, mode = given["max_tokens"], given["output_mode"]
    if unknown:
        raise _refuse(layer, next(iter(unknown)), "an argument that the layer has", next(iter(unknown.values())))
    if max_tokens is not None and max_tokens <= 1:
        raise _refuse(layer, "max_tokens", "2 or more", max_tokens)
    if given["num_oov_indices"] < 0:
        raise _refuse(layer, "num_oov_indices", "0 or more", given["num_oov_indices"])
    if given["pad_to_max_tokens"] and max_tokens is None:
        raise _refuse(layer, "pad_to_max_tokens", "max_tokens beside it", True)
    if given["oov_method"] not in ("floormod", "farmhash"):
        raise _refuse(layer, "oov_method", "'floormod' or 'farmhash'", given["oov_method"])
    if given["invert"] and mode != "int":
        raise _refuse(layer, "invert", "output_mode='int' beside it", mode)
    if (given["idf_weights"] is not None) != (mode in ("tf_idf", "tf-idf") and given["vocabulary"] is not None):
        raise _refuse(layer, "idf_weights", "a number per token, for a given vocabulary and 'tf_idf' only", mode)


def salted(layer: Layer, salt: Any) -> list[int] | None:
    """Return a hash's salt as two whole numbers.

    Raises:
        InvalidArgument: neither one number nor two.
    """
    if salt is None:
        return None
    if isinstance(salt, int):
        return [salt, salt]
    if isinstance(salt, (tuple, list)) and len(salt) == 2 and all(isinstance(one, int) for one in salt):
        return list(salt)
    raise _refuse(layer, "salt", "a whole number, or two", salt)


def padded_weights(layer: Lookup, weights: Any, tokens: int, led: bool) -> np.ndarray | None:
    """Return a weight per number of the layer: the special tokens' are the mean, unless they were given too.

    Args:
        layer: the layer.
        weights: a number per token; None where there are none.
        tokens: number of tokens.
        led: whether the tokens include the special ones.

    Raises:
        InvalidArgument: missing, unwanted, or another number of weights than tokens.
    """
    if (weights is None) != (layer.output_mode != "tf_idf"):
        raise _refuse(layer, "idf_weights", "a number per token in mode 'tf_idf', else None", weights)
    if weights is None:
        return None
    array = np.asarray(weights)
    if array.shape != (tokens,):
        raise _refuse(layer, "idf_weights", f"{tokens} numbers, one per token", array.shape)
    if not led:
        array = np.concatenate([np.full(len(layer._specials()), array.mean()), array])
    if layer.pad_to_max_tokens:
        array = np.concatenate([array, np.zeros((layer.max_tokens or 0) - len(array))])
    return array.astype(_config.floatx())
