"""The child: holds one peer for a whole run and does one timed thing at a time, when it is asked to.

Run as `python -m benchmarks.worker PEER`; requests and answers are lines of JSON (see `Worker` for the requests).
"""

import functools
import importlib
import itertools
import json
import sys
import time
from typing import Any

import numpy as np

from benchmarks import feeding, installed_size, many_models, peak
from benchmarks.catalog import PEERS
from benchmarks.datasets import Data, data_source, fingerprint, length, load, take
from benchmarks.peers.contract import Ended, Peer, unheard
from benchmarks.protocol import claim_stdout, peak_mib, send, wording
from benchmarks.workloads import find, initial_weights

CALLS_AT_ONCE = 8
TRAINING_STEPS = 4


class Worker:
    """Every public method is a request; its keyword arguments and its result travel as JSON."""

    def __init__(self, name: str) -> None:
        self.spec = PEERS[name]
        start = time.perf_counter()
        self.peer: Peer = importlib.import_module(self.spec.module).make(*self.spec.arguments)
        self.import_s = time.perf_counter() - start
        self.data: dict[tuple[str, int], Data] = {}
        self.work: Any = None
        self.x: Any = None
        self.y: Any = None
        self.batch = 0
        self.last_loss = 0.0
        self.fits: dict[str, Any] = {}

    def hello(self) -> dict[str, Any]:
        """Who is there."""
        return {
            "python": ".".join(map(str, sys.version_info[:3])),
            "versions": {name: self._version(name) for name in (*self.spec.imports, "numpy")},
            "threads": self.peer.threads(),
        }

    def products(self) -> dict[str, float]:
        """Speed of square matrix products by side [GFLOP/s]."""
        return peak.products()

    def agree(self, workload: str, batch: int, steps: int, once: bool = False) -> dict[str, Any]:
        """Losses of the first `steps` unshuffled steps without dropout, one by one and, unless `once`, as one fit."""
        work, weights = find(workload), initial_weights(find(workload))
        data = x, y = self._load(workload, steps * batch)
        cuts = [slice(step * batch, (step + 1) * batch) for step in range(steps)]
        self._build(workload, batch, dropout=False)
        losses = [self.peer.fit(take(x, cut), y[cut], epochs=1, shuffle=False)[0] for cut in cuts]
        mean = None
        if not once:
            self._build(workload, batch, dropout=False)
            (mean,) = self.peer.fit(x, y, epochs=1, shuffle=False)
        said = {"work": fingerprint(data, weights), "data": data_source(work)}
        return {"losses": losses, "mean_of_one_fit": mean, **said}

    def prepare(self, workload: str, batch: int, rows: int) -> dict[str, Any]:
        """Build the network with its dropout and run the first epoch: the call that compiles."""
        self.x, self.y = self._load(workload, rows)
        start = time.perf_counter()
        self._build(workload, batch, dropout=True)
        built = time.perf_counter()
        loss = self.peer.fit(self.x, self.y, epochs=1, shuffle=True)[0]
        return {"build_s": built - start, "first_epoch_s": time.perf_counter() - built, "loss": loss}

    def ready(self, workload: str, batch: int, rows: int) -> dict[str, Any]:
        """Make the network that is timed: the compared one goes on where nothing in it is random."""
        self.x, self.y = self._load(workload, rows)
        if self.work is not find(workload) or self.batch != batch or self.work.is_random:
            self._build(workload, batch, dropout=True)
        return {}

    def pace(self, limit_s: float) -> dict[str, Any]:
        """Roughly the seconds of a step: a fit on one batch or, unless that takes long, epochs of one batch."""
        self._fit(1, 1)
        once = self._fit(1, 1)
        return {"step_s": once if once > limit_s else min(self.trip(1, 4)["epochs_s"])}

    def trip(self, steps: int, epochs: int) -> dict[str, Any]:
        """Seconds of each epoch of one fit but its first, which starts, copies the data and may compile."""
        ends: list[float] = []
        self._fit(steps, epochs, lambda: ends.append(time.perf_counter()))
        return {"epochs_s": [after - before for before, after in itertools.pairwise(ends)], "loss": self.last_loss}

    def prepare_extras(self, workload: str, batch: int, rows: int) -> dict[str, Any]:
        """Build a plain network, and one that is fitted with three metrics, class weights and validation."""
        self.prepare(workload, batch, rows)
        work, (x, y) = find(workload), self._load(workload, rows)
        held = len(x) // 6
        weights = {label: 1.0 + label / 10 for label in range(work.sizes[-1])}
        more = {"class_weight": weights, "validation_data": (x[:held], y[:held])}
        rich: Any = importlib.import_module(self.spec.module).make(*self.spec.arguments)
        rich.measure_more()
        rich.build(work, initial_weights(work), batch, dropout=True)
        rich.fit(x, y, 1, True, **more)
        self.fits = {"plain": self.peer.fit, "extras": functools.partial(rich.fit, **more)}
        return {}

    def extras(self, epochs: int = 3) -> dict[str, Any]:
        """Milliseconds per step of a plain fit and of one with everything, start and end of a fit taken out."""
        steps = (epochs - 1) * -(-len(self.x) // self.batch)
        found = {}
        for name, fit in self.fits.items():
            times = [time.perf_counter()]
            for count in (1, epochs):
                fit(self.x, self.y, epochs=count, shuffle=True)
                times.append(time.perf_counter())
            found[f"{name}_ms"] = 1e3 * (times[2] - 2 * times[1] + times[0]) / steps
        return found

    def answerer(self, workload: str) -> dict[str, Any]:
        """Build a network to be asked, trained for one small epoch where the peer can train."""
        rows = 32 * TRAINING_STEPS
        self.x, self.y = self._load(workload, rows)
        self._build(workload, 32, dropout=False)
        if not self.spec.answers_only:
            self.peer.fit(self.x, self.y, epochs=1, shuffle=False)
        return {}

    def predict(self, rows: int, how: str, seconds: float) -> dict[str, Any]:
        """Repeat `peer.predict` or `peer.call` on `rows` rows, other rows each time, for at least `seconds`."""
        ask = getattr(self.peer, how)
        starts = [step * 13 % (length(self.x) - rows + 1) for step in range(CALLS_AT_ONCE)]
        inputs = [take(self.x, slice(first, first + rows)) for first in starts]
        for x in inputs[:2]:  # the first call compiles
            ask(x)
        start, calls = time.perf_counter(), 0
        for x in itertools.cycle(inputs):
            answer, calls = ask(x), calls + 1
            if (taken := time.perf_counter() - start) >= seconds:
                break
        sums = self.work.loss != "softmax" or np.allclose(answer.sum(axis=1), 1, atol=1e-4)
        if len(answer) != rows or not np.isfinite(answer).all() or not sums:
            raise ValueError(f"not the answers to {rows} rows: shape {answer.shape}")
        return {"microseconds": 1e6 * taken / calls}

    def evaluate(self, rows: int, seconds: float) -> dict[str, Any]:
        """Repeat `peer.evaluate` on the first `rows` rows for at least `seconds`."""
        evaluate: Any = getattr(self.peer, "evaluate", None)
        if evaluate is None:
            raise NotImplementedError("it has no call that measures a data set")
        x, y = take(self.x, slice(rows)), self.y[:rows]
        evaluate(x, y)
        start, calls = time.perf_counter(), 0
        while (taken := time.perf_counter() - start) < seconds:
            loss, calls = evaluate(x, y), calls + 1
        if not np.isfinite(loss):
            raise ValueError(f"a loss of {loss}")
        return {"microseconds": 1e6 * taken / calls}

    def feed(self, kind: str, rows: int, folder: str) -> dict[str, Any]:
        """Rows per second of a fit that is fed from outside."""
        return feeding.measure_one(self.peer, kind, rows, folder)

    def many_models(self, count: int) -> dict[str, Any]:
        """Resident memory while one small model after another is built and fitted [MiB]."""
        return many_models.measure_one(self.peer, count)

    def size(self) -> dict[str, Any]:
        """Installed size of everything that a user must install for this peer."""
        return installed_size.measure(self.spec.distributions)

    def memory(self) -> dict[str, Any]:
        """Highest resident memory so far."""
        return {"peak_mib": peak_mib()}

    def cold_start(self, workload: str, batch: int, rows: int) -> dict[str, Any]:
        """The first epoch of a fresh process, and where its time went [s]."""
        start = time.perf_counter()
        self._load(workload, rows)
        data_s = time.perf_counter() - start
        parts = self.prepare(workload, batch, rows)
        times = {name: parts[name] for name in ("build_s", "first_epoch_s")}
        return {"import_s": self.import_s, "data_s": data_s, **times, "peak_mib": peak_mib()}

    @staticmethod
    def _version(name: str) -> str:
        return str(getattr(importlib.import_module(name), "__version__", "unknown"))

    def _load(self, workload: str, rows: int) -> Data:
        if (workload, rows) not in self.data:
            if len(self.data) > 2:  # of the case at hand: what is compared, what is timed
                self.data.clear()
            self.data[workload, rows] = load(find(workload), rows)
        return self.data[workload, rows]

    def _build(self, workload: str, batch: int, dropout: bool) -> None:
        self.work, self.batch = find(workload), batch
        self.peer.build(self.work, initial_weights(self.work), batch, dropout)

    def _fit(self, steps: int, epochs: int, ended: Ended = unheard) -> float:
        x, y = self.x, self.y
        if steps * self.batch < length(x):
            chosen = slice(steps * self.batch)
            x, y = take(x, chosen), y[chosen]
        start = time.perf_counter()
        self.last_loss = self.peer.fit(x, y, epochs=epochs, shuffle=True, ended=ended)[-1]
        return time.perf_counter() - start


def main(name: str) -> None:
    """Answer requests until the input ends."""
    answers = claim_stdout()
    try:
        worker = Worker(name)
    except Exception as error:
        send(answers, {"error": wording(error)})
        return
    for line in sys.stdin:
        request = json.loads(line)
        try:
            send(answers, {"result": getattr(worker, request["do"])(**request["with"])})
        except Exception as error:  # a peer may fail in any way; the run goes on without it
            send(answers, {"error": wording(error)})


if __name__ == "__main__":
    main(sys.argv[1])
