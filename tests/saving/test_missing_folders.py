"""A file into a folder, or from a place, that is not there: refused where Keras refuses, made where it makes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ranvier._errors import FileMissing
from ranvier.models import load_model
from tests.saving import models


@pytest.mark.parametrize("name", ["m.keras", "m.weights.h5"])
def test_a_missing_folder_is_named(tmp_path: Path, name: str) -> None:
    model, path = models.small(), tmp_path / "none" / name
    write: Callable[[Path], Any] = model.save_weights if "weights" in name else model.save
    with pytest.raises(FileNotFoundError) as caught:
        write(path)
    assert isinstance(caught.value, FileMissing) and caught.value.place == str(path)
    assert "mkdir" in caught.value.fix and not path.parent.exists()
    path.parent.mkdir()
    write(path)
    assert path.is_file()


def test_the_older_format_makes_its_folder(tmp_path: Path) -> None:
    models.small().save(tmp_path / "new" / "deeper" / "m.h5")
    assert (tmp_path / "new" / "deeper" / "m.h5").is_file()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for read in (load_model, models.small().load_weights):
        with pytest.raises(FileMissing, match=r"none\.h5") as caught:
            read(tmp_path / "none.h5")
        assert isinstance(caught.value, FileNotFoundError) and caught.value.code == "load-missing"
