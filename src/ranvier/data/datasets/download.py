"""One file from the net to the disk: hash-checked, resumable, atomic, bounded in size and in time."""

from __future__ import annotations

import http.client
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from ranvier._errors import DownloadError, InvalidArgument
from ranvier.data.datasets.info import Source
from ranvier.data.datasets.lock import exclusive
from ranvier.data.datasets.partial import Partial, file_digest, validator_of

__all__ = ["Progress", "download"]

Progress: TypeAlias = Callable[[int, int | None], None]
"""Called as `progress(bytes_so_far, bytes_in_all)`; the second is None where the server does not say."""

_CHUNK = 1 << 16
_SLOWEST = 256
"""Bytes per second, over one timeout, below which a connection counts as stalled."""
_RETRY = frozenset({408, 425, 429, 500, 502, 503, 504})
_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(?:\d{1,18}|\*)")
_BY_HAND = "check the connection and call again (what came so far is kept), or put the file into"


class _Broken(Exception):
    """This attempt failed in a way that another attempt may not."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


def download(
    source: Source,
    target: Path,
    *,
    progress: Progress | None = None,
    timeout: float = 30.0,
    attempts: int = 5,
    pause: Callable[[float], None] = time.sleep,
) -> Path:
    """Fetch `source` to `target`, which appears only when it is whole and its hash is right.

    Bytes gather in `NAME.part`; a broken attempt is continued by an HTTP range request when the server says
    that the file has not changed since. Of several processes that want one file, one fetches it.

    Args:
        source: url, expected hash and size.
        target: the final file; its folder is made.
        progress: told the bytes so far and in all.
        timeout: the longest wait for an answer, and the time over which a stalled transfer is noticed [s].
        attempts: how often to try before giving up.
        pause: waits between attempts; a test passes its own.

    Returns:
        `target`.

    Raises:
        InvalidArgument: the url is not http or https.
        DownloadError: no attempt succeeded, the server refused, the file is too large or not the expected one,
            or it could not be written.
    """
    if not source.url.startswith(("https://", "http://")):
        raise InvalidArgument(
            "Only http and https are downloaded.", code="download-scheme", expected="https://...", received=source.url
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with exclusive(target.with_name(f".{target.name}.lock")):
            if not (target.is_file() and source.fits(target)):
                _until_whole(source, Partial(target), progress, timeout, attempts, pause)
    except DownloadError:
        raise
    except OSError as error:
        raise DownloadError(
            f"{source.filename} could not be written.",
            code="download-write",
            place=str(target.parent),
            expected="a folder that can be written to and locked, with room for the file",
            received=str(error),
            fix="free some space, or set RANVIER_CACHE to a folder on a local disk",
        ) from error
    return target


def _until_whole(
    source: Source,
    part: Partial,
    progress: Progress | None,
    timeout: float,
    attempts: int,
    pause: Callable[[float], None],
) -> None:
    """Try until the file is whole, waiting longer from attempt to attempt."""
    reasons: list[str] = []
    offset, _ = part.position(source.url)
    if offset and source.digest and source.fits(part.path):
        return part.finish()
    for attempt in range(attempts):
        try:
            resumed = _transfer(source, part, progress, timeout)
        except _Broken as error:
            reasons.append(str(error))
            if attempt + 1 < attempts:
                pause(max(error.wait, 0.5 * 2**attempt))
            continue
        if source.fits(part.path):
            return part.finish()
        received = file_digest(part.path, source.digest.partition(":")[0])
        part.discard()
        if not resumed:
            raise _wrong_file(source, received)
        reasons.append("the continued file had another hash; started over")
    raise DownloadError(
        f"{source.filename} could not be downloaded in {attempts} attempts.",
        code="download-failed",
        place=source.url,
        expected=f"{source.size:,} bytes, {source.digest}" if source.digest else "",
        received="; ".join(dict.fromkeys(reasons)),
        fix=f"{_BY_HAND} {part.target.parent} under the name {part.target.name}",
    )


def _transfer(source: Source, part: Partial, progress: Progress | None, timeout: float) -> bool:
    """Make one attempt; return whether it continued an earlier one."""
    offset, validator = part.position(source.url)
    request = urllib.request.Request(source.url, headers={"User-Agent": "ranvier"})
    if offset:
        request.add_header("Range", f"bytes={offset}-")
        request.add_header("If-Range", validator)
    try:
        response = urllib.request.urlopen(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error, source, part) from error
    except (OSError, http.client.HTTPException) as error:
        raise _Broken(f"no answer: {error}") from error
    with response:
        resumed = int(response.status) == 206
        if resumed:
            _check_continues(response.headers, offset, validator, part)
        else:
            offset = 0
            part.begin(source.url, validator_of(response.headers))
        length = response.headers.get("Content-Length", "")
        total = offset + int(length) if length.isdecimal() and len(length) < 19 else None
        _check_size(total or 0, source, part)
        _copy(response, source, part, offset, total, progress, timeout)
    return resumed


def _refusal(error: urllib.error.HTTPError, source: Source, part: Partial) -> Exception:
    """Return what an HTTP error means: another attempt, or the end."""
    if error.code == 416:
        part.discard()
        return _Broken("the server has no bytes after those already here; started over")
    if error.code in _RETRY:
        wait = error.headers.get("Retry-After", "")
        return _Broken(f"HTTP {error.code} {error.reason}", min(float(wait), 30.0) if wait.isdecimal() else 0.0)
    return DownloadError(
        f"The server refused {source.filename}.",
        code="download-refused",
        place=source.url,
        expected="HTTP 200",
        received=f"HTTP {error.code} {error.reason}",
        fix=f"the file may have moved: fetch it by hand and put it into {part.target.parent}",
    )


def _check_continues(headers: Any, offset: int, validator: str, part: Partial) -> None:
    """Accept a partial answer only if it starts where ours ends and belongs to the same version."""
    found = _RANGE.fullmatch(headers.get("Content-Range", "").strip())
    named = validator_of(headers)
    if not offset or found is None or int(found[1]) != offset or (named and named != validator):
        part.discard()
        raise _Broken("the server sent another part, or a part of another version; started over")


def _check_size(size: int, source: Source, part: Partial) -> None:
    """Refuse what is far larger than the file that is wanted."""
    if size > source.limit:
        part.discard()
        raise DownloadError(
            f"{source.filename} is too large to be the expected file.",
            code="download-too-large",
            place=source.url,
            expected=f"about {source.size:,} bytes",
            received=f"{size:,} bytes or more",
            fix="the address may answer with something else (a sign-in page, a mirror's index): open it in a browser",
        )


def _copy(
    response: Any,
    source: Source,
    part: Partial,
    offset: int,
    total: int | None,
    progress: Progress | None,
    timeout: float,
) -> None:
    """Append the body to the part file, watching size and speed."""
    done, mark, since = offset, offset, time.monotonic()
    with open(part.path, "ab") as file:
        while chunk := _read(response):
            file.write(chunk)
            done += len(chunk)
            _check_size(done, source, part)
            if progress is not None:
                progress(done, total)
            elapsed = time.monotonic() - since
            if elapsed > timeout:
                if done - mark < _SLOWEST * elapsed:
                    raise _Broken(f"stalled: {done - mark} bytes in {elapsed:.0f} s")
                mark, since = done, time.monotonic()
    if total is not None and done != total:
        raise _Broken(f"the connection ended after {done:,} of {total:,} bytes")


def _read(response: Any) -> bytes:
    """Read what has arrived; `read1` returns after one packet, so that a trickle is noticed."""
    try:
        chunk: bytes = response.read1(_CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise _Broken(f"the connection broke: {error}") from error
    return chunk


def _wrong_file(source: Source, received: str) -> DownloadError:
    return DownloadError(
        f"{source.filename} is not the expected file; it was deleted.",
        code="download-hash",
        place=source.url,
        expected=source.digest,
        received=received,
        fix="the file at this address has changed, or something between you and it alters files: "
        "fetch it from another network, or report the new hash",
    )
