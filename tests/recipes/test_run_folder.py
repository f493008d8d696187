"""A run folder is whole or not there; the proof of the saved model can fail."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ranvier._errors import FileRefused, InvalidArgument
from ranvier.recipes.artefact import file_hash, load_checked, prove
from ranvier.recipes.outcome import Outcome, predict
from ranvier.recipes.record import Run
from ranvier.recipes.run_folder import claim, is_run_folder, new_run_folder
from ranvier.recipes.write import history_csv, write


def make(target: Path, text: str, overwrite: bool = False) -> None:
    """Write a run folder with one file and the mark of a run."""
    with new_run_folder(target, overwrite) as work:
        (work / "file").write_text(text)
        (work / "run.json").write_text('{"format": "ranvier-run"}')


def test_a_folder_appears_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "a" / "run"
    with new_run_folder(target) as work:
        (work / "file").write_text("1")
        assert not target.exists() and work.parent == target.parent and work.name.startswith(".")
    assert (target / "file").read_text() == "1" and list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_what_was_there(tmp_path: Path, error: type[BaseException]) -> None:
    make(tmp_path / "run", "old")
    with pytest.raises(error), new_run_folder(tmp_path / "run", overwrite=True) as work:
        (work / "file").write_text("new")
        raise error
    assert (tmp_path / "run" / "file").read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_an_earlier_run_is_replaced_whole(tmp_path: Path) -> None:
    make(tmp_path / "run", "old")
    (tmp_path / "run" / "more").write_text("old")
    with pytest.raises(InvalidArgument, match="earlier run"):
        make(tmp_path / "run", "new")
    make(tmp_path / "run", "new", overwrite=True)
    assert {path.name for path in (tmp_path / "run").iterdir()} == {"file", "run.json"}
    assert (tmp_path / "run" / "file").read_text() == "new" and len(list(tmp_path.iterdir())) == 1


def test_an_empty_folder_may_be_taken(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    make(tmp_path / "run", "new")
    assert is_run_folder(tmp_path / "run")


def test_other_things_are_never_taken(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for target in (tmp_path, tmp_path / "file"):
        with pytest.raises(InvalidArgument):
            claim(target, overwrite=True)
    make(tmp_path / "run", "mine")
    (tmp_path / "link").symlink_to(tmp_path / "run")
    with pytest.raises(InvalidArgument):
        claim(tmp_path / "link", overwrite=True)


def test_a_run_is_written_and_read(regression: Outcome, tmp_path: Path) -> None:
    written = write(tmp_path, regression)
    run = Run.read(tmp_path)
    assert run.schema == regression.subject.schema
    assert run.record["scores"]["test"] == regression.scores and run.record["model"]["proof"] == written.proof
    np.testing.assert_array_equal(predict(run.model(), regression.subject.x_test), regression.predictions)
    assert json.dumps(run.record, allow_nan=False)


def test_the_proof_fails_for_another_model(classification: Outcome, tmp_path: Path) -> None:
    path, x = tmp_path / "model.keras", classification.subject.x_test
    model = classification.trained.model
    model.save(path)
    assert f"all {len(x)} test rows, bit for bit" in prove(path, x, classification.predictions)
    before = model.get_weights()
    try:
        model.set_weights([before[0] * np.float32(1 + 1e-6), *before[1:]])
        model.save(path)
    finally:
        model.set_weights(before)
    with pytest.raises(FileRefused, match="does not predict what the trained one does"):
        prove(path, x, classification.predictions)


def test_the_proof_fails_for_a_damaged_file(classification: Outcome, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    classification.trained.model.save(path)
    sha256 = file_hash(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileRefused):
        prove(path, classification.subject.x_test, classification.predictions)
    with pytest.raises(FileRefused, match="not the file that this run wrote"):
        load_checked(path, sha256)


def test_an_epoch_without_validation_has_empty_cells() -> None:
    assert history_csv({"loss": [1.0, 2.0], "val_loss": [3.0]}) == "epoch,loss,val_loss\n1,1.0,3.0\n2,2.0,\n"
