"""Rows per second of a fit whose data come from outside: the same rows in memory, by a generator, a PyTorch
DataLoader, a memory map, and from a folder of pictures; in PyTorch, the usual loop over the same.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.datasets import load
from benchmarks.remote import PeerError
from benchmarks.session import Session
from benchmarks.statistics import ratios, summary
from benchmarks.workloads import WORKLOADS, initial_weights

KINDS = ("arrays", "generator", "loader", "memory map", "picture folder")
BATCH, CLASSES = 128, 10
LABELS = {
    "arrays": "arrays in memory", "generator": "a generator", "loader": "PyTorch's DataLoader",
    "memory map": "a memory map", "picture folder": "a folder of PNG pictures",
}  # fmt: skip


def measure(session: Session, peers: list[str], baseline: str | None, rounds: int, rows: int) -> list[dict[str, Any]]:
    """All kinds: `mlp` from vectors, `cnn` from pictures; ratio: rows per second of the baseline over the peer's."""
    with tempfile.TemporaryDirectory(prefix="ranvier-bench-data-") as folder:
        try:
            write_files(Path(folder), rows)
        except ImportError as error:
            raise PeerError(f"pictures cannot be written here: {error}") from error
        return [of_kind(session, peers, baseline, rounds, kind, rows, folder) for kind in KINDS]


def of_kind(
    session: Session, peers: list[str], baseline: str | None, rounds: int, kind: str, rows: int, folder: str
) -> dict[str, Any]:
    """One kind in rounds."""
    request = {"kind": kind, "rows": rows, "folder": folder}
    taken = session.rounds(peers, rounds, f"fed by {kind}", lambda _, worker: worker.ask("feed", **request))
    speeds = {peer: [answer["rows_per_s"] for answer in answers] for peer, answers in taken.items()}
    return {
        "kind": kind, "rows": rows, "batch": BATCH,
        "peers": {
            peer: {
                "rows_per_s": summary(found),
                "ratio": ratios(speeds[baseline], found) if baseline in speeds else None,
            }
            for peer, found in speeds.items()
        },
    }  # fmt: skip


def write_files(folder: Path, rows: int) -> None:
    """Vectors for the memory map, and a folder of grey pictures per class."""
    from PIL import Image  # a dependency of Ranvier, in whose environment this runs

    x, y = load(WORKLOADS["mlp"], rows)
    np.save(folder / "x.npy", x)
    np.save(folder / "y.npy", y)
    for row, (vector, label) in enumerate(zip(x, y, strict=True)):
        place = folder / "pictures" / f"class_{label}"
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray((255 * vector).astype(np.uint8).reshape(28, 28)).save(place / f"{row}.png")


def measure_one(peer: Any, kind: str, rows: int, folder: str) -> dict[str, Any]:
    """In the worker: a fresh network, one epoch that compiles, one that is timed."""
    if not hasattr(peer, "fit_stream"):
        raise NotImplementedError("only what its user would write around the step")
    work = WORKLOADS["cnn" if kind == "picture folder" else "mlp"]
    peer.build(work, initial_weights(work), BATCH, dropout=True)
    for _ in range(2):
        start = time.perf_counter()
        one_epoch(peer, kind, Path(folder))
        taken = time.perf_counter() - start
    return {"rows_per_s": rows / taken}


def one_epoch(peer: Any, kind: str, folder: Path) -> None:
    """An epoch of that kind, as the peer's users would write it."""
    keras = getattr(peer, "keras", None)
    x, y = (np.load(folder / name, mmap_mode="r" if kind == "memory map" else None) for name in ("x.npy", "y.npy"))
    if kind == "arrays" or (kind == "memory map" and keras):
        peer.fit(x, y, epochs=1, shuffle=True)
    elif kind == "loader":
        peer.fit_stream(loader(x, y))
    elif kind == "picture folder":
        place = str(folder / "pictures")
        peer.fit_stream(keras_folder(keras, place) if keras else pictures(place))
    else:
        peer.fit_stream(batches(x, y))


def batches(x: Any, y: Any) -> Iterator[tuple[Any, Any]]:
    """Shuffled batches, cut from arrays or a memory map."""
    order = np.random.default_rng(0).permutation(len(x))
    for start in range(0, len(x), BATCH):
        chosen = np.sort(order[start : start + BATCH])
        yield np.array(x[chosen]), np.array(y[chosen])


def loader(x: Any, y: Any) -> Any:
    """PyTorch's own, in this process."""
    import torch  # optional: named as missing where it is

    tensors = torch.utils.data.TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
    return torch.utils.data.DataLoader(tensors, batch_size=BATCH, shuffle=True)


def keras_folder(keras: Any, place: str) -> Any:
    """`image_dataset_from_directory`."""
    return keras.utils.image_dataset_from_directory(
        place, image_size=(28, 28), color_mode="grayscale", batch_size=BATCH, verbose=False
    )


def pictures(place: str) -> Any:
    """The usual PyTorch data set over files, read by two processes."""
    import torch  # present where PyTorch is measured
    from PIL import Image

    files = sorted(Path(place).rglob("*.png"))
    labels = {name: label for label, name in enumerate(sorted({file.parent.name for file in files}))}

    class Pictures(torch.utils.data.Dataset):  # type: ignore[misc]
        """Opens a picture when it is asked for."""

        def __len__(self) -> int:
            return len(files)

        def __getitem__(self, row: int) -> Any:
            picture = np.asarray(Image.open(files[row]).convert("L"), np.float32)
            return picture[..., None], labels[files[row].parent.name]

    return torch.utils.data.DataLoader(Pictures(), batch_size=BATCH, shuffle=True, num_workers=2)
