from __future__ import annotations

import pytest

from ranvier._errors import InvalidArgument
from ranvier.callbacks import BackupAndRestore
from ranvier.saving.checkpoint import checkpoints, write_checkpoint


def test_checkpoints_are_deleted_at_the_end_with_their_folder(tmp_path):
    folder = tmp_path / "backup"
    write_checkpoint(folder, {}, {})
    BackupAndRestore(folder).on_train_end()
    assert not folder.exists()


def test_files_of_others_stay(tmp_path):
    write_checkpoint(tmp_path, {}, {})
    (tmp_path / "notes.txt").write_text("mine")
    BackupAndRestore(tmp_path).on_train_end()
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_checkpoints_stay_where_asked_and_a_missing_folder_is_no_fault(tmp_path):
    write_checkpoint(tmp_path, {}, {})
    BackupAndRestore(tmp_path, delete_checkpoint=False).on_train_end()
    assert len(checkpoints(tmp_path)) == 1
    BackupAndRestore(tmp_path / "never").on_train_end()


@pytest.mark.parametrize(("folder", "frequency"), [("", "epoch"), ("b", "batch"), ("b", -1), ("b", True), ("b", 2.5)])
def test_wrong_arguments_are_refused(folder, frequency):
    with pytest.raises(InvalidArgument, match="BackupAndRestore"):
        BackupAndRestore(folder, save_freq=frequency)


def test_the_settings_that_the_trainer_reads(tmp_path):
    callback = BackupAndRestore(tmp_path, save_freq=False, double_checkpoint=True)
    assert (callback.backup_dir, callback.save_freq) == (tmp_path, False)
