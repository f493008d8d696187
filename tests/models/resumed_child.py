"""The child of `test_resume.py`: trains with `resume=`, may kill itself inside a checkpoint write, prints a digest.

python resumed_child.py FOLDER KIND OUT [KILL_AT_WRITE]
"""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import signal
import sys
import time
from typing import Any

import numpy as np

import ranvier as keras
from ranvier import layers
from ranvier.models.resuming import Keeper

ROWS, SIZE, EPOCHS = 1030, 16, 8
PAUSE = 0.02


class Sequence:
    """An indexable source of batches."""

    def __init__(self, x: np.ndarray, y: np.ndarray) -> None:
        self.x, self.y = x, y

    def __len__(self) -> int:
        return -(-len(self.x) // SIZE)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        part = slice(index * SIZE, (index + 1) * SIZE)
        return self.x[part], self.y[part]


def data(kind: str, folder: pathlib.Path) -> dict[str, Any]:
    """Return the arguments of `fit` for a kind of source."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, 6)).astype(np.float32)
    y = (x.sum(1) > 0).astype(np.int32)
    if kind == "arrays":
        return {"x": x, "y": y, "batch_size": SIZE}
    if kind == "sequence":
        return {"x": Sequence(x, y)}
    path = folder / "x.npy"
    if not path.exists():
        np.save(path, x)
    return {"x": np.load(path, mmap_mode="r"), "y": y, "batch_size": SIZE}


def network() -> Any:
    """Return a compiled model with dropout, moving averages and an optimizer with slots."""
    model = keras.Sequential(
        [
            layers.Dense(16, activation="relu", input_shape=(6,)),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(2, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class SlowSteps(keras.callbacks.Callback):
    """Cuts the epoch into short trips with pauses, so that checkpoints and kills fall inside it."""

    every = 5

    def on_train_begin(self, logs: Any = None) -> None:
        print("training", flush=True)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        time.sleep(PAUSE)


def kill_inside_writes(at: int) -> None:
    """Make the process kill itself inside its `at`-th checkpoint: the whole file is written, but not in place yet."""
    from ranvier.saving import atomic, checkpoint

    count = 0
    replace = os.replace

    def dying_replace(*args: Any, **kwargs: Any) -> None:
        nonlocal count
        count += 1
        if count >= at:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(*args, **kwargs)

    os.replace = dying_replace  # type: ignore[assignment]
    assert atomic and checkpoint


def main() -> None:
    folder, kind, out = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    if len(sys.argv) > 4 and int(sys.argv[4]):
        kill_inside_writes(int(sys.argv[4]))
    Keeper.pause = 0.0  # save after every trip
    model = network()
    early = keras.callbacks.EarlyStopping(monitor="loss", patience=50, restore_best_weights=False)
    plateau = keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1, factor=0.5)
    history = model.fit(
        **data(kind, folder.parent),
        epochs=EPOCHS,
        verbose=0,
        seed=5,
        callbacks=[SlowSteps(), early, plateau],
        resume=str(folder) if folder.name != "none" else None,
    )
    weights = hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest()
    slots = hashlib.sha256(b"".join(np.asarray(v).tobytes() for v in model.optimizer.variables)).hexdigest()
    result = {"weights": weights, "slots": slots, "history": history.history, "epoch": history.epoch}
    out.write_text(json.dumps(result, sort_keys=True))


if __name__ == "__main__":
    main()
