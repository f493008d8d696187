"""Layer: the base of everything that turns arrays into arrays and may hold weights.

A layer stores its arguments under their names in `__init__`, adds weights in `build(input_shape)`, and computes in
`call` with `ranvier.ops`. The base does the rest: building on first use, symbolic calls, dtype casts, masks, the
`training` flag, paths for randomness, configuration from the signature.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import tree_util

from ranvier import constraints, initializers, regularizers
from ranvier._errors import InvalidArgument, NotReady
from ranvier._lookup import Configurable, snake_case
from ranvier._typing import Array, DType, Shape
from ranvier.layers import input_spec, tracking
from ranvier.state import masking, scope
from ranvier.state.dtype_policy import DTypePolicy, policy_of
from ranvier.state.scope import Scope
from ranvier.state.symbolic import KerasTensor, Operation, infer, is_symbolic, record
from ranvier.state.variable import Variable, as_array

__all__ = ["Layer"]

_auto_numbers: dict[str, int] = {}


def _auto_name(cls: type) -> str:
    """Return Keras's display name: `dense`, `dense_1`, ... over the whole process."""
    base = snake_case(cls.__name__)
    number = _auto_numbers.get(base, 0)
    _auto_numbers[base] = number + 1
    return f"{base}_{number}" if number else base


class Layer(Operation, Configurable):
    """The base of all layers.

    Args:
        activity_regularizer: penalty on the layer's output, added to the loss.
        trainable: whether training changes the weights.
        dtype: a dtype or a policy name such as `"mixed_bfloat16"`.
        autocast: whether float inputs are cast to the compute dtype.
        name: display name; numbered automatically when None.
        input_shape: shape of one row; lets `Sequential` build at once (`input_dim=n` means `(n,)`).

    Example:
        >>> class Scale(Layer):
        ...     def build(self, input_shape):
        ...         self.factor = self.add_weight(shape=(), initializer="ones", name="factor")
        ...     def call(self, inputs):
        ...         return inputs * self.factor
    """

    untracked: frozenset[str] = frozenset()
    """Attributes that hold layers which do not belong to this one."""

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: DType | DTypePolicy | None = None,
        autocast: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.given_input_shape = _given_input_shape(kwargs)
        if kwargs:
            raise InvalidArgument(
                f"{type(self).__name__} does not know the argument {next(iter(kwargs))!r}.",
                code="unknown-argument",
                place=f"{type(self).__name__}(...)",
                expected=", ".join(inspect.signature(type(self)).parameters),
                received=", ".join(kwargs),
                fix="remove it or correct its name",
            )
        self.auto_named = name is None
        self.name = name if name is not None else _auto_name(type(self))
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.dtype_policy = policy_of(dtype)
        self.autocast = autocast
        self.built = False
        self.supports_masking = False
        self.input_spec: Any = None
        self._trainable = bool(trainable)
        self._added: list[Variable] = []
        self._eager_losses: list[Array] = []
        self._build_shapes: dict[str, Any] | None = None

    # --- weights -----------------------------------------------------------------------------------------------------

    def build(self, *input_shapes: Any, **shapes: Any) -> None:
        """Add the weights; a layer without weights does not override it."""
        self.built = True

    def add_weight(
        self,
        shape: Any = None,
        initializer: Any = None,
        dtype: DType | None = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str | None = None,
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Variable:
        """Create a weight of this layer.

        Args:
            shape: its shape; `()` when None.
            initializer: name, object or callable; Glorot uniform for floats, zeros otherwise.
            dtype: the policy's variable dtype when None.
            trainable: whether gradients change it.
            regularizer: penalty on its value.
            constraint: projection after each update.
            name: the last part of its path.
        """
        kind = dtype or self.variable_dtype
        if initializer is None:
            initializer = "glorot_uniform" if jnp.issubdtype(jnp.dtype(kind), jnp.floating) else "zeros"
        variable = Variable(
            initializers.get(initializer),
            shape=tuple(shape) if isinstance(shape, (tuple, list)) else () if shape is None else (shape,),
            dtype=kind,
            trainable=trainable,
            autocast=autocast,
            aggregation=aggregation,
            name=name or "variable",
        )
        variable.owner_path = self.name
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        self._added.append(variable)
        return variable

    def own_variables(self) -> list[Variable]:
        """Return this layer's own weights, sublayers' left out: trainable ones first, as Keras orders them."""
        found: dict[int, Variable] = {id(v): v for v in self._added}
        for attribute, variable in tracking.owned(self, Variable):
            if attribute.split("/")[0] != "_added" and id(variable) not in found:
                if variable.name == "variable":
                    variable.name = attribute.lstrip("_")
                found[id(variable)] = variable
        return [v for v in found.values() if v.trainable] + [v for v in found.values() if not v.trainable]

    def children(self) -> Iterator[tuple[str, Layer]]:
        """Yield the direct sublayers with their structural names."""
        yield from tracking.owned(self, Layer)

    def _flatten_layers(self, include_self: bool = True, recursive: bool = True) -> list[Layer]:
        everything = list(tracking.layers_by_path(self).values())
        if not recursive:
            everything = [self, *(child for _, child in tracking.sublayers(self))]
        return everything if include_self else everything[1:]

    @property
    def variables(self) -> list[Variable]:
        """All variables, sublayers' included."""
        return list(tracking.variables_by_path(self).values())

    @property
    def weights(self) -> list[Variable]:
        """All weights, sublayers' included, in Keras's order."""
        return self.variables

    @property
    def trainable_variables(self) -> list[Variable]:
        """The variables that training changes; empty when the layer is frozen."""
        chosen: dict[int, Variable] = {}
        for layer, open_ in _with_trainable(self, True):
            if open_:
                chosen.update((id(v), v) for v in layer.own_variables() if v.trainable)
        return list(chosen.values())

    @property
    def trainable_weights(self) -> list[Variable]:
        """Same as `trainable_variables`."""
        return self.trainable_variables

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The variables that training leaves alone."""
        trained = {id(v) for v in self.trainable_variables}
        return [v for v in self.variables if id(v) not in trained]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """Same as `non_trainable_variables`."""
        return self.non_trainable_variables

    @property
    def trainable(self) -> bool:
        """Whether training changes this layer's weights; setting it also sets all sublayers."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        for _, child in tracking.sublayers(self):
            child.trainable = value

    def get_weights(self) -> list[np.ndarray]:
        """Return the weights as NumPy arrays, in the order of `weights`."""
        return [np.asarray(v.stored) for v in self.weights]

    def set_weights(self, weights: list[Any]) -> None:
        """Set all weights from a list in the order of `weights`.

        Raises:
            InvalidArgument: another number of arrays, or an array of another shape.
        """
        variables = self.weights
        if len(weights) != len(variables):
            raise InvalidArgument(
                "The list holds another number of arrays than the layer has weights.",
                code="set-weights-count",
                place=f"layer {self.name!r}",
                expected=f"{len(variables)}: " + ", ".join(f"{v.path} {v.shape}" for v in variables[:20]),
                received=len(weights),
                fix="pass what get_weights() of an equal model returns",
            )
        arrays = [as_array(w) for w in weights]
        for variable, array in zip(variables, arrays, strict=True):
            if tuple(array.shape) != variable.shape:
                raise InvalidArgument(
                    "An array of the list has another shape than its weight.",
                    code="set-weights-shape",
                    place=f"layer {self.name!r}, weight {variable.path}",
                    expected=variable.shape,
                    received=tuple(array.shape),
                )
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)

    def count_params(self) -> int:
        """Return the number of numbers in all weights."""
        if not self.built:
            raise NotReady(
                "The weights do not exist before the layer is built.",
                code="not-built",
                place=f"layer {self.name!r}",
                fix="call build(input_shape), or call the layer on data once",
            )
        return sum(v.size for v in self.weights)

    # --- dtypes ------------------------------------------------------------------------------------------------------

    @property
    def dtype(self) -> str:
        """The type in which weights are stored."""
        return self.dtype_policy.variable_dtype

    @property
    def variable_dtype(self) -> str:
        """The type in which weights are stored."""
        return self.dtype_policy.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The type in which the layer computes."""
        return self.dtype_policy.compute_dtype

    @property
    def input_dtype(self) -> str:
        """The type to which float inputs are cast."""
        return self.dtype_policy.compute_dtype

    # --- calling -----------------------------------------------------------------------------------------------------

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; overridden by every layer."""
        raise NotReady(
            f"{type(self).__name__} has no call().",
            code="no-call",
            place=f"layer {self.name!r}",
            fix="define call(self, inputs) in the class",
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        args, kwargs = self._converted(args, kwargs)
        if args:
            input_spec.check(self.input_spec, args[0], self.name)
        self._build_if_needed(args, kwargs)
        if is_symbolic(args, kwargs):
            outputs = self.compute_output_spec(*args, **kwargs)
            self._propagate_symbolic_mask(args, kwargs, outputs)
            return record(self, args, kwargs, outputs)
        running = scope.active()
        if running is None:
            paths = {id(layer): path for path, layer in tracking.layers_by_path(self).items()}
            with scope.entered(Scope(paths=paths)) as running:
                outputs = self._run(running, args, kwargs)
            self._eager_losses = running.losses
            return outputs
        return self._run(running, args, kwargs)

    def _run(self, running: Scope, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """One call inside a pass: `training`, masks, path and compute dtype are set around `call`."""
        facts = _call_facts(type(self))
        args, kwargs, training = self._with_training(running, args, kwargs, facts)
        kwargs, incoming = self._with_mask(args, kwargs, facts)
        before = running.training
        running.training = training
        running.trail.append(self._place(running))
        running.compute_dtypes.append(self.compute_dtype if self.autocast else None)
        try:
            outputs = self.call(*args, **kwargs)
            if self.activity_regularizer is not None:
                for output in tree_util.tree_leaves(outputs):
                    running.losses.append(self.activity_regularizer(output) / output.shape[0])
            self._hand_on_mask(args, outputs, incoming)
        finally:
            running.compute_dtypes.pop()
            running.trail.pop()
            running.training = before
        return outputs

    def _place(self, running: Scope) -> str:
        """Return the structural path when the running program knows it, else the display name."""
        return running.paths.get(id(self), self.name)

    def _with_training(
        self, running: Scope, args: tuple[Any, ...], kwargs: dict[str, Any], facts: _CallFacts
    ) -> tuple[tuple[Any, ...], dict[str, Any], bool]:
        """Resolve `training`: the caller's word, else the surrounding pass's, else False."""
        given = kwargs.get("training")
        if given is None and facts.training_index is not None and len(args) > facts.training_index:
            given = args[facts.training_index]
        training = bool(running.training) if given is None else bool(given)
        if facts.training_index is not None and len(args) <= facts.training_index:
            kwargs = {**kwargs, "training": training}
        elif facts.training_keyword:
            kwargs = {**kwargs, "training": training}
        elif "training" in kwargs and not facts.any_keyword:
            kwargs = {k: v for k, v in kwargs.items() if k != "training"}
        return args, kwargs, training

    def _with_mask(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], facts: _CallFacts
    ) -> tuple[dict[str, Any], Any]:
        """Find the mask of the first argument; pass it to `call` where it asks for `mask`."""
        if kwargs.get("mask") is not None:
            return kwargs, kwargs["mask"]
        masks = tree_util.tree_map(masking.of, args[0]) if args else None
        found = masks is not None and bool(tree_util.tree_leaves(masks))
        if found and facts.mask_keyword:
            kwargs = {**kwargs, "mask": masks}
        return kwargs, masks if found else None

    def _hand_on_mask(self, args: tuple[Any, ...], outputs: Any, incoming: Any) -> None:
        if incoming is not None and not self.supports_masking:
            return
        if args and (incoming is not None or type(self).compute_mask is not Layer.compute_mask):
            masking.attach(outputs, self.compute_mask(args[0], incoming))

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Return the mask of the outputs; the input's own by default."""
        return previous_mask

    def _propagate_symbolic_mask(self, args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any) -> None:
        """Masks are computed when the graph runs; nothing is recorded for symbolic tensors."""

    def _converted(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Turn array-likes into arrays and cast floats to the compute dtype."""
        cast = self.compute_dtype if self.autocast else None

        def convert(leaf: Any) -> Any:
            if isinstance(leaf, (KerasTensor, bool, str, type(None))) or callable(leaf):
                return leaf
            if isinstance(leaf, jax.Array):
                array = leaf
            elif isinstance(leaf, (np.ndarray, Variable)) or hasattr(leaf, "__array__"):
                if getattr(getattr(leaf, "dtype", None), "kind", "") in "OSU":
                    return leaf
                array = as_array(leaf)
            else:
                return leaf
            if cast and jnp.issubdtype(array.dtype, jnp.floating) and array.dtype != cast:
                converted = array.astype(cast)
                masking.attach(converted, masking.of(leaf))
                return converted
            return array

        def converted_input(value: Any) -> Any:
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return convert(jnp.asarray(value))
            if isinstance(value, list) and value and all(isinstance(v, (int, float, list)) for v in value):
                return convert(jnp.asarray(value))
            return tree_util.tree_map(convert, value)

        if args:
            args = (converted_input(args[0]), *(tree_util.tree_map(convert, a) for a in args[1:]))
        return args, {name: tree_util.tree_map(convert, value) for name, value in kwargs.items()}

    def _build_if_needed(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self.built:
            return
        shapes = _argument_shapes(type(self), args, kwargs)
        if not shapes:
            self.built = True
            return
        names = [p for p in inspect.signature(self.build).parameters.values() if p.kind is not p.VAR_KEYWORD]
        wanted = {p.name for p in names}
        self._build_shapes = shapes
        if len(shapes) > 1 and wanted & set(shapes):
            self.build(**{name: shape for name, shape in shapes.items() if name in wanted})
        else:
            self.build(next(iter(shapes.values())))
        self.built = True

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Return symbolic outputs by abstract evaluation of `call`."""
        return infer(functools.partial(Layer.__call__, self), *args, **kwargs)

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        """Return the output shape for an input shape (a tuple, or a nest of tuples)."""
        dtype = self.compute_dtype

        def tensor(shape: Any) -> KerasTensor:
            return KerasTensor(shape, dtype)

        is_shape = lambda node: isinstance(node, tuple) and all(d is None or isinstance(d, int) for d in node)  # noqa: E731
        inputs = [tree_util.tree_map(tensor, shape, is_leaf=is_shape) for shape in (*args, *kwargs.values())]
        self._build_if_needed(tuple(inputs), {})
        return tree_util.tree_map(lambda t: t.shape, self.compute_output_spec(*inputs))

    # --- losses ------------------------------------------------------------------------------------------------------

    def add_loss(self, loss: Any) -> None:
        """Add a scalar (or a list of scalars) to the loss that training minimises."""
        running = scope.active()
        for value in loss if isinstance(loss, (list, tuple)) else [loss]:
            if running is None:
                self._eager_losses.append(as_array(value))
            else:
                running.losses.append(jnp.mean(as_array(value)))

    @property
    def losses(self) -> list[Array]:
        """The losses that the last call added, and the penalties of the weights."""
        running = scope.active()
        added = running.losses if running is not None else self._eager_losses
        return [*added, *self.weight_penalties()]

    def weight_penalties(self) -> list[Array]:
        """Return the regularizers' penalties of the trainable weights."""
        return [v.regularizer(v.value) for v in self.trainable_variables if v.regularizer is not None]

    # --- configuration -----------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return name, trainable, dtype and the constructor's arguments as plain data."""
        own = super().get_config()
        for name in ("name", "trainable", "dtype", "activity_regularizer", "autocast", "kwargs"):
            own.pop(name, None)
        dtype = {
            "module": "keras",
            "class_name": "DTypePolicy",
            "config": {"name": self.dtype_policy.name},
            "registered_name": None,
        }
        base: dict[str, Any] = {"name": self.name, "trainable": self._trainable, "dtype": dtype}
        if self.activity_regularizer is not None:
            base["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        return {**base, **own}

    def get_build_config(self) -> dict[str, Any] | None:
        """Return the shapes with which the layer was built."""
        if self._build_shapes is None:
            return None
        if len(self._build_shapes) == 1:
            return {"input_shape": next(iter(self._build_shapes.values()))}
        return {"shapes_dict": self._build_shapes}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build with shapes from `get_build_config`."""
        shapes = config.get("shapes_dict") or {"input_shape": config.get("input_shape")}
        shapes = {name: _tupled(shape) for name, shape in shapes.items()}
        self._build_shapes = shapes
        self.build(*shapes.values()) if len(shapes) == 1 else self.build(**shapes)
        self.built = True

    # --- the functional graph ----------------------------------------------------------------------------------------

    @property
    def input(self) -> Any:
        """The symbolic input of the only call."""
        return _only_node(self).args[0]

    @property
    def output(self) -> Any:
        """The symbolic output of the only call."""
        return _only_node(self).outputs

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _with_trainable(layer: Layer, above: bool) -> Iterator[tuple[Layer, bool]]:
    open_ = above and layer._trainable
    yield layer, open_
    for _, child in tracking.sublayers(layer):
        yield from _with_trainable(child, open_)


def _only_node(layer: Layer) -> Any:
    if len(layer.inbound_nodes) != 1:
        raise NotReady(
            f"The layer was called on {len(layer.inbound_nodes)} symbolic inputs, so it has no single input and output.",
            code="no-single-node",
            place=f"layer {layer.name!r}",
            fix="call the layer on one symbolic input, or keep the tensors yourself",
        )
    return layer.inbound_nodes[0]


def _given_input_shape(kwargs: dict[str, Any]) -> Shape | None:
    """Take `input_shape=`, `input_dim=` or `batch_input_shape=` out of a layer's arguments: one row's shape."""
    shape = kwargs.pop("input_shape", None)
    dim = kwargs.pop("input_dim", None)
    batch = kwargs.pop("batch_input_shape", None)
    if shape is None and dim is not None:
        shape = (dim,)
    if shape is None and batch is not None:
        shape = tuple(batch)[1:]
    if shape is None:
        return None
    return (shape,) if isinstance(shape, int) else tuple(shape)


def _tupled(shape: Any) -> Any:
    """Return JSON's lists as tuples."""
    if isinstance(shape, dict):
        return {key: _tupled(value) for key, value in shape.items()}
    if isinstance(shape, (list, tuple)):
        inner = [_tupled(value) for value in shape]
        return tuple(inner) if all(v is None or isinstance(v, int) for v in inner) else inner
    return shape


class _CallFacts:
    """What the signature of a class's `call` says."""

    def __init__(self, cls: type) -> None:
        parameters = list(inspect.signature(cls.call).parameters.values())[1:]  # type: ignore[attr-defined]
        names = [p.name for p in parameters]
        positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        self.names = names
        self.any_keyword = any(p.kind is p.VAR_KEYWORD for p in parameters)
        self.training_index = positional.index("training") if "training" in positional else None
        self.training_keyword = "training" in names and self.training_index is None
        self.mask_keyword = "mask" in names


@functools.cache
def _call_facts(cls: type) -> _CallFacts:
    return _CallFacts(cls)


def _argument_shapes(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the shape of each tensor argument under `{argument}_shape`, as `build` names them."""
    names = _call_facts(cls).names
    named = dict(zip(names, args, strict=False)) | kwargs
    if len(args) > len(names):
        named |= {f"argument_{i}": a for i, a in enumerate(args[len(names) :])}
    shapes: dict[str, Any] = {}
    for name, value in named.items():
        leaves = tree_util.tree_leaves(value)
        if leaves and all(hasattr(leaf, "shape") for leaf in leaves):
            shapes[f"{name}_shape"] = tree_util.tree_map(lambda leaf: tuple(leaf.shape), value)
    return shapes
