"""The workloads: what each network is made of, on what it trains, and its initial weights, equal for every peer."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

LEARNING_RATE, BETA_1, BETA_2, ADAM_EPSILON = 1e-3, 0.9, 0.999, 1e-7
# Keras's defaults, which the others are told to use.
LAYER_NORM_EPSILON, BATCH_NORM_EPSILON, BATCH_NORM_MOMENTUM = 1e-3, 1e-3, 0.99
# Losses of eight steps, float32 against float64. Keras's Adam adds epsilon before it corrects the bias of the second
# moment, PyTorch's and Optax's after: Keras's is 1/sqrt(1 - 0.999^t), at first 30 times, as large. A step differs by
# about epsilon / |slope|: 1e-4 of a loss where slopes are 1e-3, some percent of a step where a mean over 784 outputs or
# over all steps of a text makes them small. Batch normalization multiplies rounding. A bug gave 1e-2 and more.
TOLERANCE, LOOSE, LOOSEST = 1e-3, 1e-2, 2e-2
BATCHES = (32, 128, 512)
TWO, THREE = BATCHES[:2], BATCHES
QUICK_ROWS = 7_680
COLD_ROWS = 60_000
LATENT = 64
VOCABULARIES = (10, 20, 50, 100, 200, 500, 1000, 2000)

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Part:
    """Something with weights. `times`: how often a row applies it; `first`: it reads the data, nobody needs its dx.

    `sizes` per kind: dense [in, out] · conv [in, out, kernel] · depthwise [channels, kernel] · lstm, gru [in, units] ·
    attention [width, heads, steps] · embedding [vocabulary, width] · layer_norm, batch_norm [width].
    `unrolled` [height, width, channels] is the map that a dense part reads flattened, channels last. Convolutions
    without bias have "same" padding, the others none.
    """

    kind: str
    name: str
    sizes: tuple[int, ...]
    times: int = 1
    first: bool = False
    bias: bool = True
    stride: int = 1
    unrolled: tuple[int, ...] = ()


@dataclass(frozen=True)
class Workload:
    """A network of one `family` with its parts in the order of their weights, its loss, and how much data it gets.

    `tolerance` is how far (relatively) losses may be apart; `cost` its share of a run that has a time budget.
    """

    name: str
    family: str
    parts: tuple[Part, ...]
    rows: int
    loss: str = "softmax"
    batches: tuple[int, ...] = TWO
    dropout: float = 0.0
    map_size: int = 0
    tolerance: float = TOLERANCE
    cost: float = 1.0

    @property
    def sizes(self) -> tuple[int, ...]:
        """Widths of a chain of dense parts, the input first."""
        return (self.parts[0].sizes[0], *(part.sizes[1] for part in self.parts if part.kind == "dense"))

    @property
    def is_random(self) -> bool:
        """Training draws random numbers, which the comparison of losses must switch off."""
        return self.dropout > 0 or self.family == "gan"


def dense_chain(*sizes: int) -> tuple[Part, ...]:
    """Dense parts from width to width."""
    pairs = list(itertools.pairwise(sizes))
    return tuple(Part("dense", f"dense_{place}", pair, first=place == 0) for place, pair in enumerate(pairs))


def pictures() -> tuple[Part, ...]:
    """Conv32 - pool - conv64 - pool - dense128 - dense10 on 28 x 28, valid convolutions."""
    return (
        Part("conv", "conv_0", (1, 32, 3), 26 * 26, first=True),
        Part("conv", "conv_1", (32, 64, 3), 11 * 11),
        Part("dense", "dense_0", (1600, 128), unrolled=(5, 5, 64)),
        Part("dense", "dense_1", (128, 10)),
    )


def recurrent(kind: str, units: int) -> tuple[Part, ...]:
    """One recurrent part over 28 steps of 28 features, and the classes."""
    return (Part(kind, kind, (28, units), 28, first=True), Part("dense", "head", (units, 10)))


def bidirectional() -> tuple[Part, ...]:
    """Embedding of 20,000 words, LSTM of 64 units over 200 steps in both directions, one logit."""
    both = tuple(Part("lstm", name, (64, 64), 200) for name in ("forward", "backward"))
    return (Part("embedding", "embedding", (20_000, 64)), *both, Part("dense", "head", (128, 1)))


def transformer(width: int, heads: int, steps: int = 64, vocabulary: int = 64) -> tuple[Part, ...]:
    """Token and place embeddings, two pre-norm blocks with feed-forward parts four times as wide, logits per step."""
    parts = [Part("embedding", "tokens", (vocabulary, width)), Part("embedding", "places", (steps, width))]
    for block in range(2):
        parts += [
            Part("layer_norm", f"norm_a{block}", (width,)),
            Part("attention", f"attention_{block}", (width, heads, steps), steps),
            Part("layer_norm", f"norm_b{block}", (width,)),
            Part("dense", f"up_{block}", (width, 4 * width), steps),
            Part("dense", f"down_{block}", (4 * width, width), steps),
        ]
    return (*parts, Part("layer_norm", "norm", (width,)), Part("dense", "head", (width, vocabulary), steps))


def resnet20() -> tuple[Part, ...]:
    """The CIFAR form: three stages of three blocks of two convolutions; 1 x 1 projections where a stage begins."""
    parts = normed("conv", "stem", (3, 16, 3), 32, first=True)
    before, side = 16, 32
    for stage, width in enumerate((16, 32, 64)):
        for block in range(3):
            name, stride = f"s{stage}b{block}", 2 if stage and not block else 1
            side //= stride
            parts += normed("conv", f"{name}_a", (before, width, 3), side, stride)
            parts += normed("conv", f"{name}_b", (width, width, 3), side)
            if before != width:
                parts += normed("conv", f"{name}_skip", (before, width, 1), side, stride)
            before = width
    return (*parts, Part("dense", "head", (64, 10)))


def mobilenet() -> tuple[Part, ...]:
    """Conv32 with stride 2, then five depthwise and pointwise pairs."""
    parts = normed("conv", "stem", (3, 32, 3), 16, stride=2, first=True)
    before, side = 32, 16
    for block, (width, stride) in enumerate(zip((64, 128, 128, 256, 256), (1, 2, 1, 2, 1), strict=True)):
        side //= stride
        parts += normed("depthwise", f"depth_{block}", (before, 3), side, stride)
        parts += normed("conv", f"point_{block}", (before, width, 1), side)
        before = width
    return (*parts, Part("dense", "head", (256, 10)))


def normed(kind: str, name: str, sizes: tuple[int, ...], side: int, stride: int = 1, first: bool = False) -> list[Part]:
    """A convolution without bias, and the batch normalization that follows it."""
    channels = sizes[0] if kind == "depthwise" else sizes[1]
    return [
        Part(kind, name, sizes, side * side, first=first, bias=False, stride=stride),
        Part("batch_norm", f"{name}_norm", (channels,)),
    ]


def adversaries() -> tuple[Part, ...]:
    """Generator latent - 256 - 784 and discriminator 784 - 256 - 1."""
    return (
        Part("dense", "generator_0", (LATENT, 256), first=True),
        Part("dense", "generator_1", (256, 784)),
        Part("dense", "discriminator_0", (784, 256), first=True),
        Part("dense", "discriminator_1", (256, 1)),
    )


def tabular() -> tuple[Part, ...]:
    """Eight categories in embeddings of width 8, beside sixteen numbers."""
    tables = tuple(Part("embedding", f"column_{place}", (size, 8)) for place, size in enumerate(VOCABULARIES))
    widths = ((80, 128), (128, 64), (64, 1))
    return (*tables, *(Part("dense", f"dense_{place}", pair) for place, pair in enumerate(widths)))


def convolutions(channels: int) -> tuple[Part, ...]:
    """Two convolutions on 16 x 16 maps, global average, classes."""
    return (
        Part("conv", "conv_0", (channels, channels, 3), 14 * 14, first=True),
        Part("conv", "conv_1", (channels, channels, 3), 12 * 12),
        Part("dense", "head", (channels, 10)),
    )


# 59,904 = 1,872 x 32 = 468 x 128: all of MNIST that cuts into full batches at both sizes.
TABLE = (
    Workload("tiny", "dense", dense_chain(10, 64, 32, 2), 32_000, batches=THREE),
    Workload("mlp", "dense", dense_chain(784, 128, 10), 59_904, batches=THREE, dropout=0.2),
    Workload("cnn", "cnn", pictures(), 3_840, cost=2),
    Workload("lstm", "recurrent", recurrent("lstm", 64), 7_680),
    Workload("gru", "recurrent", recurrent("gru", 64), 7_680),
    Workload("bilstm_text", "bilstm", bidirectional(), 1_280, loss="binary", cost=3),
    Workload("transformer", "transformer", transformer(64, 4), 1_280, loss="tokens", tolerance=LOOSE, cost=3),
    Workload("resnet20", "resnet20", resnet20(), 1_280, tolerance=LOOSE, cost=6),
    Workload("mobilenet", "mobilenet", mobilenet(), 2_560, tolerance=LOOSE, cost=3),
    Workload("gan", "gan", adversaries(), 15_360, loss="gan", batches=THREE),
    Workload(
        "autoencoder",
        "dense",
        dense_chain(784, 128, 32, 128, 784),
        15_360,
        loss="mse",
        batches=THREE,
        tolerance=LOOSEST,
    ),
    Workload("tabular", "tabular", tabular(), 99_840, loss="binary", batches=THREE),
)
WORKLOADS = {work.name: work for work in TABLE}

# The sweep: per axis its widths and the network of one width; names are `axis/width`.
AXES: dict[str, tuple[tuple[int, ...], Callable[[int], Workload]]] = {
    "dense": (
        (32, 64, 128, 256, 512, 1024, 2048),
        lambda width: Workload("", "dense", dense_chain(width, width, width, 10), 4_096),
    ),
    "conv": (
        (8, 16, 32, 64, 128, 256),
        lambda width: Workload("", "convolutions", convolutions(width), 1_024, map_size=16),
    ),
    "lstm": (
        (16, 32, 64, 128, 256, 512),
        lambda width: Workload("", "recurrent", recurrent("lstm", width), 2_048),
    ),
    "transformer": (
        (64, 128, 256, 512),
        lambda width: Workload("", "transformer", transformer(width, width // 16), 512, loss="tokens", tolerance=LOOSE),
    ),
}
SWEEP = {
    f"{axis}/{width}": replace(make(width), name=f"{axis}/{width}")
    for axis, (widths, make) in AXES.items()
    for width in widths
}


def find(name: str) -> Workload:
    """A workload of the table or a point of the sweep."""
    return WORKLOADS[name] if name in WORKLOADS else SWEEP[name]


def initial_weights(workload: Workload) -> list[Floats]:
    """All arrays in the order of the parts, each in Keras's layout: kernels Glorot-uniform, biases zero."""
    # RandomState and not Generator: NumPy promises that its stream never changes between versions.
    rng = np.random.RandomState(7)
    return [array for part in workload.parts for array in draw(part, rng)]


def by_part(workload: Workload, weights: list[Floats]) -> dict[str, list[Floats]]:
    """The arrays of every part, by the part's name."""
    rest = iter(weights)
    return {part.name: [next(rest) for _ in range(count(part))] for part in workload.parts}


def count(part: Part) -> int:
    """Number of arrays of a part."""
    fixed = {"embedding": 1, "layer_norm": 2, "batch_norm": 4, "lstm": 3, "gru": 3, "attention": 8}
    return fixed.get(part.kind, 1 + part.bias)


def draw(part: Part, rng: np.random.RandomState) -> list[Floats]:
    """The arrays of one part."""

    def glorot(shape: tuple[int, ...], fan_in: int, fan_out: int) -> Floats:
        limit = np.sqrt(6 / (fan_in + fan_out))
        return rng.uniform(-limit, limit, shape).astype(np.float32)

    def zeros(*shape: int) -> Floats:
        return np.zeros(shape, np.float32)

    def ones(*shape: int) -> Floats:
        return np.ones(shape, np.float32)

    match part.kind, part.sizes:
        case "dense", (fan_in, fan_out):
            kernel = glorot((fan_in, fan_out), fan_in, fan_out)
            return [kernel, zeros(fan_out)]
        case "conv", (inner, outer, side):
            kernel = glorot((side, side, inner, outer), side * side * inner, side * side * outer)
            return [kernel, zeros(outer)] if part.bias else [kernel]
        case "depthwise", (channels, side):
            return [glorot((side, side, channels, 1), side * side, side * side)]
        case "embedding", (vocabulary, width):
            return [rng.uniform(-0.05, 0.05, (vocabulary, width)).astype(np.float32)]
        case "layer_norm", (width,):
            return [ones(width), zeros(width)]
        case "batch_norm", (width,):
            return [ones(width), zeros(width), zeros(width), ones(width)]
        case "lstm", (inner, units):  # gates: input, forget, cell, output; the forget gate begins open
            bias = np.concatenate([zeros(units), ones(units), zeros(2 * units)])
            return [glorot((inner, 4 * units), inner, units), glorot((units, 4 * units), units, units), bias]
        case "gru", (inner, units):  # gates: update, reset, candidate; a bias for the input and one for the state
            return [
                glorot((inner, 3 * units), inner, units), glorot((units, 3 * units), units, units),
                zeros(2, 3 * units),
            ]  # fmt: skip
        case "attention", (width, heads, _):
            size = width // heads
            inward = [a for _ in range(3) for a in (glorot((width, heads, size), width, width), zeros(heads, size))]
            return [*inward, glorot((heads, size, width), width, width), zeros(width)]
    raise ValueError(f"no weights are known for {part}")
