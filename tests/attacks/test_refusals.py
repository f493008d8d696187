"""Every file that could harm is refused, with the entry and the reason, quickly and without large allocations."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from ranvier._errors import FileRefused
from ranvier.models import load_model
from ranvier.saving import load_weights
from tests.attacks.archives import ARCHIVES
from tests.attacks.archives import good as good_archive
from tests.attacks.configs import CONFIGS
from tests.attacks.hdf5_files import FILES, good
from tests.saving.models import FILES as KERAS_FILES
from tests.saving.models import assert_same, small, values

SECONDS, MEGABYTES = 10, 300


def refusal_of(read) -> FileRefused:
    tracemalloc.start()
    started = time.monotonic()
    try:
        with pytest.raises(FileRefused) as caught:
            read()
        assert tracemalloc.get_traced_memory()[1] < MEGABYTES * 2**20
    finally:
        tracemalloc.stop()
    assert time.monotonic() - started < SECONDS
    return caught.value


def check(refusal: FileRefused, reason: str, entry: str) -> None:
    text = str(refusal)
    assert any(part in text for part in reason.split("|")), text
    assert entry in text, text
    assert refusal.code and refusal.place


@pytest.mark.parametrize("name", ARCHIVES | CONFIGS)
def test_model_file(tmp_path, name):
    make, reason, entry = (ARCHIVES | CONFIGS)[name]
    path = tmp_path / "m.keras"
    path.write_bytes(make())
    check(refusal_of(lambda: load_model(path)), reason, entry)


@pytest.mark.parametrize("name", FILES)
def test_weight_file(tmp_path, name):
    make, reason, entry = FILES[name]
    path = tmp_path / "x.h5"
    path.write_bytes(make())
    model = small()
    before = values(model.variables)
    check(refusal_of(lambda: load_weights(model, path)), reason, entry)
    assert_same(values(model.variables), before)


def test_code_in_older_file():
    check(refusal_of(lambda: load_model(KERAS_FILES / "lambda.h5")), "Python code", "Lambda")


def test_budget_is_the_callers(tmp_path):
    path = tmp_path / "m.keras"
    path.write_bytes(good_archive())
    load_model(path, max_bytes=2**20)
    check(refusal_of(lambda: load_model(path, max_bytes=2**10)), "byte budget", "m.keras")


def test_good_files_are_read(tmp_path):
    (tmp_path / "m.keras").write_bytes(good_archive())
    load_model(tmp_path / "m.keras")
    (tmp_path / "x.h5").write_bytes(good())
    load_weights(small(), tmp_path / "x.h5")


def test_link_in_folder(tmp_path):
    (tmp_path / "secret").write_text("{}")
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("metadata.json", "model.weights.h5"):
        (folder / name).write_text("{}")
    (folder / "config.json").symlink_to(tmp_path / "secret")
    check(refusal_of(lambda: load_model(folder)), "plain file", "config.json")
