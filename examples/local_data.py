"""Files of data sets that `ranvier.datasets` does not load: `$RANVIER_DATA/<data set>/<file>`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["local_file"]


def local_file(dataset: str, name: str) -> Path:
    """Return the path of a file of a data set, or end the program and say what is missing."""
    folder = os.environ.get("RANVIER_DATA")
    if not folder:
        sys.exit(f"This example reads {dataset}/{name}: set RANVIER_DATA to the folder that holds {dataset}/.")
    path = Path(folder).expanduser() / dataset / name
    if not path.is_file():
        sys.exit(f"This example reads {path}, which is not there; examples/README.md says where the data come from.")
    return path
