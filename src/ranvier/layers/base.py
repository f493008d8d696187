"""Layer: the base of everything that turns arrays into arrays and may hold weights.

A layer stores its arguments under their names in `__init__`, adds weights in `build(input_shape)`, and computes in
`call` with `ranvier.ops`. The base does the rest: building on first use, symbolic calls, dtype casts, masks, the
`training` flag, paths for randomness, configuration from the signature.
"""

from __future__ import annotations

import functools
import inspect
from typing import Any, ClassVar, cast

import jax.numpy as jnp
from jax import tree_util

from ranvier import regularizers
from ranvier._errors import InvalidArgument, NotReady
from ranvier._lookup import auto_name, constructor_signature
from ranvier._typing import Array, DType
from ranvier.layers import input_spec, stateless
from ranvier.layers.alone import real_values, run_alone
from ranvier.layers.calling import CallFacts, argument_shapes, call_facts, converted, given_shapes
from ranvier.layers.configured import Configured
from ranvier.layers.weights import WeightHolder
from ranvier.ops.core import traceable
from ranvier.state import masking, remat, scope
from ranvier.state.dtype_policy import DTypePolicy, policy_of
from ranvier.state.scope import Scope
from ranvier.state.symbolic import KerasTensor, Operation, infer, is_symbolic, record
from ranvier.state.variable import Variable, as_array

__all__ = ["Layer"]


class Layer(WeightHolder, Configured, Operation):
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

    untracked: ClassVar[frozenset[str]] = frozenset({"_given", "_inbound_nodes"})
    """Attributes that hold layers which do not belong to this one."""
    unsavable: str | None = None
    """Why a file cannot hold this layer whole; None when it can."""
    supports_masking: bool = False
    input_spec: Any = None
    """What inputs must look like, for an error that names the layer."""

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
        self.given_batch_size, self.given_input_shape = given_shapes(kwargs)
        if kwargs:
            raise InvalidArgument(
                f"{type(self).__name__} does not know the argument {next(iter(kwargs))!r}.",
                code="unknown-argument",
                place=f"{type(self).__name__}(...)",
                expected=", ".join(constructor_signature(type(self)).parameters),
                received=", ".join(kwargs),
                fix="remove it or correct its name",
            )
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise InvalidArgument(
                "A layer's name is a text without '/', which separates the parts of a path.",
                code="layer-name",
                place=f"{type(self).__name__}(name=...)",
                expected="a text without '/'",
                received=repr(name),
            )
        self.auto_named = name is None
        self.name = name if name is not None else auto_name(type(self))
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.dtype_policy = policy_of(dtype)
        self.autocast = autocast
        self.built = False
        self._trainable = bool(trainable)
        self._added: list[Variable] = []
        self._eager_losses: list[Array] = []
        self._build_shapes: dict[str, Any] | None = None

    # --- calling -----------------------------------------------------------------------------------------------------

    def build(self, *input_shapes: Any, **shapes: Any) -> None:
        """Add the weights; a layer without weights does not override it."""
        self.built = True

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; overridden by every layer."""
        raise NotReady(
            f"{type(self).__name__} has no call().",
            code="no-call",
            place=f"layer {self.name!r}",
            fix="define call(self, inputs) in the class",
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        args, kwargs = converted(args, kwargs, self.compute_dtype if self.autocast else None)
        if args:
            input_spec.check(self.input_spec, args[0], self.name)
        self._build_if_needed(args, kwargs)
        if is_symbolic(args, kwargs):
            return record(self, args, kwargs, self.compute_output_spec(*args, **kwargs))
        running = scope.active()
        if running is None:
            outputs, self._eager_losses = run_alone(self, self._run, args, kwargs)
            return outputs
        return self._run(running, args, kwargs)

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """Return the symbolic outputs without recording the call; see `compute_output_spec`."""
        return self.compute_output_spec(*args, **kwargs)

    def stateless_call(
        self,
        trainable_variables: Any,
        non_trainable_variables: Any,
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Call the layer as a pure function of its variables.

        Outside of a running pass, random draws derive from the global stream and the values of the trainable variables,
        so that a compiled step of one's own draws anew after each update.

        Args:
            trainable_variables: values in the order of `trainable_variables`.
            non_trainable_variables: values in the order of `non_trainable_variables`.
            return_losses: also return the added losses and penalties.

        Returns:
            `(outputs, non_trainable_variables)`, and the list of losses when asked for.
        """
        outputs, updated, losses = stateless.stateless_call(
            self, trainable_variables, non_trainable_variables, args, kwargs
        )
        return (outputs, updated, losses) if return_losses else (outputs, updated)

    def _run(self, running: Scope, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """One call inside a pass: `training`, masks, path and compute dtype are set around `call`."""
        facts = call_facts(cast(Any, type(self)))
        args, kwargs, training = self._with_training(running, args, kwargs, facts)
        kwargs, incoming = self._with_mask(args, kwargs, facts)
        before = running.training
        running.training = training
        running.trail.append(self._place(running))
        running.compute_dtypes.append(self.compute_dtype if self.autocast else None)
        try:
            with traceable(f"call() of {type(self).__name__} {self.name!r}"), running.named():
                outputs = remat.called(self, args, kwargs)
            if self.activity_regularizer is not None:
                for output in tree_util.tree_leaves(outputs):
                    running.losses.append(self.activity_regularizer(output) / output.shape[0])
            self._hand_on_mask(args, outputs, incoming)
            if running.observer is not None:
                running.observer(self, running.trail[-1], outputs)
        finally:
            running.compute_dtypes.pop()
            running.trail.pop()
            running.training = before
        return outputs

    def _place(self, running: Scope) -> str:
        """Return the structural path when the running program knows it, else the display name."""
        return running.paths.get(id(self), self.name)

    def _with_training(
        self, running: Scope, args: tuple[Any, ...], kwargs: dict[str, Any], facts: CallFacts
    ) -> tuple[tuple[Any, ...], dict[str, Any], bool]:
        """Resolve `training`: the caller's word, else the surrounding pass's, else what `call` has as default."""
        given = kwargs.get("training")
        if given is None and facts.training_index is not None and len(args) > facts.training_index:
            given = args[facts.training_index]
        around = facts.training_default if running.training is None else running.training
        training = bool(around if given is None else given)
        if (facts.training_index is not None and len(args) <= facts.training_index) or facts.training_keyword:
            kwargs = {**kwargs, "training": training}
        elif "training" in kwargs and not facts.any_keyword:
            kwargs = {k: v for k, v in kwargs.items() if k != "training"}
        return args, kwargs, training

    def _with_mask(self, args: tuple[Any, ...], kwargs: dict[str, Any], facts: CallFacts) -> tuple[dict[str, Any], Any]:
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

    def _build_if_needed(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if self.built:
            return
        shapes = argument_shapes(type(self), args, kwargs)
        if not shapes:
            self.built = True
            return
        wanted = {p.name for p in inspect.signature(self.build).parameters.values() if p.kind is not p.VAR_KEYWORD}
        if len(shapes) > 1:
            shapes = {name: shape for name, shape in shapes.items() if name in wanted} or dict([*shapes.items()][:1])
        self._build_shapes = shapes
        with real_values():
            self.build(**shapes) if len(shapes) > 1 else self.build(*shapes.values())
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

    def fingerprint_root(self) -> Any:
        """Return what the layer's traced code depends on; the engine finds compiled programs by it."""
        return self

    # --- the functional graph ----------------------------------------------------------------------------------------

    @property
    def input(self) -> Any:
        """The symbolic input of the first call."""
        return _first_node(self).args[0]

    @property
    def output(self) -> Any:
        """The symbolic output of the first call."""
        return _first_node(self).outputs

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _first_node(layer: Layer) -> Any:
    if not layer.inbound_nodes:
        raise NotReady(
            "The layer was never called on a symbolic tensor, so it has no symbolic input and output.",
            code="never-called",
            place=f"layer {layer.name!r}",
            fix="give the model an Input, or call the layer on keras.Input(...) once",
        )
    return layer.inbound_nodes[0]
