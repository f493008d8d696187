"""Where files are looked for: the local folder, then the cache, then a download."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ranvier._errors import DataError, InvalidArgument
from ranvier.data.datasets.info import Source
from ranvier.data.datasets.lookup import named, obtain, present

GOOD = b"the right bytes"


def source(url: str = "http://127.0.0.1:9/", **changes: Any) -> Source:
    """Return a source whose right bytes are `GOOD`."""
    digest = "sha256:" + hashlib.sha256(GOOD).hexdigest()
    return Source(**{"filename": "a.bin", "url": url, "digest": digest, "size": len(GOOD), **changes})


def test_the_local_folder_comes_first_and_is_not_hashed(local: Callable[[str], Path], cache: Path) -> None:
    (local("one") / "a.bin").write_bytes(b"my own version")
    (cache / "one").mkdir(parents=True)
    (cache / "one" / "a.bin").write_bytes(GOOD)
    found = obtain("one", [source()])
    assert found.where == "local" and found.files[0].read_bytes() == b"my own version"
    assert str(found) == "$RANVIER_DATA: a.bin"


def test_alternatives_come_before_the_file_of_the_download(local: Callable[[str], Path]) -> None:
    folder = local("one")
    for name in ("a.bin", "b", "c"):
        (folder / name).write_bytes(b"")
    assert [path.name for path in obtain("one", [source()], [("b", "c")]).files] == ["b", "c"]


def test_a_local_folder_without_the_files_is_passed_over(local: Callable[[str], Path], cache: Path) -> None:
    (local("one") / "other.csv").write_bytes(b"")
    (cache / "one").mkdir(parents=True)
    (cache / "one" / "a.bin").write_bytes(GOOD)
    assert obtain("one", [source()]).where == "cache"


def test_a_local_folder_with_some_of_the_files_is_an_error_that_names_the_rest(local: Callable[[str], Path]) -> None:
    (local("one") / "b").write_bytes(b"")
    with pytest.raises(DataError, match="missing: c") as caught:
        obtain("one", [source()], [("b", "c")])
    assert caught.value.place.endswith("one")


def test_other_files_in_the_local_folder_are_named_before_anything_is_downloaded(local: Callable[[str], Path]) -> None:
    (local("one") / "housing.csv").write_bytes(b"")
    with pytest.raises(DataError, match=r"expected:\s+b and c, or a\.bin\n\s+received:\s+housing\.csv"):
        obtain("one", [source()], [("b", "c")])


def test_a_local_folder_that_is_none_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANVIER_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(InvalidArgument, match="RANVIER_DATA"):
        present("one", [source()])


def test_the_cache_is_hashed_and_a_wrong_file_fetched_again(server: Any, cache: Path) -> None:
    server.content = GOOD
    (cache / "one").mkdir(parents=True)
    (cache / "one" / "a.bin").write_bytes(b"damaged")
    wanted = source(server.url)
    assert present("one", [wanted]) is None
    found = obtain("one", [wanted], progress=lambda *_: None)
    assert found.where == "download" and found.files[0].read_bytes() == GOOD
    assert obtain("one", [wanted]).where == "cache" and len(server.log) == 1


def test_only_what_is_missing_is_downloaded(server: Any, cache: Path) -> None:
    server.content = GOOD
    (cache / "one").mkdir(parents=True)
    (cache / "one" / "a.bin").write_bytes(GOOD)
    obtain("one", [source(server.url), source(server.url, filename="b.bin")], progress=lambda *_: None)
    assert len(server.log) == 1


def test_a_download_says_on_the_error_stream_where_it_comes_from(
    server: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    server.content = GOOD
    obtain("one", [source(server.url)])
    out, err = capfd.readouterr()
    assert server.url in err and out == ""


@pytest.mark.parametrize("path", ["", ".", "..", "/etc/passwd", "../a", "a/b", "a\\b", "C:a", "c:\\a"])
def test_path_is_a_plain_name(path: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        named(source(), path)
    assert caught.value.place == "path" and isinstance(caught.value, ValueError)


def test_path_renames_the_cached_file() -> None:
    assert named(source(), "mine.npz").filename == "mine.npz"
