"""Rows for the contracts that every layer keeps, and for the oracle: pure data, read by the recording script too."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True)
class Case:
    """One layer with its arguments and inputs.

    Attributes:
        layer: name of the class.
        arguments: constructor arguments; a Case among them stands for a layer.
        shapes: shape of each input, batch first.
        classes: inputs are integers below this number; 0 for floats.
        training: also checked while training (with draws: only where no numbers are compared).
        draws: whether training draws random numbers.
        rows_meet: whether the rows of a batch influence each other while training.
        mask: whether the input has a mask [batch, time].
        stopped: whether training leaves a part of the gradient out on purpose.
        changed_batch: whether the layer may return another number of rows (never, so far).
        exact_names: arguments that hold functions, which a configuration cannot rebuild.
    """

    layer: str
    arguments: dict[str, Any] = dataclasses.field(default_factory=dict)
    shapes: tuple[tuple[int, ...], ...] = ((3, 4),)
    classes: int = 0
    training: bool = False
    draws: bool = False
    rows_meet: bool = False
    mask: bool = False
    stopped: bool = False
    code: bool = False

    @property
    def id(self) -> str:
        shown = "-".join(f"{k}={v}" for k, v in self.arguments.items() if not callable(v))
        return f"{self.layer}-{shown}-{'x'.join(map(str, self.shapes[0]))}{'-mask' * self.mask}".replace(" ", "")

    def __repr__(self) -> str:
        return self.id

    def make(self, package: Any, **more: Any) -> Any:
        """Return the layer, of the `layers` package of either library."""

        def made(value: Any) -> Any:
            if isinstance(value, list):
                return [made(one) for one in value]
            return value.make(package, **more) if isinstance(value, Case) else value

        arguments = {name: made(value) for name, value in self.arguments.items()}
        # A Pipeline takes no dtype: its layers have theirs.
        return getattr(package, self.layer)(**arguments, **({} if self.layer == "Pipeline" else more))

    def inputs(self, batch: int | None = None) -> Any:
        """Return the input arrays: one array, or a list where there are several."""
        random = np.random.default_rng(7)
        arrays = []
        for shape in self.shapes:
            shape = shape if batch is None else (batch, *shape[1:])
            drawn = random.integers(0, self.classes, shape) if self.classes else random.normal(size=shape)
            arrays.append(drawn.astype("int32" if self.classes else "float32"))
        return arrays[0] if len(arrays) == 1 else arrays

    def masks(self, batch: int | None = None) -> np.ndarray | None:
        """Return a mask [batch, time] whose first step is always real."""
        if not self.mask:
            return None
        rows, time = batch if batch is not None else self.shapes[0][0], self.shapes[0][1]
        mask = np.random.default_rng(3).random((rows, time)) < 0.6
        mask[:, :1] = True
        return mask

    def weights(self, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
        """Return positive values for weights of these shapes, so that they may stand for variances too."""
        random = np.random.default_rng(5)
        return [(0.5 + random.random(shape)).astype("float32") for shape in shapes]


def probe(shape: tuple[int, ...]) -> np.ndarray:
    """Return the weights of the sum whose gradient is compared."""
    return np.random.default_rng(11).normal(size=shape).astype("float32")


TAKES_MASK = ("BatchNormalization", "GlobalAveragePooling1D", "Softmax")
"""Layers that compute something else where they are given a mask."""

DENSE = [
    Case("Dense", {"units": 3}),
    Case("Dense", {"units": 3, "activation": "relu"}),
    Case("Dense", {"units": 2, "use_bias": False, "activation": "tanh"}, ((3, 5, 4),)),
    Case("Dense", {"units": 2, "kernel_regularizer": "l2", "bias_regularizer": "l1", "activity_regularizer": "l2"}),
    Case("Dense", {"units": 5, "activation": "softmax", "kernel_constraint": "max_norm"}),
    Case("Dense", {"units": 3, "lora_rank": 2, "kernel_regularizer": "l2"}),
    Case("EinsumDense", {"equation": "ab,bc->ac", "output_shape": 3, "bias_axes": "c", "activation": "relu"}),
    Case("EinsumDense", {"equation": "abc,cd->abd", "output_shape": (None, 2), "bias_axes": "d"}, ((2, 3, 4),)),
    Case("EinsumDense", {"equation": "abc,cde->abde", "output_shape": [3, 2, 5], "bias_axes": "be"}, ((2, 3, 4),)),
    Case("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 2, "bias_axes": "y"}, ((2, 3, 2, 4),)),
    Case("EinsumDense", {"equation": "...bc,cb->...b", "output_shape": 3}, ((2, 3, 4),)),
    Case("EinsumDense", {"equation": "ab...,bc->ac...", "output_shape": 2, "bias_axes": "c"}, ((2, 3, 4, 2),)),
    Case(
        "EinsumDense",
        {"equation": "abc,bcd->abd", "output_shape": (3, 2), "lora_rank": 2, "lora_alpha": 3.0},
        ((2, 3, 4),),
    ),
]
EMBEDDING = [
    Case("Embedding", {"input_dim": 7, "output_dim": 3}, ((3, 4),), classes=7),
    Case("Embedding", {"input_dim": 7, "output_dim": 2, "mask_zero": True}, ((3, 4),), classes=7),
    Case("Embedding", {"input_dim": 7, "output_dim": 3, "lora_rank": 2}, ((3, 4),), classes=7),
    Case("ReversibleEmbedding", {"input_dim": 7, "output_dim": 3, "mask_zero": True}, ((3, 4),), classes=7),
    Case("ReversibleEmbedding", {"input_dim": 7, "output_dim": 3, "tie_weights": False}, ((3, 4),), classes=7),
]
ACTIVATION = [
    Case("Activation", {"activation": "softmax"}),
    Case("Activation", {"activation": "gelu"}, ((2, 3, 4),)),
    Case("Activation", {"activation": "linear"}, mask=True),
    Case("Softmax", {}),
    Case("Softmax", {}, mask=True),
    Case("Softmax", {"axis": 1}, ((3, 3, 3),)),
    Case("Softmax", {"axis": [1, 2]}, ((3, 3, 3),)),
]
RECTIFIERS = [
    Case("ReLU", {}),
    Case("ReLU", {"max_value": 6.0}),
    Case("ReLU", {"max_value": 0.5, "negative_slope": 0.1, "threshold": 0.2}),
    Case("LeakyReLU", {}),
    Case("LeakyReLU", {"negative_slope": 0.1}, ((2, 3, 4),)),
    Case("PReLU", {}),
    Case("PReLU", {"shared_axes": [1], "alpha_regularizer": "l2"}, ((2, 3, 4),)),
    Case("ELU", {}),
    Case("ELU", {"alpha": 0.5}),
]
CORE = [
    Case("Identity", {}),
    Case("Identity", {}, mask=True),
    Case("ActivityRegularization", {"l1": 0.1, "l2": 0.2}),
    Case("Masking", {}, ((3, 4, 2),)),
    Case("Masking", {"mask_value": 1.0}, ((4, 3, 2),), classes=2),
    Case("Pipeline", {"layers": [Case("Dense", {"units": 3}), Case("ReLU")]}),
]
RESHAPING = [
    Case("Flatten", {}, ((3, 2, 4),)),
    Case("Flatten", {}, ((3,),)),
    Case("Flatten", {"data_format": "channels_first"}, ((2, 3, 2, 2),)),
    Case("Reshape", {"target_shape": (2, 2)}),
    Case("Reshape", {"target_shape": (-1, 3)}, ((2, 3, 4),)),
    Case("Permute", {"dims": (2, 1)}, ((2, 3, 4),)),
    Case("Permute", {"dims": (3, 1, 2)}, ((2, 3, 2, 4),)),
    Case("RepeatVector", {"n": 3}),
]
DROPOUT = [
    Case("Dropout", {"rate": 0.4}, ((3, 5),), training=True, draws=True),
    Case("Dropout", {"rate": 0.5, "noise_shape": (None, 1, None), "seed": 3}, ((2, 3, 4),), training=True, draws=True),
    Case("Dropout", {"rate": 0.0}, training=True),
    Case("Dropout", {"rate": 1.0}, training=True),
    Case("SpatialDropout1D", {"rate": 0.5}, ((2, 3, 4),), training=True, draws=True),
    Case("SpatialDropout2D", {"rate": 0.5, "seed": 3}, ((2, 2, 2, 4),), training=True, draws=True),
    Case(
        "SpatialDropout2D",
        {"rate": 0.5, "data_format": "channels_first"},
        ((2, 4, 2, 2),),
        training=True,
        draws=True,
    ),
    Case("SpatialDropout3D", {"rate": 0.5}, ((2, 2, 2, 2, 4),), training=True, draws=True),
    Case("SpatialDropout3D", {"rate": 0.0}, ((2, 2, 2, 2, 4),), training=True),
]
NOISE = [
    Case("GaussianNoise", {"stddev": 0.3}, training=True, draws=True),
    Case("GaussianNoise", {"stddev": 0.0}, training=True),
    Case("GaussianDropout", {"rate": 0.4, "seed": 2}, training=True, draws=True),
    Case("AlphaDropout", {"rate": 0.3}, ((3, 5),), training=True, draws=True),
    Case("AlphaDropout", {"rate": 0.5, "noise_shape": (None, 1, None)}, ((2, 3, 4),), training=True, draws=True),
]
NORMALIZATION = [
    Case("BatchNormalization", {}, ((5, 4),), training=True, rows_meet=True),
    Case("BatchNormalization", {"axis": 1, "momentum": 0.9}, ((3, 2, 4),), training=True, rows_meet=True),
    Case("BatchNormalization", {"center": False, "epsilon": 0.1}, ((4, 3, 2),), training=True, rows_meet=True),
    Case("BatchNormalization", {"scale": False}, ((4, 2, 3, 2),), training=True, rows_meet=True),
    Case("BatchNormalization", {}, ((4, 5, 3),), training=True, rows_meet=True, mask=True),
    Case("LayerNormalization", {}),
    Case("LayerNormalization", {"axis": [1, 2], "epsilon": 1e-5}, ((2, 3, 4),)),
    Case("LayerNormalization", {"axis": 1, "center": False}, ((2, 3, 4),)),
    Case("LayerNormalization", {"scale": False}, ((2, 3, 4),)),
    Case("LayerNormalization", {"rms_scaling": True}, ((2, 3, 4),)),
    Case("BatchNormalization", {"renorm": True}, ((5, 4),), training=True, rows_meet=True, stopped=True),
    Case(
        "BatchNormalization",
        {"renorm": True, "renorm_clipping": {"rmin": 0.7, "rmax": 1.1, "dmax": 0.2}, "renorm_momentum": 0.8, "axis": 1},
        ((5, 2, 3),),
        training=True,
        rows_meet=True,
        stopped=True,
    ),
    Case(
        "BatchNormalization",
        {"renorm": True, "center": False, "scale": False},
        ((4, 5, 3),),
        training=True,
        rows_meet=True,
        mask=True,
        stopped=True,
    ),
    Case("GroupNormalization", {"groups": 2}),
    Case("GroupNormalization", {"groups": 3, "axis": 1, "epsilon": 0.1}, ((2, 6, 2, 3),)),
    Case("GroupNormalization", {"groups": 2, "axis": -2, "center": False}, ((2, 3, 4, 2),)),
    Case("GroupNormalization", {"groups": -1, "scale": False}, ((2, 3, 4),)),
    Case("RMSNormalization", {}),
    Case("RMSNormalization", {"axis": [1, 2], "epsilon": 0.1}, ((2, 3, 4),)),
    Case("UnitNormalization", {}),
    Case("UnitNormalization", {"axis": [1, 2]}, ((2, 3, 4),)),
    Case("UnitNormalization", {"axis": 1}, ((2, 3, 4),)),
    Case("SpectralNormalization", {"layer": Case("Dense", {"units": 3})}, training=True, stopped=True),
    Case(
        "SpectralNormalization",
        {"layer": Case("EinsumDense", {"equation": "abc,cde->abde", "output_shape": (3, 2, 5)}), "power_iterations": 3},
        ((2, 3, 4),),
        training=True,
        stopped=True,
    ),
]
NUMBERS = [
    Case("Normalization", {}),
    Case("Normalization", {"axis": None}),
    Case("Normalization", {"axis": [1, 2]}, ((2, 3, 4),)),
    Case("Normalization", {"axis": 1}, ((2, 3, 4),)),
    Case("Normalization", {"mean": [1.0, 2.0, 3.0, 4.0], "variance": [1.0, 4.0, 9.0, 16.0]}),
    Case("Normalization", {"mean": 2.0, "variance": 4.0, "invert": True}),
    Case("Rescaling", {"scale": 0.5, "offset": -1.0}),
    Case("Rescaling", {"scale": [1.0, 2.0, 3.0, 4.0]}),
    Case("Rescaling", {"scale": 2.0}, classes=200),
]
_PAIR = ((3, 4), (3, 4))
MERGING = [
    Case("Add", {}, ((3, 4), (3, 4), (3, 4))),
    Case("Add", {}, ((3, 1, 4), (3, 2, 1))),
    Case("Add", {}, ((3, 4), (3, 2, 4))),
    Case("Subtract", {}, _PAIR),
    Case("Multiply", {}, _PAIR),
    Case("Average", {}, ((3, 4), (3, 4), (3, 4))),
    Case("Maximum", {}, _PAIR),
    Case("Minimum", {}, _PAIR),
    Case("Concatenate", {}, ((3, 4), (3, 2))),
    Case("Concatenate", {"axis": 1}, ((2, 1, 4), (2, 3, 4))),
    Case("Dot", {"axes": 1}, _PAIR),
    Case("Dot", {"axes": -1}, ((2, 3, 4), (2, 4))),
    Case("Dot", {"axes": (2, 1), "normalize": True}, ((2, 3, 4), (2, 4, 5))),
    Case("Dot", {"axes": (1, -1)}, ((2, 3, 4, 2), (2, 5, 2, 3))),
]
_FIRST = {"data_format": "channels_first"}
CONVOLUTION = [
    Case("Conv1D", {"filters": 3, "kernel_size": 2, "padding": "causal", "dilation_rate": 2}, ((2, 5, 2),)),
    Case(
        "Conv2D",
        {"filters": 3, "kernel_size": 3, "padding": "same", "activation": "relu", "kernel_regularizer": "l2"},
        ((2, 4, 3, 2),),
    ),
    Case("Conv2D", {"filters": 4, "kernel_size": (1, 2), "strides": 2, "groups": 2, **_FIRST}, ((2, 4, 3, 4),)),
    Case("Conv2D", {"filters": 3, "kernel_size": 2, "lora_rank": 2}, ((2, 3, 2, 2),)),
    Case("Conv3D", {"filters": 2, "kernel_size": 2, "use_bias": False}, ((2, 2, 3, 2, 2),)),
    Case("Conv1DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2, "output_padding": 1}, ((2, 3, 2),)),
    Case("Conv2DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"}, ((2, 2, 3, 2),)),
    Case("Conv3DTranspose", {"filters": 2, "kernel_size": 2, **_FIRST}, ((2, 2, 2, 1, 2),)),
    Case("DepthwiseConv1D", {"kernel_size": 2, "depth_multiplier": 2, "padding": "same"}, ((2, 4, 2),)),
    Case("DepthwiseConv2D", {"kernel_size": 2, "strides": 2, "depthwise_regularizer": "l2"}, ((2, 4, 3, 2),)),
    Case("SeparableConv1D", {"filters": 3, "kernel_size": 2, "dilation_rate": 2}, ((2, 4, 2),)),
    Case("SeparableConv2D", {"filters": 3, "kernel_size": 2, "depth_multiplier": 2, **_FIRST}, ((2, 2, 3, 4),)),
]
POOLING = [
    Case("MaxPooling1D", {"pool_size": 3, "strides": 2, "padding": "same"}, ((2, 4, 2),)),
    Case("MaxPooling2D", {}, ((2, 5, 4, 2),)),
    Case("MaxPooling3D", {"pool_size": (1, 2, 2), **_FIRST}, ((2, 2, 2, 2, 3),)),
    Case("AveragePooling1D", {"pool_size": 2, **_FIRST}, ((2, 2, 4),)),
    Case("AveragePooling2D", {"pool_size": 3, "strides": 1, "padding": "same"}, ((2, 3, 4, 2),)),
    Case("AveragePooling3D", {"pool_size": 2}, ((2, 2, 3, 2, 2),)),
    Case("GlobalMaxPooling1D", {}, ((2, 3, 2),)),
    Case("GlobalMaxPooling2D", {"keepdims": True}, ((2, 2, 3, 2),)),
    Case("GlobalMaxPooling3D", _FIRST, ((2, 2, 1, 3, 2),)),
    Case("GlobalAveragePooling1D", {}, ((3, 5, 2),), mask=True),
    Case("GlobalAveragePooling2D", {}, ((2, 2, 3, 2),)),
    Case("GlobalAveragePooling3D", {"keepdims": True, **_FIRST}, ((2, 2, 1, 3, 2),)),
    Case("AdaptiveMaxPooling1D", {"output_size": 3}, ((2, 5, 2),)),
    Case("AdaptiveMaxPooling2D", {"output_size": (2, 3), **_FIRST}, ((2, 2, 5, 3),)),
    Case("AdaptiveMaxPooling3D", {"output_size": 2}, ((2, 2, 3, 4, 2),)),
    Case("AdaptiveAveragePooling1D", {"output_size": 2}, ((2, 5, 2),)),
    Case("AdaptiveAveragePooling2D", {"output_size": 2}, ((2, 4, 3, 2),)),
    Case("AdaptiveAveragePooling3D", {"output_size": (1, 2, 2), **_FIRST}, ((2, 2, 2, 3, 4),)),
]
MARGINS = [
    Case("UpSampling1D", {}, ((2, 3, 2),)),
    Case("UpSampling2D", {"size": (3, 2), "interpolation": "bilinear", **_FIRST}, ((2, 2, 2, 3),)),
    Case("UpSampling2D", {}, ((2, 2, 3, 2),)),
    Case("UpSampling3D", {"size": (1, 2, 2)}, ((2, 1, 2, 2, 2),)),
    Case("ZeroPadding1D", {"padding": (0, 2)}, ((2, 3, 2),)),
    Case("ZeroPadding2D", {"padding": ((1, 0), (0, 2)), **_FIRST}, ((2, 2, 2, 3),)),
    Case("ZeroPadding3D", {"padding": (1, 0, 1)}, ((2, 1, 2, 2, 2),)),
    Case("Cropping1D", {"cropping": (1, 0)}, ((2, 3, 2),)),
    Case("Cropping2D", {"cropping": 1, **_FIRST}, ((2, 2, 4, 3),)),
    Case("Cropping3D", {"cropping": ((1, 0), (0, 0), (1, 1))}, ((2, 2, 2, 4, 2),)),
]
_SEQUENCE = ((3, 3, 2),)
_ALL = {"return_sequences": True}
RECURRENT = [
    Case("SimpleRNN", {"units": 2, **_ALL, "kernel_regularizer": "l2"}, _SEQUENCE),
    Case("LSTM", {"units": 2, **_ALL}, _SEQUENCE),
    Case("LSTM", {"units": 2, **_ALL, "dropout": 0.4, "recurrent_dropout": 0.3}, _SEQUENCE, training=True, draws=True),
    Case("GRU", {"units": 2, **_ALL, "go_backwards": True}, _SEQUENCE),
    Case("RNN", {"cell": [Case("LSTMCell", {"units": 3}), Case("GRUCell", {"units": 2})], **_ALL}, _SEQUENCE),
    Case("Bidirectional", {"layer": Case("GRU", {"units": 2, **_ALL})}, _SEQUENCE),
    Case("TimeDistributed", {"layer": Case("Dense", {"units": 2})}, _SEQUENCE),
    Case("ConvLSTM1D", {"filters": 2, "kernel_size": 2, **_ALL}, ((2, 2, 3, 1),)),
    Case("ConvLSTM2D", {"filters": 2, "kernel_size": 2, "padding": "same", **_ALL}, ((2, 2, 2, 3, 1),)),
    Case("ConvLSTM3D", {"filters": 1, "kernel_size": 2, **_ALL}, ((2, 2, 2, 3, 2, 1),)),
]
ATTENTION = [
    Case("Attention", {"use_scale": True}, ((2, 3, 4), (2, 5, 4))),
    Case("Attention", {"score_mode": "concat", "dropout": 0.4}, ((2, 3, 4), (2, 3, 4)), training=True, draws=True),
    Case("AdditiveAttention", {}, ((2, 3, 4), (2, 5, 2), (2, 5, 4))),
]
HEADS = ("MultiHeadAttention", "GroupQueryAttention")
"""Layers that take several tensors as arguments of their own: their rows are in attention_cases.py."""
CELLS = ("SimpleRNNCell", "LSTMCell", "GRUCell", "StackedRNNCells")
"""Layers of one step, which take states beside their inputs: their rows are in recurrent_cases.py."""
CASES = [
    *DENSE,
    *EMBEDDING,
    *ACTIVATION,
    *RECTIFIERS,
    *CORE,
    *RESHAPING,
    *DROPOUT,
    *NOISE,
    *NORMALIZATION,
    *NUMBERS,
    *MERGING,
    *CONVOLUTION,
    *POOLING,
    *MARGINS,
    *RECURRENT,
    *ATTENTION,
]


def _affine(params: Any, inputs: Any) -> Any:
    return inputs @ params["w"] + params["b"]


def _affine_first(rng: Any, inputs: Any) -> Any:
    return {"w": np.eye(inputs.shape[-1], 3) + rng.sum() % 7, "b": np.zeros(3)}


LAMBDA = Case("Lambda", {"function": lambda x: x * x}, code=True)
JAX = Case("JaxLayer", {"call_fn": _affine, "init_fn": _affine_first}, code=True)
CODE = [LAMBDA, JAX]
"""Run through the same contracts, but not through files or other people's programs."""
