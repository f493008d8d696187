"""What layers of attention with several heads share: projections, masks, shares, and what decoding keeps."""

from __future__ import annotations

import math
import string
from collections.abc import Iterator, Mapping
from typing import Any

import jax.numpy as jnp

from ranvier import constraints, initializers, ops, regularizers
from ranvier._errors import InvalidArgument
from ranvier._lookup import plain
from ranvier._typing import Array, Shape
from ranvier.layers.activation import Softmax
from ranvier.layers.base import Layer
from ranvier.layers.configured import positive_integer
from ranvier.layers.dropout import Dropout, share
from ranvier.layers.einsum_dense import EinsumDense
from ranvier.state import masking, naming, scope

__all__ = ["AttentionHeads"]


class AttentionHeads(Layer):
    """The base of layers that project queries, keys and values to heads, attend, and project back.

    A subclass calls `_keep_arguments` and `_set_heads` in its constructor.
    """

    untracked = Layer.untracked | {"_parts"}
    _least_rank, _most_rank = 3, 20
    forgets_masks = False
    """Whether a call takes the masks of its inputs away."""
    _prefix = "_"
    """What stands before the names of the projections' attributes, which are paths in Keras's files."""

    def _keep_arguments(self, arguments: Mapping[str, Any]) -> None:
        """Store Keras's common arguments under their names, as objects."""
        self.dropout = share(self, "dropout", arguments["dropout"])
        self.use_bias, self.use_gate = bool(arguments["use_bias"]), bool(arguments["use_gate"])
        window = arguments["sliding_window"]
        self.sliding_window = None if window is None else positive_integer(self, "sliding_window", window)
        self.flash_attention, self.seed = arguments["flash_attention"], arguments["seed"]
        self.kernel_initializer = initializers.get(arguments["kernel_initializer"])
        self.bias_initializer = initializers.get(arguments["bias_initializer"])
        self.kernel_regularizer = regularizers.get(arguments["kernel_regularizer"])
        self.bias_regularizer = regularizers.get(arguments["bias_regularizer"])
        # For the projections' outputs, not for the layer's own.
        self._activity_regularizer = regularizers.get(arguments["activity_regularizer"])
        self.kernel_constraint = constraints.get(arguments["kernel_constraint"])
        self.bias_constraint = constraints.get(arguments["bias_constraint"])
        self.supports_masking = True

    def _set_heads(self, heads: int, key_heads: int, depth: int, value_depth: int) -> None:
        self._heads, self._key_heads, self._depth, self._value_depth = heads, key_heads, depth, value_depth
        self._axes: tuple[int, ...] | None = None
        self._output_sizes: tuple[int, ...] | None = None

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments; how attention is computed is none of a file's business, as in Keras."""
        return {k: v for k, v in super().constructor_arguments().items() if k != "flash_attention"}

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as plain data."""
        return {**super().get_config(), "activity_regularizer": plain(self._activity_regularizer)}

    def child_layers(self) -> Iterator[tuple[str, Layer]]:
        """Yield the projections by their names, in Keras's order."""
        for _, child in super().child_layers():
            yield child.name, child

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        """Add the projections `query`, `key`, `gate`, `value` and `attention_output`."""
        shapes = {"query_shape": tuple(query_shape), "value_shape": tuple(value_shape)}
        shapes |= {} if key_shape is None else {"key_shape": tuple(key_shape)}
        # Masks have shapes too, but say nothing about the weights.
        self._build_shapes = shapes
        query, value, key = self._checked(query_shape, value_shape, key_shape)
        depth, value_depth = self._depth, self._value_depth
        self._parts: dict[str, EinsumDense] = {}
        with naming.name_scope(self.name):
            self._parts["query"] = self._to_heads("query", query, self._heads, depth)
            self._parts["key"] = self._to_heads("key", key, self._key_heads, depth)
            if self.use_gate:
                self._parts["gate"] = self._to_heads("gate", query, self._heads, value_depth, activation="sigmoid")
            self._parts["value"] = self._to_heads("value", value, self._key_heads, value_depth)
            self._parts["output"] = self._from_heads("attention_output", query)
        for part, layer in self._parts.items():
            setattr(self, f"{'_' if part == 'gate' else self._prefix}{part}_dense", layer)
        axes = tuple(range(1, len(query) - 1)) if self._axes is None else self._axes
        self._attended = tuple(axis if axis >= 0 else len(query) + axis for axis in axes)
        if not set(self._attended) <= set(range(1, len(query) - 1)):
            raise self._unfit("axes between the batch and the features", f"attention_axes={self._axes}, inputs {query}")
        count = len(self._attended)
        self._softmax = Softmax(axis=list(range(-count, 0)), dtype=self.dtype_policy, name="softmax")
        self._dropout_layer = Dropout(self.dropout, dtype=self.dtype_policy, seed=self.seed, name="dropout")

    def _to_heads(self, name: str, shape: Shape, heads: int, depth: int, activation: Any = None) -> EinsumDense:
        free = string.ascii_lowercase[: len(shape) - 1]
        sizes = (*(None,) * (len(shape) - 2), heads, depth)
        return self._projection(name, f"{free}X,XYZ->{free}YZ", sizes, "YZ", shape, activation)

    def _from_heads(self, name: str, shape: Shape) -> EinsumDense:
        free, new = string.ascii_lowercase[: len(shape) - 1], self._output_sizes or (shape[-1],)
        letters = string.ascii_uppercase[: len(new)]
        sizes = (*(None,) * (len(shape) - 2), *new)
        given = (*shape[:-1], self._heads, self._value_depth)
        return self._projection(name, f"{free}YZ,YZ{letters}->{free}{letters}", sizes, letters, given, None)

    def _projection(
        self, name: str, equation: str, sizes: tuple[Any, ...], bias_axes: str, shape: Shape, activation: Any
    ) -> EinsumDense:
        layer = EinsumDense(
            equation,
            output_shape=sizes,
            activation=activation,
            bias_axes=bias_axes if self.use_bias else None,
            kernel_initializer=self.kernel_initializer,
            bias_initializer=self.bias_initializer,
            kernel_regularizer=self.kernel_regularizer,
            bias_regularizer=self.bias_regularizer,
            activity_regularizer=self._activity_regularizer,
            kernel_constraint=self.kernel_constraint,
            bias_constraint=self.bias_constraint,
            dtype=self.dtype_policy,
            name=name,
        )
        layer.build(shape)
        return layer

    def call(
        self,
        query: Array,
        value: Array,
        key: Array | None = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """Return what each query found, and with `return_attention_scores` also each head's shares.

        Args:
            query: who asks.
            value: what is looked at.
            key: what `value` is known by; `value` itself when None.
            query_mask: which queries are real [batch, query time]; the query's own mask when None, and so the others.
            value_mask: which values are real [batch, time].
            key_mask: which keys are real [batch, time].
            attention_mask: which query may look where, [batch, query time, time] or a shape that broadcasts to it, or
                with heads, [batch, head, query time, time].
            return_attention_scores: whether shares are returned too.
            training: whether shares are dropped.
            use_causal_mask: whether a query looks at its own place and earlier ones only.
        """
        self._checked(query.shape, value.shape, None if key is None else key.shape)
        source_mask = _both(_known(value_mask, value), None if key is None else _known(key_mask, key))
        query_mask = _known(query_mask, query)
        if self.forgets_masks:
            masking.forget(query, value, key)
        parts = self._parts
        q, v = parts["query"](query), parts["value"](value)
        k = parts["key"](value if key is None else key)
        step = None
        running = scope.active()
        if use_causal_mask and attention_mask is None and q.ndim == 4 and running is not None and running.decoding:
            k, v, source_mask = running.decoding.extended("/".join(running.trail), (k, v, source_mask))
            step = running.decoding.position
        whole = self.dropout == 0 and not return_attention_scores and q.ndim == 4
        ordered = whole and use_causal_mask and step is None
        masked = use_causal_mask and not ordered
        mask = self._merged(q.shape, k.shape, query_mask, source_mask, attention_mask, masked, step)
        if whole:
            scale = 1 / math.sqrt(self._depth)
            found = ops.dot_product_attention(q, k, v, mask=mask, scale=scale, is_causal=ordered)
            shares = None
        else:
            found, shares = self._with_shares(q, k, v, mask, training)
        outputs = parts["output"](ops.multiply(found, parts["gate"](query)) if self.use_gate else found)
        masking.attach(outputs, query_mask)
        return (outputs, shares) if return_attention_scores else outputs

    def _with_shares(self, q: Array, k: Array, v: Array, mask: Any, training: bool | None) -> tuple[Any, Any]:
        """Return the means of the values and the shares [batch, ..., head, query places, places]."""
        if self._key_heads != self._heads:
            k, v = (ops.repeat(x, self._heads // self._key_heads, axis=-2) for x in (k, v))
        asked, kept, both = self._letters(q.ndim)
        scaled = ops.multiply(q, jnp.asarray(1 / math.sqrt(self._depth), q.dtype))
        # Not called as a layer, which would hand the mask on to the shares.
        shares = self._softmax.call(ops.einsum(f"{asked},{kept}->{both}", scaled, k), mask)
        dropped = self._dropout_layer(shares, training=training)
        return ops.einsum(f"{both},{kept}->{asked}", dropped, v), shares

    def _letters(self, rank: int) -> tuple[str, str, str]:
        """Return the axes of queries, of keys and values, and of shares, as letters of einsum."""
        asked = list(string.ascii_lowercase[:rank])
        kept = [letter.upper() if axis in self._attended else letter for axis, letter in enumerate(asked)]
        other = [asked[axis] for axis in range(rank - 1) if axis not in self._attended]
        both = [*other, *(asked[axis] for axis in self._attended), *(kept[axis] for axis in self._attended)]
        return "".join(asked), "".join(kept), "".join(both)

    def _merged(
        self, q: Shape, k: Shape, query_mask: Any, source_mask: Any, given: Any, causal: bool, step: Array | None
    ) -> Any:
        """Return where a query may look, with the axes of shares; None for everywhere."""
        rows = jnp.arange(q[1]) if step is None else step[None]
        apart = rows[:, None] - jnp.arange(k[1])
        mask = None if query_mask is None else jnp.asarray(query_mask, bool)[:, :, None]
        mask = _both(mask, None if source_mask is None else source_mask[:, None, :])
        mask = _both(mask, (apart >= 0)[None] if causal else None)
        mask = _both(mask, None if self.sliding_window is None else (jnp.abs(apart) < self.sliding_window)[None])
        places = [q[axis] for axis in self._attended] + [k[axis] for axis in self._attended]
        shape = (*(size for axis, size in enumerate(q[:-1]) if axis not in self._attended), *places)
        return _both(self._per_head(mask, shape, len(places)), self._per_head(given, shape, len(places)))

    def _per_head(self, mask: Any, shape: Shape, places: int) -> Any:
        """Return a mask with all axes of shares, those of size 1 included."""
        if mask is None:
            return None
        array = jnp.asarray(mask, bool)
        if array.ndim >= places:
            array = jnp.expand_dims(array, tuple(range(array.ndim - places, len(shape) - places)))
        if array.ndim != len(shape) or any(a not in (1, b) for a, b in zip(array.shape, shape, strict=True)):
            raise self._unfit(
                f"masks that fit [batch, query time, time], with heads {shape}", f"a mask of shape {jnp.shape(mask)}"
            )
        return array

    def _checked(self, query: Any, value: Any, key: Any) -> tuple[Shape, Shape, Shape]:
        """Return the shapes of queries, values and keys, or raise where they do not go together."""
        shapes = [tuple(shape) for shape in (query, value, value if key is None else key)]
        ranks = {len(shape) for shape in shapes}
        one = len(ranks) == 1 and self._least_rank <= min(ranks) <= self._most_rank
        if not one or not _agree(shapes[1][:-1], shapes[2][:-1]) or not _agree(shapes[0][:1], shapes[1][:1]):
            raise self._unfit(
                "query [batch, query time, features], value and key [batch, time, features] of one rank and length",
                f"query {shapes[0]}, value {shapes[1]}, key {shapes[2]}",
            )
        return shapes[0], shapes[1], shapes[2]

    def _unfit(self, expected: str, received: str) -> InvalidArgument:
        return InvalidArgument(
            f"{type(self).__name__} cannot attend with these shapes.",
            code="attention-shapes",
            place=f"layer {self.name!r}",
            expected=expected,
            received=received,
        )

    def _hand_on_mask(self, args: tuple[Any, ...], outputs: Any, incoming: Any) -> None:
        """Leave the outputs with the mask that `call` gave them; shares have none."""


def _known(mask: Any, tensor: Any) -> Any:
    found = masking.of(tensor) if mask is None else mask
    return None if found is None else jnp.asarray(found, bool)


def _both(first: Any, second: Any) -> Any:
    if first is None or second is None:
        return second if first is None else first
    return jnp.logical_and(first, second)


def _agree(first: Shape, second: Shape) -> bool:
    return all(None in (a, b) or a == b for a, b in zip(first, second, strict=True))
