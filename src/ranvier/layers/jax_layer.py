"""JaxLayer: a model written as pure JAX functions, as a layer."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, final

import jax
import jax.numpy as jnp
import numpy as np
from jax import tree_util

from ranvier import _lookup
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.ops.core import traceable
from ranvier.random import SeedGenerator
from ranvier.state import scope
from ranvier.state.variable import Variable

__all__ = ["JaxLayer"]

_CALL = ("params", "state", "rng", "inputs", "training")
_INIT = ("rng", "inputs", "training")
_VALUES = (np.ndarray, np.generic, jax.Array, jax.ShapeDtypeStruct, bool, int, float)


@final
class JaxLayer(Layer):
    """Call a pure function of parameters and inputs; this layer holds the parameters.

        outputs = call_fn(params, inputs)                                           without a state
        outputs, state = call_fn(params, state, rng, inputs, training)              with all that it may ask for

    The arguments of both functions are found by their names and passed in the order of the signature. `init_fn` runs
    once, when somebody looks at a weight or training starts, on ones of the inputs' shape.

    A configuration gives the functions' names; loading it needs `custom_objects={name: function}`.

    Args:
        call_fn: takes `inputs`, and where it names them `params`, `state`, `rng` (a key while training, else None) and
            `training`; returns outputs, or outputs and the new state if it takes a state.
        init_fn: takes `inputs`, and where it names them `rng` and `training` (True); returns the first params, or
            params and state if `call_fn` takes a state.
        params, state: first values, as any nest of arrays, instead of `init_fn`.
        seed: makes the draws of `rng` this layer's own.
        native_serialization_platforms: Keras's, for TensorFlow; kept and not used.

    Raises:
        InvalidArgument: a function takes other arguments, or there is nothing to make the weights from.

    Example:
        >>> layer = JaxLayer(lambda params, inputs: inputs * params["scale"], params={"scale": 3.0})
        >>> float(layer([2.0])[0])
        6.0
    """

    params: Any
    state: Any

    def __init__(
        self,
        call_fn: Callable[..., Any],
        init_fn: Callable[..., Any] | None = None,
        params: Any = None,
        state: Any = None,
        seed: int | None = None,
        native_serialization_platforms: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.call_fn, self.init_fn, self.seed = call_fn, init_fn, seed
        self.native_serialization_platforms = native_serialization_platforms
        self._asked = self._arguments("call_fn", call_fn, _CALL)
        self._asked_first = self._arguments("init_fn", init_fn, _INIT) if init_fn else ()
        self.generator = SeedGenerator(seed)
        given, nothing = (params, state), params is None and state is None
        if nothing and init_fn is None and {"params", "state"} & set(self._asked):
            raise InvalidArgument(
                "There is nothing to make the weights from.",
                code="jax-layer-weights",
                place=f"layer {self.name!r}",
                expected="init_fn, params or state",
                fix="pass init_fn=, or the values as params=",
            )
        self.params, self.state = None, None
        if not nothing:
            self._add(given, lambda: tree_util.tree_leaves(given))
            self.built = True

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments; first values are weights, not configuration."""
        found = super().constructor_arguments()
        return {name: value for name, value in found.items() if name not in ("params", "state")}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> JaxLayer:
        """Build from a configuration; the functions are looked up in `custom_objects` only."""
        functions = {name: _lookup.get(config.get(name), "function", {}) for name in ("call_fn", "init_fn")}
        return cls(**{**config, **functions})

    def build(self, input_shape: Any) -> None:
        """Add a weight for every array that `init_fn` returns."""
        if self.init_fn is None or not {"params", "state"} & set(self._asked):
            return
        draw = functools.partial(self._initial, tree_util.tree_map(_ones, input_shape, is_leaf=_is_shape))
        shapes = jax.eval_shape(draw, jax.ShapeDtypeStruct((2,), jnp.uint32))
        self._add(shapes, lambda: tree_util.tree_leaves(draw(jax.random.key_data(scope.next_key()))))

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Return the function's outputs, and keep its new state."""
        offered = {"inputs": inputs, "training": training}
        offered |= {name: tree_util.tree_map(_value, getattr(self, name)) for name in ("params", "state")}
        offered["rng"] = self.generator.next() if training and "rng" in self._asked else None
        with traceable(f"call_fn of layer {self.name!r}"):
            result = self.call_fn(*(offered[name] for name in self._asked))
        if "state" not in self._asked:
            return result
        outputs, state = result
        self._keep(state)
        return outputs

    def _initial(self, inputs: Any, rng: Array) -> tuple[Any, Any]:
        """Return the first params and state."""
        assert self.init_fn is not None
        offered = {"rng": rng, "inputs": inputs, "training": True}
        result = self.init_fn(*(offered[name] for name in self._asked_first))
        return tuple(result) if "state" in self._asked else (result, None)

    def _add(self, tree: tuple[Any, Any], draw: Callable[[], list[Any]]) -> None:
        first = _FirstValues(draw)
        leaves, structure = tree_util.tree_flatten_with_path(tree)
        made = [
            self._variable(path, leaf, functools.partial(first, number)) if isinstance(leaf, _VALUES) else leaf
            for number, (path, leaf) in enumerate(leaves)
        ]
        self.params, self.state = tree_util.tree_unflatten(structure, made)

    def _variable(self, path: tuple[Any, ...], leaf: Any, initializer: Callable[..., Any]) -> Variable:
        """Return the weight of one leaf; floats have the type of the layer's policy."""
        kind = jnp.result_type(leaf)
        keys = [str(getattr(key, "key", getattr(key, "name", getattr(key, "idx", key)))) for key in path[1:]]
        return self.add_weight(
            name="_".join(keys).replace("/", "_") or "variable",
            shape=jnp.shape(leaf),
            initializer=initializer,
            dtype=None if jnp.issubdtype(kind, jnp.floating) else kind.name,
            trainable=path[0].idx == 0,
        )

    def _keep(self, state: Any) -> None:
        structure: Any = tree_util.tree_structure(self.state)
        returned = tree_util.tree_structure(state)
        if structure != returned:
            raise InvalidArgument(
                "The function returned a state of another structure.",
                code="jax-layer-state",
                place=f"layer {self.name!r}: call_fn",
                expected=structure,
                received=returned,
                fix="return (outputs, state) with the state in the structure of the first one",
            )
        for variable, value in zip(tree_util.tree_leaves(self.state), tree_util.tree_leaves(state), strict=True):
            if isinstance(variable, Variable):
                variable.assign(value)

    def _arguments(self, which: str, function: Callable[..., Any], known: tuple[str, ...]) -> tuple[str, ...]:
        names = tuple(inspect.signature(function).parameters)
        if "inputs" not in names or set(names) - set(known):
            raise InvalidArgument(
                "The function takes other arguments than a JaxLayer has.",
                code="jax-layer-arguments",
                place=f"layer {self.name!r}: {which}",
                expected=f"inputs, and any of {', '.join(name for name in known if name != 'inputs')}",
                received=", ".join(names),
                fix="wrap it in a function with these arguments",
            )
        return names


class _FirstValues:
    """Hands each weight its part of what one draw returns; the draw waits for the first weight."""

    def __init__(self, draw: Callable[[], list[Any]]) -> None:
        self._draw = draw
        self._left: dict[int, Any] = {}

    def __call__(self, number: int, shape: Any, dtype: Any = None) -> Any:
        if number not in self._left:
            self._left = dict(enumerate(self._draw()))
        return self._left.pop(number)


def _value(leaf: Any) -> Any:
    return leaf.value if isinstance(leaf, Variable) else leaf


def _ones(shape: tuple[int | None, ...]) -> Array:
    return jnp.ones([1 if size is None else size for size in shape])


def _is_shape(node: Any) -> bool:
    return isinstance(node, (tuple, list)) and all(size is None or isinstance(size, int) for size in node)
