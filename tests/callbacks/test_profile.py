"""`fit(profile=...)`: a trace of a few steps, small, and errors that say what to do."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import jax
import numpy as np
import pytest

import ranvier as keras
from ranvier.callbacks import profile
from ranvier.callbacks.profile import Profile

X, Y = np.linspace(0, 1, 160, dtype=np.float32).reshape(40, 4), np.ones((40, 1), np.float32)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    made = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    made.compile("sgd", "mse")
    return made


def fit(model: keras.Model, folder: Path | str, **options: object) -> None:
    model.fit(X, Y, batch_size=4, verbose=0, profile=folder, **options)


def traced(folder: Path) -> list[dict[str, object]]:
    (file,) = folder.glob("plugins/profile/*/*.trace.json.gz")
    return json.loads(gzip.decompress(file.read_bytes()))["traceEvents"]


def test_a_trace_of_the_steps_after_the_first(
    model: keras.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(profile, "STEPS", 11)
    fit(model, tmp_path / "new" / "traces", epochs=3)  # from step 3 of 30, over the end of the first epoch
    said = capsys.readouterr().err
    assert "profile: 11 steps" in said and "perfetto" in said and "tensorboard --logdir" in said
    assert list((tmp_path / "new" / "traces").rglob("*.xplane.pb"))
    programs = {event["args"].get("hlo_module") for event in traced(tmp_path / "new" / "traces") if "args" in event}
    assert "jit_run" in programs


def test_a_slow_run_is_traced_for_a_limited_time(
    model: keras.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(profile, "SECONDS", 0.0)
    fit(model, tmp_path, epochs=30)
    assert int(capsys.readouterr().err.split("profile: ")[1].split()[0]) < profile.STEPS


def test_a_run_that_ends_within_the_trace_is_traced_to_its_end(
    model: keras.Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fit(model, tmp_path)
    assert "profile: 7 steps" in capsys.readouterr().err


@pytest.mark.parametrize(("steps", "words"), [(2, "no trace"), (3, "nothing to see")])
def test_a_run_that_is_too_short_says_so(
    model: keras.Model, tmp_path: Path, capsys: pytest.CaptureFixture[str], steps: int, words: str
) -> None:
    fit(model, tmp_path, steps_per_epoch=steps)
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("given", ["", 7, True])
def test_what_is_no_folder_is_refused(model: keras.Model, given: object) -> None:
    with pytest.raises(keras._errors.InvalidArgument, match="not a path"):
        fit(model, given)  # type: ignore[arg-type]


def test_a_file_in_its_place_is_refused(model: keras.Model, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(keras._errors.InvalidArgument, match="cannot be written"):
        fit(model, tmp_path / "taken")


def test_two_traces_at_once_are_refused(model: keras.Model, tmp_path: Path) -> None:
    jax.profiler.start_trace(str(tmp_path / "other"))
    try:
        with pytest.raises(keras._errors.NotReady, match="Another trace"):
            fit(model, tmp_path / "mine")
    finally:
        jax.profiler.stop_trace()


def test_the_trace_ends_when_training_fails(model: keras.Model, tmp_path: Path) -> None:
    def fail(epoch: int, logs: object) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError):
        fit(model, tmp_path, epochs=2, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=fail)])
    assert traced(tmp_path)
    jax.profiler.start_trace(str(tmp_path / "next"))
    jax.profiler.stop_trace()


def test_when_it_needs_python_is_its_own_affair() -> None:
    with pytest.raises(keras._errors.InvalidArgument):
        Profile("traces").every = 5
