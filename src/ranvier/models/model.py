"""Model: layers that are trained, run and saved together."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from jax import tree_util

from ranvier._config import custom_object_scope
from ranvier._errors import InvalidArgument, NotReady
from ranvier.layers import tracking
from ranvier.layers.base import Layer
from ranvier.layers.calling import argument_shapes, tupled
from ranvier.layers.preprocessing.host import Prepared
from ranvier.models import graph_config, inputs, state_tree, summary
from ranvier.models.ends import Ends, graph_of
from ranvier.models.graph import Graph
from ranvier.models.trainer import Trainer
from ranvier.saving import blueprint, compiling, config_audit, model_files, weight_files
from ranvier.state import masking
from ranvier.state.symbolic import KerasTensor

__all__ = ["Model", "deserialize"]

_GRAPH_KEYS = ("layers", "input_layers", "output_layers")


class Model(Trainer, Ends, Layer):
    """Layers that are trained, run and saved together.

    Made of symbolic tensors, `Model(inputs, outputs)`, or as a subclass that keeps layers and defines `call`.

    Args:
        inputs: symbolic tensors from `Input`, single or in a list or dict.
        outputs: symbolic tensors computed from them, single or in a list or dict.
        trainable: whether training changes the weights.
        name: display name.

    Example:
        >>> from ranvier import Input, layers
        >>> x = Input((4,))
        >>> model = Model(x, layers.Dense(2)(x))
        >>> model.count_params()
        10
    """

    keras_module: ClassVar[str | None] = "keras"
    functional: ClassVar[type[Model]]
    """The class of `Model(inputs, outputs)`, which stands in `functional.py`."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make `Model(inputs, outputs)` a Functional."""
        return super().__new__(
            cls.functional if cls is Model and _is_functional(args, kwargs) else cls, *args, **kwargs
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = dict(zip(("inputs", "outputs", "name"), args, strict=False)) | kwargs
        ends = given.pop("inputs", None), given.pop("outputs", None)
        if (ends[0] is None) != (ends[1] is None):
            raise InvalidArgument(
                "A model takes inputs and outputs together.",
                code="model-ends",
                place=f"{type(self).__name__}(...)",
                expected="Model(inputs, outputs)",
                received="inputs only" if ends[1] is None else "outputs only",
            )
        functional = ends[0] is not None
        # A graph's layers cast for themselves; the model itself must not round its inputs.
        super().__init__(**({"autocast": False, **given} if functional else given))
        self.layer_graph: Graph | None = None
        if functional:
            self.layer_graph = Graph(*ends)
            self.layer_graph.names()
            self.built = True
            if not self._trainable:
                self.trainable = False

    # --- structure ---------------------------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """The direct sublayers, in Keras's order."""
        if self.layer_graph is not None:
            return [*self.layer_graph.layers, *(child for _, child in self._attribute_layers())]
        return [child for _, child in tracking.sublayers(self)]

    def child_layers(self) -> Iterator[tuple[str, Layer]]:
        """Yield the direct sublayers with names that depend on the model's structure alone."""
        if self.layer_graph is None:
            yield from super().child_layers()
            return
        yield from tracking.numbered(self.layer_graph.layers)
        yield from self._attribute_layers()

    def _attribute_layers(self) -> list[tuple[str, Layer]]:
        """Return the layers that a subclass with a graph keeps as attributes beside it."""
        known = {id(layer) for layer in self.layer_graph.layers} if self.layer_graph is not None else set()
        return [(name, layer) for name, layer in super().child_layers() if id(layer) not in known]

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return a layer by its name or its number in `layers`.

        Raises:
            InvalidArgument: there is no such layer.
        """
        if index is not None and name is not None:
            raise InvalidArgument(
                "A layer is found by its name or by its number, not by both.",
                code="name-and-index",
                place="get_layer(name, index)",
                received=f"name={name!r}, index={index!r}",
            )
        if index is not None and -len(self.layers) <= index < len(self.layers):
            return self.layers[index]
        for layer in self.layers:
            if name is not None and layer.name == name:
                return layer
        raise InvalidArgument(
            "The model has no such layer.",
            code="no-such-layer",
            place=f"model {self.name!r}",
            expected=", ".join(f"{number}: {layer.name}" for number, layer in enumerate(self.layers)),
            received=f"name={name!r}, index={index!r}",
        )

    # --- building and calling ----------------------------------------------------------------------------------------

    def build(self, input_shape: Any = None) -> None:
        """Make the weights of all layers for inputs of these shapes, batch axis first.

        Args:
            input_shape: a tuple, or a list or dict of tuples.
        """
        if self.layer_graph is not None or input_shape is None:
            return
        is_shape = lambda node: isinstance(node, tuple) and all(n is None or isinstance(n, int) for n in node)  # noqa: E731
        tensors = tree_util.tree_map(KerasTensor, tupled(input_shape), is_leaf=is_shape)
        self.compute_output_spec(tensors)

    def _build_if_needed(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A subclass without a `build` of its own builds its layers by being called."""
        if type(self).build is not Model.build:
            super()._build_if_needed(args, kwargs)
        elif not self.built:
            self._build_shapes = self._build_shapes or argument_shapes(type(self), args, kwargs)
            self.built = True

    @property
    def has_call(self) -> bool:
        """Whether the model computes something from one input: a GAN may hold its networks and a `train_step` only."""
        return self.layer_graph is not None or type(self).call is not Model.call

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Return the outputs; a subclass without inputs and outputs defines its own."""
        if self.layer_graph is None:
            raise NotReady(
                f"{type(self).__name__} has no call().",
                code="no-call",
                place=f"model {self.name!r}",
                fix="define call(self, inputs) in the class, or make the model with inputs and outputs",
            )
        ready = inputs.ready if isinstance(inputs, Prepared) else ()
        outputs = self.layer_graph.run(self._arranged(inputs, mask), ready=ready)
        alone = isinstance(outputs, (list, tuple)) and len(outputs) == 1
        return outputs[0] if alone else outputs  # as Keras does for Model([x], [y])

    def _arranged(self, given: Any, mask: Any) -> list[Any]:
        graph = graph_of(self)
        if isinstance(given, Prepared):
            values = list(given.entries)
        else:
            values = inputs.arranged(given, graph.input_struct, graph.entries, self.name)
        masking.attach([value for value in values if value is not None], mask)
        return [
            inputs.fitted(value, entry, self.name, keep_integers=_untouched(graph.readers(number)))
            for number, (value, entry) in enumerate(zip(values, graph.entries, strict=True))
        ]

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,
        print_fn: Callable[..., Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
        *,
        kernels: bool = False,
    ) -> None:
        """Print a table of the layers, their output shapes and numbers of weights.

        Args:
            line_length: width of the table [characters].
            positions: where the columns end, as shares of the width or in characters.
            print_fn: called with the text; `print` when None.
            expand_nested: also show the layers of nested models.
            show_trainable: also show whether a layer is trained.
            layer_range: names (or patterns) of the first and last layer to show.
            kernels: also show which native kernels a layer trains with, and why not where it has one and does not.
        """
        text = summary.table(self, line_length, positions, expand_nested, show_trainable, layer_range, kernels)
        (print_fn or print)(text)

    # --- configuration -----------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return the graph as plain data; without one, the constructor's arguments."""
        if self.layer_graph is None or not _takes_ends(type(self)):
            return super().get_config()
        graph = graph_config.write_graph(self.layer_graph, blueprint.serialize)
        return {"name": self.name, "trainable": self._trainable, **graph}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Build from `get_config()`'s result.

        Args:
            config: the configuration.
            custom_objects: own classes and functions, by name.
        """
        if not all(key in config for key in _GRAPH_KEYS):
            with custom_object_scope(custom_objects):
                return super().from_config(config)
        with custom_object_scope(custom_objects):
            ends = graph_config.read_graph(config, deserialize)
        more = {key: config[key] for key in ("name", "trainable") if config.get(key) is not None}
        return (cls.functional if cls is Model else cls)(*ends, **more)

    get_compile_config = compiling.compile_config
    compile_from_config = compiling.compile_from
    save_weights = weight_files.save_weights
    load_weights = weight_files.load_weights
    save = model_files.save_model
    get_state_tree = state_tree.get_state_tree
    set_state_tree = state_tree.set_state_tree
    stateless_compute_loss = state_tree.stateless_compute_loss

    def to_json(self, **kwargs: Any) -> str:
        """Return the structure, without weights, as JSON; `kwargs` go to `json.dumps`."""
        return json.dumps(blueprint.serialize(self), **kwargs)


def _is_functional(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    return len(args) >= 2 or (len(args) == 1 and "outputs" in kwargs) or ("inputs" in kwargs and "outputs" in kwargs)


def _takes_ends(cls: type) -> bool:
    """Whether a class is made of inputs and outputs, as Model itself is."""
    return next(base for base in cls.__mro__ if "__init__" in vars(base)) is Model


def _untouched(readers: list[Any]) -> bool:
    """Whether all who take an input want it as it is, as Embedding does."""
    return bool(readers) and all(isinstance(reader, Layer) and not reader.autocast for reader in readers)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return a layer or model for its serialized form; only our own names and `custom_objects` are known."""
    kinds: list[type[Model]] = [Model, *Model.__subclasses__()]
    models = {kind.__name__: kind for kind in kinds if "keras_module" in vars(kind)}
    with custom_object_scope({**models, **(custom_objects or {})}):
        return blueprint.deserialize(config, config_audit.known_names(models))
