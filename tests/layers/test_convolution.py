"""Convolutions, pools and margins beside the contracts: unknown sizes, what is refused, a trained network."""

from __future__ import annotations

import inspect
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import layers, models, utils
from ranvier._errors import InvalidArgument, WrongType
from ranvier.layers import Input
from ranvier.state import masking, scope
from ranvier.state.scope import Scope
from ranvier.state.symbolic import KerasTensor

X = np.random.default_rng(0).normal(size=(2, 6, 5, 4)).astype("float32")


def test_sizes_that_are_not_known_before_are_not_known_after() -> None:
    pictures = Input((None, 32, 3))
    assert layers.Conv2D(5, 16, strides=16, padding="same")(pictures).shape == (None, None, 2, 5)
    assert layers.MaxPooling2D(30, padding="same")(pictures).shape == (None, None, 2, 3)
    assert layers.Conv2D(5, (100, 3))(pictures).shape == (None, None, 30, 5)
    assert layers.Conv2DTranspose(5, 4, strides=2, padding="same")(pictures).shape == (None, None, 64, 5)
    assert layers.UpSampling2D(2, interpolation="bilinear")(pictures).shape == (None, None, 64, 3)
    assert layers.Cropping2D((90, 1))(pictures).shape == (None, None, 30, 3)
    assert layers.GlobalMaxPooling2D()(pictures).shape == (None, 3)
    assert layers.AdaptiveMaxPooling2D((7, 2))(pictures).shape == (None, 7, 2, 3)
    first = layers.Conv2D(5, 3, data_format="channels_first")(Input((3, None, 8)))
    assert first.shape == (None, 5, None, 6)


@pytest.mark.parametrize("last", [layers.Conv2D(3, 2, padding="same"), layers.MaxPooling2D(2), layers.Cropping2D(1)])
def test_both_data_formats_are_the_same_computation(last: Any) -> None:
    first = type(last).from_config({**last.get_config(), "data_format": "channels_first"})
    y = last(X)
    turned = X.transpose(0, 3, 1, 2)
    first.build(turned.shape)
    first.set_weights(last.get_weights())
    np.testing.assert_allclose(np.moveaxis(np.asarray(first(turned)), 1, -1), y, rtol=1e-5, atol=1e-6)


def test_a_causal_convolution_sees_nothing_later() -> None:
    layer = layers.Conv1D(2, 3, padding="CAUSAL", dilation_rate=2)
    x = X[:, :, 0]
    changed = x.copy()
    changed[:, 4:] += 1
    np.testing.assert_array_equal(layer(x)[:, :4], layer(changed)[:, :4])
    assert not np.array_equal(layer(x)[:, 4:], layer(changed)[:, 4:])


def test_groups_keep_to_themselves() -> None:
    layer = layers.Conv2D(6, 2, groups=2)
    changed = X.copy()
    changed[..., 2:] += 1
    np.testing.assert_array_equal(layer(X)[..., :3], layer(changed)[..., :3])
    assert layer.kernel.shape == (2, 2, 2, 6)


def test_the_average_leaves_masked_steps_out() -> None:
    x = jnp.array([[[1.0], [2.0], [60.0]]])
    with scope.entered(Scope()):
        masking.attach(x, jnp.array([[True, True, False]]))
        y = layers.GlobalAveragePooling1D(keepdims=True)(x)
        assert y.tolist() == [[[1.5]]] and masking.of(y) is None


def test_signatures_show_a_default_for_each_axis_and_subclasses_their_own() -> None:
    defaults = lambda cls: {name: p.default for name, p in inspect.signature(cls).parameters.items()}  # noqa: E731
    assert defaults(layers.Conv1D)["strides"] == 1 and defaults(layers.Conv2D)["strides"] == (1, 1)
    assert defaults(layers.MaxPooling3D)["pool_size"] == (2, 2, 2) and defaults(layers.MaxPooling3D)["strides"] is None

    class Small(layers.Conv2D):  # type: ignore[misc]
        def __init__(self, width: int, **kwargs: Any) -> None:
            super().__init__(width, 3, **kwargs)
            self.width = width

    assert list(inspect.signature(Small).parameters) == ["width", "kwargs"]
    assert Small(4)(X).shape == (2, 4, 3, 4) and Small(4, name="s").get_config()["name"] == "s"


def test_aliases_are_the_layers_themselves() -> None:
    assert layers.Convolution2D is layers.Conv2D and layers.MaxPool1D is layers.MaxPooling1D
    assert layers.GlobalAvgPool3D is layers.GlobalAveragePooling3D
    assert "MaxPool2D" not in layers.TABLE and "MaxPooling2D" in layers.TABLE


def test_a_kernel_may_be_set() -> None:
    layer = layers.Conv1D(1, 2, use_bias=False)
    layer.build((None, 3, 1))
    layer.kernel = layer.kernel
    assert layer.bias is None and [v.name for v in layer.weights] == ["kernel"]
    depthwise = layers.SeparableConv1D(1, 2)
    depthwise.build((None, 3, 1))
    assert [v.name for v in depthwise.weights] == ["depthwise_kernel", "pointwise_kernel", "bias"]


REFUSED = [
    (lambda: layers.Conv2D(3, 2)(X[0]), "input-shape"),
    (lambda: layers.Conv2D(3, 2).build((None, 4, 3)), "window-rank"),
    (lambda: layers.Conv2D(3, 2)(Input((4, 4, None))), "unknown-channels"),
    (lambda: layers.Conv2D(3, 2, data_format="channels_first")(Input((None, 4, 4))), "unknown-channels"),
    (lambda: layers.Conv2D(0, 2), "not-positive"),
    (lambda: layers.Conv2D(3, 2, groups=2), "conv-groups"),
    (lambda: layers.Conv2D(3, 2, groups=3)(X), "conv-groups"),
    (lambda: layers.Conv2D(3, (7, 1))(X), "window-size"),
    (lambda: layers.DepthwiseConv2D(3, dilation_rate=3)(Input((6, 6, 2))), "window-size"),
    (lambda: layers.SeparableConv1D(3, 9).build((None, 8, 2)), "window-size"),
    (lambda: layers.MaxPooling2D(7)(X), "window-size"),
    (lambda: layers.Conv2D(3, 2, padding="causal"), "window-padding"),
    (lambda: layers.AveragePooling2D(2, padding="full"), "window-padding"),
    (lambda: layers.Conv2D(3, 2, strides=2, dilation_rate=(1, 2)), "window-gaps"),
    (lambda: layers.Conv1DTranspose(3, 2, strides=2, dilation_rate=2), "window-gaps"),
    (lambda: layers.Conv1DTranspose(3, 2, strides=2, output_padding=2), "conv-output-padding"),
    (lambda: layers.Conv3D(3, (2, 2)), "window-argument"),
    (lambda: layers.MaxPooling1D("2"), "window-argument"),
    (lambda: layers.Conv1D(3, 2, data_format="NWC"), "data-format"),
    (lambda: layers.Cropping2D(3)(X), "cropping-size"),
    (lambda: layers.Cropping1D(-1), "window-argument"),
    (lambda: layers.ZeroPadding2D((1, 2, 3)), "window-argument"),
    (lambda: layers.UpSampling1D(2.5), "window-argument"),
    (lambda: layers.UpSampling2D(interpolation="cubic"), "unknown-interpolation"),
]


@pytest.mark.parametrize(("call", "code"), REFUSED, ids=[f"{i}-{code}" for i, (_, code) in enumerate(REFUSED)])
def test_refusals(call: Any, code: str) -> None:
    with pytest.raises((InvalidArgument, WrongType)) as caught:
        call()
    assert caught.value.code == code and caught.value.place and caught.value.expected


def test_a_network_learns_where_a_bar_lies() -> None:
    utils.set_random_seed(0)
    random = np.random.default_rng(0)
    x, upright = random.normal(0, 0.3, size=(64, 8, 8, 1)).astype("float32"), random.integers(0, 2, 64)
    for picture, standing, at in zip(x, upright, random.integers(0, 8, 64), strict=True):
        picture[(slice(None), at) if standing else (at,)] += 1.5
    model = models.Sequential(
        [
            Input((8, 8, 1)),
            layers.Conv2D(6, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.optimizer.learning_rate = 0.02
    history = model.fit(x, upright, batch_size=16, epochs=12, verbose=0).history
    assert history["accuracy"][-1] > 0.95 and history["loss"][-1] < history["loss"][0] / 2
    assert model.predict(x[:3], verbose=0).shape == (3, 2)


def test_symbols_and_layers_give_the_same_shape_for_a_batch_of_any_size() -> None:
    symbol = layers.Conv1DTranspose(2, 3, strides=2)(KerasTensor((None, 4, 1)))
    assert symbol.shape == (None, 9, 2)
