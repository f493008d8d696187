"""Memory stays flat: over many models, over epochs, and while a file larger than the budget streams through."""

from __future__ import annotations

import gc
import json
import pathlib
import subprocess
import sys
import textwrap
from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers

ROOT = pathlib.Path(__file__).parents[2]
linux_only = pytest.mark.skipif(not pathlib.Path("/proc/self/status").exists(), reason="reads /proc/self/status")


def resident(field: str = "RssAnon") -> int:
    """Return a memory figure of this process in KiB."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise AssertionError(field)


def build_and_fit(number: int) -> None:
    x = np.zeros((64, 8), np.float32)
    model = keras.Sequential([layers.Dense(16, activation="relu", input_shape=(8,)), layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(x, x[:, 0], epochs=1, verbose=0, validation_split=0.25, seed=number)
    model.predict(x)


@linux_only
def test_two_hundred_models_leave_nothing_behind() -> None:
    for number in range(40):
        build_and_fit(number)
    gc.collect()
    before = resident()
    for number in range(200):
        build_and_fit(number)
    gc.collect()
    assert resident() - before < 12 * 1024  # KiB; a single leaked program of this size is about 1 MiB


def peak_of(epochs: int) -> int:
    """Return the peak resident memory in KiB of a fresh process that trains for some epochs."""
    code = f"""
    import numpy as np, pathlib
    import ranvier as keras
    from ranvier import layers
    x = np.zeros((20_000, 200), np.float32)
    model = keras.Sequential([layers.Dense(64, activation="relu", input_shape=(200,)), layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(x, x[:, 0], batch_size=512, epochs={epochs}, verbose=0)
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            print(line.split()[1])
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True, cwd=ROOT / "src"
    )
    return int(run.stdout)


@linux_only
@pytest.mark.slow
def test_the_peak_of_a_hundred_epochs_is_that_of_two() -> None:
    peak_of(1)  # fills the compilation cache
    assert abs(peak_of(100) - peak_of(2)) < 0.05 * peak_of(2)


STREAM = """
import json, pathlib, sys, threading, time
import numpy as np
import ranvier as keras
from ranvier import layers

def resident():
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])

x = np.load(sys.argv[1], mmap_mode="r")
most, running = 0, True
def watch():
    global most
    while running:
        most = max(most, resident())
        time.sleep(0.02)
watcher = threading.Thread(target=watch)
watcher.start()
model = keras.Sequential([layers.Dense(4, input_shape=(x.shape[1],)), layers.Dense(1)])
model.compile("sgd", "mse")
history = model.fit(x, np.zeros(len(x), np.float32), batch_size=256, epochs=1, verbose=0)
running = False
watcher.join()
print(json.dumps({"most": most, "loss": history.history["loss"][0], "steps": int(model.optimizer.iterations)}))
"""


@linux_only
@pytest.mark.slow
def test_four_gigabytes_stream_in_less_than_one(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "large.npy"
    width, rows = 1024, 2**20  # 4 GiB of float32
    large: Any = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(rows, width))
    large[:: 2**10] = 1e-3  # a sparse file on most systems: pages that are never written take no room
    large.flush()
    del large
    run = subprocess.run(
        [sys.executable, "-c", STREAM, str(path)], capture_output=True, text=True, cwd=ROOT / "src", timeout=900
    )
    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout)
    assert seen["steps"] == rows // 256
    assert np.isfinite(seen["loss"])
    assert seen["most"] < 2**20, f"{seen['most'] / 2**20:.2f} GiB of anonymous memory"
