"""Downloads against a server that misbehaves on purpose."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ranvier._errors import DownloadError, InvalidArgument
from ranvier.data.datasets.download import download


class Pauses(list[float]):
    """Takes the place of `time.sleep` and remembers the waits."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def fetch(server: Any, folder: Path, **arguments: Any) -> Path:
    """Download the server's file without waiting between attempts."""
    source = arguments.pop("source", None) or server.source()
    return download(source, folder / "deep" / "file.bin", **{"pause": Pauses(), "timeout": 5.0, **arguments})


def leftovers(folder: Path) -> list[str]:
    """Return the names beside the lock file."""
    return sorted(path.name for path in (folder / "deep").iterdir() if not path.name.startswith("."))


def test_a_whole_file_arrives_and_progress_is_told(server: Any, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    path = fetch(server, tmp_path, progress=lambda done, total: told.append((done, total)))
    assert path.read_bytes() == server.content
    assert leftovers(tmp_path) == ["file.bin"]
    assert told[-1] == (300_000, 300_000)
    assert [done for done, _ in told] == sorted({done for done, _ in told})


def test_a_file_that_is_there_is_not_fetched_again(server: Any, tmp_path: Path) -> None:
    fetch(server, tmp_path)
    fetch(server, tmp_path)
    assert len(server.log) == 1


def test_a_damaged_file_under_the_final_name_is_replaced(server: Any, tmp_path: Path) -> None:
    path = fetch(server, tmp_path)
    path.write_bytes(b"damaged")
    assert fetch(server, tmp_path).read_bytes() == server.content


def test_a_truncated_body_is_continued_by_a_range_request(server: Any, tmp_path: Path) -> None:
    server.script = [("cut", 100_000), ("cut", 50_000)]
    assert fetch(server, tmp_path).read_bytes() == server.content
    assert [entry.get("range") for entry in server.log] == [None, "bytes=100000-", "bytes=150000-"]
    assert server.log[1]["if-range"] == '"one"'


def test_a_body_without_length_is_read_to_its_end(server: Any, tmp_path: Path) -> None:
    server.length = False
    assert fetch(server, tmp_path).read_bytes() == server.content


def test_a_server_that_ignores_ranges_starts_over(server: Any, tmp_path: Path) -> None:
    server.ranges = False
    server.script = [("cut", 100_000)]
    assert fetch(server, tmp_path).read_bytes() == server.content
    assert server.log[1]["range"] == "bytes=100000-"


def test_a_file_that_changed_in_between_starts_over(server: Any, tmp_path: Path) -> None:
    server.script = [("cut", 100_000), ("status", 404)]
    old, new = server.content, server.content[::-1]
    with pytest.raises(DownloadError):
        fetch(server, tmp_path)
    server.content, server.etag = new, '"two"'
    assert old != new and fetch(server, tmp_path).read_bytes() == new


def test_bytes_without_a_version_are_not_continued(server: Any, tmp_path: Path) -> None:
    server.etag = ""
    server.script = [("cut", 100_000)]
    assert fetch(server, tmp_path).read_bytes() == server.content
    assert "range" not in server.log[1]


def test_a_weak_etag_is_no_version(server: Any, tmp_path: Path) -> None:
    server.etag = 'W/"one"'
    server.script = [("cut", 100_000)]
    assert fetch(server, tmp_path).read_bytes() == server.content
    assert "range" not in server.log[1]


@pytest.mark.parametrize("part", [(1, '"one"'), (99_999, '"one"'), (100_000, '"two"')])
def test_a_part_that_was_not_asked_for_is_thrown_away(server: Any, tmp_path: Path, part: tuple[int, str]) -> None:
    server.script = [("cut", 100_000), ("part", *part)]
    pauses = Pauses()
    assert fetch(server, tmp_path, pause=pauses).read_bytes() == server.content
    assert "range" not in server.log[2]
    # A second pause shows that the answer was refused by its headers, not by the hash in the end.
    assert len(pauses) == 2


def test_a_continued_file_with_a_wrong_hash_is_fetched_afresh(server: Any, tmp_path: Path) -> None:
    server.script = [("cut", 100_000), ("status", 404)]
    with pytest.raises(DownloadError):
        fetch(server, tmp_path)
    part = tmp_path / "deep" / "file.bin.part"
    part.write_bytes(b"x" * 100_000)
    assert fetch(server, tmp_path).read_bytes() == server.content
    assert "range" in server.log[2] and "range" not in server.log[3]


def test_a_part_longer_than_the_file_starts_over(server: Any, tmp_path: Path) -> None:
    server.script = [("cut", 100_000), ("status", 404)]
    with pytest.raises(DownloadError):
        fetch(server, tmp_path)
    (tmp_path / "deep" / "file.bin.part").write_bytes(b"x" * 400_000)
    assert fetch(server, tmp_path).read_bytes() == server.content


def test_a_whole_part_is_finished_without_the_net(server: Any, tmp_path: Path) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    (folder / "file.bin.part").write_bytes(server.content)
    (folder / "file.bin.part.json").write_text(json.dumps({"url": server.url, "validator": '"one"'}))
    assert fetch(server, tmp_path).read_bytes() == server.content
    assert server.log == [] and leftovers(tmp_path) == ["file.bin"]


def test_a_part_of_another_address_is_not_continued(server: Any, tmp_path: Path) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    (folder / "file.bin.part").write_bytes(server.content[:1000])
    (folder / "file.bin.part.json").write_text(json.dumps({"url": "http://elsewhere/", "validator": '"one"'}))
    fetch(server, tmp_path)
    assert "range" not in server.log[0]


@pytest.mark.parametrize("note", ["", "[]", "{", '{"url": 1}'])
def test_a_damaged_note_is_no_obstacle(server: Any, tmp_path: Path, note: str) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    (folder / "file.bin.part").write_bytes(server.content[:1000])
    (folder / "file.bin.part.json").write_text(note)
    assert fetch(server, tmp_path).read_bytes() == server.content


def test_a_wrong_hash_is_refused_with_everything_one_needs_to_know(server: Any, tmp_path: Path) -> None:
    source = server.source(digest="sha256:" + "0" * 64)
    with pytest.raises(DownloadError) as caught:
        fetch(server, tmp_path, source=source)
    assert isinstance(caught.value, OSError) and caught.value.code == "download-hash"
    assert caught.value.place == server.url
    assert caught.value.expected == source.digest
    assert caught.value.received == server.source().digest
    assert caught.value.fix
    assert leftovers(tmp_path) == []
    assert len(server.log) == 1


def test_md5_is_understood(server: Any, tmp_path: Path) -> None:
    source = server.source(digest="md5:" + hashlib.md5(server.content).hexdigest())
    assert fetch(server, tmp_path, source=source).read_bytes() == server.content


@pytest.mark.parametrize("code", [403, 404, 410])
def test_a_refusal_is_final(server: Any, tmp_path: Path, code: int) -> None:
    server.script = [("status", code)]
    with pytest.raises(DownloadError, match=f"HTTP {code}") as caught:
        fetch(server, tmp_path)
    assert caught.value.code == "download-refused" and len(server.log) == 1
    assert leftovers(tmp_path) == []


def test_a_server_error_is_tried_again_after_the_time_it_asks_for(server: Any, tmp_path: Path) -> None:
    server.script = [("status", 503, {"Retry-After": "7"}), ("status", 500), ("status", 429, {"Retry-After": "900"})]
    pauses = Pauses()
    assert fetch(server, tmp_path, pause=pauses).read_bytes() == server.content
    assert pauses == [7.0, 1.0, 30.0]


def test_giving_up_names_every_reason(server: Any, tmp_path: Path) -> None:
    server.script = [("status", 500), ("cut", 0), ("status", 502)]
    with pytest.raises(DownloadError) as caught:
        fetch(server, tmp_path, attempts=3)
    text = str(caught.value)
    assert all(part in text for part in ("HTTP 500", "HTTP 502", "after 0 of 300,000 bytes", server.url, "file.bin"))
    assert caught.value.code == "download-failed"


def test_nobody_listens(tmp_path: Path, server: Any) -> None:
    source = server.source(url="http://127.0.0.1:9/file.bin")
    with pytest.raises(DownloadError, match="no answer"):
        fetch(server, tmp_path, source=source, attempts=2)


def test_a_stalled_connection_times_out_and_is_continued(server: Any, tmp_path: Path) -> None:
    server.script = [("stall", 70_000)]
    began = time.monotonic()
    assert fetch(server, tmp_path, timeout=0.2).read_bytes() == server.content
    assert time.monotonic() - began < 3
    assert server.log[1]["range"] == "bytes=70000-"


def test_a_trickle_counts_as_stalled(server: Any, tmp_path: Path) -> None:
    server.script = [("trickle", 0.01)]
    began = time.monotonic()
    assert fetch(server, tmp_path, timeout=0.3).read_bytes() == server.content
    assert time.monotonic() - began < 3
    assert int(server.log[1]["range"].removeprefix("bytes=").removesuffix("-")) < 300


@pytest.mark.parametrize("length", [True, False])
def test_what_is_far_too_large_is_refused(server: Any, tmp_path: Path, length: bool) -> None:
    server.length = length
    with pytest.raises(DownloadError) as caught:
        fetch(server, tmp_path, source=server.source(size=1000))
    assert caught.value.code == "download-too-large"
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/file", "/etc/passwd"])
def test_only_http_is_spoken(server: Any, tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidArgument):
        fetch(server, tmp_path, source=server.source(url=url))


def test_a_folder_that_cannot_be_made_is_one_clear_error(server: Any, tmp_path: Path) -> None:
    (tmp_path / "deep").write_text("a file where the folder should be")
    with pytest.raises(DownloadError) as caught:
        fetch(server, tmp_path)
    assert caught.value.code == "download-write" and "RANVIER_CACHE" in caught.value.fix


def test_an_interrupt_leaves_no_half_file_under_the_final_name(server: Any, tmp_path: Path) -> None:
    def interrupt(done: int, total: int | None) -> None:
        if done > 100_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(server, tmp_path, progress=interrupt)
    assert not (tmp_path / "deep" / "file.bin").exists()
    assert fetch(server, tmp_path).read_bytes() == server.content
    assert int(server.log[1]["range"].removeprefix("bytes=").removesuffix("-")) > 100_000


CHILD = """
import sys
from pathlib import Path
from ranvier.data.datasets.download import download
from ranvier.data.datasets.info import Source
url, digest, target = sys.argv[1:]
download(Source("file.bin", url, digest, 300_000), Path(target), progress=lambda *_: print("bytes", flush=True))
"""


def child(server: Any, tmp_path: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start another process that downloads the same file."""
    source = server.source()
    target = tmp_path / "deep" / "file.bin"
    command = [sys.executable, "-c", CHILD, source.url, source.digest, str(target)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def test_a_killed_process_leaves_a_part_that_the_next_one_continues(
    server: Any, tmp_path: Path, environment: dict[str, str]
) -> None:
    server.script = [("stall", 120_000)]
    process = child(server, tmp_path, environment)
    with process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    assert first == "bytes\n"
    assert not (tmp_path / "deep" / "file.bin").exists()
    assert fetch(server, tmp_path).read_bytes() == server.content
    assert server.log[1]["range"].startswith("bytes=")


def test_two_processes_at_once_fetch_once(server: Any, tmp_path: Path, environment: dict[str, str]) -> None:
    server.script = [("ok", 1.0)]
    processes = [child(server, tmp_path, environment), child(server, tmp_path, environment)]
    for process in processes:
        process.communicate(timeout=30)
    assert [process.returncode for process in processes] == [0, 0]
    assert (tmp_path / "deep" / "file.bin").read_bytes() == server.content
    assert len(server.log) == 1
