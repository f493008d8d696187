"""Layers that turn a signal into a picture of its frequencies over time."""

from __future__ import annotations

import math
import warnings
from typing import Any, final

import jax.numpy as jnp
import numpy as np

from ranvier import _config, initializers, ops
from ranvier._errors import InvalidArgument, WrongType
from ranvier._typing import Array
from ranvier.layers.base import Layer
from ranvier.layers.configured import positive_integer
from ranvier.layers.data_format import known_data_format
from ranvier.layers.input_spec import InputSpec

__all__ = ["MelSpectrogram", "STFTSpectrogram"]

_MODES = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")


@final
class STFTSpectrogram(Layer):
    """Short-time Fourier transform of each channel of a signal, by kernels that training may change.

        real[k, f] = sum_n inputs[k * frame_step + n] * real_kernel[n, f], imag alike
        power = real^2 + imag^2,  magnitude = sqrt(max(power, epsilon)),  log = log(max(magnitude, epsilon))

    Shapes: inputs [row, step, channel]; outputs [row, frame, channel * frequency], channel by channel, or with
    `expand_dims` [row, frame, frequency, channel]. With `"channels_first"`: [row, channel, step] becomes
    [row, channel * frequency, frame] or [row, channel, frame, frequency].

    Args:
        mode: `"log"`, `"magnitude"`, `"psd"` (power, doubled but for the first and the last frequency), `"real"`,
            `"imag"`, `"angle"`, or `"stft"` (real, then imaginary frequencies).
        frame_length: steps under the window.
        frame_step: steps from frame to frame; half of `frame_length` when None.
        fft_length: steps of the transform, of which there are `fft_length // 2 + 1` frequencies; the next power of two
            when None.
        window: `"hann"`, `"hamming"`, ..., its weights, or None for all steps alike.
        periodic: whether a named window is periodic instead of symmetric.
        scaling: `"density"`, `"spectrum"` or None; see `initializers.STFT`.
        padding: `"valid"` or `"same"`.
        expand_dims: whether frequencies and channels stand on axes of their own, as in an image.
        data_format: where the channels stand.

    Raises:
        InvalidArgument: arguments that do not fit each other.
        WrongType: inputs that are no floats.

    Example:
        >>> layer = STFTSpectrogram("magnitude", frame_length=4, frame_step=2, window=None)
        >>> layer(jnp.ones((1, 6, 1)))[0].round(2).tolist()
        [[4.0, 0.0, 0.0], [4.0, 0.0, 0.0]]

    Source: Cheuk et al., "nnAudio", 2020.
    """

    def __init__(
        self,
        mode: str = "log",
        frame_length: int = 256,
        frame_step: int | None = None,
        fft_length: int | None = None,
        window: Any = "hann",
        periodic: bool = False,
        scaling: str | None = "density",
        padding: str = "valid",
        expand_dims: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.mode, self.padding, self.expand_dims = mode, padding, expand_dims
        self.window, self.periodic, self.scaling = window, periodic, scaling
        self.frame_length = positive_integer(self, "frame_length", frame_length)
        self.frame_step, self.fft_length = frame_step, fft_length
        self.data_format = known_data_format(self, data_format)
        self.input_spec = InputSpec(ndim=3)
        self._check("mode", mode in _MODES, ", ".join(map(repr, _MODES)))
        self._check("padding", padding in ("valid", "same"), "'valid' or 'same'")
        self._check("frame_step", 1 <= self._step <= frame_length, f"1 to frame_length={frame_length}")
        self._check("fft_length", self._length >= frame_length, f"frame_length={frame_length} or more")
        self._kernel("real")  # refuses an unknown window or scaling
        if self._length & (self._length - 1):
            warnings.warn(f"fft_length={fft_length} is no power of two, which is slower.", stacklevel=2)

    def _check(self, name: str, fits: bool, expected: str) -> None:
        if not fits:
            raise InvalidArgument(
                f"{name} of STFTSpectrogram does not fit.",
                code="spectrogram-argument",
                place=f"layer {self.name!r}: {name}",
                expected=expected,
                received=repr(getattr(self, name)),
            )

    @property
    def _step(self) -> int:
        return max(self.frame_length // 2, 1) if self.frame_step is None else self.frame_step

    @property
    def _length(self) -> int:
        return 2 ** math.ceil(math.log2(self.frame_length)) if self.fft_length is None else self.fft_length

    def _kernel(self, side: str) -> Any:
        return initializers.STFT(side, self.window, self.scaling, self.periodic)

    def build(self, input_shape: Any) -> None:
        """Add the kernels [step, 1, frequency] that the mode needs."""
        shape = (self.frame_length, 1, self._length // 2 + 1)
        if self.mode != "imag":
            self.real_kernel = self.add_weight(shape=shape, initializer=self._kernel("real"), name="real_kernel")
        if self.mode != "real":
            self.imag_kernel = self.add_weight(shape=shape, initializer=self._kernel("imag"), name="imag_kernel")

    def call(self, inputs: Any) -> Array:
        """Return the frequencies of each frame."""
        if not jnp.issubdtype(inputs.dtype, jnp.floating):
            raise WrongType(
                "A signal is made of floats.",
                code="signal-type",
                place=f"layer {self.name!r}",
                expected="float16 or float32",
                received=str(inputs.dtype),
                fix="x = x.astype('float32')",
            )
        channels_last = self.data_format == "channels_last"
        signals = jnp.swapaxes(inputs, 1, 2) if channels_last else inputs
        found = self._spectrum(signals)
        if self.expand_dims:
            return jnp.transpose(found, (0, 2, 3, 1)) if channels_last else found
        rows, channels, frames, frequencies = found.shape
        if channels_last:
            return jnp.swapaxes(found, 1, 2).reshape(rows, frames, channels * frequencies)
        return jnp.swapaxes(found, 2, 3).reshape(rows, channels * frequencies, frames)

    def _spectrum(self, signals: Array) -> Array:
        """Return [row, channel, frame, frequency] for signals [row, channel, step]."""
        if self.mode in ("real", "imag"):
            return self._convolved(signals, self.real_kernel if self.mode == "real" else self.imag_kernel)
        real, imag = (self._convolved(signals, kernel) for kernel in (self.real_kernel, self.imag_kernel))
        if self.mode == "angle":
            return jnp.arctan2(imag, real)
        if self.mode == "stft":
            return jnp.concatenate([real, imag], axis=-1)
        power = real**2 + imag**2
        if self.mode == "psd":
            return power + jnp.pad(power[..., 1:-1], [(0, 0)] * 3 + [(1, 1)])
        magnitude = jnp.sqrt(jnp.maximum(power, _config.epsilon()))
        return magnitude if self.mode == "magnitude" else jnp.log(jnp.maximum(magnitude, _config.epsilon()))

    def _convolved(self, signals: Array, kernel: Any) -> Array:
        rows, channels, steps = signals.shape
        flat = signals.reshape(rows * channels, steps, 1)
        weights = kernel.value.astype(signals.dtype)
        found = ops.conv(flat, weights, self._step, self.padding, "channels_last")
        return found.reshape(rows, channels, *found.shape[1:])


@final
class MelSpectrogram(Layer):
    """How loud a signal is over time, in bands of equal width on the mel scale of pitch.

        mel(f) = 1127 ln(1 + f / 700)
        power = |stft(inputs)| ** mag_exp @ bands
        outputs = 10 log10(max(power, min_power)) - 10 log10(max(|ref_power|, min_power))

    In decibels, nothing is more than `top_db` below the loudest of all that a call gets.

    Shapes: inputs [row, step] or [step]; outputs [row, band, frame] or [band, frame], `1 + step // sequence_stride`
    frames.

    Args:
        fft_length: steps of the Fourier transform.
        sequence_stride: steps from frame to frame.
        sequence_length: steps under the window; `fft_length` when None.
        window: `"hann"`, `"hamming"`, ..., its weights, or None for all steps alike.
        sampling_rate: steps per second.
        num_mel_bins: number of bands.
        min_freq: lower end of the lowest band [Hz].
        max_freq: upper end of the highest band [Hz]; half of the sampling rate when None.
        power_to_db: whether outputs are in decibels.
        top_db: how far below the loudest the quietest may be.
        mag_exp: 1 for magnitudes, 2 for power.
        min_power: smallest power that is told from silence.
        ref_power: power of 0 decibels.

    Raises:
        InvalidArgument: `fft_length` is less than `sequence_length`, or there are no bands.

    Example:
        >>> MelSpectrogram(fft_length=8, sequence_stride=4, num_mel_bins=3, sampling_rate=16)(jnp.ones(16)).shape
        (3, 5)

    Numerics: the bands are computed in float64; Keras computes them in float32.

    Source: Young et al., "The HTK Book", 2002.
    """

    def __init__(
        self,
        fft_length: int = 2048,
        sequence_stride: int = 512,
        sequence_length: int | None = None,
        window: Any = "hann",
        sampling_rate: int = 16000,
        num_mel_bins: int = 128,
        min_freq: float = 20.0,
        max_freq: float | None = None,
        power_to_db: bool = True,
        top_db: float = 80.0,
        mag_exp: float = 2.0,
        min_power: float = 1e-10,
        ref_power: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.fft_length = positive_integer(self, "fft_length", fft_length)
        self.sequence_stride = positive_integer(self, "sequence_stride", sequence_stride)
        self.sequence_length = positive_integer(self, "sequence_length", sequence_length or fft_length)
        if self.fft_length < self.sequence_length:
            raise InvalidArgument(
                "The transform is shorter than the sequence.",
                code="fft-length",
                place=f"layer {self.name!r}: fft_length",
                expected=f"at least sequence_length={sequence_length}",
                received=fft_length,
            )
        self.window, self.sampling_rate = window, sampling_rate
        self.num_mel_bins = positive_integer(self, "num_mel_bins", num_mel_bins)
        self.min_freq, self.max_freq = min_freq, max_freq or int(sampling_rate / 2)
        self.power_to_db, self.top_db, self.mag_exp = power_to_db, top_db, mag_exp
        self.min_power, self.ref_power = min_power, ref_power
        self.built = True

    def call(self, inputs: Any) -> Array:
        """Return the bands over time."""
        dtype = "float64" if self.compute_dtype == "float64" else "float32"
        signals = jnp.asarray(inputs).astype(dtype)
        if signals.ndim not in (1, 2):
            raise InvalidArgument(
                "A MelSpectrogram is made of one signal or of rows of signals.",
                code="signal-rank",
                place=f"layer {self.name!r}",
                expected="[step] or [row, step]",
                received=signals.shape,
                fix="take one channel: x[..., 0]",
            )
        real, imag = ops.stft(
            signals, self.sequence_length, self.sequence_stride, self.fft_length, self.window, center=True
        )
        bands = self.linear_to_mel_weight_matrix(
            self.num_mel_bins, real.shape[-1], self.sampling_rate, self.min_freq, self.max_freq, dtype
        )
        power = jnp.sqrt(real**2 + imag**2) ** self.mag_exp @ bands
        found = self._decibels(power) if self.power_to_db else power
        return jnp.swapaxes(found, -1, -2).astype(self.compute_dtype)

    def _decibels(self, power: Array) -> Array:
        least = jnp.asarray(self.min_power, power.dtype)
        found = 10 * jnp.log10(jnp.maximum(power, least))
        found -= 10 * jnp.log10(jnp.maximum(jnp.abs(jnp.asarray(self.ref_power, power.dtype)), least))
        return jnp.maximum(found, jnp.max(found, initial=-jnp.inf) - self.top_db)

    def linear_to_mel_weight_matrix(
        self,
        num_mel_bins: int = 20,
        num_spectrogram_bins: int = 129,
        sampling_rate: float = 8000,
        lower_edge_hertz: float = 125.0,
        upper_edge_hertz: float = 3800.0,
        dtype: str = "float32",
    ) -> Array:
        """Return the share of each frequency in each band, triangles of height 1: [frequency, band].

        Args:
            num_mel_bins: number of bands.
            num_spectrogram_bins: number of frequencies, from 0 to half of the sampling rate.
            sampling_rate: steps per second.
            lower_edge_hertz: lower end of the lowest band.
            upper_edge_hertz: upper end of the highest band.
            dtype: of the result.
        """
        mels = _mel(np.linspace(0.0, sampling_rate / 2, num_spectrogram_bins))[:, None]
        edges = np.linspace(_mel(lower_edge_hertz), _mel(upper_edge_hertz), num_mel_bins + 2)
        low, middle, high = edges[:-2], edges[1:-1], edges[2:]
        bands = np.maximum(0.0, np.minimum((mels - low) / (middle - low), (high - mels) / (high - middle)))
        bands[0] = 0.0  # a constant has no pitch
        return jnp.asarray(bands, dtype)


def _mel(hertz: Any) -> Any:
    """Return pitches on the mel scale for frequencies [Hz]."""
    return 1127.0 * np.log(1.0 + np.asarray(hertz) / 700.0)
