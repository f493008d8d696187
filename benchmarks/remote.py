"""The parent's view of a worker: start it, ask it, notice when it dies, know what it costs while it waits."""

import contextlib
import json
import os
import queue
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.catalog import ROOT, PeerSpec, environment
from benchmarks.protocol import without_paths


class PeerError(Exception):
    """A peer could not do what it was asked to; the message is fit for the result file."""


class RemoteWorker:
    """One `benchmarks.worker` in its own interpreter, alive until `close`."""

    def __init__(self, spec: PeerSpec, python: str, cache: str, timeout: float = 600.0, kept: bool = False) -> None:
        self.spec = spec
        self.timeout = timeout
        self.complaints = tempfile.TemporaryFile()  # noqa: SIM115  (it lives as long as the worker)
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [python, "-m", "benchmarks.worker", spec.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.complaints, text=True, cwd=ROOT,
            env=environment(spec, cache, kept),
        )  # fmt: skip
        self.answers: queue.Queue[str] = queue.Queue()
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Send one request and wait for its answer."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # a worker that died has still said why
            self.process.stdin.write(json.dumps({"do": do, "with": arguments}) + "\n")
            self.process.stdin.flush()
        try:
            line = self.answers.get(timeout=self.timeout)
        except queue.Empty:
            raise PeerError(f"no answer to {do!r} within {self.timeout:.0f} s") from None
        if not line:
            self.answers.put("")
            raise PeerError(f"worker ended with exit status {self.process.wait()}: {self._last_words()}")
        answer = json.loads(line)
        if "error" in answer:
            raise PeerError(answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    def cpu_seconds(self) -> float | None:
        """Processor time of the worker so far; `None` where the system does not say."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the worker: its input ends, and what does not leave by itself is killed."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        try:
            self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.listener.join()
        self.complaints.close()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as answers:
            for line in answers:
                self.answers.put(line)
        self.answers.put("")

    def _last_words(self) -> str:
        self.complaints.seek(0)
        lines = self.complaints.read().decode(errors="replace").strip().splitlines()
        return without_paths(lines[-1]) if lines else "it said nothing"
