"""Rows for the layers of sound: pure data, read by the recording script too."""

from __future__ import annotations

from tests.layers.cases import Case

_STEREO = ((2, 20, 2),)
_SMALL = {"frame_length": 6, "frame_step": 4}
_BANDS = {"fft_length": 16, "sequence_stride": 5, "sampling_rate": 8000, "num_mel_bins": 4, "min_freq": 100.0}

STFT = [
    Case("STFTSpectrogram", {"mode": "psd", **_SMALL}, _STEREO),
    *[Case("STFTSpectrogram", {"mode": mode, **_SMALL}, _STEREO) for mode in ("log", "magnitude", "real", "imag")],
    *[Case("STFTSpectrogram", {"mode": mode, **_SMALL}, _STEREO) for mode in ("angle", "stft")],
    Case("STFTSpectrogram", {"mode": "psd", "expand_dims": True, **_SMALL}, _STEREO),
    Case("STFTSpectrogram", {"mode": "stft", "padding": "same", "expand_dims": True, **_SMALL}, _STEREO),
    Case("STFTSpectrogram", {"mode": "stft", "data_format": "channels_first", **_SMALL}, ((2, 2, 20),)),
    Case(
        "STFTSpectrogram",
        {"mode": "magnitude", "data_format": "channels_first", "expand_dims": True, "padding": "same", **_SMALL},
        ((2, 2, 20),),
    ),
    Case("STFTSpectrogram", {"frame_length": 7, "fft_length": 16, "window": "hamming", "periodic": True}, _STEREO),
    Case("STFTSpectrogram", {"mode": "psd", "frame_length": 4, "window": [0.5, 1.0, 2.0, 0.5]}, _STEREO),
    Case("STFTSpectrogram", {"mode": "real", "scaling": "spectrum", "trainable": False, **_SMALL}, _STEREO),
    Case("STFTSpectrogram", {"mode": "imag", "scaling": None, "window": None, **_SMALL}, _STEREO),
]
MEL = [
    Case("MelSpectrogram", {"power_to_db": False, **_BANDS}, ((2, 24),)),
    Case("MelSpectrogram", _BANDS, ((2, 24),)),
    Case("MelSpectrogram", {"top_db": 6.0, "ref_power": 0.5, "mag_exp": 1.0, **_BANDS}, ((2, 24),)),
    Case("MelSpectrogram", {"sequence_length": 12, "window": "hamming", "max_freq": 3000.0, **_BANDS}, ((24,),)),
    Case("MelSpectrogram", {"window": None, "min_power": 0.1, **_BANDS}, ((2, 24),)),
]
CASES = [*STFT, *MEL]
ONE_EACH = [STFT[0], MEL[0]]
"""A row of each layer whose rows of data do not meet, for the contracts."""
