"""The unfinished half of a download, kept beside its target so that the next attempt goes on from there."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["Partial", "file_digest", "matches", "validator_of"]

_BLOCK = 1 << 20


def matches(path: Path, digest: str) -> bool:
    """Return whether the file's bytes hash to `digest`, `"sha256:..."` or `"md5:..."`."""
    return file_digest(path, digest.partition(":")[0]) == digest


def file_digest(path: Path, algorithm: str) -> str:
    """Return `"algorithm:hex"` of a file's bytes."""
    # md5 serves only where nothing better is published; such a file is read by a safe reader in any case.
    total = hashlib.new(algorithm, usedforsecurity=False)
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            total.update(block)
    return f"{algorithm}:{total.hexdigest()}"


class Partial:
    """`NAME.part` with the bytes so far, and `NAME.part.json` with the version of the file that they belong to.

    A server names a version by its ETag or its modification date. Bytes without one are never continued:
    they could belong to another version.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(target.name + ".part")
        self.note = target.with_name(target.name + ".part.json")

    def position(self, url: str) -> tuple[int, str]:
        """Return how many bytes of `url` are here, and their version; `(0, "")` where nothing can be continued."""
        try:
            known = json.loads(self.note.read_text(encoding="utf-8"))
            size = self.path.stat().st_size
        except (OSError, ValueError):
            return 0, ""
        if not isinstance(known, dict) or known.get("url") != url or not known.get("validator"):
            return 0, ""
        return size, str(known["validator"])

    def begin(self, url: str, validator: str) -> None:
        """Start over: empty the file, then note the version whose bytes will follow."""
        self.path.write_bytes(b"")
        self.note.write_text(json.dumps({"url": url, "validator": validator}), encoding="utf-8")

    def discard(self) -> None:
        """Forget the bytes so far."""
        for path in (self.path, self.note):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()

    def finish(self) -> None:
        """Give the whole file its final name in one step."""
        os.replace(self.path, self.target)
        self.discard()


def validator_of(headers: Mapping[str, str]) -> str:
    """Return what `If-Range` can be asked with: a strong ETag, else the modification date, else nothing."""
    etag = headers.get("ETag", "")
    if etag and not etag.startswith("W/"):
        return etag
    return headers.get("Last-Modified", "")
