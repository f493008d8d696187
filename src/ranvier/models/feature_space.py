"""FeatureSpace: a table's columns, each prepared by a layer of its own, as one vector or a dict of vectors."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from jax import tree_util

from ranvier import layers
from ranvier._errors import InvalidArgument, NotReady
from ranvier.layers import Layer
from ranvier.models import feature_data
from ranvier.models.features import Cross, Feature, FeatureKinds, cardinality
from ranvier.models.functional import Functional
from ranvier.saving import blueprint, model_files

__all__ = ["FeatureSpace"]


class FeatureSpace(FeatureKinds, Layer):
    """Prepare the columns of a table: numbers brought to scale or into ranges, categories encoded, combinations hashed.

    It is used on data (`dataset.map(space)`, `space(columns)`), or as the first part of a model:
    `Model(space.get_inputs(), Dense(1)(space.get_encoded_features()))`, which takes the columns as they are.

    Shapes: columns `[row]` or `[row, 1]`; outputs `[row, feature]`, columns and then combinations in the order of their
    names. A dict of single values gives `[feature]`.

    Args:
        features: kinds of the columns by their names: `"float"`, `"float_normalized"`, `"float_rescaled"`,
            `"float_discretized"`, `"integer_categorical"`, `"string_categorical"`, `"integer_hashed"`,
            `"string_hashed"`, or what `FeatureSpace.float(...)` and its likes return.
        output_mode: `"concat"` for one vector, `"dict"` for a dict by name.
        crosses: combinations: tuples of names, or what `FeatureSpace.cross(...)` returns.
        crossing_dim: number of bins of combinations.
        hashing_dim: number of bins of hashed columns.
        num_discretization_bins: number of ranges.
        name: display name.

    Raises:
        InvalidArgument: no features, an unknown kind, or a combination of what is no feature.

    Example:
        >>> space = FeatureSpace({"size": "float", "colour": "string_categorical"})
        >>> table = {"size": [1.5, 2.0], "colour": ["red", "blue"]}
        >>> space.adapt(table)
        >>> space(table).tolist()
        [[0.0, 1.0, 0.0, 1.5], [0.0, 0.0, 1.0, 2.0]]

    Source: Keras 3's FeatureSpace, Chollet (2022).
    """

    keras_module: ClassVar[str | None] = "keras.utils"
    untracked = frozenset({"_given", "_inbound_nodes", "_model"})

    def __init__(
        self,
        features: Mapping[str, Any],
        output_mode: str = "concat",
        crosses: Sequence[Any] | None = None,
        crossing_dim: int = 32,
        hashing_dim: int = 32,
        num_discretization_bins: int = 32,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.crossing_dim, self.hashing_dim = crossing_dim, hashing_dim
        self.num_discretization_bins = num_discretization_bins
        if not features:
            raise _refused("features", "a dict of columns and their kinds", features)
        if output_mode not in ("concat", "dict"):
            raise _refused("output_mode", "'concat' or 'dict'", output_mode)
        self.output_mode = output_mode
        self.features = {key: self._feature(key, value) for key, value in features.items()}
        self.crosses = [self._cross(one) for one in crosses or ()]
        self.crosses_by_name = {cross.name: cross for cross in self.crosses}
        self.inputs = {key: layers.Input((1,), dtype=one.dtype, name=key) for key, one in self.features.items()}
        self.preprocessors = {key: one.preprocessor for key, one in self.features.items()}
        self.crossers = {
            cross.name: layers.HashedCrossing(cross.crossing_dim, name=cross.name) for cross in self.crosses
        }
        self.one_hot_encoders: dict[str, Layer] = {}
        self.concat: Layer | None = None
        self.encoded_features: Any = None
        self._model: Functional | None = None
        self._is_adapted = not self._to_adapt()

    def _feature(self, name: str, given: Any) -> Feature:
        if isinstance(given, Feature):
            return given
        if isinstance(given, Mapping):
            return Feature.from_config(given["config"])
        sizes = {
            "float_discretized": (self.num_discretization_bins,),
            "integer_hashed": (self.hashing_dim,),
            "string_hashed": (self.hashing_dim,),
        }
        plain = ("float", "float_normalized", "float_rescaled", "integer_categorical", "string_categorical")
        if not isinstance(given, str) or given not in (*plain, *sizes):
            raise _refused(f"features[{name!r}]", f"one of {', '.join((*plain, *sizes))}", given)
        made: Feature = getattr(self, given)(*sizes.get(given, ()), name=name)
        return made

    def _cross(self, given: Any) -> Cross:
        if isinstance(given, Mapping):
            given = Cross.from_config(given["config"])
        cross = given if isinstance(given, Cross) else Cross(given, self.crossing_dim)
        unknown = [name for name in cross.feature_names if name not in self.features]
        if unknown or not cross.crossing_dim:
            raise _refused("crosses", "names of features, and a crossing_dim", ", ".join(unknown) or cross.crossing_dim)
        return cross

    # --- adapting ----------------------------------------------------------------------------------------------------

    def _to_adapt(self) -> list[str]:
        """Return the columns whose layers learn from data."""
        return [
            key for key, one in self.preprocessors.items() if hasattr(one, "adapt") and getattr(one, "adaptable", True)
        ]

    def adapt(self, dataset: Any) -> None:
        """Let the layers learn vocabularies, statistics and ranges from data.

        The data is gone through once; the columns that a layer learns from are kept in memory meanwhile.

        Args:
            dataset: a dict of columns, or an iterable of such dicts: single rows or batches.

        Raises:
            WrongType: something else, such as pairs of columns and targets.
        """
        names = self._to_adapt()
        for name, elements in feature_data.elements(dataset, names).items():
            self.preprocessors[name].adapt(feature_data.batches(elements))
        self._is_adapted = True
        self.get_encoded_features()
        self.built = True

    def _require_adapted(self) -> None:
        if not self._is_adapted:
            raise NotReady(
                "The FeatureSpace has not seen data yet.",
                code="feature-space-adapt",
                place=f"FeatureSpace {self.name!r}",
                expected=f"adapt(dataset), from which {', '.join(self._to_adapt())} learn",
                received="no call of adapt",
                fix="call feature_space.adapt(dataset) on the training data, without targets",
            )

    # --- the graph ---------------------------------------------------------------------------------------------------

    def get_inputs(self) -> dict[str, Any]:
        """Return the symbolic inputs by column."""
        self._require_adapted()
        return self.inputs

    def get_encoded_features(self) -> Any:
        """Return the symbolic output: one vector, or a dict of them."""
        self._require_adapted()
        if self.encoded_features is None:
            prepared = {key: self.preprocessors[key](symbol) for key, symbol in self.inputs.items()}
            crossed = {
                cross.name: self.crossers[cross.name]([prepared[key] for key in cross.feature_names])
                for cross in self.crosses
            }
            specs: dict[str, Any] = {**self.features, **self.crosses_by_name}
            ordered = {**dict(sorted(prepared.items())), **dict(sorted(crossed.items()))}
            encoded = {key: self._encoded(key, symbol, specs[key]) for key, symbol in ordered.items()}
            self.encoded_features = self._concatenated(encoded) if self.output_mode == "concat" else encoded
            self._model = Functional(self.inputs, self.encoded_features)
        return self.encoded_features

    def _encoded(self, name: str, symbol: Any, spec: Feature | Cross) -> Any:
        if spec.output_mode != "one_hot":
            return symbol
        size = cardinality(self.preprocessors.get(name) or self.crossers.get(name))
        if size is None or not symbol.dtype.startswith("int"):
            raise InvalidArgument(
                f"Feature {name!r} cannot be encoded one-hot.",
                code="feature-one-hot",
                place=f"feature {name!r}",
                expected="a layer that gives whole numbers below a known number: a lookup, hash or discretization",
                received=f"{type(self.preprocessors.get(name)).__name__}, which gives {symbol.dtype}",
                fix="pass output_mode='float' or 'int'",
            )
        self.one_hot_encoders[name] = layers.CategoryEncoding(size, output_mode="multi_hot")
        return self.one_hot_encoders[name](symbol)

    def _concatenated(self, encoded: dict[str, Any]) -> Any:
        whole = [key for key, symbol in encoded.items() if not symbol.dtype.startswith(("float", "bfloat"))]
        if whole:
            raise InvalidArgument(
                "Whole numbers and vectors cannot be one vector.",
                code="feature-not-encoded",
                place=f"feature {whole[0]!r}",
                expected="features in output_mode 'one_hot' or 'float'",
                received=f"output_mode='int' of {', '.join(whole)}",
                fix="pass FeatureSpace(..., output_mode='dict')",
            )
        self.concat = layers.Concatenate(axis=-1)
        return self.concat(list(encoded.values()))

    def __call__(self, data: Any) -> Any:
        """Return the encoded features of a dict of columns, or of a dict of single values."""
        self.get_encoded_features()
        if not isinstance(data, Mapping):
            raise feature_data.not_columns("FeatureSpace(...)", data)
        columns = {key: feature_data.column(value) for key, value in data.items() if key in self.features}
        single = any(column.ndim == 0 for column in columns.values())
        columns = {key: column.reshape(1, 1) if column.ndim == 0 else column for key, column in columns.items()}
        outputs = self._model(columns)  # type: ignore[misc]
        return tree_util.tree_map(lambda x: x[0] if x.shape[0] == 1 else x, outputs) if single else outputs

    # --- files -------------------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments as plain data."""
        names = ("output_mode", "crossing_dim", "hashing_dim", "num_discretization_bins")
        nested = {"features": blueprint.serialize(self.features), "crosses": blueprint.serialize(self.crosses)}
        return {**nested, **{name: getattr(self, name) for name in names}}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Build an equal FeatureSpace from `get_config()`'s result."""
        return cls(**config)

    def get_build_config(self) -> dict[str, Any]:
        """Return the shapes with which the layers of the columns were built."""
        return {key: layer.get_build_config() or {} for key, layer in self.preprocessors.items()}

    def build_from_config(self, config: Mapping[str, Any]) -> None:
        """Take it that a file holds what the layers have learned."""
        self._is_adapted = self.built = True

    def save(self, filepath: str | os.PathLike[str]) -> None:
        """Write it to a `.keras` file, which `load_model` reads.

        Raises:
            NotReady: it was not adapted yet.
        """
        self.get_encoded_features()
        self.built = True
        model_files.save_model(self, filepath)


def _refused(argument: str, expected: str, received: Any) -> InvalidArgument:
    return InvalidArgument(
        f"{argument} of FeatureSpace does not fit.",
        code="feature-space-argument",
        place=f"FeatureSpace({argument}=...)",
        expected=expected,
        received=repr(received)[:100],
    )
