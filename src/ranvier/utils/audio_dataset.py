"""Sound from a folder whose subfolders are classes."""

from __future__ import annotations

import functools
import wave
from pathlib import Path
from typing import Any

import numpy as np

from ranvier._errors import DataError, InvalidArgument, Unsupported
from ranvier.utils.folder_dataset import Reading, folder_dataset

__all__ = ["audio_dataset_from_directory"]


def audio_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Any = None,
    batch_size: int | None = 32,
    sampling_rate: int | None = None,
    output_sequence_length: int | None = None,
    ragged: bool = False,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    verbose: bool = True,
) -> Any:
    """Return batches of the sound in a folder's `.wav` files for `fit`; Keras gives a `tf.data` data set.

        sample = number in the file / 2^15    of files with 16 bits, as Keras reads them

    Shapes: batches `(samples [row, time, channel], labels [row])`, float32 from -1 to 1, filled with zeros to the
    longest of the batch; labels `[row, 1]` or `[row, class]` by `label_mode`; samples alone without labels.

    Args:
        directory: a folder with a subfolder per class.
        labels: `"inferred"` from the subfolders, None, or a list with a number per file in the order of their paths.
        label_mode: `"int"`, `"binary"` (0.0 or 1.0), `"categorical"` (one-hot) or None.
        class_names: the subfolders that count, in the order of their numbers.
        batch_size: files per batch; None for one at a time.
        sampling_rate: None; sound is not brought to another rate, which Keras leaves to another package too.
        output_sequence_length: samples that every sound is cut or filled to.
        ragged: False: there are no ragged tensors.
        shuffle: another order in every epoch.
        seed: decides the orders, and what each subset gets.
        validation_split: share of the files that is held out.
        subset: `"training"`, `"validation"`, or `"both"` for a list of the two.
        follow_links: whether links to folders are followed.
        verbose: whether to print what was found.

    Raises:
        DataError: no folder, no files, or an empty subset; while reading, a file that is no such sound, by its name.
        InvalidArgument: arguments that do not fit.
        Unsupported: `sampling_rate` or `ragged`.
    """
    if sampling_rate is not None or ragged:
        name, fix = ("ragged", "leave it out") if ragged else ("sampling_rate", "convert the files before")
        raise Unsupported(
            f"{name} is not supported.",
            code="audio-argument",
            place=f"audio_dataset_from_directory({name}=...)",
            expected="False: batches are filled up with zeros" if ragged else "None: files keep the rate they have",
            received=repr(ragged if ragged else sampling_rate),
            fix=fix,
        )
    if output_sequence_length is not None and output_sequence_length < 1:
        raise InvalidArgument(
            "output_sequence_length does not fit.",
            code="audio-argument",
            place="audio_dataset_from_directory(output_sequence_length=...)",
            expected="a number of samples, or None",
            received=repr(output_sequence_length),
        )
    reading = Reading((".wav",), functools.partial(_sound, length=output_sequence_length), _joined)
    shared = (batch_size, shuffle, seed, validation_split, subset, follow_links, verbose)
    return folder_dataset(directory, reading, labels, label_mode, class_names, *shared)


def _sound(path: Path, length: int | None) -> np.ndarray:
    """Return the samples of a file, `[time, channel]`.

    Raises:
        DataError: it is no WAV file, is damaged, or has other samples than whole numbers of 16 bits.
    """
    try:
        with wave.open(str(path), "rb") as file:
            channels, width = file.getnchannels(), file.getsampwidth()
            content = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise _unreadable(path, str(error) or type(error).__name__) from error
    if width != 2:
        raise _unreadable(path, f"{8 * width} bits per sample")
    whole = len(content) - len(content) % (2 * channels)
    samples = np.frombuffer(content[:whole], "<i2").reshape(-1, channels).astype(np.float32) / 32768
    return samples if length is None else _filled(samples, length)


def _filled(samples: np.ndarray, length: int) -> np.ndarray:
    return np.pad(samples[:length], ((0, max(length - len(samples), 0)), (0, 0)))


def _joined(sounds: list[np.ndarray]) -> np.ndarray:
    """Return sounds as one batch.

    Raises:
        DataError: they have different numbers of channels.
    """
    channels = {sound.shape[1] for sound in sounds}
    if len(channels) > 1:
        raise DataError(
            "The sounds of a batch differ in their channels.",
            code="audio-channels",
            place="audio_dataset_from_directory",
            expected="files with one number of channels",
            received=", ".join(map(str, sorted(channels))),
        )
    longest = max(map(len, sounds))
    return np.stack([_filled(sound, longest) for sound in sounds])


def _unreadable(path: Path, received: str) -> DataError:
    return DataError(
        "A sound cannot be read.",
        code="audio-unreadable",
        place=str(path),
        expected="a WAV file with 16 bits per sample",
        received=received,
        fix="convert the file or take it out of the folder",
    )
