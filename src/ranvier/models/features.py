"""The columns of a table for a FeatureSpace: what each holds, and how it becomes numbers."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, final

from ranvier import layers
from ranvier._errors import InvalidArgument, WrongType
from ranvier._lookup import Configurable, auto_name
from ranvier.models.model import deserialize
from ranvier.saving import blueprint

__all__ = ["Cross", "Feature", "FeatureKinds", "cardinality"]


def _require(value: str, allowed: tuple[str, ...], place: str) -> str:
    if value not in allowed:
        raise InvalidArgument(
            f"{place} has no such output_mode.",
            code="output-mode",
            place=place,
            expected=", ".join(map(repr, allowed)),
            received=repr(value),
        )
    return value


@final
class Cross(Configurable):
    """Two features or more whose combinations are hashed into bins.

    Args:
        feature_names: the features.
        crossing_dim: number of bins.
        output_mode: `"int"` or `"one_hot"`.

    Example:
        >>> Cross(("age", "sex"), 8).name
        'age_X_sex'
    """

    # Keras does not export the class, so its files give the place of its definition.
    keras_module: ClassVar[str | None] = "keras.src.layers.preprocessing.feature_space"

    def __init__(self, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot") -> None:
        self.output_mode = _require(output_mode, ("int", "one_hot"), "Cross")
        self.feature_names, self.crossing_dim = tuple(feature_names), crossing_dim

    @property
    def name(self) -> str:
        """The features' names, joined."""
        return "_X_".join(self.feature_names)


@final
class Feature(Configurable):
    """A column: its type, the layer that prepares it, and the form in which it comes out.

    Args:
        dtype: of the column, `"string"` for texts.
        preprocessor: a layer, or its configuration.
        output_mode: `"float"` leaves what the layer returns, `"int"` too, `"one_hot"` encodes its whole numbers.
    """

    keras_module: ClassVar[str | None] = "keras.src.layers.preprocessing.feature_space"

    def __init__(self, dtype: str, preprocessor: Any, output_mode: str) -> None:
        self.output_mode = _require(output_mode, ("int", "one_hot", "float"), "Feature")
        self.dtype = dtype
        self.preprocessor = deserialize(preprocessor) if isinstance(preprocessor, Mapping) else preprocessor
        if not isinstance(self.preprocessor, layers.Layer):
            raise WrongType(
                "A feature is prepared by a layer.",
                code="feature-preprocessor",
                place="Feature(preprocessor=...)",
                expected="a layer, such as TextVectorization()",
                received=type(preprocessor).__name__,
            )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments; the layer in its serialized form."""
        layer = blueprint.serialize(self.preprocessor)
        return {"dtype": self.dtype, "preprocessor": layer, "output_mode": self.output_mode}


def cardinality(layer: Any) -> int | None:
    """Return how many numbers a layer may give; None where that is not known."""
    if isinstance(layer, (layers.IntegerLookup, layers.StringLookup)):
        return layer.vocabulary_size()
    if isinstance(layer, layers.CategoryEncoding):
        return layer.num_tokens
    if isinstance(layer, (layers.Hashing, layers.HashedCrossing)):
        return layer.num_bins
    if isinstance(layer, layers.Discretization):
        return layer.num_bins if layer.num_bins is not None else len(layer.bin_boundaries or ()) + 1
    return None


class FeatureKinds:
    """The kinds of columns that a FeatureSpace knows by name."""

    @classmethod
    def cross(cls, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot") -> Cross:
        """Return combinations of features, hashed into `crossing_dim` bins."""
        return Cross(feature_names, crossing_dim, output_mode)

    @classmethod
    def feature(cls, dtype: str, preprocessor: Any, output_mode: str) -> Feature:
        """Return a column prepared by a layer of one's own choice."""
        return Feature(dtype, preprocessor, output_mode)

    @classmethod
    def float(cls, name: str | None = None) -> Feature:
        """Return a column of numbers that stay as they are."""
        return Feature("float32", layers.Identity(dtype="float32", name=_layer_name(name, "float")), "float")

    @classmethod
    def float_rescaled(
        cls, scale: builtins.float = 1.0, offset: builtins.float = 0.0, name: str | None = None
    ) -> Feature:
        """Return a column of numbers, `x * scale + offset`."""
        return Feature("float32", layers.Rescaling(scale, offset, name=_layer_name(name, "float_rescaled")), "float")

    @classmethod
    def float_normalized(cls, name: str | None = None) -> Feature:
        """Return a column of numbers, brought to mean 0 and variance 1 of the data it was adapted to."""
        return Feature("float32", layers.Normalization(-1, name=_layer_name(name, "float_normalized")), "float")

    @classmethod
    def float_discretized(
        cls, num_bins: int | None, bin_boundaries: Any = None, output_mode: str = "one_hot", name: str | None = None
    ) -> Feature:
        """Return a column of numbers as the numbers of the ranges that they lie in.

        Args:
            num_bins: how many ranges `adapt` finds; None where boundaries are given.
            bin_boundaries: ascending boundaries.
            output_mode: `"int"` or `"one_hot"`.
            name: the first part of the layer's name.
        """
        named = _layer_name(name, "float_discretized")
        return Feature("float32", layers.Discretization(bin_boundaries, num_bins, name=named), output_mode)

    @classmethod
    def integer_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Return a column of whole numbers that are categories; see IntegerLookup."""
        named = _layer_name(name, "integer_categorical")
        return Feature("int32", layers.IntegerLookup(max_tokens, num_oov_indices, name=named), output_mode)

    @classmethod
    def string_categorical(
        cls,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:
        """Return a column of texts that are categories; see StringLookup."""
        named = _layer_name(name, "string_categorical")
        return Feature("string", layers.StringLookup(max_tokens, num_oov_indices, name=named), output_mode)

    @classmethod
    def string_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """Return a column of texts, hashed into bins."""
        return Feature("string", layers.Hashing(num_bins, name=_layer_name(name, "string_hashed")), output_mode)

    @classmethod
    def integer_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """Return a column of whole numbers, hashed into bins."""
        return Feature("int32", layers.Hashing(num_bins, name=_layer_name(name, "integer_hashed")), output_mode)


def _layer_name(name: str | None, kind: str) -> str:
    return f"{name or auto_name(kind)}_preprocessor"
