"""Files of ready networks: the local folder first, then the cache, then a checked download."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ranvier._config import cache_folder
from ranvier._errors import DownloadError
from ranvier.data.datasets.download import download
from ranvier.data.datasets.info import Source

__all__ = ["FOLDER", "located"]

FOLDER = "models"
"""Name of the folder with these files, in `$RANVIER_DATA` and in the cache."""


def located(source: Source) -> Path:
    """Return the path of a file: `$RANVIER_DATA/models`, the cache's `models`, or there after a download.

    A file in `$RANVIER_DATA` is the person's own: the reader checks its form, nobody its hash.

    Raises:
        DownloadError: it is not here and could not be downloaded; says where to put it.
    """
    if chosen := os.environ.get("RANVIER_DATA"):
        own = Path(chosen).expanduser() / FOLDER / source.filename
        if own.is_file():
            return own
    target = cache_folder() / FOLDER / source.filename
    if not target.is_file():
        print(f"Downloading {source.url} (about {source.size / 1e6:.1f} MB)", file=sys.stderr, flush=True)
    try:
        return download(source, target)
    except DownloadError as error:
        by_hand = f"get {source.url} by hand and put it to {target}, or to $RANVIER_DATA/{FOLDER}/{source.filename}"
        error.fix = f"{error.fix}; or {by_hand}" if error.fix else by_hand
        raise
