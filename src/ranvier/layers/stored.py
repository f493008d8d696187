"""What files ask a layer for: its own variables by number, and what it measures."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

import numpy as np

from ranvier._errors import InvalidArgument, Unsupported
from ranvier.layers import tracking
from ranvier.state.variable import Variable

if TYPE_CHECKING:
    from ranvier.layers.weights import WeightHolder

__all__ = ["Stored"]


@runtime_checkable
class _Measures(Protocol):
    """A metric, which stands beside the layers and is known here by what it can do."""

    def update_state(self, *args: Any, **kwargs: Any) -> Any: ...
    def result(self) -> Any: ...
    def reset_state(self) -> None: ...


class Stored:
    """The part of a layer that goes to and comes from files."""

    name: str

    def own_weights(self) -> list[Variable]:
        """Return this layer's own weights, sublayers' left out."""
        raise NotImplementedError

    @property
    def path(self) -> str:
        """The layer's name; where a layer stands in a model, the model's paths say."""
        return self.name

    @property
    def metrics(self) -> list[Any]:
        """The metrics that the layer and its sublayers hold as attributes, each once."""
        layers = tracking.layers_by_path(cast("WeightHolder", self)).values()
        found = (metric for layer in layers for _, metric in tracking.owned(layer, _Measures))
        return list({id(metric): metric for metric in found}.values())

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of those metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def add_metric(self, *args: Any, **kwargs: Any) -> None:
        """Refuse, as Keras 3 does.

        Raises:
            Unsupported: always, with what to write instead.
        """
        raise Unsupported(
            "A layer measures with metrics of its own.",
            code="add-metric",
            place=f"layer {self.name!r}: add_metric",
            fix="keep self.seen = keras.metrics.Mean() in __init__ and call self.seen.update_state(...) in call",
        )

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the layer's own variables into `store`, by their numbers `"0"`, `"1"`, ...

        A class of one's own that overrides it also overrides `load_own_variables`.
        """
        for number, variable in enumerate(self.own_weights()):
            store[str(number)] = np.asarray(variable.stored)

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Take the layer's own variables from what `save_own_variables` gave.

        Raises:
            InvalidArgument: another number of arrays, or an array of another shape; then nothing is changed.
        """
        variables = self.own_weights()
        names = [str(number) for number in range(len(variables))]
        arrays = [np.asarray(store[name]) for name in names if name in store]
        shapes = [variable.shape for variable in variables]
        if len(store) != len(variables) or [array.shape for array in arrays] != shapes:
            raise InvalidArgument(
                "The stored variables do not fit the layer.",
                code="own-variables",
                place=f"layer {self.name!r}",
                expected=", ".join(f"{name}: {shape}" for name, shape in zip(names, shapes, strict=True)) or "none",
                received=", ".join(f"{name}: {np.shape(value)}" for name, value in store.items()) or "none",
                fix="build the layer as it was when it was saved",
            )
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)
