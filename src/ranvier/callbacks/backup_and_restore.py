"""BackupAndRestore: an interrupted run that is started again continues where it was."""

from __future__ import annotations

import os
import pathlib
from typing import Literal, final

from ranvier._errors import InvalidArgument
from ranvier.callbacks.base import Callback, Logs
from ranvier.saving.checkpoint import checkpoints

__all__ = ["BackupAndRestore"]


@final
class BackupAndRestore(Callback):
    """Keep checkpoints of a run in a folder and continue from them, bit for bit; the same as `fit(resume=folder)`.

    The trainer reads these settings and does the work: the state lies deeper than a callback can reach. The newest two
    checkpoints are kept, so that a damaged newest one is no loss.

    Args:
        backup_dir: folder of this run alone.
        save_freq: `"epoch"`, a number of steps, or False to save only when the run is interrupted.
        double_checkpoint: Keras's; two are always kept.
        delete_checkpoint: whether the checkpoints are deleted when training has ended.

    Raises:
        InvalidArgument: an empty folder name, or a `save_freq` that is none of the above.
    """

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: Literal["epoch"] | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        if not os.fspath(backup_dir):
            raise InvalidArgument(
                "BackupAndRestore needs a folder.",
                code="backup-folder",
                place="BackupAndRestore(backup_dir=...)",
                expected="the path of a folder",
                received=repr(backup_dir),
            )
        if save_freq != "epoch" and (not isinstance(save_freq, int) or save_freq is True or save_freq < 0):
            raise InvalidArgument(
                "BackupAndRestore does not know how often to save.",
                code="backup-frequency",
                place="BackupAndRestore(save_freq=...)",
                expected='"epoch", a positive number of steps, or False',
                received=repr(save_freq),
            )
        self.backup_dir = pathlib.Path(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint, self.delete_checkpoint = double_checkpoint, delete_checkpoint

    def on_train_end(self, logs: Logs = None) -> None:
        """Delete the checkpoints, and the folder when nothing else is in it."""
        if not self.delete_checkpoint or not self.backup_dir.is_dir():
            return
        for path in checkpoints(self.backup_dir):
            path.unlink()
        if not any(self.backup_dir.iterdir()):
            self.backup_dir.rmdir()
