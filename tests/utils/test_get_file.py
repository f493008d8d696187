"""get_file and safe unpacking, with a server on this machine and archives that mean harm."""

import functools
import hashlib
import http.server
import io
import pathlib
import tarfile
import threading
import zipfile
from collections.abc import Iterator

import pytest

from ranvier import utils
from ranvier._errors import DownloadError, FileRefused, InvalidArgument
from ranvier.utils import unpacking

CONTENT = b"rows and rows\n" * 100


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def origin(tmp_path: pathlib.Path) -> Iterator[str]:
    """The address of a folder with a file and two archives."""
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "table.csv").write_bytes(CONTENT)
    with zipfile.ZipFile(folder / "set.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("set/a.txt", CONTENT)
    with tarfile.open(folder / "set.tar.gz", "w:gz") as file:
        file.add(folder / "table.csv", "set/table.csv")
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_is_fetched_once(origin: str, tmp_path: pathlib.Path) -> None:
    path = pathlib.Path(utils.get_file(origin=f"{origin}/table.csv?version=2", cache_dir=tmp_path / "c"))
    assert path == tmp_path / "c" / "datasets" / "table.csv" and path.read_bytes() == CONTENT
    path.write_bytes(b"mine")
    again = functools.partial(utils.get_file, "table.csv", f"{origin}/table.csv", cache_dir=tmp_path / "c")
    assert pathlib.Path(again()).read_bytes() == b"mine"
    assert pathlib.Path(again(force_download=True)).read_bytes() == CONTENT
    path.write_bytes(b"mine")
    assert pathlib.Path(again(md5_hash=hashlib.md5(CONTENT).hexdigest())).read_bytes() == CONTENT
    assert pathlib.Path(again(file_hash=hashlib.sha256(CONTENT).hexdigest())).read_bytes() == CONTENT


def test_a_wrong_hash_leaves_nothing(origin: str, tmp_path: pathlib.Path) -> None:
    for address in (f"{origin}/table.csv", (tmp_path / "served" / "table.csv").as_uri()):
        with pytest.raises(DownloadError, match="hash"):
            utils.get_file("t.csv", address, file_hash="0" * 64, cache_dir=tmp_path / "c")
    assert not list((tmp_path / "c").rglob("t.csv*"))


def test_the_cache_is_the_products(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANVIER_CACHE", str(tmp_path / "cache"))
    (tmp_path / "x.txt").write_bytes(CONTENT)
    path = utils.get_file(origin=(tmp_path / "x.txt").as_uri(), cache_subdir="here")
    assert path == str(tmp_path / "cache" / "here" / "x.txt") and pathlib.Path(path).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("fname", "archive", "folder"),
    [(None, "set.zip", "set.zip"), ("mine", "set.tar.gz", "mine"), ("mine.tar.gz", "set.tar.gz", "mine_extracted")],
)
def test_an_archive_is_unpacked(
    origin: str, tmp_path: pathlib.Path, fname: str | None, archive: str, folder: str
) -> None:
    get = functools.partial(utils.get_file, fname, f"{origin}/{archive}", cache_dir=tmp_path / "c", extract=True)
    path = pathlib.Path(get())
    assert path == tmp_path / "c" / "datasets" / folder
    (found,) = (path / "set").iterdir()
    assert found.read_bytes() == CONTENT
    (path / "note").write_text("mine")
    assert pathlib.Path(get(force_download=True)) == path and (path / "note").exists()


def test_what_is_no_archive_or_no_name_is_refused(origin: str, tmp_path: pathlib.Path) -> None:
    get = functools.partial(utils.get_file, cache_dir=tmp_path / "c")
    with pytest.raises(FileRefused, match="archive-format"):
        get(origin=f"{origin}/table.csv", extract=True)
    with pytest.raises(FileRefused, match="archive-format"):
        get(origin=f"{origin}/set.zip", untar=True)
    for name in ("../x", "a/b", ".."):
        with pytest.raises(InvalidArgument, match="plain name"):
            get(name, f"{origin}/table.csv")
    for wrong in ({"origin": None}, {"origin": origin + "/"}, {"origin": f"{origin}/table.csv", "file_hash": "abc"}):
        with pytest.raises(InvalidArgument):
            get(**wrong)


def tar_of(path: pathlib.Path, name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> pathlib.Path:
    with tarfile.open(path, "w") as file:
        info = tarfile.TarInfo(name)
        info.type, info.linkname, info.size = kind, link, 0 if link else len(CONTENT)
        file.addfile(info, io.BytesIO(CONTENT))
    return path


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", "a\\..\\x", "C:x"])
@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_no_entry_leads_out_of_its_folder(tmp_path: pathlib.Path, name: str, kind: str) -> None:
    archive = tmp_path / "bad"
    if kind == "tar":
        tar_of(archive, name)
    else:
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("good.txt", b"good")
            file.writestr(zipfile.ZipInfo(name), CONTENT)
    with pytest.raises(FileRefused, match="archive-entry"):
        unpacking.unpack(archive, tmp_path / "out" / "deep")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["bad"]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_no_links_and_devices(tmp_path: pathlib.Path, kind: bytes) -> None:
    with pytest.raises(FileRefused, match="link or device"):
        unpacking.unpack(tar_of(tmp_path / "bad.tar", "x", kind, "y"), tmp_path / "out")
    link = zipfile.ZipInfo("x")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as file:
        file.writestr(link, "/etc/passwd")
    with pytest.raises(FileRefused, match="link or device"):
        unpacking.unpack(tmp_path / "bad.zip", tmp_path / "out")


def test_no_more_than_the_budget_and_nothing_half(tmp_path: pathlib.Path) -> None:
    archive = tmp_path / "big.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("first", b"x")
        file.writestr("zeros", bytes(5000))
    with pytest.raises(FileRefused, match="4,000 bytes"):
        unpacking.unpack(archive, tmp_path / "out", budget=4000)
    assert not (tmp_path / "out").exists()
    assert unpacking.unpack(archive, tmp_path / "out", budget=5001)
    archive.write_bytes(archive.read_bytes()[:40] + b"\xff" * 20 + archive.read_bytes()[60:])
    with pytest.raises(FileRefused):
        unpacking.unpack(archive, tmp_path / "other")
    assert not (tmp_path / "other").exists()
