"""House prices in the districts of California, 1990."""

from __future__ import annotations

from pathlib import Path

from ranvier._errors import InvalidArgument
from ranvier.data.datasets.archives import read_npz
from ranvier.data.datasets.checks import check_table, check_test_split
from ranvier.data.datasets.info import DatasetInfo, Source, Split
from ranvier.data.datasets.lookup import named, obtain
from ranvier.data.datasets.shuffled import shuffled_split

__all__ = ["INFO", "load_data", "read"]

_SMALL = 600

INFO = DatasetInfo(
    name="california_housing",
    task="regression",
    rows=(16_512, 4_128),
    shape=(8,),
    target="median house value of the district [dollars]",
    licence="none stated; from the 1990 census of the United States (public domain), StatLib",
    citation="R. K. Pace, R. Barry, Sparse spatial autoregressions, Statistics and Probability Letters 33, 1997",
    split="80 % training and 20 % test rows after a shuffle with seed 113, as Keras draws them",
    sources=(
        Source(
            filename="california_housing.npz",
            url="https://storage.googleapis.com/tensorflow/tf-keras-datasets/california_housing.npz",
            digest="sha256:1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
            size=743_530,
        ),
    ),
    feature_names=(
        "longitude",
        "latitude",
        "housing_median_age",
        "total_rooms",
        "total_bedrooms",
        "population",
        "households",
        "median_income",
    ),
)


def load_data(
    version: str = "large", path: str = "california_housing.npz", test_split: float = 0.2, seed: int = 113
) -> Split:
    """Load California Housing: 20,640 districts with 8 numbers each, and the median price of their houses.

    The columns are StatLib's own totals in StatLib's order, longitude first (`INFO.feature_names`). Keras's
    documentation lists averages per household in another order, which its file does not hold.

    Args:
        version: `"large"` for all rows, `"small"` for the first 600.
        path: the file's name in the cache.
        test_split: share of rows that are held out.
        seed: decides the order of the rows.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: inputs float32 `[row, feature]`, prices float32 `[row]`
        [dollars].

    Raises:
        InvalidArgument: `version` or `test_split` cannot be, or `path` is more than a file name.
        FileRefused: the file is damaged, or not what its name says.
        DownloadError: there was no file on this machine, and it could not be downloaded.

    Source: R. K. Pace, R. Barry, Sparse spatial autoregressions (1997).
    """
    check_test_split(test_split)
    if version not in ("large", "small"):
        raise InvalidArgument(
            "California Housing has no such version.",
            code="data-version",
            place="version",
            expected="'large' or 'small'",
            received=repr(version),
        )
    rows = _SMALL if version == "small" else None
    return read(obtain(INFO.name, (named(INFO.sources[0], path),)).files, rows, test_split, seed)


def read(files: tuple[Path, ...], rows: int | None = None, test_split: float = 0.2, seed: int = 113) -> Split:
    """Read Keras's npz and divide its first `rows` rows."""
    arrays = read_npz(files[0], ("x", "y"), limit=1 << 26)
    x, y = check_table((arrays["x"], arrays["y"]), 8, files[0])
    return shuffled_split((x[:rows], y[:rows]), test_split, seed)
