"""Interrupted and resumed equals uninterrupted, bit for bit; what does not fit is refused."""

from __future__ import annotations

import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers
from ranvier._errors import InvalidArgument
from ranvier.models import resuming
from ranvier.models.resuming import Keeper
from tests.models import resumed_child

ROOT = pathlib.Path(__file__).parents[2]
X = np.random.default_rng(0).normal(size=(100, 4)).astype(np.float32)
Y = (X.sum(1) > 0).astype(np.int32)


def child(folder: pathlib.Path, kind: str, out: pathlib.Path, kill_at: int = 0) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]), "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, str(pathlib.Path(resumed_child.__file__)), str(folder), kind, str(out), str(kill_at)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(process: subprocess.Popen[bytes]) -> int:
    """Wait for a child; anything but a good end or a kill fails with what it said."""
    _, said = process.communicate(timeout=120)
    assert process.returncode in (0, -signal.SIGKILL), said.decode()
    return process.returncode


def survives(tmp_path: pathlib.Path, kind: str, kills: int) -> None:
    """Kill a training at random moments and inside checkpoint writes, and compare its end with an undisturbed one."""
    rng = random.Random(kind)
    calm = tmp_path / "calm.json"
    assert ended(child(tmp_path / "none", kind, calm)) == 0
    folder, out = tmp_path / "run", tmp_path / "out.json"
    for number in range(kills):
        inside_write = number % 2 == 0
        process = child(folder, kind, out, rng.randint(2, 5) if inside_write else 0)
        if not inside_write:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(rng.uniform(0.0, 8 * resumed_child.PAUSE))
            process.kill()
        assert ended(process) == -signal.SIGKILL, f"the child was not killed at attempt {number}"
    assert ended(child(folder, kind, out)) == 0
    assert json.loads(out.read_text()) == json.loads(calm.read_text())


def test_a_killed_training_ends_as_if_nothing_had_happened(tmp_path: pathlib.Path) -> None:
    survives(tmp_path, "arrays", 3)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["arrays", "memory map", "sequence"])
def test_twenty_kills_change_no_bit(tmp_path: pathlib.Path, kind: str) -> None:
    survives(tmp_path, kind, 20)


def make() -> Any:
    model = keras.Sequential(
        [layers.Dense(8, activation="relu", input_shape=(4,)), layers.Dropout(0.5), layers.Dense(2)]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


class StopAt(keras.callbacks.Callback):
    """Ends the run after some steps, as a signal would."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.left = steps

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGINT)


class EveryStep(keras.callbacks.Callback):
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        pass


@pytest.mark.parametrize("steps", [1, 3, 7, 8, 14, 20])
def test_ctrl_c_saves_and_the_run_goes_on_from_there(tmp_path: pathlib.Path, steps: int) -> None:
    whole = make()
    expected = whole.fit(X, Y, batch_size=16, epochs=4, verbose=0, seed=1, callbacks=[EveryStep()])
    broken = make()
    with pytest.raises(KeyboardInterrupt):
        broken.fit(X, Y, batch_size=16, epochs=4, verbose=0, seed=1, resume=tmp_path, callbacks=[StopAt(steps)])
    resumed = make()
    history = resumed.fit(X, Y, batch_size=16, epochs=4, verbose=0, seed=1, resume=tmp_path, callbacks=[EveryStep()])
    for one, two in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    assert history.history == expected.history
    assert history.epoch == [0, 1, 2, 3]


def test_after_ctrl_c_the_model_holds_the_state_of_the_last_trip() -> None:
    model = make()
    before = [w.copy() for w in model.get_weights()]
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=16, epochs=4, verbose=0, callbacks=[StopAt(3)])
    assert int(model.optimizer.iterations) == 3
    assert any((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_sigterm_ends_with_the_shells_code(tmp_path: pathlib.Path) -> None:
    class Terminate(EveryStep):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 2:
                os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SystemExit) as ended:
        make().fit(X, Y, batch_size=16, epochs=4, verbose=0, resume=tmp_path, callbacks=[Terminate()])
    assert ended.value.code == 143
    assert Keeper(tmp_path, dict, dict).load() is not None


def test_a_finished_run_is_not_trained_again(tmp_path: pathlib.Path) -> None:
    first = make()
    first.fit(X, Y, epochs=2, verbose=0, seed=1, resume=tmp_path)
    second = make()
    history = second.fit(X, Y, epochs=2, verbose=0, seed=1, resume=tmp_path)
    for one, two in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    assert len(history.history["loss"]) == 2


def test_more_epochs_continue_a_finished_run(tmp_path: pathlib.Path) -> None:
    make().fit(X, Y, epochs=2, verbose=0, seed=1, resume=tmp_path)
    longer = make()
    longer.fit(X, Y, epochs=5, verbose=0, seed=1, resume=tmp_path)
    whole = make()
    whole.fit(X, Y, epochs=5, verbose=0, seed=1)
    for one, two in zip(longer.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def other_model() -> Any:
    model = keras.Sequential([layers.Dense(9, activation="relu", input_shape=(4,)), layers.Dense(2)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


def other_compile() -> Any:
    model = make()
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


@pytest.mark.parametrize(
    ("build", "x", "part"),
    [(other_model, X, "model"), (other_compile, X, "compile"), (make, X + 1, "data"), (make, X[:90], "data")],
)
def test_what_does_not_belong_to_the_run_is_refused(tmp_path: pathlib.Path, build: Any, x: Any, part: str) -> None:
    make().fit(X, Y, epochs=1, verbose=0, seed=1, resume=tmp_path)
    model = build()
    with pytest.raises(InvalidArgument) as refused:
        model.fit(x, Y[: len(x)], epochs=2, verbose=0, seed=1, resume=tmp_path)
    assert refused.value.code == f"resume-{part}"


def test_another_environment_is_warned_of(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make().fit(X, Y, epochs=1, verbose=0, seed=1, resume=tmp_path)
    real = resuming.environment()
    monkeypatch.setattr(resuming, "environment", lambda: {**real, "threads": 999})
    with pytest.warns(UserWarning, match="threads"):
        make().fit(X, Y, epochs=2, verbose=0, seed=1, resume=tmp_path)


def batches(count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for i in range(count):
        rows = np.random.default_rng(i).integers(0, 100, 16)
        yield X[rows], Y[rows]


def test_a_generator_is_fast_forwarded_and_the_inexactness_is_said(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = make()
    whole.fit(batches(12), steps_per_epoch=4, epochs=3, verbose=0, seed=1, callbacks=[EveryStep()])
    with pytest.raises(KeyboardInterrupt):
        make().fit(batches(12), steps_per_epoch=4, epochs=3, verbose=0, seed=1, resume=tmp_path, callbacks=[StopAt(6)])
    resumed = make()
    resumed.fit(batches(12), steps_per_epoch=4, epochs=3, verbose=0, seed=1, resume=tmp_path, callbacks=[EveryStep()])
    for one, two in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    assert "generator" in "".join(capsys.readouterr())


def test_backup_and_restore_resumes_and_cleans_up(tmp_path: pathlib.Path) -> None:
    backup = tmp_path / "backup"
    whole = make()
    whole.fit(X, Y, batch_size=16, epochs=4, verbose=0, seed=1)
    with pytest.raises(KeyboardInterrupt):
        make().fit(
            X, Y, batch_size=16, epochs=4, verbose=0, seed=1,
            callbacks=[keras.callbacks.BackupAndRestore(str(backup)), StopAt(17)],
        )  # fmt: skip
    resumed = make()
    resumed.fit(
        X, Y, batch_size=16, epochs=4, verbose=0, seed=1, callbacks=[keras.callbacks.BackupAndRestore(str(backup))]
    )
    for one, two in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    assert not list(backup.glob("*")) if backup.exists() else True
