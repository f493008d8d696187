"""The networks as PyTorch modules: parts by name, and one function per family that applies them.

Convolutions run on tensors in the memory order "channels last", which is how the data lie.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as f

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
PICTURES = ("cnn", "convolutions", "resnet20", "mobilenet")


class Attention(nn.Module):  # type: ignore[misc]
    """Causal attention with one projection for queries, keys and values."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.inward, self.outward = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: Any) -> Any:
        """`[batch, step, width]` to the same."""
        rows, steps, width = x.shape
        query, key, value = self.inward(x).view(rows, steps, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = f.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.outward(mixed.transpose(1, 2).reshape(rows, steps, width))


class Network(nn.Module):  # type: ignore[misc]
    """The parts of a workload with given weights, applied by the function of its family."""

    def __init__(self, work: Workload, weights: list[Floats], random: bool) -> None:
        super().__init__()
        arrays = by_part(work, weights)
        self.work = work
        self.parts = nn.ModuleDict()
        for part in work.parts:
            if part.name != "backward":  # the second direction lives in the module of the first
                both = arrays["backward"] if part.name == "forward" else None
                self.parts[{"forward": "both"}.get(part.name, part.name)] = module_of(part, arrays[part.name], both)
        self.dropout = nn.Dropout(work.dropout if random else 0.0)
        self.apply_parts = FORWARD[work.family]
        if work.family in PICTURES:
            self.to(memory_format=torch.channels_last)

    def forward(self, *x: Any) -> Any:
        """Logits, or what the loss compares."""
        return self.apply_parts(self, *x)


def module_of(part: Part, arrays: Arrays, backward: Arrays | None = None) -> nn.Module:
    """A module with the weights of a part."""
    module: Any
    match part.kind, part.sizes:
        case "dense", (fan_in, fan_out):
            module, values = nn.Linear(fan_in, fan_out), dense_arrays(part, arrays)
        case "conv", (inner, outer, side):
            module = nn.Conv2d(inner, outer, side, bias=part.bias, stride=part.stride, padding=padding_of(part))
            values = [arrays[0].transpose(3, 2, 0, 1), *arrays[1:]]
        case "depthwise", (channels, side):
            module = nn.Conv2d(
                channels, channels, side, bias=False, groups=channels, stride=part.stride, padding=padding_of(part)
            )
            values = [arrays[0].transpose(2, 3, 0, 1)]
        case "embedding", (vocabulary, width):
            module, values = nn.Embedding(vocabulary, width), arrays
        case "layer_norm", (width,):
            module, values = nn.LayerNorm(width, eps=LAYER_NORM_EPSILON), arrays
        case "batch_norm", (width,):
            module = nn.BatchNorm2d(width, eps=BATCH_NORM_EPSILON, momentum=1 - BATCH_NORM_MOMENTUM)
            values = arrays[:2]  # the running mean and variance begin at 0 and 1 in both
        case "attention", (width, heads, _):
            module, values = Attention(width, heads), attention_arrays(width, arrays)
        case ("lstm" | "gru") as kind, (inner, units):
            make = nn.LSTM if kind == "lstm" else nn.GRU
            module = make(inner, units, batch_first=True, bidirectional=backward is not None)
            values = recurrent_arrays(kind, units, arrays) + (recurrent_arrays(kind, units, backward or []))
            if kind == "lstm":  # Keras has one bias: the second stays 0
                for name, weight in module.named_parameters():
                    weight.requires_grad_(not name.startswith("bias_hh"))
        case _:
            raise ValueError(f"no module for {part}")
    with torch.no_grad():
        for weight, value in zip(module.parameters(), values, strict=True):
            weight.copy_(torch.from_numpy(np.ascontiguousarray(value)))
    return module


def dense_arrays(part: Part, arrays: Arrays) -> Arrays:
    """Kernels as [out, in]; a flattened map comes channels first."""
    kernel, bias = arrays
    if part.unrolled:
        kernel = kernel.reshape(*part.unrolled, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)
    return [kernel.T, bias]


def attention_arrays(width: int, arrays: Arrays) -> Arrays:
    """Three projections side by side, then the one outward."""
    kernels, biases = [a.reshape(width, width) for a in arrays[0:6:2]], [a.reshape(width) for a in arrays[1:6:2]]
    return [np.concatenate(kernels, axis=1).T, np.concatenate(biases), arrays[6].reshape(width, width).T, arrays[7]]


def recurrent_arrays(kind: str, units: int, arrays: Arrays) -> Arrays:
    """Gates in PyTorch's order, and the two biases that it has."""
    if not arrays:
        return []
    kernel, recurrent, bias = arrays
    biases = [bias, np.zeros_like(bias)] if kind == "lstm" else list(bias)
    given = [kernel.T, recurrent.T, *biases]
    if kind == "lstm":
        return given
    order = np.r_[units : 2 * units, :units, 2 * units : 3 * units]  # reset before update
    return [array[order] for array in given]


def padding_of(part: Part) -> int:
    """Padding in the module; with stride 2, "same" is uneven and `padded` adds it before."""
    return 0 if part.bias or part.stride > 1 else part.sizes[-1] // 2


def padded(x: Any, module: Any) -> Any:
    """`x` with the row and column that "same" adds behind where a stride is 2."""
    return f.pad(x, (0, 1, 0, 1)) if module.stride == (2, 2) and module.kernel_size == (3, 3) else x


def normed(net: Network, x: Any, name: str, relu: bool = True) -> Any:
    """Convolution, batch normalization, ReLU."""
    module = net.parts[name]
    x = net.parts[f"{name}_norm"](module(padded(x, module)))
    return f.relu(x) if relu else x


def dense(net: Network, x: Any) -> Any:
    """A chain with ReLU and dropout between."""
    *hidden, last = net.parts.values()
    for module in hidden:
        x = net.dropout(f.relu(module(x)))
    return last(x)


def cnn(net: Network, x: Any) -> Any:
    """Two convolutions with pooling, two dense layers."""
    for name in ("conv_0", "conv_1"):
        x = f.max_pool2d(f.relu(net.parts[name](x)), 2)
    return net.parts["dense_1"](f.relu(net.parts["dense_0"](x.flatten(1))))


def convolutions(net: Network, x: Any) -> Any:
    """Two convolutions of equal width."""
    for name in ("conv_0", "conv_1"):
        x = f.relu(net.parts[name](x))
    return net.parts["head"](x.mean((2, 3)))


def recurrent(net: Network, x: Any) -> Any:
    """The last state of an LSTM or GRU, classified."""
    return net.parts["head"](net.parts[net.work.parts[0].name](x)[0][:, -1])


def bilstm(net: Network, x: Any) -> Any:
    """Packed sequences: what PyTorch has for padding."""
    embedded, lengths = net.parts["embedding"](x), (x != 0).sum(1)
    packed = nn.utils.rnn.pack_padded_sequence(embedded, lengths, batch_first=True, enforce_sorted=False)
    _, (last, _) = net.parts["both"](packed)
    return net.parts["head"](torch.cat([last[0], last[1]], dim=1)).squeeze(1)


def transformer(net: Network, x: Any) -> Any:
    """Two pre-norm blocks."""
    x = net.parts["tokens"](x) + net.parts["places"].weight
    for block in range(2):
        x = x + net.parts[f"attention_{block}"](net.parts[f"norm_a{block}"](x))
        seen = net.parts[f"up_{block}"](net.parts[f"norm_b{block}"](x))
        x = x + net.parts[f"down_{block}"](f.gelu(seen))
    return net.parts["head"](net.parts["norm"](x))


def resnet20(net: Network, x: Any) -> Any:
    """Three stages of three residual blocks."""
    x = normed(net, x, "stem")
    for stage in range(3):
        for block in range(3):
            name = f"s{stage}b{block}"
            skip = normed(net, x, f"{name}_skip", relu=False) if f"{name}_skip" in net.parts else x
            x = f.relu(normed(net, normed(net, x, f"{name}_a"), f"{name}_b", relu=False) + skip)
    return net.parts["head"](x.mean((2, 3)))


def mobilenet(net: Network, x: Any) -> Any:
    """Depthwise and pointwise convolutions by turns."""
    x = normed(net, x, "stem")
    for block in range(5):
        x = normed(net, normed(net, x, f"depth_{block}"), f"point_{block}")
    return net.parts["head"](x.mean((2, 3)))


def tabular(net: Network, categories: Any, numbers: Any) -> Any:
    """An embedding per category, beside the numbers."""
    columns = [net.parts[f"column_{place}"](categories[:, place]) for place in range(categories.shape[1])]
    x = torch.cat([*columns, numbers], dim=1)
    x = f.relu(net.parts["dense_1"](f.relu(net.parts["dense_0"](x))))
    return net.parts["dense_2"](x).squeeze(1)


def generate(net: Network, noise: Any) -> Any:
    """Pictures out of noise: what a generator answers."""
    x = f.leaky_relu(net.parts["generator_0"](noise[:, :LATENT]), 0.2)
    return torch.tanh(net.parts["generator_1"](x))


def judge(net: Network, x: Any) -> Any:
    """Logits of pictures."""
    return net.parts["discriminator_1"](f.leaky_relu(net.parts["discriminator_0"](x), 0.2))


FORWARD: dict[str, Callable[..., Any]] = {
    "dense": dense, "cnn": cnn, "convolutions": convolutions, "recurrent": recurrent, "bilstm": bilstm,
    "transformer": transformer, "resnet20": resnet20, "mobilenet": mobilenet, "tabular": tabular, "gan": generate,
}  # fmt: skip
