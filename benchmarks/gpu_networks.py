"""The larger networks that are measured on a GPU only, in Keras's words and as PyTorch modules.

Initial weights are each framework's own here; that both have the same number of them is checked.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Large:
    """A network of one `kind` with its sizes; `policy` is how Keras calls the types that it computes in."""

    name: str
    kind: str
    batches: tuple[int, ...]
    steps: int
    policy: str = "float32"
    side: int = 224
    depths: tuple[int, ...] = (3, 4, 6, 3)
    channels: int = 64
    classes: int = 1000
    width: int = 512
    blocks: int = 8
    heads: int = 8
    length: int = 256
    vocabulary: int = 8192
    units: int = 1024
    features: int = 128

    def tiny(self) -> "Large":
        """The same network in a size for a processor."""
        return replace(
            self, batches=(4,), steps=2, side=32, depths=(1, 1), channels=8, classes=5, width=32, blocks=2, heads=2,
            length=8, vocabulary=50, units=16, features=6,
        )  # fmt: skip


LARGE = {
    work.name: work
    for work in (
        Large("resnet50", "resnet", (32, 128), 8, policy="mixed_bfloat16"),
        Large("transformer_512x8", "transformer", (32, 128), 16),
        Large("lstm_1024", "lstm", (32, 128), 16, length=64, classes=10),
    )
}


def data(work: Large, rows: int) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """Random rows with random classes: what is learned does not matter here."""
    draw = np.random.default_rng(11)
    if work.kind == "transformer":
        words = draw.integers(0, work.vocabulary, (rows, work.length + 1), np.int32)
        return words[:, :-1], words[:, 1:]
    shape = (work.side, work.side, 3) if work.kind == "resnet" else (work.length, work.features)
    return draw.random((rows, *shape), np.float32), draw.integers(0, work.classes, rows, np.int32)


# --- in Keras's words ------------------------------------------------------------------------------------------------


def keras_model(keras: Any, work: Large) -> Any:
    """The compiled network."""
    before = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy(work.policy)
    try:
        model = _KERAS[work.kind](keras, work)
    finally:
        keras.mixed_precision.set_global_policy(before)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(1e-4), loss=loss, metrics=["accuracy"])
    return model


def keras_resnet(keras: Any, work: Large) -> Any:
    """Bottleneck blocks of He et al., "Deep residual learning", 2015: the stride is in the first convolution."""
    layers = keras.layers

    def normed(x: Any, channels: int, side: int, stride: int = 1) -> Any:
        x = layers.Conv2D(channels, side, strides=stride, padding="same", use_bias=False)(x)
        return layers.BatchNormalization()(x)

    entry = keras.Input((work.side, work.side, 3))
    x = layers.ReLU()(normed(entry, work.channels, 7, 2))
    x = layers.MaxPooling2D(3, 2, padding="same")(x)
    for stage, depth in enumerate(work.depths):
        channels = work.channels * 2**stage
        for block in range(depth):
            stride = 2 if stage and not block else 1
            skip = x if block else normed(x, 4 * channels, 1, stride)
            x = layers.ReLU()(normed(x, channels, 1, stride))
            x = layers.ReLU()(normed(x, channels, 3))
            x = layers.ReLU()(layers.Add()([normed(x, 4 * channels, 1), skip]))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(entry, layers.Dense(work.classes, dtype="float32")(x))


def keras_transformer(keras: Any, work: Large) -> Any:
    """Pre-norm blocks, causal, logits of the next word at each step."""
    layers, ops = keras.layers, keras.ops
    entry = keras.Input((work.length,), dtype="int32")
    places = layers.Embedding(work.length, work.width)(ops.arange(work.length))
    x = layers.Embedding(work.vocabulary, work.width)(entry) + places
    for _ in range(work.blocks):
        seen = layers.LayerNormalization()(x)
        attention = layers.MultiHeadAttention(work.heads, work.width // work.heads)
        x = layers.Add()([x, attention(seen, seen, use_causal_mask=True)])
        seen = layers.Dense(4 * work.width, activation="gelu")(layers.LayerNormalization()(x))
        x = layers.Add()([x, layers.Dense(work.width)(seen)])
    return keras.Model(entry, layers.Dense(work.vocabulary)(layers.LayerNormalization()(x)))


def keras_lstm(keras: Any, work: Large) -> Any:
    """One LSTM and a classification of its last state."""
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((work.length, work.features)), layers.LSTM(work.units), layers.Dense(work.classes)]
    )


_KERAS: dict[str, Callable[[Any, Large], Any]] = {
    "resnet": keras_resnet, "transformer": keras_transformer, "lstm": keras_lstm,
}  # fmt: skip


# --- as PyTorch modules ----------------------------------------------------------------------------------------------


def torch_module(torch: Any, work: Large) -> Any:
    """The network as a module that returns logits; pictures come as `[row, height, width, channel]`."""
    return {"resnet": torch_resnet, "transformer": torch_transformer, "lstm": torch_lstm}[work.kind](torch, work)


def torch_resnet(torch: Any, work: Large) -> Any:
    """The same bottleneck blocks."""
    nn = torch.nn

    def normed(inner: int, outer: int, side: int, stride: int = 1) -> Any:
        conv = nn.Conv2d(inner, outer, side, stride=stride, padding=side // 2, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(outer, eps=1e-3, momentum=0.01))

    class Block(nn.Module):  # type: ignore[misc, name-defined]
        """1 x 1, 3 x 3, 1 x 1, beside the input or its projection."""

        def __init__(self, inner: int, channels: int, stride: int, projected: bool) -> None:
            super().__init__()
            self.first, self.second = normed(inner, channels, 1, stride), normed(channels, channels, 3)
            self.third = normed(channels, 4 * channels, 1)
            self.skip = normed(inner, 4 * channels, 1, stride) if projected else nn.Identity()

        def forward(self, x: Any) -> Any:
            y = torch.relu(self.second(torch.relu(self.first(x))))
            return torch.relu(self.third(y) + self.skip(x))

    class Resnet(nn.Module):  # type: ignore[misc, name-defined]
        """Stem, stages, mean, classes."""

        def __init__(self) -> None:
            super().__init__()
            inner, blocks = work.channels, []
            for stage, depth in enumerate(work.depths):
                channels = work.channels * 2**stage
                for block in range(depth):
                    blocks.append(Block(inner, channels, 2 if stage and not block else 1, not block))
                    inner = 4 * channels
            stem = [normed(3, work.channels, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, padding=1)]
            self.body, self.head = nn.Sequential(*stem, *blocks), nn.Linear(inner, work.classes)
            self.to(memory_format=torch.channels_last)

        def forward(self, x: Any) -> Any:
            return self.head(self.body(x.permute(0, 3, 1, 2)).mean((2, 3)))

    return Resnet()


def torch_transformer(torch: Any, work: Large) -> Any:
    """The same pre-norm blocks, with PyTorch's own attention."""
    nn, functional = torch.nn, torch.nn.functional

    class Block(nn.Module):  # type: ignore[misc, name-defined]
        """Attention and feed-forward, each behind a normalization and beside its input."""

        def __init__(self) -> None:
            super().__init__()
            self.before, self.between = (nn.LayerNorm(work.width, eps=1e-3) for _ in range(2))
            self.inward, self.outward = nn.Linear(work.width, 3 * work.width), nn.Linear(work.width, work.width)
            self.up, self.down = nn.Linear(work.width, 4 * work.width), nn.Linear(4 * work.width, work.width)

        def forward(self, x: Any) -> Any:
            rows, steps, _ = x.shape
            query, key, value = self.inward(self.before(x)).view(rows, steps, 3, work.heads, -1).permute(2, 0, 3, 1, 4)
            mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
            x = x + self.outward(mixed.transpose(1, 2).reshape(rows, steps, work.width))
            return x + self.down(functional.gelu(self.up(self.between(x)), approximate="none"))

    class Transformer(nn.Module):  # type: ignore[misc, name-defined]
        """Embeddings, blocks, logits."""

        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(work.vocabulary, work.width)
            self.places = nn.Embedding(work.length, work.width)
            self.blocks = nn.Sequential(*(Block() for _ in range(work.blocks)))
            self.norm, self.head = nn.LayerNorm(work.width, eps=1e-3), nn.Linear(work.width, work.vocabulary)

        def forward(self, x: Any) -> Any:
            return self.head(self.norm(self.blocks(self.words(x) + self.places.weight)))

    return Transformer()


def torch_lstm(torch: Any, work: Large) -> Any:
    """PyTorch's own LSTM, which has a second bias that Keras's lacks."""
    nn = torch.nn

    class Lstm(nn.Module):  # type: ignore[misc, name-defined]
        """The last state, classified."""

        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(work.features, work.units, batch_first=True)
            self.head = nn.Linear(work.units, work.classes)

        def forward(self, x: Any) -> Any:
            return self.head(self.lstm(x)[0][:, -1])

    return Lstm()
