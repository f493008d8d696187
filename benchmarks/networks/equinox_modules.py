"""The networks as Equinox users write them: `eqx.nn` modules applied to one row, mapped over the batch."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from benchmarks.workloads import (
    BATCH_NORM_EPSILON,
    BATCH_NORM_MOMENTUM,
    LATENT,
    LAYER_NORM_EPSILON,
    Floats,
    Part,
    Workload,
    by_part,
)

Arrays = list[NDArray[np.float32]]
Parts = dict[str, Any]


class Gru(eqx.Module):  # type: ignore[misc]
    """Keras's GRU, which has a bias for the input and another for the state; Equinox's own has fewer."""

    kernel: jax.Array
    recurrent: jax.Array
    biases: jax.Array

    def __call__(self, x: jax.Array, state: jax.Array) -> jax.Array:
        """The state after one step."""
        update, reset, new = jnp.split(x @ self.kernel + self.biases[0], 3)
        update_h, reset_h, new_h = jnp.split(state @ self.recurrent + self.biases[1], 3)
        kept = jax.nn.sigmoid(update + update_h)
        candidate = jnp.tanh(new + jax.nn.sigmoid(reset + reset_h) * new_h)
        return kept * state + (1 - kept) * candidate


def parts_of(work: Workload, weights: list[Floats]) -> Parts:
    """A module per part, with its weights."""
    arrays = by_part(work, weights)
    return {part.name: module_of(part, arrays[part.name]) for part in work.parts}


def module_of(part: Part, arrays: Arrays) -> Any:
    """A module with the weights of a part."""
    key = jax.random.key(0)
    match part.kind, part.sizes:
        case "dense", (fan_in, fan_out):
            kernel, bias = arrays
            if part.unrolled:  # Equinox's maps have the channels first
                kernel = kernel.reshape(*part.unrolled, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)
            return filled(eqx.nn.Linear(fan_in, fan_out, key=key), weight=kernel.T, bias=bias)
        case "conv" | "depthwise", _:
            return convolution(part, arrays, key)
        case "embedding", (vocabulary, width):
            return filled(eqx.nn.Embedding(vocabulary, width, key=key), weight=arrays[0])
        case "layer_norm", (width,):
            return filled(eqx.nn.LayerNorm(width, eps=LAYER_NORM_EPSILON), weight=arrays[0], bias=arrays[1])
        case "batch_norm", (width,):
            return eqx.nn.BatchNorm(  # its weights begin at 1 and 0, as the given ones
                width, axis_name="batch", eps=BATCH_NORM_EPSILON, momentum=BATCH_NORM_MOMENTUM, mode="batch"
            )
        case "lstm", (inner, units):
            kernel, recurrent, bias = arrays
            cell = eqx.nn.LSTMCell(inner, units, key=key)
            return filled(cell, weight_ih=kernel.T, weight_hh=recurrent.T, bias=bias)
        case "gru", _:
            return Gru(*map(jnp.asarray, arrays))
        case "attention", (width, heads, _):
            return attention(width, heads, arrays, key)
    raise ValueError(f"no module for {part}")


def filled(module: Any, **arrays: NDArray[np.float32]) -> Any:
    """`module` with arrays of these names replaced."""
    names = list(arrays)
    return eqx.tree_at(
        lambda tree: [getattr(tree, name) for name in names], module,
        [jnp.asarray(array).reshape(getattr(module, name).shape) for name, array in arrays.items()],
    )  # fmt: skip


def convolution(part: Part, arrays: Arrays, key: Any) -> Any:
    """A convolution, depthwise or not."""
    grouped = part.kind == "depthwise"
    inner, outer, side = (part.sizes[0], *part.sizes) if grouped else part.sizes
    made = eqx.nn.Conv2d(
        inner, outer, side, stride=part.stride, padding="VALID" if part.bias else "SAME",
        groups=inner if grouped else 1, use_bias=part.bias, key=key,
    )  # fmt: skip
    kernel = arrays[0].transpose(2, 3, 0, 1) if grouped else arrays[0].transpose(3, 2, 0, 1)
    return filled(made, weight=kernel, **({"bias": arrays[1]} if part.bias else {}))


def attention(width: int, heads: int, arrays: Arrays, key: Any) -> Any:
    """Equinox's attention with biases everywhere."""
    made = eqx.nn.MultiheadAttention(
        heads, width, use_query_bias=True, use_key_bias=True, use_value_bias=True, use_output_bias=True, key=key
    )
    names = ("query_proj", "key_proj", "value_proj", "output_proj")
    for place, name in enumerate(names):
        kernel, bias = arrays[2 * place : 2 * place + 2]
        linear = filled(getattr(made, name), weight=kernel.reshape(width, width).T, bias=bias)
        made = eqx.tree_at(lambda tree, name=name: getattr(tree, name), made, linear)
    return made


def normed(net: Parts, x: Any, state: Any, name: str, relu: bool = True) -> Any:
    """Convolution, batch normalization, ReLU, and the state of the normalization."""
    x, state = net[f"{name}_norm"](net[name](x), state)
    return (jax.nn.relu(x) if relu else x), state


def over_steps(cell: Any, x: jax.Array, mask: Any = None, reverse: bool = False) -> Any:
    """The last hidden state; where `mask` is false, the state stays."""
    width = cell.hidden_size if isinstance(cell, eqx.nn.LSTMCell) else cell.recurrent.shape[0]
    start: Any = (jnp.zeros(width),) * 2 if isinstance(cell, eqx.nn.LSTMCell) else jnp.zeros(width)

    def step(state: Any, given: Any) -> Any:
        new = cell(given[0], state)
        if mask is not None:
            new = jax.tree.map(lambda after, before: jnp.where(given[1], after, before), new, state)
        return new, None

    state, _ = jax.lax.scan(step, start, (x, mask), reverse=reverse)
    return state[0] if isinstance(state, tuple) else state


def dense(net: Parts, work: Workload, x: Any, state: Any, key: Any) -> Any:
    """A chain with ReLU and dropout between."""
    *hidden, last = net.values()
    dropout = eqx.nn.Dropout(work.dropout)
    for module in hidden:
        x = jax.nn.relu(module(x))
        if key is not None:
            key, draw = jax.random.split(key)
            x = dropout(x, key=draw)
    return last(x), state


def cnn(net: Parts, work: Workload, x: Any, state: Any, key: Any) -> Any:
    """Two convolutions with pooling, two dense layers."""
    x, pool = jnp.moveaxis(x, -1, 0), eqx.nn.MaxPool2d(2, 2)
    for name in ("conv_0", "conv_1"):
        x = pool(jax.nn.relu(net[name](x)))
    return net["dense_1"](jax.nn.relu(net["dense_0"](x.ravel()))), state


def convolutions(net: Parts, work: Workload, x: Any, state: Any, key: Any) -> Any:
    """Two convolutions of equal width."""
    x = jnp.moveaxis(x, -1, 0)
    for name in ("conv_0", "conv_1"):
        x = jax.nn.relu(net[name](x))
    return net["head"](x.mean((1, 2))), state


def recurrent(net: Parts, work: Workload, x: Any, state: Any, key: Any) -> Any:
    """The last state of an LSTM or GRU, classified."""
    return net["head"](over_steps(net[work.parts[0].name], x)), state


def bilstm(net: Parts, work: Workload, x: Any, state: Any, key: Any) -> Any:
    """Both directions with the mask of the padding."""
    embedded, mask = jax.vmap(net["embedding"])(x), x != 0
    last = [over_steps(net[name], embedded, mask, name == "backward") for name in ("forward", "backward")]
    return net["head"](jnp.concatenate(last))[0], state


def transformer(net: Parts, work: Workload, x: Any, state: Any, key: Any) -> Any:
    """Two pre-norm blocks."""
    mask = jnp.tril(jnp.ones((len(x), len(x)), bool))
    x = jax.vmap(net["tokens"])(x) + net["places"].weight
    for block in range(2):
        seen = jax.vmap(net[f"norm_a{block}"])(x)
        x = x + net[f"attention_{block}"](seen, seen, seen, mask)
        seen = jax.vmap(net[f"up_{block}"])(jax.vmap(net[f"norm_b{block}"])(x))
        x = x + jax.vmap(net[f"down_{block}"])(jax.nn.gelu(seen, approximate=False))
    return jax.vmap(net["head"])(jax.vmap(net["norm"])(x)), state


def resnet20(net: Parts, work: Workload, x: Any, state: Any, key: Any) -> Any:
    """Three stages of three residual blocks."""
    x, state = normed(net, jnp.moveaxis(x, -1, 0), state, "stem")
    for stage in range(3):
        for block in range(3):
            name, skip = f"s{stage}b{block}", x
            if f"{name}_skip" in net:
                skip, state = normed(net, x, state, f"{name}_skip", relu=False)
            x, state = normed(net, x, state, f"{name}_a")
            x, state = normed(net, x, state, f"{name}_b", relu=False)
            x = jax.nn.relu(x + skip)
    return net["head"](x.mean((1, 2))), state


def mobilenet(net: Parts, work: Workload, x: Any, state: Any, key: Any) -> Any:
    """Depthwise and pointwise convolutions by turns."""
    x, state = normed(net, jnp.moveaxis(x, -1, 0), state, "stem")
    for block in range(5):
        x, state = normed(net, x, state, f"depth_{block}")
        x, state = normed(net, x, state, f"point_{block}")
    return net["head"](x.mean((1, 2))), state


def tabular(net: Parts, work: Workload, x: Any, state: Any, key: Any) -> Any:
    """An embedding per category, beside the numbers."""
    categories, numbers = x
    columns = [net[f"column_{place}"](categories[place]) for place in range(len(categories))]
    x = jnp.concatenate([*columns, numbers])
    x = jax.nn.relu(net["dense_1"](jax.nn.relu(net["dense_0"](x))))
    return net["dense_2"](x)[0], state


def generate(net: Parts, work: Workload, noise: Any, state: Any, key: Any) -> Any:
    """A picture out of noise."""
    x = jax.nn.leaky_relu(net["generator_0"](noise[:LATENT]), 0.2)
    return jnp.tanh(net["generator_1"](x)), state


def judge(net: Parts, x: Any) -> Any:
    """The logit of a picture."""
    return net["discriminator_1"](jax.nn.leaky_relu(net["discriminator_0"](x), 0.2))


FORWARD: dict[str, Callable[..., Any]] = {
    "dense": dense, "cnn": cnn, "convolutions": convolutions, "recurrent": recurrent, "bilstm": bilstm,
    "transformer": transformer, "resnet20": resnet20, "mobilenet": mobilenet, "tabular": tabular, "gan": generate,
}  # fmt: skip
