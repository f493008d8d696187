"""Pipeline: layers one after the other, as one layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, final

from ranvier import _lookup
from ranvier import layers as package
from ranvier._errors import InvalidArgument
from ranvier.layers.base import Layer
from ranvier.state import masking

__all__ = ["Pipeline"]


@final
class Pipeline(Layer):
    """Apply layers one after the other.

        outputs = layers[-1](... layers[1](layers[0](inputs)))

    A Sequential without what makes it a model. On its own it is for preparing training data: `training` is True unless
    the call or the model around it says otherwise.

    Args:
        layers: the layers, in order.
        name: display name.

    Raises:
        InvalidArgument: no layers, or something else among them.

    Example:
        >>> from ranvier.layers import Flatten, Rescaling
        >>> [float(v) for v in Pipeline([Rescaling(0.5), Flatten()])([[[2.0], [4.0]]])[0]]
        [1.0, 2.0]
    """

    def __init__(self, layers: Sequence[Layer], name: str | None = None) -> None:
        super().__init__(name=name, autocast=False)
        self.layers = list(layers) if isinstance(layers, (list, tuple)) else []
        if not self.layers or not all(isinstance(layer, Layer) for layer in self.layers):
            raise InvalidArgument(
                "A Pipeline consists of layers.",
                code="pipeline-layers",
                place=f"layer {self.name!r}",
                expected="a list of layers",
                received=repr(layers)[:200],
            )
        self.supports_masking = all(layer.supports_masking for layer in self.layers)

    def build(self, input_shape: Any) -> None:
        """Build the layers, each for what the one before it returns."""
        for layer in self.layers:
            input_shape = layer.compute_output_shape(input_shape)

    def call(self, inputs: Any, training: bool = True, mask: Any = None) -> Any:
        """Return what the last layer makes of it all."""
        masking.attach(inputs, mask)
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs

    def get_config(self) -> dict[str, Any]:
        """Return the layers' serialized forms and the name, which is all that Keras takes."""
        return {"name": self.name, "layers": [_lookup.identify(layer) for layer in self.layers]}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Pipeline:
        """Build from a configuration, whose layers are ready ones or their serialized forms."""
        given = config.get("layers")
        layers = [package.deserialize(layer) for layer in given] if isinstance(given, (list, tuple)) else given
        return cls(**{**config, "layers": layers})
