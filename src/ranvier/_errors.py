"""Errors that name the place, what was expected, what came, and what to do.

    RanvierError
    ├── InvalidArgument   (ValueError)   an argument, shape or name that cannot be right
    ├── WrongType         (TypeError)    a value of the wrong kind
    ├── NotReady          (RuntimeError) something was used before it was built or compiled
    ├── DataError         (ValueError)   the data, not the code, is wrong
    ├── FileMissing       (FileNotFoundError) there is no such file or folder
    ├── FileRefused       (ValueError)   a file was not read because it could harm or does not fit
    ├── DownloadError     (OSError)      a download failed
    ├── Unsupported       (NotImplementedError) Keras has it, Ranvier does not (yet)
    └── DoctorError       (ValueError)   a finding, raised because `doctor="strict"`

Each class also inherits the built-in that Keras code catches in the same situation.
"""

from __future__ import annotations

__all__ = [
    "DataError",
    "DoctorError",
    "DownloadError",
    "FileMissing",
    "FileRefused",
    "InvalidArgument",
    "NotReady",
    "RanvierError",
    "Unsupported",
    "WrongType",
]


class RanvierError(Exception):
    """The base of every error that Ranvier raises on purpose.

    Args:
        message: what went wrong, in one sentence.
        code: a stable short name, `area-fault`, for searching and for the documentation.
        place: the layer, argument, file or column, with its path.
        expected: what would have been right.
        received: what came instead.
        fix: what to do now.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        place: str = "",
        expected: object = "",
        received: object = "",
        fix: str = "",
    ) -> None:
        self.message, self.code, self.place = message, code, place
        self.expected, self.received, self.fix = expected, received, fix
        super().__init__(str(self))

    def __str__(self) -> str:
        rows = (
            ("where", self.place),
            ("expected", self.expected),
            ("received", self.received),
            ("to do", self.fix),
            ("code", self.code),
        )
        lines = [f"  {label + ':':<10}{text}" for label, text in rows if str(text)]
        return "\n".join([self.message, *lines])


class InvalidArgument(RanvierError, ValueError):
    """An argument, shape or name that cannot be right."""


class WrongType(RanvierError, TypeError):
    """A value of the wrong kind."""


class NotReady(RanvierError, RuntimeError):
    """Something was used before it was built or compiled."""


class DataError(RanvierError, ValueError):
    """The data, not the code, is wrong."""


class FileMissing(RanvierError, FileNotFoundError):
    """There is no such file or folder."""


class FileRefused(RanvierError, ValueError):
    """A file was not read because it could harm or does not fit."""


class DownloadError(RanvierError, OSError):
    """A download failed."""


class Unsupported(RanvierError, NotImplementedError):
    """Keras has it, Ranvier does not (yet)."""


class DoctorError(RanvierError, ValueError):
    """A finding of the doctor, raised because `doctor="strict"`."""
