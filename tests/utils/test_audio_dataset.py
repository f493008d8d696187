"""Sound from a folder."""

from __future__ import annotations

import pathlib
import wave
from typing import Any

import numpy as np
import pytest

from ranvier.utils import audio_dataset_from_directory


def write(path: pathlib.Path, samples: Any, channels: int = 1, width: int = 2) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(8000)
        file.writeframes(np.asarray(samples, f"<i{width}").tobytes())


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    write(tmp_path / "no" / "a.wav", [0, 16384, -32768])
    write(tmp_path / "no" / "b.WAV", [1])
    write(tmp_path / "yes" / "a.wav", [32767, 0])
    write(tmp_path / "yes" / "b.wav", [8192] * 5)
    (tmp_path / "yes" / "notes.mp3").write_text("not read")
    return tmp_path


def test_sounds_are_filled_to_the_longest(folder: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = audio_dataset_from_directory(folder, batch_size=3, shuffle=False)
    assert capsys.readouterr().out == "Found 4 files belonging to 2 classes.\n" and made.class_names == ["no", "yes"]
    (x, labels), (last, _) = made
    # What TensorFlow's decode_wav gives for these numbers.
    wanted = [[0, 0.5, -1], [1 / 32768, 0, 0], [32767 / 32768, 0, 0]]
    assert x.dtype == np.float32 and x[:, :, 0].tolist() == wanted and labels.tolist() == [0, 0, 1]
    assert last[:, :, 0].tolist() == [[0.25] * 5]


def test_lengths_labels_and_rows(folder: pathlib.Path) -> None:
    options: dict[str, Any] = {"shuffle": False, "verbose": False}
    (batch,) = audio_dataset_from_directory(folder, output_sequence_length=2, label_mode="categorical", **options)
    assert batch[0].shape == (4, 2, 1) and batch[1].tolist() == [[1, 0], [1, 0], [0, 1], [0, 1]]
    assert batch[0][1, :, 0].tolist() == [1 / 32768, 0]
    rows = list(audio_dataset_from_directory(folder, labels=None, batch_size=None, **options))
    assert [row.shape for row in rows] == [(3, 1), (1, 1), (2, 1), (5, 1)]
    write(folder / "stereo" / "c.wav", [[1, 2], [3, 4]], channels=2)
    (sound,) = audio_dataset_from_directory(folder, class_names=["stereo"], **options)
    assert (sound[0][0] * 32768).tolist() == [[1, 2], [3, 4]]


def test_subsets_are_disjoint(folder: pathlib.Path) -> None:
    train, held_out = audio_dataset_from_directory(
        folder, output_sequence_length=4, validation_split=0.25, subset="both", seed=3, verbose=False
    )
    assert len(train.file_paths) == 3 and not set(train.file_paths) & set(held_out.file_paths)
    assert [batch[0].shape for batch in (train[0], held_out[0])] == [(3, 4, 1), (1, 4, 1)]


def test_files_that_are_no_sound_are_named(folder: pathlib.Path) -> None:
    options: dict[str, Any] = {"shuffle": False, "verbose": False, "class_names": ["odd"], "batch_size": 1}
    (folder / "odd").mkdir()
    (folder / "odd" / "text.wav").write_text("no sound")
    write(folder / "odd" / "wide.wav", [1], width=4)
    made = audio_dataset_from_directory(folder, **options)
    for number, word in enumerate(("text.wav", r"(?s)wide\.wav.*32 bits")):
        with pytest.raises(ValueError, match=word):
            made[number]
    write(folder / "odd" / "text.wav", [[1, 2]], channels=2)
    write(folder / "odd" / "wide.wav", [1])
    with pytest.raises(ValueError, match="audio-channels"):
        audio_dataset_from_directory(folder, **{**options, "batch_size": 2})[0]


@pytest.mark.parametrize("wrong", [{"sampling_rate": 16000}, {"ragged": True}, {"output_sequence_length": 0}])
def test_what_is_refused(folder: pathlib.Path, wrong: dict[str, Any]) -> None:
    with pytest.raises((NotImplementedError, ValueError), match="audio-argument"):
        audio_dataset_from_directory(folder, verbose=False, **wrong)
