"""The workloads on a GPU, and larger ones: Ranvier, PyTorch eager, PyTorch with CUDA graphs, Keras on JAX.

    python -m benchmarks.gpu                                  # all; one process per peer, a result after every case
    python -m benchmarks.gpu --only resnet50,mlp --peers ranvier,pytorch
    python -m benchmarks.gpu --device cpu --tiny              # whether it runs at all; not a figure

Data are on the device before the time counts, where the peer can keep them there. Products of float32 are computed in
TF32 by all of them (`resnet50` in bfloat16 with weights in float32). Nobody reads a number back inside of an epoch.
"""

import argparse
import datetime
import importlib.metadata
import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks import catalog, datasets, gpu_networks, machine
from benchmarks.gpu_networks import LARGE, Large
from benchmarks.protocol import claim_stdout, send, wording
from benchmarks.workloads import WORKLOADS, Workload, initial_weights

FOLDER = catalog.ROOT / "benchmarks" / "results" / "gpu"
PEERS = {
    "ranvier": "Ranvier", "pytorch": "PyTorch eager", "torch_graphs": "PyTorch compiled, CUDA graphs",
    "keras_jax": "Keras on JAX",
}  # fmt: skip
PACKAGES = ("jax", "jaxlib", "torch", "keras")
AGREEING_ROWS = 4
AGREEMENT = 0.02
"""Steps whose mean loss is compared, and how far it may lie from Ranvier's: TF32 has ten bits."""

Fit = Callable[[int], float]


@dataclass(frozen=True)
class Effort:
    """How long is measured: `rounds` times at least `seconds`."""

    rounds: int = 5
    seconds: float = 1.0


@dataclass
class Ready:
    """A network that can be trained: `fit(epochs)` returns the last loss when all is computed."""

    fit: Fit
    steps: int
    facts: dict[str, Any]


def cases(only: str, tiny: bool) -> list[tuple[str, int]]:
    """Name and batch of everything to measure."""
    wanted = only.split(",") if only else [*WORKLOADS, *LARGE]
    unknown = [name for name in wanted if name not in WORKLOADS and name not in LARGE]
    if unknown:
        raise SystemExit(f"unknown: {', '.join(unknown)}; choose from {', '.join([*WORKLOADS, *LARGE])}")
    found = []
    for name in wanted:
        batches = LARGE[name].batches if name in LARGE else WORKLOADS[name].batches
        found += [(name, batch) for batch in ((4,) if tiny else batches)]
    return found


# --- in a worker: one peer -------------------------------------------------------------------------------------------


def ready(peer: str, name: str, batch: int, tiny: bool) -> Ready:
    """Build a network on the device."""
    work: Large | Workload = LARGE[name] if name in LARGE else WORKLOADS[name]
    if isinstance(work, Large):
        work = work.tiny() if tiny else work
        rows = batch * work.steps
        x, y = gpu_networks.data(work, rows)
    else:
        work = replace(work, rows=2 * batch) if tiny else work
        rows = work.rows
        x, y = datasets.load(work, rows)
    if peer in ("ranvier", "keras_jax"):
        return by_keras("ranvier" if peer == "ranvier" else "keras", work, x, y, batch)
    return by_torch(work, x, y, batch, peer == "torch_graphs")


def by_keras(module: str, work: Large | Workload, x: Any, y: Any, batch: int) -> Ready:
    """Ranvier, or Keras on JAX: `fit` on arrays."""
    from benchmarks.peers.keras_like import KerasLike

    peer = KerasLike(module)
    if isinstance(work, Large):
        peer.model, peer.work, peer.batch = gpu_networks.keras_model(peer.keras, work), work, batch
        facts: dict[str, Any] = {"parameters": sum(math.prod(w.shape) for w in peer.model.trainable_weights)}
    else:
        weights, few = initial_weights(work), slice(0, AGREEING_ROWS * batch)
        peer.build(work, weights, batch, dropout=False)
        facts = {"mean_loss": float(peer.fit(datasets.take(x, few), y[few], 1, False)[0])}
        peer.build(work, weights, batch, dropout=True)
    return Ready(lambda epochs: peer.fit(x, y, epochs, True)[-1], -(-datasets.length(x) // batch), facts)


def by_torch(work: Large | Workload, x: Any, y: Any, batch: int, graphs: bool) -> Ready:
    """PyTorch with its tensors on the device."""
    from benchmarks.peers.gpu_pytorch import OnDevice

    peer = OnDevice(graphs)
    if isinstance(work, Large):
        peer.build_large(work, batch)
        facts: dict[str, Any] = {"parameters": sum(w.numel() for w in peer.model.parameters())}
    else:
        weights, few = initial_weights(work), slice(0, AGREEING_ROWS * batch)
        peer.build(work, weights, batch, dropout=False)
        facts = {"mean_loss": float(peer.fit(datasets.take(x, few), y[few], 1, False)[0])}
        peer.build(work, weights, batch, dropout=True)
    peer.keep(x, y)
    return Ready(lambda epochs: peer.fit_kept(epochs), -(-datasets.length(x) // batch), facts)


def measured(one: Ready, effort: Effort) -> dict[str, Any]:
    """Milliseconds per step: a long fit less a fit of one epoch, so that starting a fit is not in it."""

    def seconds(epochs: int) -> float:
        start = time.perf_counter()
        if not math.isfinite(one.fit(epochs)):
            raise ValueError("the loss is not finite")
        return time.perf_counter() - start

    first = seconds(1)
    short = min(seconds(1), seconds(1))
    more = max(1, math.ceil(effort.seconds / short))
    samples = []
    for _ in range(effort.rounds):
        short = seconds(1)
        samples.append(1e3 * (seconds(1 + more) - short) / (more * one.steps))
    middle = statistics.median(samples)
    return {
        "ms_per_step": {"median": middle, "min": min(samples), "max": max(samples), "samples": samples},
        "first_epoch_s": first, **one.facts,
    }  # fmt: skip


def serve(peer: str, asked: list[tuple[str, int]], tiny: bool, effort: Effort) -> None:
    """Measure one case after the other; one line of JSON each."""
    answers = claim_stdout()
    for name, batch in asked:
        try:
            found = measured(ready(peer, name, batch, tiny), effort)
        except Exception as error:  # a peer may fail in any way, and the others go on
            found = {"error": wording(error)}
        send(answers, {"workload": name, "batch": batch, "peer": peer, "found": found})
    send(answers, {"peer": peer, "versions": versions(), "device": device(peer)})


def versions() -> dict[str, str]:
    """Versions of what is installed here."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def device(peer: str) -> str:
    """The device as the peer's library calls it."""
    if "torch" in peer:
        import torch

        return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
    import jax

    return str(jax.devices()[0].device_kind)


# --- in the parent ---------------------------------------------------------------------------------------------------


def environment(peer: str, on: str) -> dict[str, str]:
    """Environment of a worker: defaults, the device that was asked for, and no memory taken in advance."""
    values = {name: value for name, value in os.environ.items() if name not in catalog.TUNING}
    paths = [str(catalog.ROOT), str(catalog.ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    values |= {"KERAS_BACKEND": "jax", "XLA_PYTHON_CLIENT_PREALLOCATE": "false", "PYTHONUNBUFFERED": "1"}
    values |= {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "TF_CPP_MIN_LOG_LEVEL": "3"}
    hidden = {"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "-1"}
    return values | (hidden if on == "cpu" else {"JAX_PLATFORMS": "cuda"} if "torch" not in peer else {})


def python_of(peer: str) -> str:
    """The interpreter for a peer: `RANVIER_PEERS_PYTHON` for those that are not the product, else this one."""
    return sys.executable if peer == "ranvier" else os.environ.get("RANVIER_PEERS_PYTHON", sys.executable)


def answers(peer: str, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Start a worker and yield what it says; a worker that ends early is an answer too."""
    command = [python_of(peer), "-m", "benchmarks.gpu", "--worker", peer, "--device", options.device]
    command += ["--only", options.only, "--rounds", str(options.rounds), "--seconds", str(options.seconds)]
    command += ["--tiny"] if options.tiny else []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env=environment(peer, options.device), cwd=catalog.ROOT, text=True
    ) as worker:
        assert worker.stdout is not None
        for line in worker.stdout:
            yield json.loads(line)
    if worker.returncode:
        yield {"peer": peer, "error": f"the worker ended with {worker.returncode}"}


def add(result: dict[str, Any], answer: dict[str, Any]) -> None:
    """Put one answer of a worker into the result, with the ratio to Ranvier where both are known."""
    if "workload" not in answer:
        result["peers"][answer["peer"]] = {key: value for key, value in answer.items() if key != "peer"}
        return
    key = f"{answer['workload']}/{answer['batch']}"
    case = result["cases"].setdefault(key, {"peers": {}, "ratios": {}, "disagrees": []})
    case["peers"][answer["peer"]] = answer["found"]
    ours = case["peers"].get("ranvier", {})
    for peer, found in case["peers"].items():
        if peer == "ranvier" or "ms_per_step" not in found or "ms_per_step" not in ours:
            continue
        case["ratios"][peer] = found["ms_per_step"]["median"] / ours["ms_per_step"]["median"]
        if not agrees(ours, found) and peer not in case["disagrees"]:
            case["disagrees"].append(peer)


def agrees(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether two peers did the same: equal losses from equal weights, or as many weights but for second biases."""
    if "mean_loss" in ours:
        return abs(ours["mean_loss"] - theirs["mean_loss"]) <= AGREEMENT * abs(ours["mean_loss"])
    return abs(ours["parameters"] - theirs["parameters"]) <= AGREEMENT * ours["parameters"]


def table(result: dict[str, Any]) -> str:
    """The result in Markdown: milliseconds of Ranvier, and how many times as long each peer takes."""
    others = [peer for peer in PEERS if peer != "ranvier"]
    lines = ["| workload, batch | Ranvier ms | " + " | ".join(PEERS[peer] for peer in others) + " |"]
    lines.append("|" + "---|" * (2 + len(others)))
    for key, case in result["cases"].items():
        ours = case["peers"].get("ranvier", {}).get("ms_per_step", {}).get("median")
        cells = [f"{case['ratios'][peer]:.2f}" if peer in case["ratios"] else "-" for peer in others]
        lines.append(f"| {key.replace('/', ', ')} | {ours:.3f} | " if ours else f"| {key} | - | ")
        lines[-1] += " | ".join(cells) + " |"
    return "\n".join(lines)


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("gpu", "cpu"), default="gpu")
    parser.add_argument("--tiny", action="store_true", help="small networks and few rows: whether it runs at all")
    parser.add_argument("--only", default="", help="workloads, with commas")
    parser.add_argument("--peers", default=",".join(PEERS), help="who, with commas")
    parser.add_argument("--rounds", type=int, default=Effort.rounds)
    parser.add_argument("--seconds", type=float, default=Effort.seconds)
    parser.add_argument("--out", type=Path, help="the JSON file; in results/gpu by default")
    parser.add_argument("--worker", choices=tuple(PEERS), help=argparse.SUPPRESS)
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> None:
    """Measure, and write what is known after every case."""
    options = arguments(given)
    asked = cases(options.only, options.tiny)
    if options.worker:
        serve(options.worker, asked, options.tiny, Effort(options.rounds, options.seconds))
        return
    today = datetime.date.today().isoformat()
    result: dict[str, Any] = {
        "format": 1, "date": today, "tiny": options.tiny, "machine": machine.describe(),
        "commit": machine.commit(catalog.ROOT), "peers": {}, "cases": {},
    }  # fmt: skip
    out = options.out or FOLDER / f"{today}-{'tiny-' if options.tiny else ''}{options.device}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    for peer in options.peers.split(","):
        for answer in answers(peer, options):
            add(result, answer)
            out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
            print(json.dumps(answer)[:160], file=sys.stderr)
    print(table(result))


if __name__ == "__main__":
    main()
