from __future__ import annotations

import http.server
import json
import threading
import urllib.parse

import numpy as np
import pytest

from ranvier._errors import InvalidArgument
from ranvier.callbacks import RemoteMonitor
from tests.callbacks.fakes import run


@pytest.fixture
def server():
    """A server on this machine that keeps what it is sent."""
    received = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            received.append((self.path, dict(self.headers), body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    serving = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{serving.server_port}", received
    serving.shutdown()
    thread.join()
    serving.server_close()


def test_a_form_with_json(server):
    root, received = server
    run([RemoteMonitor(root, headers={"X-Run": "7"})], [{"loss": np.float32(0.5), "recall": np.array([0.25, 1.0])}])
    path, headers, body = received[0]
    assert (path, headers["X-Run"]) == ("/publish/epoch/end/", "7")
    (text,) = urllib.parse.parse_qs(body)["data"]
    assert json.loads(text) == {"epoch": 0, "loss": 0.5, "recall": [0.25, 1.0]}


def test_json_itself(server):
    root, received = server
    run([RemoteMonitor(root, path="/here", send_as_json=True)], [{"loss": 1.0}] * 2)
    assert [json.loads(body) for _, _, body in received] == [{"epoch": 0, "loss": 1.0}, {"epoch": 1, "loss": 1.0}]
    assert received[0][0] == "/here" and received[0][1]["Content-Type"] == "application/json"


def test_a_server_that_is_not_there_is_warned_of_once():
    with pytest.warns(UserWarning, match="training goes on") as warned:
        run([RemoteMonitor("http://127.0.0.1:9")], [{"loss": 1.0}] * 3)
    assert len(warned) == 1


def test_only_web_addresses():
    with pytest.raises(InvalidArgument, match="https"):
        RemoteMonitor("file:///etc")
