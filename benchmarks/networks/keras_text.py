"""The networks in Keras's words: one text for Ranvier and for Keras on each of its backends.

Each function takes the module (`ranvier` or `keras`), the workload and whether training may be random, and returns a
model that is built and not compiled. Layers bear the names of their parts.
"""

from collections.abc import Callable
from typing import Any

from benchmarks.networks import keras_gan
from benchmarks.workloads import (
    BATCH_NORM_EPSILON,
    BATCH_NORM_MOMENTUM,
    LAYER_NORM_EPSILON,
    VOCABULARIES,
    Floats,
    Workload,
    by_part,
)


def dense(keras: Any, work: Workload, random: bool) -> Any:
    """A chain of dense layers with dropout behind the hidden ones."""
    layers = keras.layers
    model = keras.Sequential([keras.Input((work.sizes[0],))])
    for part in work.parts[:-1]:
        model.add(layers.Dense(part.sizes[1], activation="relu", name=part.name))
        if random and work.dropout:
            model.add(layers.Dropout(work.dropout))
    last = None if work.loss == "mse" else "softmax"
    model.add(layers.Dense(work.sizes[-1], activation=last, name=work.parts[-1].name))
    return model


def cnn(keras: Any, work: Workload, random: bool) -> Any:
    """Two convolutions with pooling, two dense layers."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu", name="conv_0"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu", name="conv_1"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu", name="dense_0"),
            layers.Dense(10, activation="softmax", name="dense_1"),
        ]
    )


def convolutions(keras: Any, work: Workload, random: bool) -> Any:
    """Two convolutions of equal width."""
    layers, width = keras.layers, work.parts[0].sizes[1]
    return keras.Sequential(
        [
            keras.Input((work.map_size, work.map_size, width)),
            layers.Conv2D(width, 3, activation="relu", name="conv_0"),
            layers.Conv2D(width, 3, activation="relu", name="conv_1"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, activation="softmax", name="head"),
        ]
    )


def recurrent(keras: Any, work: Workload, random: bool) -> Any:
    """One LSTM or GRU whose last state is classified."""
    layers, part = keras.layers, work.parts[0]
    kind = {"lstm": layers.LSTM, "gru": layers.GRU}[part.kind]
    return keras.Sequential(
        [
            keras.Input((28, 28)),
            kind(part.sizes[1], name=part.name),
            layers.Dense(10, activation="softmax", name="head"),
        ]
    )


def bilstm(keras: Any, work: Workload, random: bool) -> Any:
    """Embedding with a mask, an LSTM in both directions, one probability."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((200,), dtype="int32"),
            layers.Embedding(*work.parts[0].sizes, mask_zero=True, name="embedding"),
            layers.Bidirectional(layers.LSTM(64), name="both"),
            layers.Dense(1, activation="sigmoid", name="head"),
        ]
    )


def transformer(keras: Any, work: Workload, random: bool) -> Any:
    """Two pre-norm blocks with causal attention; logits of the next symbol at each step."""
    layers, attention = keras.layers, work.parts[3]
    width, heads, steps = attention.sizes

    class Places(layers.Layer):  # type: ignore[misc, name-defined]
        """Adds a learnt vector per place."""

        def build(self, shape: Any) -> None:
            self.table = self.add_weight(shape=(steps, width), name="table")

        def call(self, x: Any) -> Any:
            return x + self.table

    x = inputs = keras.Input((steps,), dtype="int32")
    x = Places(name="places")(layers.Embedding(*work.parts[0].sizes, name="tokens")(x))
    for block in range(2):
        seen = layers.LayerNormalization(epsilon=LAYER_NORM_EPSILON, name=f"norm_a{block}")(x)
        mixed = layers.MultiHeadAttention(heads, width // heads, name=f"attention_{block}")
        x = x + mixed(seen, seen, use_causal_mask=True)
        seen = layers.LayerNormalization(epsilon=LAYER_NORM_EPSILON, name=f"norm_b{block}")(x)
        seen = layers.Dense(4 * width, activation="gelu", name=f"up_{block}")(seen)
        x = x + layers.Dense(width, name=f"down_{block}")(seen)
    x = layers.LayerNormalization(epsilon=LAYER_NORM_EPSILON, name="norm")(x)
    return keras.Model(inputs, layers.Dense(work.parts[0].sizes[0], name="head")(x))


def normed(keras: Any, x: Any, make: Callable[..., Any], name: str, relu: bool = True, **more: Any) -> Any:
    """A convolution without bias, batch normalization, ReLU."""
    layers = keras.layers
    x = make(padding="same", use_bias=False, name=name, **more)(x)
    x = layers.BatchNormalization(epsilon=BATCH_NORM_EPSILON, momentum=BATCH_NORM_MOMENTUM, name=f"{name}_norm")(x)
    return layers.ReLU()(x) if relu else x


def resnet20(keras: Any, work: Workload, random: bool) -> Any:
    """Three stages of three residual blocks."""
    layers = keras.layers
    x = inputs = keras.Input((32, 32, 3))
    x = normed(keras, x, layers.Conv2D, "stem", filters=16, kernel_size=3)
    for stage, width in enumerate((16, 32, 64)):
        for block in range(3):
            name, strides = f"s{stage}b{block}", 2 if stage and not block else 1
            skip = x
            x = normed(keras, x, layers.Conv2D, f"{name}_a", filters=width, kernel_size=3, strides=strides)
            x = normed(keras, x, layers.Conv2D, f"{name}_b", relu=False, filters=width, kernel_size=3)
            if strides == 2:
                skip = normed(
                    keras, skip, layers.Conv2D, f"{name}_skip", relu=False, filters=width, kernel_size=1, strides=2
                )
            x = layers.ReLU()(x + skip)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax", name="head")(x))


def mobilenet(keras: Any, work: Workload, random: bool) -> Any:
    """Depthwise and pointwise convolutions by turns."""
    layers = keras.layers
    x = inputs = keras.Input((32, 32, 3))
    x = normed(keras, x, layers.Conv2D, "stem", filters=32, kernel_size=3, strides=2)
    for block, (width, strides) in enumerate(zip((64, 128, 128, 256, 256), (1, 2, 1, 2, 1), strict=True)):
        x = normed(keras, x, layers.DepthwiseConv2D, f"depth_{block}", kernel_size=3, strides=strides)
        x = normed(keras, x, layers.Conv2D, f"point_{block}", filters=width, kernel_size=1)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax", name="head")(x))


def tabular(keras: Any, work: Workload, random: bool) -> Any:
    """An embedding per category, beside the numbers."""
    layers = keras.layers
    categories, numbers = keras.Input((8,), dtype="int32"), keras.Input((16,))
    columns = [
        layers.Embedding(size, 8, name=f"column_{place}")(categories[:, place])
        for place, size in enumerate(VOCABULARIES)
    ]
    x = layers.Concatenate()([*columns, numbers])
    x = layers.Dense(128, activation="relu", name="dense_0")(x)
    x = layers.Dense(64, activation="relu", name="dense_1")(x)
    return keras.Model([categories, numbers], layers.Dense(1, activation="sigmoid", name="dense_2")(x))


BUILDERS: dict[str, Callable[[Any, Workload, bool], Any]] = {
    "dense": dense, "cnn": cnn, "convolutions": convolutions, "recurrent": recurrent, "bilstm": bilstm,
    "transformer": transformer, "resnet20": resnet20, "mobilenet": mobilenet, "tabular": tabular,
}  # fmt: skip


def build(keras: Any, work: Workload, weights: list[Floats], random: bool, metrics: list[Any]) -> Any:
    """The compiled model of a workload with the given weights."""
    if work.family == "gan":
        return keras_gan.build(keras, by_part(work, weights), random)
    model = BUILDERS[work.family](keras, work, random)
    model.compile(optimizer="adam", metrics=metrics, loss=loss_of(keras, work))
    load(model, work, weights)
    return model


def loss_of(keras: Any, work: Workload) -> Any:
    """The loss as it is written for such a model."""
    if work.loss == "tokens":
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return {"softmax": "sparse_categorical_crossentropy", "binary": "binary_crossentropy", "mse": "mse"}[work.loss]


def load(model: Any, work: Workload, weights: list[Floats]) -> None:
    """Set the arrays of every part."""
    arrays = by_part(work, weights)
    if work.family == "bilstm":
        arrays["both"] = arrays.pop("forward") + arrays.pop("backward")
    for name, values in arrays.items():
        model.get_layer(name).set_weights(values)
