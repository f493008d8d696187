"""Zip archives that could harm: each generator returns the bytes of a `.keras` file and what its refusal must say."""

from __future__ import annotations

import functools
import io
import stat
import struct
import warnings
import zipfile

from ranvier.models import save_model
from tests.saving.models import FILES, small


@functools.cache
def good() -> bytes:
    buffer = io.BytesIO()
    save_model(small(), buffer)
    return buffer.getvalue()


def entries() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(good())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(content: dict[str, bytes], extra: list[tuple[zipfile.ZipInfo | str, bytes]] = (), **kwargs) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **kwargs) as archive:
        for name, data in [*content.items(), *extra]:
            archive.writestr(name, data)
    return buffer.getvalue()


def _named(name: str) -> bytes:
    return packed(entries(), [(zipfile.ZipInfo(name), b"x")])


def _link() -> bytes:
    info = zipfile.ZipInfo("assets/link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return packed(entries(), [(info, b"/etc/passwd")])


def _twice() -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return packed(entries(), [("config.json", b"{}")])


def _bomb() -> bytes:
    return packed(entries(), [("assets/zeros", bytes(32 * 2**20))], compression=zipfile.ZIP_DEFLATED)


def _without(name: str) -> bytes:
    return packed({key: value for key, value in entries().items() if key != name})


def _patched(name: bytes, at: int, value: bytes) -> bytes:
    """Change a field of an entry's record in the archive's directory."""
    data = bytearray(good())
    record = data.rindex(name) - 46
    assert data[record : record + 4] == b"PK\x01\x02"
    data[record + at : record + at + len(value)] = value
    return bytes(data)


def _flipped_weight() -> bytes:
    data = bytearray(good())
    data[data.index(b"\x89HDF") + 2000] ^= 1
    return bytes(data)


def _directory_size() -> bytes:
    data = bytearray(good())
    data[-10:-6] = struct.pack("<I", 2**31)
    return bytes(data)


ARCHIVES = {
    "parent folder": (functools.partial(_named, "../outside"), "leaves the archive", "../outside"),
    "hidden parent folder": (functools.partial(_named, "assets/../../x"), "leaves the archive", "assets/../../x"),
    "absolute": (functools.partial(_named, "/etc/cron.d/x"), "leaves the archive", "/etc/cron.d/x"),
    "drive": (functools.partial(_named, "c:/x"), "leaves the archive", "c:/x"),
    "backslash": (functools.partial(_named, "assets\\..\\x"), "leaves the archive", "x"),
    "symbolic link": (_link, "link or a device", "assets/link"),
    "entry twice": (_twice, "twice", "config.json"),
    "bomb": (_bomb, "unpack to far more", "assets/zeros"),
    "no configuration": (functools.partial(_without, "config.json"), "missing", "config.json"),
    "no weights": (functools.partial(_without, "model.weights.h5"), "missing", "model.weights.h5"),
    "no metadata": (functools.partial(_without, "metadata.json"), "missing", "metadata.json"),
    "encrypted": (lambda: _patched(b"config.json", 8, b"\x01\x00"), "encrypted", "config.json"),
    "packed otherwise": (lambda: packed(entries(), compression=zipfile.ZIP_BZIP2), "another way", "metadata.json"),
    "declares 3 GiB": (lambda: _patched(b"model.weights.h5", 24, struct.pack("<I", 3 << 30)), "far more", "weights"),
    "declares too little": (lambda: _patched(b"config.json", 24, struct.pack("<I", 10)), "failed", "config.json"),
    "wrong checksum": (lambda: _patched(b"config.json", 16, b"\0\0\0\0"), "failed", "config.json"),
    "points outside": (lambda: _patched(b"config.json", 42, b"\xff\xff\xff\x0f"), "failed", "config.json"),
    "huge directory": (_directory_size, "directory", "m.keras"),
    "cut short": (lambda: good()[: len(good()) // 2], "not a zip archive", "m.keras"),
    "empty": (lambda: b"", "not a zip archive", "m.keras"),
    "pickle": (lambda: b"\x80\x04cos\nsystem\n", "not a zip archive", "m.keras"),
    "flipped weight": (_flipped_weight, "failed", "model.weights.h5"),
    "code by Keras": (lambda: (FILES / "lambda.keras").read_bytes(), "Python code", "Lambda"),
}
