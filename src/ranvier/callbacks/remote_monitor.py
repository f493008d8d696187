"""RemoteMonitor: send each epoch's losses and metrics to a server."""

from __future__ import annotations

import http.client
import json
import urllib.parse
import urllib.request
import warnings
from collections.abc import Mapping
from typing import Any, final

import numpy as np

from ranvier._errors import InvalidArgument
from ranvier.callbacks.base import Callback, Logs

__all__ = ["RemoteMonitor"]

_SECONDS = 10.0
"""The longest wait for the server, so that one that hangs does not hold up the training [s]."""


@final
class RemoteMonitor(Callback):
    """Send the epoch's number, losses and metrics by HTTP POST after every epoch.

    A server that does not answer is warned of once, and training goes on. A resumed run sends only the epochs that its
    checkpoint did not know.

    Args:
        root: address of the server, http or https.
        path: path below it.
        field: name of the form's field that holds the JSON; not used with `send_as_json`.
        headers: further HTTP headers.
        send_as_json: send JSON itself rather than a form.

    Raises:
        InvalidArgument: another kind of address.

    Example:
        >>> RemoteMonitor(send_as_json=True).body({"epoch": 0, "loss": 0.5})
        b'{"epoch": 0, "loss": 0.5}'
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: Mapping[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        if urllib.parse.urlsplit(root).scheme not in ("http", "https"):
            raise InvalidArgument(
                "RemoteMonitor sends to a web server.",
                code="monitor-address",
                place="RemoteMonitor(root=...)",
                expected="http://... or https://...",
                received=root,
            )
        self.root, self.path, self.field = root, path, field
        self.headers, self.send_as_json = dict(headers or {}), send_as_json
        self._warned = False

    def body(self, values: Mapping[str, Any]) -> bytes:
        """Return what is sent."""
        text = json.dumps({name: _plain(value) for name, value in values.items()})
        return text.encode() if self.send_as_json else urllib.parse.urlencode({self.field: text}).encode()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        kind = "application/json" if self.send_as_json else "application/x-www-form-urlencoded"
        request = urllib.request.Request(
            self.root + self.path,
            self.body({"epoch": epoch, **(logs or {})}),
            {"Content-Type": kind, **self.headers},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
                answer.read()
        except (OSError, http.client.HTTPException) as error:
            if not self._warned:
                self._warned = True
                warnings.warn(f"RemoteMonitor does not reach {self.root}, and training goes on: {error}", stacklevel=2)


def _plain(value: Any) -> Any:
    return np.asarray(value).tolist() if hasattr(value, "__array__") else value
