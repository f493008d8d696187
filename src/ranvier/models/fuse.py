"""Layers that one kernel computes together, found in the graph of a model while a step is traced.

One row of `PATTERNS` per combination: a convolution, and the layers behind it that its own pass can do. The layers
stay what they are, with their names, weights and configurations; only the way to the same numbers is shorter. Where
somebody looks at the layers' outputs, or native kernels do not run, each layer is called by itself.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from jax import lax, tree_util

from ranvier import activations, ops
from ranvier.kernels import choose
from ranvier.layers import (
    Activation,
    BatchNormalization,
    Conv1D,
    Conv2D,
    DepthwiseConv1D,
    DepthwiseConv2D,
    MaxPooling1D,
    MaxPooling2D,
    ReLU,
    SeparableConv1D,
    SeparableConv2D,
)
from ranvier.layers.base import Layer
from ranvier.layers.convolving import FOLLOWING, Convolving, Following
from ranvier.state import scope
from ranvier.state.symbolic import is_symbolic

__all__ = ["PATTERNS", "Pattern", "behind", "called", "chains"]

_CONVOLUTIONS = (Conv1D, Conv2D, DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D, SeparableConv2D)


class Pattern(NamedTuple):
    """Layers behind a convolution that it can do in its own pass.

    Attributes:
        behind: for each of them, whether a layer is one.
        fits: whether convolution and layers can go together now, and gain by it, for these inputs.
        made: what the convolution has to do for them.
    """

    behind: tuple[Callable[[Any], bool], ...]
    fits: Callable[[Any, Sequence[Any], Any], bool]
    made: Callable[[Sequence[Any]], Following]


def behind(layers: Sequence[Any]) -> int:
    """Return how many of the layers behind the first one it can do in its own pass, as far as the model tells."""
    first = layers[0]
    if type(first) not in _CONVOLUTIONS or not _plain(first) or first.data_format != "channels_last":
        return 0
    return max((len(pattern.behind) for pattern in PATTERNS if _matches(pattern, layers)), default=0)


def called(layers: Sequence[Any], values: Any) -> tuple[Any, int]:
    """Call the first layer, with as many of those behind it as can go with it now.

    Args:
        layers: a layer, and those that nothing but the chain itself reads from.
        values: its inputs.

    Returns:
        The outputs, and the number of layers that made them.
    """
    running = scope.active()
    if running is None or running.observer is not None or running.tapes is not None or running.masks:
        return layers[0](values), 1
    if behind(layers) and not is_symbolic(values) and not choose.why_none():
        for pattern in PATTERNS:
            others = layers[1 : len(pattern.behind) + 1]
            if _matches(pattern, layers) and pattern.fits(layers[0], others, values):
                token = FOLLOWING.set(pattern.made(others))
                choose.joined(running.paths.get(id(one), one.name) for one in others)
                try:
                    return layers[0](values), len(others) + 1
                finally:
                    FOLLOWING.reset(token)
    return layers[0](values), 1


def chains(steps: Sequence[Any], slot: type, kept: Sequence[int]) -> dict[int, list[int]]:
    """Return for steps of a graph that may begin a pattern the steps of it, each read by the next one alone.

    Args:
        steps: the calls of a graph, with an `operation`, `args`, `kwargs` and the slots `outputs` that they fill.
        slot: what stands for a tensor among the arguments, with its `number`.
        kept: the slots that are outputs of the model.
    """
    readers: dict[int, list[int]] = {number: [-1] for number in kept}
    for place, step in enumerate(steps):
        for leaf in tree_util.tree_leaves((step.args, step.kwargs)):
            if isinstance(leaf, slot):
                readers.setdefault(leaf.number, []).append(place)  # type: ignore[attr-defined]
    found: dict[int, list[int]] = {}
    for place, step in enumerate(steps):
        if type(step.operation) not in _CONVOLUTIONS or not _simple(step):
            continue
        chain = [place]
        while len(chain) <= _LONGEST:
            after = readers.get(steps[chain[-1]].outputs[0], [])
            if len(after) != 1 or after[0] < 0 or not _simple(steps[after[0]]):
                break
            chain.append(after[0])
        if behind([steps[at].operation for at in chain]):
            found[place] = chain
    return found


def _simple(step: Any) -> bool:
    """Whether a step is a call with one tensor and nothing else."""
    return len(step.args) == 1 and not step.kwargs and len(step.outputs) == 1


def _matches(pattern: Pattern, layers: Sequence[Any]) -> bool:
    others = layers[1 : len(pattern.behind) + 1]
    if len(others) < len(pattern.behind) or not all(map(_plain, others)):
        return False
    return all(fits(layer) for fits, layer in zip(pattern.behind, others, strict=True))


def _plain(layer: Any) -> bool:
    """Whether nothing but the layer's own call happens when it is called."""
    return isinstance(layer, Layer) and layer.activity_regularizer is None and layer.compute_dtype == "float32"


def _is_max_pooling(layer: Any) -> bool:
    return type(layer) in (MaxPooling1D, MaxPooling2D) and layer.data_format == "channels_last"


def _is_normalization(layer: Any) -> bool:
    return type(layer) is BatchNormalization


def _is_relu(layer: Any) -> bool:
    if type(layer) is ReLU:
        return layer.max_value is None and not layer.negative_slope and not layer.threshold
    return type(layer) is Activation and layer.activation in (activations.relu, ops.relu)


def _pools(first: Convolving, others: Sequence[Any], values: Any) -> bool:
    """Windows beside each other: what overlaps would have to be computed twice.

    The largest sum has the largest activation only where the activation never falls; GELU and SiLU fall below zero.
    """
    (pool,) = others
    if first.activation not in (None, activations.linear, activations.relu, ops.relu):
        return False
    apart = all(size <= stride for size, stride in zip(pool.pool_size, pool.strides, strict=True))
    many = getattr(first, "groups", 1) == 1 and isinstance(first, (Conv1D, Conv2D))
    return apart and many and pool.padding == "valid" and pool.rank == first.rank


def _folds(first: Convolving, others: Sequence[Any], values: Any) -> bool:
    """At inference, where the statistics are constants, and behind a convolution that ends with its sums.

    Every call scales the weights anew: that gains where there are more outputs than weights.
    """
    running, normalization = scope.active(), others[0]
    still = running is not None and running.training is False
    last = normalization.axis in (-1, first.rank + 1)
    if not (still and last and first.activation in (None, activations.linear)):
        return False
    return _outputs(first, others[0], values) > first.count_params()


def _outputs(first: Convolving, normalization: BatchNormalization, values: Any) -> int:
    """Return about how many numbers the convolution makes of these inputs."""
    sizes = [size if isinstance(size, int) else 1 for size in values.shape]  # an exported program's may be unknown
    places = math.prod(length // stride for length, stride in zip(sizes[1:-1], first.strides, strict=True))
    return int(sizes[0] * places * normalization.moving_mean.shape[0])


def _pooled(others: Sequence[Any]) -> Following:
    (pool,) = others
    return Following(pool=(pool.pool_size, pool.strides, pool.padding))


def _folded(others: Sequence[Any], relu: bool) -> Following:
    normalization = others[0]
    scale = lax.rsqrt(normalization.moving_variance.value + normalization.epsilon)
    if normalization.gamma is not None:
        scale = scale * normalization.gamma.value
    shift = -normalization.moving_mean.value * scale
    if normalization.beta is not None:
        shift = shift + normalization.beta.value
    return Following(scale=scale, shift=shift, relu=relu)


PATTERNS = (
    Pattern((_is_normalization, _is_relu), _folds, functools.partial(_folded, relu=True)),
    Pattern((_is_normalization,), _folds, functools.partial(_folded, relu=False)),
    Pattern((_is_max_pooling,), _pools, _pooled),
)
"""The first that fits is taken."""

_LONGEST = max(len(pattern.behind) for pattern in PATTERNS)
