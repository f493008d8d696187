"""Writes the golden files: every public name with its signature, and the variable paths of a dozen models.

Run with Ranvier's own Python: `python scripts/record_golden.py`, then read the difference before committing it.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "src"))
sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from tests.golden import api, networks


def main() -> None:
    """Write both files."""
    folder = pathlib.Path(__file__).parents[1] / "tests" / "golden"
    (folder / "api.txt").write_text(api.listing(), encoding="utf-8")
    (folder / "paths.txt").write_text(networks.listing(), encoding="utf-8")


if __name__ == "__main__":
    main()
