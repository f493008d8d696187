"""`run.json`: what a run was and how to use its model, for programs."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ranvier._errors import FileRefused, InvalidArgument
from ranvier.recipes.artefact import MODEL, file_hash, load_checked
from ranvier.recipes.outcome import Outcome
from ranvier.recipes.run_folder import RECORD, RUN_FORMAT
from ranvier.recipes.schema import Schema

__all__ = ["Run", "record_of"]

_VERSION = 1
_LARGEST = 1 << 24


def record_of(outcome: Outcome, folder: Path) -> dict[str, Any]:
    """Return the content of `run.json` for a run whose model is saved in `folder` already."""
    subject, trained = outcome.subject, outcome.trained
    return {
        "format": RUN_FORMAT,
        "version": _VERSION,
        "created": outcome.created,
        "data": {
            "name": subject.name,
            "sha256": subject.sha256,
            "source": subject.source,
            "split": subject.split,
            "licence": subject.licence,
            "citation": subject.citation,
            "rows": {
                "train": len(outcome.split.train),
                "validation": len(outcome.split.validation),
                "test": len(subject.y_test),
            },
        },
        "schema": subject.schema.to_dict(),
        "plan": outcome.plan.to_dict(),
        "plan_in_words": [asdict(choice) for choice in outcome.choices],
        "training": {
            "epochs": trained.epochs,
            "best_epoch": trained.best_epoch,
            "stopped_early": trained.stopped_early,
            "seconds": round(trained.seconds, 3),
            "best": trained.best,
        },
        "scores": {"test": outcome.scores, "accuracy_interval_95": list(outcome.bounds) if outcome.bounds else None},
        "baselines": [baseline.to_dict() for baseline in outcome.baselines],
        "findings": [finding.to_dict() for finding in trained.findings],
        "model": {"file": MODEL, "sha256": file_hash(folder / MODEL), "proof": outcome.proof},
        "environment": outcome.environment,
    }


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run on the disk.

    Args:
        folder: where it is.
        record: the content of `run.json`.
        schema: what a row holds.
        model_sha256: hash of the model that the run wrote.
    """

    folder: Path
    record: dict[str, Any]
    schema: Schema
    model_sha256: str

    @classmethod
    def read(cls, folder: Path) -> Run:
        """Read a run folder.

        Raises:
            InvalidArgument: there is no run folder.
            FileRefused: its record is damaged, or of a newer version.
        """
        path = folder / RECORD
        if not path.is_file():
            raise InvalidArgument(
                f"{folder} is no run folder." if folder.is_dir() else f"There is no folder {folder}.",
                code="run-folder",
                expected=f"a folder with {RECORD}, as `ranvier train` writes it",
            )
        if path.stat().st_size > _LARGEST:
            raise FileRefused(f"{RECORD} is larger than any that a run writes.", code="run-record", place=str(path))
        try:
            record = json.loads(path.read_bytes())
            if record["format"] != RUN_FORMAT or record["version"] != _VERSION:
                raise ValueError(f"format {record['format']!r}, version {record['version']!r}")
            return cls(folder, record, Schema.from_dict(record["schema"]), str(record["model"]["sha256"]))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise FileRefused(
                f"{RECORD} is damaged or was written by another version.",
                code="run-record",
                place=str(path),
                expected=f"format {RUN_FORMAT!r}, version {_VERSION}",
                received=f"{type(error).__name__}: {error}",
            ) from error

    def model(self) -> Any:
        """Load the model.

        Raises:
            FileRefused: it is not the file that the run wrote.
        """
        return load_checked(self.folder / MODEL, self.model_sha256)
