"""Record model files that the real Keras 3 wrote, with what the models predict, under tests/oracle/files/.

Run with a Python that has Keras (and JAX as its backend), from the repository:

    KERAS_BACKEND=jax PYTHON scripts/record_oracles/saving.py
"""

from __future__ import annotations

import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import keras
import numpy as np
from keras import layers

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "tests" / "oracle" / "files"
SEED = 7


def sequential(draw: np.random.Generator):
    x = draw.normal(3.0, 2.0, (48, 5)).astype("float32")
    y = (x.sum(1, keepdims=True) > 15).astype("float32")
    normal = layers.Normalization()
    normal.adapt(x)
    model = keras.Sequential(
        [
            keras.Input((5,)),
            normal,
            layers.Dense(6, activation="relu", kernel_regularizer="l2"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.LayerNormalization(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy", keras.metrics.AUC()])
    model.fit(x, y, epochs=2, verbose=0)
    return model, {"x": x[:4]}


def functional(draw: np.random.Generator):
    numbers = keras.Input((4,), name="numbers")
    words = keras.Input((3,), name="words", dtype="int32")
    shared = layers.Dense(4, activation="tanh", name="shared")
    nested = keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.Activation("gelu")], name="nested")
    embedded = layers.Flatten()(layers.Embedding(9, 4, name="table")(words))
    first = shared(numbers)
    second = shared(layers.Dense(4)(embedded))
    mixed = layers.Add()([first, nested(second)])
    joined = layers.Concatenate()([mixed, embedded])
    outputs = {"score": layers.Dense(1, name="score")(joined), "kind": layers.Dense(3, "softmax", name="kind")(mixed)}
    model = keras.Model([numbers, words], outputs)
    model.compile(
        keras.optimizers.AdamW(0.005, weight_decay=0.01),
        {"score": "mse", "kind": keras.losses.SparseCategoricalCrossentropy()},
        loss_weights={"score": 1.0, "kind": 0.5},
        metrics={"score": ["mae"], "kind": ["accuracy"]},
    )
    a = draw.normal(size=(40, 4)).astype("float32")
    b = draw.integers(0, 9, (40, 3)).astype("int32")
    targets = {"score": draw.normal(size=(40, 1)).astype("float32"), "kind": draw.integers(0, 3, (40, 1))}
    model.fit([a, b], targets, epochs=2, verbose=0)
    return model, {"numbers": a[:4], "words": b[:4]}


def simple(draw: np.random.Generator):
    x = draw.normal(size=(24, 4, 3)).astype("float32")
    x[::3, -1] = 9.0
    steps = keras.Input((4, 3), name="x")
    y = layers.Masking(mask_value=9.0)(steps)
    y = layers.PReLU(alpha_initializer="ones", shared_axes=[1])(layers.GaussianNoise(0.1, seed=3)(y))
    y = layers.SpatialDropout1D(0.2)(layers.AlphaDropout(0.1, noise_shape=(None, 1, None))(y))
    y = layers.LeakyReLU(0.2)(layers.Identity()(layers.Dense(3)(y)))
    turned = layers.ELU(alpha=0.5)(layers.Permute((2, 1))(y))
    y = layers.Dot(axes=(2, 1), normalize=True)([turned, y])
    y = layers.Flatten()(layers.SpatialDropout2D(0.1, "channels_first")(layers.Reshape((3, 3, 1))(y)))
    y = layers.Pipeline([layers.Dense(3), layers.ReLU(max_value=2.0, negative_slope=0.1)])(y)
    y = layers.RepeatVector(2)(layers.ActivityRegularization(l1=0.01)(layers.GaussianDropout(0.1)(y)))
    model = keras.Model(steps, layers.Softmax(axis=[1, 2])(y))
    model.compile(keras.optimizers.Adam(0.01), "mse")
    model.fit(x, np.full((24, 2, 3), 1 / 6), epochs=2, verbose=0)
    return model, {"x": x[:4]}


def pictures(draw: np.random.Generator):
    x = draw.normal(size=(16, 5, 5, 2)).astype("float32")
    model = keras.Sequential(
        [
            keras.Input((5, 5, 2)),
            layers.ZeroPadding2D(((1, 0), (0, 1))),
            layers.Conv2D(4, 3, padding="same", groups=2, activation="relu", kernel_regularizer="l2"),
            layers.MaxPooling2D(),
            layers.DepthwiseConv2D(2, depth_multiplier=2, padding="same"),
            layers.SeparableConv2D(3, (1, 2), strides=(1, 2), padding="same", use_bias=False),
            layers.Conv2DTranspose(2, 3, strides=2, padding="same", output_padding=1),
            layers.Cropping2D((1, 0)),
            layers.AveragePooling2D((1, 2), padding="same"),
            layers.UpSampling2D((2, 1), interpolation="bilinear"),
            layers.Reshape((4, -1)),
            layers.Conv1D(3, 2, padding="causal", dilation_rate=2),
            layers.AdaptiveMaxPooling1D(3),
            layers.Flatten(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, draw.integers(0, 2, 16), epochs=2, verbose=0)
    return model, {"x": x[:4]}


def recurrent(draw: np.random.Generator):
    words, numbers = keras.Input((5,), dtype="int32", name="words"), keras.Input((4, 3), name="numbers")
    _, *states = layers.LSTM(3, return_state=True)(layers.Embedding(7, 4, mask_zero=True)(words))
    y = layers.LSTM(3, return_sequences=True, dropout=0.1, recurrent_dropout=0.1)(numbers, initial_state=states)
    y = layers.Bidirectional(layers.GRU(2, return_sequences=True), merge_mode="sum")(y)
    y = layers.TimeDistributed(layers.Dense(3))(y)
    y = layers.RNN([layers.LSTMCell(2), layers.SimpleRNNCell(3)], return_sequences=True)(y)
    y = layers.Add()([y, layers.SimpleRNN(3, go_backwards=True, return_sequences=True)(numbers)])
    y = layers.Flatten()(layers.ConvLSTM1D(2, 2)(layers.Reshape((4, 3, 1))(y)))
    model = keras.Model([words, numbers], layers.Dense(1)(y))
    model.compile(keras.optimizers.Adam(0.01), "mse")
    a, b = draw.integers(1, 7, (24, 5)).astype("int32"), draw.normal(size=(24, 4, 3)).astype("float32")
    a[::2, 3:] = 0
    model.fit([a, b], b[:, 0, :1], epochs=2, verbose=0)
    return model, {"words": a[:4], "numbers": b[:4]}


def attention(draw: np.random.Generator):
    words, memory = keras.Input((5,), dtype="int32", name="words"), keras.Input((4, 3), name="memory")
    x = layers.Embedding(9, 4, mask_zero=True)(words)
    y = layers.MultiHeadAttention(2, 3, dropout=0.1, use_gate=True)(x, x, use_causal_mask=True)
    y = layers.LayerNormalization()(layers.Add()([x, y]))
    y = layers.MultiHeadAttention(1, 2, output_shape=4, sliding_window=3)(y, value=memory, key=memory)
    y = layers.GroupQueryAttention(3, 4, 2, seed=1)(y, y)
    y = layers.AdditiveAttention()([layers.Attention(use_scale=True, score_mode="concat")([y, x]), y])
    model = keras.Model([words, memory], layers.Dense(1)(layers.Flatten()(y)))
    model.compile(keras.optimizers.Adam(0.01), "mse")
    a, b = draw.integers(1, 9, (24, 5)).astype("int32"), draw.normal(size=(24, 4, 3)).astype("float32")
    a[::2, 3:] = 0
    model.fit([a, b], b[:, 0, :1], epochs=2, verbose=0)
    return model, {"words": a[:4], "memory": b[:4]}


class Block(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.zed = layers.Dense(2)
        self._hidden = layers.Dense(2)
        self.many = [layers.Dense(2), [layers.Dense(2)], {"a": layers.Dense(2)}]

    def build(self, shape):
        for layer in (self.zed, self._hidden, self.many[0], self.many[1][0], self.many[2]["a"]):
            layer.build(shape)
        self.fixed = self.add_weight(shape=(2,), trainable=False, name="fixed", initializer="ones")
        self.scale = self.add_weight(shape=(2,), name="scale", initializer="ones")
        self.built = True

    def call(self, x):
        x = self.many[2]["a"](self.many[1][0](self.many[0](self._hidden(self.zed(x)))))
        return x * self.scale + self.fixed


class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.block = Block()
        self.out = layers.Dense(1)
        self.a_first = layers.Dense(2)
        self._private = layers.Dense(2)

    def call(self, x):
        return self.out(self.block(self.a_first(self._private(x))))


def subclassed(draw: np.random.Generator):
    x = draw.normal(size=(16, 2)).astype("float32")
    model = Own()
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), "mse")
    model.fit(x, x[:, :1], verbose=0)
    return model, {"x": x[:4]}


def record(name: str, make, files: list[str]) -> None:
    keras.utils.set_random_seed(SEED)
    keras.backend.clear_session()
    model, inputs = make(np.random.default_rng(SEED))
    given = list(inputs.values()) if len(inputs) > 1 else inputs["x"]
    predicted = model.predict(given, verbose=0)
    outputs = predicted if isinstance(predicted, dict) else {"y": predicted}
    arrays = {f"in/{key}": value for key, value in inputs.items()} | {f"out/{key}": v for key, v in outputs.items()}
    arrays |= {f"optimizer/{i}": np.asarray(v) for i, v in enumerate(model.optimizer.variables)}
    np.savez_compressed(FOLDER / f"{name}.npz", **arrays)
    for file in files:
        (model.save_weights if ".weights." in file else model.save)(FOLDER / file)


def record_code() -> None:
    """Files that bring Python code, which must be refused."""
    model = keras.Sequential([keras.Input((2,)), layers.Lambda(lambda x: x * 2, name="twice")])
    model.save(FOLDER / "lambda.keras")
    model.save(FOLDER / "lambda.h5")


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    record("sequential", sequential, ["sequential.keras", "sequential.h5", "sequential.weights.h5"])
    record("functional", functional, ["functional.keras", "functional.h5"])
    record("simple", simple, ["simple.keras", "simple.h5"])
    record("pictures", pictures, ["pictures.keras", "pictures.h5"])
    record("recurrent", recurrent, ["recurrent.keras"])
    record("attention", attention, ["attention.keras"])
    record("subclassed", subclassed, ["subclassed.weights.h5"])
    record_code()
    print(f"keras {keras.__version__}, seed {SEED}, {FOLDER}", file=sys.stderr)


if __name__ == "__main__":
    main()
