"""House prices around Boston in the 1970s; kept because old guides use it."""

from __future__ import annotations

from pathlib import Path

from ranvier.data.datasets.archives import read_npz
from ranvier.data.datasets.checks import check_table, check_test_split
from ranvier.data.datasets.info import DatasetInfo, Source, Split
from ranvier.data.datasets.lookup import named, obtain
from ranvier.data.datasets.shuffled import shuffled_split

__all__ = ["INFO", "load_data", "read"]

INFO = DatasetInfo(
    name="boston_housing",
    task="regression",
    rows=(404, 102),
    shape=(13,),
    target="median value of owner-occupied homes [1000 dollars]",
    licence="none stated; StatLib",
    citation="D. Harrison, D. L. Rubinfeld, Hedonic housing prices and the demand for clean air, "
    "Journal of Environmental Economics and Management 5, 1978",
    split="80 % training and 20 % test rows after a shuffle with seed 113, as Keras draws them",
    sources=(
        Source(
            filename="boston_housing.npz",
            url="https://storage.googleapis.com/tensorflow/tf-keras-datasets/boston_housing.npz",
            digest="sha256:f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
            size=57_026,
        ),
    ),
    feature_names=(
        "CRIM",
        "ZN",
        "INDUS",
        "CHAS",
        "NOX",
        "RM",
        "AGE",
        "DIS",
        "RAD",
        "TAX",
        "PTRATIO",
        "B",
        "LSTAT",
    ),
)


def load_data(path: str = "boston_housing.npz", test_split: float = 0.2, seed: int = 113) -> Split:
    """Load Boston Housing: 506 suburbs with 13 numbers each, and the median price of their homes.

    The column `B` is computed from the share of Black inhabitants, on the assumption that segregation moves
    prices. Use the data to show what is wrong with that; `california_housing` is the set to learn regression on.

    Args:
        path: the file's name in the cache.
        test_split: share of rows that are held out.
        seed: decides the order of the rows.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: inputs float64 `[row, feature]`, prices float64 `[row]`
        [1000 dollars].

    Raises:
        InvalidArgument: `test_split` is not in [0, 1), or `path` is more than a file name.
        FileRefused: the file is damaged, or not what its name says.
        DownloadError: there was no file on this machine, and it could not be downloaded.

    Source: D. Harrison, D. L. Rubinfeld, Hedonic housing prices and the demand for clean air (1978).
    """
    check_test_split(test_split)
    return read(obtain(INFO.name, (named(INFO.sources[0], path),)).files, test_split, seed)


def read(files: tuple[Path, ...], test_split: float = 0.2, seed: int = 113) -> Split:
    """Read Keras's npz and divide its rows."""
    arrays = read_npz(files[0], ("x", "y"), limit=1 << 24)
    return shuffled_split(check_table((arrays["x"], arrays["y"]), 13, files[0]), test_split, seed)
