"""A cache of one's own for every test, a scripted HTTP server, and writers of small made-up files."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import struct
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ranvier.data.datasets import lookup
from ranvier.data.datasets.info import Source

SOURCES = str(Path(lookup.__file__).parents[3])
REAL_DATA = os.environ.get("RANVIER_DATA")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the cache to an empty folder and forget the local folder; return the cache's data sets."""
    monkeypatch.setenv("RANVIER_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("RANVIER_DATA", raising=False)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    return tmp_path / "cache" / "datasets"


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Return a function that makes `$RANVIER_DATA/<name>`."""
    monkeypatch.setenv("RANVIER_DATA", str(tmp_path / "data"))

    def make(name: str) -> Path:
        folder = tmp_path / "data" / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    return make


@pytest.fixture
def environment(cache: Path) -> dict[str, str]:
    """Return the environment of a child process that imports the same sources."""
    return {**os.environ, "PYTHONPATH": SOURCES}


@pytest.fixture
def real_data(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the real local folder; skip where `$RANVIER_DATA` is not set."""
    if not REAL_DATA:
        pytest.skip("RANVIER_DATA is not set")
    monkeypatch.setenv("RANVIER_DATA", REAL_DATA)
    return Path(REAL_DATA)


@dataclass
class Server:
    """What the server has, and what it does to the next requests, one step per request."""

    content: bytes
    etag: str = '"one"'
    ranges: bool = True
    length: bool = True
    script: list[tuple[Any, ...]] = field(default_factory=list)
    log: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def source(self, **changes: Any) -> Source:
        """Return the source that a caller would ask for."""
        digest = "sha256:" + hashlib.sha256(self.content).hexdigest()
        return Source(
            **{"filename": "file.bin", "url": self.url, "digest": digest, "size": len(self.content), **changes}
        )


@pytest.fixture
def server() -> Iterator[Server]:
    """Serve bytes on this machine.

    Steps of the script: `("status", code, headers)`, `("cut", n)` ends the connection after n bytes of body,
    `("stall", n)` stops sending after n bytes, `("trickle", pause)` sends single bytes, `("part", start, etag)` sends
    another part than the one asked for, `("ok", pause)` answers after a pause.
    """
    state = Server(bytes(np.random.RandomState(0).bytes(300_000)))
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            state.log.append({name.lower(): value for name, value in self.headers.items()})
            kind, *rest = state.script.pop(0) if state.script else ("ok", 0)
            if kind == "status":
                self.send_response(rest[0])
                for name, value in (rest[1] if len(rest) > 1 else {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                return self.end_headers()
            body, start = state.content, 0
            asked = self.headers.get("Range", "")
            fresh = self.headers.get("If-Range") in (None, state.etag)
            etag = state.etag
            if kind == "part":
                start, etag = rest
            elif asked and state.ranges and fresh:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
                if start >= len(body):
                    self.send_response(416)
                    self.send_header("Content-Length", "0")
                    return self.end_headers()
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            if etag:
                self.send_header("ETag", etag)
            if state.length:
                self.send_header("Content-Length", str(len(body) - start))
            self.end_headers()
            self.send_body(kind, rest, body[start:])

        def send_body(self, kind: str, rest: list[Any], body: bytes) -> None:
            try:
                if kind == "cut":
                    self.wfile.write(body[: rest[0]])
                elif kind == "stall":
                    self.wfile.write(body[: rest[0]])
                    closing.wait(5)
                elif kind == "trickle":
                    for byte in body:
                        self.wfile.write(bytes([byte]))
                        if closing.wait(rest[0]):
                            return
                else:
                    time.sleep(rest[0] if kind == "ok" else 0)
                    self.wfile.write(body)
            except OSError:
                pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    state.url = f"http://127.0.0.1:{httpd.server_address[1]}/file.bin"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield state
    closing.set()
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def idx_bytes(array: np.ndarray) -> bytes:
    """Return an idx file of unsigned bytes."""
    head = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(head + array.astype(np.uint8).tobytes(), mtime=0)


def tar_bytes(members: dict[str, bytes]) -> bytes:
    """Return a gzipped tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def objects(rows: list[Any]) -> np.ndarray:
    """Return rows as an object array of lists, whatever their lengths."""
    result = np.empty(len(rows), dtype=object)
    result[:] = rows
    return result


@pytest.fixture
def make_idx() -> Callable[[np.ndarray], bytes]:
    """Return the writer of idx files."""
    return idx_bytes


@pytest.fixture
def make_tar() -> Callable[[dict[str, bytes]], bytes]:
    """Return the writer of tar archives."""
    return tar_bytes


@pytest.fixture
def make_objects() -> Callable[[list[Any]], np.ndarray]:
    """Return the maker of ragged arrays."""
    return objects
