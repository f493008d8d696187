"""Sequential: layers one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from ranvier._config import custom_object_scope
from ranvier._errors import InvalidArgument, NotReady, WrongType
from ranvier._lookup import plain
from ranvier.layers import InputLayer, tracking
from ranvier.layers.base import Layer
from ranvier.layers.calling import argument_shapes, tupled
from ranvier.layers.preprocessing.host import HostLayer, Prepared
from ranvier.models import fuse
from ranvier.models import inputs as model_inputs
from ranvier.models.graph import Graph
from ranvier.models.model import Model, deserialize
from ranvier.saving import blueprint
from ranvier.state.symbolic import KerasTensor

__all__ = ["Sequential"]


class Sequential(Model):
    """Layers one after the other.

    The model is built at once when it begins with an `Input`, when the first layer has an `input_shape`, or when the
    first layer is a built model; else when it first sees data.

    Args:
        layers: the layers, in order.
        trainable: whether training changes the weights.
        name: display name.

    Raises:
        WrongType: something else than a layer was added.

    Example:
        >>> from ranvier import layers
        >>> model = Sequential([layers.Dense(8, input_shape=(4,)), layers.Dense(1)])
        >>> model.output_shape, model.count_params()
        ((None, 1), 49)
    """

    keras_module: ClassVar[str | None] = "keras"

    def __init__(self, layers: Any = None, trainable: bool = True, name: str | None = None) -> None:
        super().__init__(trainable=trainable, name=name, autocast=False)
        self._chain: list[Layer] = []
        self._entry: InputLayer | None = None
        self._tensors: list[KerasTensor] = []
        self._given_entry = True
        for layer in [layers] if isinstance(layers, Layer) else layers or []:
            self.add(layer)

    # --- structure ---------------------------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """The layers in order, without the InputLayer."""
        return list(self._chain)

    def child_layers(self) -> Iterator[tuple[str, Layer]]:
        """Yield the layers with names that depend on their order alone."""
        yield from tracking.numbered(self._chain)

    @property
    def entry(self) -> InputLayer | None:
        """The InputLayer; None while no input shape is known."""
        return self._entry

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Append a layer; an Input must come first.

        Args:
            layer: a layer, or what `Input(...)` returns.
            rebuild: accepted for Keras.
        """
        if isinstance(layer, KerasTensor) and layer.history is not None:
            layer = layer.history.operation
        if not isinstance(layer, Layer):
            raise WrongType(
                "A Sequential consists of layers.",
                code="sequential-layer",
                place=f"model {self.name!r}",
                expected="a layer such as layers.Dense(8), or keras.Input(...) in the first place",
                received=f"{type(layer).__name__}: {layer!r}"[:200],
                fix="put a function into layers.Activation or layers.Lambda",
            )
        if isinstance(layer, InputLayer):
            self._add_input(layer)
            return
        if any(layer.name == other.name for other in self._chain):
            raise InvalidArgument(
                f"The model already has a layer named {layer.name!r}.",
                code="double-layer-name",
                place=f"model {self.name!r}",
                expected="a name of its own for every layer",
                fix="rename it; to use one layer twice, make the model with Model(inputs, outputs)",
            )
        if not self._chain and self._entry is None:
            self._entry = _entry_before(layer)
        if not self._trainable:
            layer.trainable = False
        self._chain.append(layer)
        self._extend()

    def _add_input(self, layer: InputLayer) -> None:
        if self._chain or self._entry is not None:
            raise InvalidArgument(
                "An Input must be the first entry of a Sequential.",
                code="sequential-input",
                place=f"model {self.name!r}",
                received=f"Input {layer.name!r} after {len(self._chain)} layers",
                fix="put it first, and only once",
            )
        self._entry = layer

    def pop(self, rebuild: bool = True) -> Layer | None:
        """Remove and return the last layer; None when there is none."""
        if not self._chain:
            return None
        layer = self._chain.pop()
        self._tensors = self._tensors[: len(self._chain) + 1]
        self._remake_graph()
        return layer

    def _extend(self) -> None:
        """Call the layers that were not called yet on the symbolic tensor before them."""
        if self._entry is None:
            return
        if not self._tensors:
            self._tensors = [self._entry.output]
        for layer in self._chain[len(self._tensors) - 1 :]:
            self._tensors.append(layer(self._tensors[-1]))
        self._remake_graph()

    def _remake_graph(self) -> None:
        ready = self._entry is not None and bool(self._chain)
        self.layer_graph = Graph(self._tensors[0], self._tensors[-1]) if ready else None
        self.built = ready
        if ready and self._build_shapes is None:
            self._build_shapes = {"input_shape": self._tensors[0].shape}

    # --- building and calling ----------------------------------------------------------------------------------------

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for inputs of this shape, batch axis first.

        Raises:
            NotReady: the model has no layers, or no shape is known.
        """
        if self.layer_graph is not None:
            return
        if not self._chain or input_shape is None:
            raise NotReady(
                "The model cannot be built: " + ("no input shape is known." if self._chain else "it has no layers."),
                code="sequential-build",
                place=f"model {self.name!r}",
                fix="begin with keras.Input(shape=...), pass build(input_shape), or call the model on data",
            )
        self._entry = InputLayer(batch_shape=(None, *tupled(input_shape)[1:]))
        self._given_entry = False
        self._build_shapes = None
        self._extend()

    @property
    def may_take_text(self) -> bool:
        """Whether the first layer takes text, and no Input says otherwise."""
        return self._entry is None and bool(self._chain) and isinstance(self._chain[0], HostLayer)

    def build_for_text(self, row_shape: tuple[int, ...]) -> None:
        """Make the weights for rows of texts of this shape."""
        self._entry = InputLayer(batch_shape=(None, *row_shape), dtype="string")
        self._extend()

    def _build_if_needed(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self.layer_graph is not None or self.built:
            return
        shape = next(iter(argument_shapes(type(self), args, kwargs).values()), None)
        if isinstance(shape, tuple):
            self.build(shape)
        else:
            self.built = True

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Return what the last layer makes of it all."""
        if isinstance(inputs, Prepared):
            return super().call(inputs, training, mask)
        values = inputs
        if self._entry is not None:
            (values,) = self._arranged(inputs, mask)
        place = 0
        while place < len(self._chain):
            values, together = fuse.called(self._chain[place:], values)
            place += together
        return values

    def _arranged(self, given: Any, mask: Any) -> list[Any]:
        if self._given_entry or self._entry is None or not hasattr(given, "astype"):
            return super()._arranged(given, mask)
        # The Input was read off the first data: only its rank binds.
        keep = not self._chain[0].autocast
        return [model_inputs.fitted(given, self._entry, self.name, keep_integers=keep, check_sizes=False)]

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """Return the output shape for an input shape."""
        shape = args[0] if args else next(iter(kwargs.values()))
        for layer in self._chain:
            shape = layer.compute_output_shape(shape)
        return shape

    # --- configuration -----------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return the layers' serialized forms."""
        entry = [] if self._entry is None else [self._entry]
        config = {
            "name": self.name,
            "trainable": self._trainable,
            "dtype": plain(self.dtype_policy),
            "layers": [blueprint.serialize(layer) for layer in (*entry, *self._chain)],
        }
        if self.layer_graph is not None:
            config["build_input_shape"] = list(self._tensors[0].shape)
        return config

    @classmethod
    def from_config(cls, config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Build from `get_config()`'s result; a bare list of layers is Keras 1's form.

        Args:
            config: the configuration.
            custom_objects: classes and functions of one's own, by name.
        """
        if isinstance(config, Sequence):
            config = {"layers": config}
        with custom_object_scope(custom_objects):
            model = cls([deserialize(layer) for layer in config["layers"]], name=config.get("name"))
        shape = config.get("build_input_shape")
        if model.layer_graph is None and model._chain and isinstance(shape, (list, tuple)):
            model.build(tuple(shape))
        if config.get("trainable") is False:
            model._trainable = False
        return model


def _entry_before(layer: Layer) -> InputLayer | None:
    """Return the Input that a first layer implies: from its `input_shape=`, or as a built model; None when unknown."""
    if layer.given_input_shape is not None:
        return InputLayer(shape=layer.given_input_shape, batch_size=layer.given_batch_size)
    if isinstance(layer, Model) and layer.layer_graph is not None and len(layer.layer_graph.entries) == 1:
        entry = layer.layer_graph.entries[0]
        return InputLayer(batch_shape=entry.batch_shape, dtype=entry.dtype)
    return None
