"""Functions that take functions, windows by name, transforms back and forth, gradients, and what is refused."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import signal

from ranvier import ops
from ranvier._errors import InvalidArgument, WrongType
from ranvier.ops import windows
from ranvier.state.symbolic import KerasTensor
from ranvier.state.variable import Variable

NAMES = [
    "bartlett",
    "blackman",
    "blackmanharris",
    "boxcar",
    "cosine",
    "flattop",
    "hamming",
    "hann",
    "nuttall",
    "triang",
]


@pytest.mark.parametrize("name", NAMES)
def test_named_windows_are_those_of_scipy(name: str) -> None:
    for length in (1, 2, 7, 8):
        for periodic in (True, False):
            expected = signal.get_window(name, length, periodic)
            np.testing.assert_allclose(windows.weights(name, length, periodic), expected, atol=1e-14)


def test_a_windows_length_may_be_an_array_or_variable_and_zero() -> None:
    assert ops.hanning(jnp.asarray(3)).tolist() == ops.hanning(Variable(np.int32(3))).tolist() == [0.0, 1.0, 0.0]
    assert ops.bartlett(0).shape == (0,)


def test_forward_derivatives() -> None:
    value, slope = ops.jvp(lambda x, y: x * y, [Variable(np.float32(3)), 2.0], [1.0, 0.5])
    assert float(value) == 6.0 and float(slope) == 3.5
    value, slope, other = ops.jvp(lambda x: (x**2, "kept"), (3.0,), (1.0,), has_aux=True)
    assert (float(value), float(slope), other) == (9.0, 6.0, "kept")
    symbol = KerasTensor((None, 3))
    value, slope = ops.jvp(jnp.tanh, (symbol,), (symbol,))
    assert value.shape == slope.shape == (None, 3)


def test_a_function_of_numbers_becomes_one_of_arrays() -> None:
    clipped = ops.vectorize(lambda x, low: jnp.where(x > low, x, low))
    assert clipped([[1.0, -1.0]], 0.0).tolist() == [[1.0, 0.0]]
    dot = ops.vectorize(jnp.dot, signature="(n),(n)->()")
    assert dot(Variable(np.ones((4, 3), "float32")), jnp.ones(3)).tolist() == [3.0] * 4
    power = ops.vectorize(lambda x, n: x**n, excluded={1})
    assert power(jnp.array([1.0, 2.0]), 2).tolist() == [1.0, 4.0]
    with pytest.raises(WrongType, match="not-callable"):
        ops.vectorize(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("window", ["hann", "blackman", None])
@pytest.mark.parametrize("stride", [2, 4, 8])
def test_a_signal_comes_back_from_its_transforms(window: Any, stride: int) -> None:
    x = np.random.default_rng(0).normal(size=(2, 32)).astype("float32")
    back = ops.istft(ops.stft(x, 8, stride, 8, window=window), 8, stride, 8, window=window, length=28)
    scale = 8 / stride if window is None else 1.0
    # At stride 8 only one weight covers each step; where it is 0, nothing is left.
    kept = slice(None) if stride < 8 or window is None else slice(1, 4)
    np.testing.assert_allclose(back[:, kept], scale * x[:, :28][:, kept], atol=2e-5)


def test_folding_is_the_transpose_of_unfolding() -> None:
    keywords = {"kernel_size": (2, 3), "dilation": 1, "padding": (0, 1), "stride": (1, 2)}
    x = jnp.asarray(np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype("float32"))
    patches, pull = jax.vjp(lambda picture: ops.unfold(picture, **keywords), x)
    np.testing.assert_allclose(pull(patches)[0], ops.fold(patches, (4, 5), **keywords), rtol=1e-6)


def test_a_label_gets_its_gradient_and_an_impossible_one_a_finite_loss() -> None:
    logits = jnp.asarray(np.random.default_rng(1).normal(size=(2, 4, 3)).astype("float32"))

    def loss(output: Any) -> Any:
        return ops.ctc_loss([[1, 2], [1, 1]], output, [2, 2], [4, 2])

    gradient = jax.grad(lambda output: loss(output).sum())(logits)
    assert np.isfinite(gradient).all() and not gradient[1, 2:].any()
    assert float(loss(logits)[1]) > 1e4
    step = 1e-2 * jnp.zeros_like(logits).at[0, 1, 2].set(1)
    slope = (loss(logits + step) - loss(logits - step))[0] / 2e-2
    np.testing.assert_allclose(gradient[0, 1, 2], slope, atol=1e-3)


@pytest.mark.parametrize("length", [1, 4])
def test_a_wide_beam_finds_the_labels_with_the_smallest_loss(length: int) -> None:
    logits = jnp.asarray(np.random.default_rng(2).normal(scale=2.0, size=(1, 4, 3)).astype("float32"))
    paths, scores = ops.ctc_decode(logits, [length], strategy="beam_search", beam_width=40, top_paths=3)
    sizes = (paths[:, 0] >= 0).sum(1)
    losses = [ops.ctc_loss(path, logits, [size], [length])[0] for path, size in zip(paths, sizes, strict=True)]
    np.testing.assert_allclose(losses, -scores[0], rtol=1e-5)
    assert len({tuple(path[0].tolist()) for path in paths}) == 3 and losses == sorted(losses)


def test_the_distance_of_a_point_from_itself_has_a_gradient() -> None:
    points = jnp.array([[0.0, 0.0], [3.0, 4.0]])
    gradient = jax.grad(lambda x: ops.cdist(x, points).sum())(points)
    np.testing.assert_allclose(gradient, [[-0.6, -0.8], [0.6, 0.8]], rtol=1e-6)


def test_old_keywords_work() -> None:
    assert ops.multi_hot([0, 2], num_tokens=3).tolist() == [1.0, 0.0, 1.0]
    x = jnp.array([[1.0, 3.0]])
    scaled = ops.layer_normalization(x, gamma=jnp.array([2.0, 2.0]), beta=jnp.ones(2), epsilon=0.0, rms_scaling=True)
    np.testing.assert_allclose(scaled, [[2.0, 6.0]])
    assert ops.einsum("ij,j->i", jnp.ones((2, 3)), jnp.ones(3), optimize=True).tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: windows.weights("wall", 3), "unknown-window"),
        (lambda: ops.multi_hot([0]), "multi-hot-classes"),
        (lambda: ops.multi_hot([0], 3, depth=3), "unknown-argument"),
        (lambda: ops.layer_normalization(jnp.ones(3), gama=1), "unknown-argument"),
        (lambda: ops.bincount(jnp.ones(3, "int32"), sparse=True), "dense-only"),
        (lambda: ops.ldexp(1.0, 2.0), "ldexp-exponent"),
        (lambda: ops.histogram(jnp.ones(3), bins=2.5), "histogram-bins"),  # type: ignore[arg-type]
        (lambda: ops.histogram(jnp.ones((3, 1))), "histogram-arguments"),
        (lambda: ops.histogram(jnp.ones(3), range=(1.0, 0.0)), "histogram-arguments"),
        (lambda: ops.cdist(jnp.ones(3), jnp.ones(3)), "linalg-shape"),
        (lambda: ops.matrix_rank(jnp.ones(3)), "linalg-shape"),
        (lambda: ops.fft(jnp.ones(3)), "complex-pair"),
        (lambda: ops.fft((jnp.ones(3), jnp.ones(4))), "complex-pair"),
        (lambda: ops.irfft((jnp.ones(3, "int32"), jnp.ones(3, "int32"))), "complex-pair"),
        (lambda: ops.view_as_complex(jnp.ones(3)), "complex-pair"),
        (lambda: ops.stft(jnp.ones(9, "int32"), 4, 2, 4), "stft-type"),
        (lambda: ops.stft(jnp.ones(9), 4, 2, 3), "fft-length"),
        (lambda: ops.stft(jnp.ones(9), 4, 2, 4, window=[1.0]), "window-length"),
        (lambda: ops.istft((jnp.ones(3), jnp.ones(3)), 4, 2, 4), "istft-shape"),
        (lambda: ops.rearrange(jnp.ones((2, 3)), "a b -> a"), "rearrange-pattern"),
        (lambda: ops.rearrange(jnp.ones((2, 3)), "a (b c) -> a b c"), "rearrange-pattern"),
        (lambda: ops.rearrange(jnp.ones((2, 3)), "a (b c) -> a b c", b=2), "rearrange-pattern"),
        (lambda: ops.depth_to_space(jnp.ones((1, 1, 1, 4)), 1), "block-arguments"),
        (lambda: ops.space_to_depth(jnp.ones((1, 2, 3, 1)), 2), "rearrange-pattern"),
        (lambda: ops.unfold(jnp.ones(3), 2), "patch-axes"),
        (lambda: ops.fold(jnp.ones(3), 2, 2), "patch-axes"),
        (lambda: ops.ctc_decode(jnp.ones((1, 2, 3)), [2], strategy="guess"), "ctc-strategy"),
        (lambda: ops.psnr(jnp.ones(3), jnp.ones(4), 1.0), "psnr-shape"),
    ],
)
def test_refusals(make: Any, code: str) -> None:
    with pytest.raises((InvalidArgument, WrongType)) as caught:
        make()
    assert caught.value.code == code
