from __future__ import annotations

import numpy as np
import pytest

from ranvier import layers
from ranvier.doctor import rows
from ranvier.models import Model
from tests.doctor.patients import BINARY, X, dense, examine, rng


def with_bad(array, *places, value=np.nan):
    array = array.copy()
    for place in places:
        array[place] = value
    return array


def only(findings):
    (found,) = findings
    assert found.code == "non-finite-data"
    return found


def test_the_column_and_the_rows_are_named():
    found = only(examine(dense(1), "mse", x=with_bad(X, (5, 2), (77, 2)), y=X[:, 0]))
    assert (found.severity, found.place) == ("error", "x, column 2")
    assert found.evidence == (
        "2 NaN and 0 infinite values in 2 of 120 rows",
        "first at row 5 column 2, row 77 column 2",
        "columns: 2 (2 values)",
    )


def test_several_columns_the_worst_first():
    x = with_bad(with_bad(X, (5, 2), (77, 2)), (5, 0), value=np.inf)
    found = only(examine(dense(1), "mse", x=x, y=X[:, 0]))
    assert found.place == "x"
    assert found.evidence[0] == "2 NaN and 1 infinite values in 2 of 120 rows"
    assert found.evidence[2] == "columns: 2 (2 values), 0 (1 values)"


def test_targets():
    assert only(examine(dense(1), "mse", y=with_bad(X[:, 0], 3))).place == "y"


def test_one_finding_per_array_of_a_nest():
    first, second = layers.Input((4,), name="a"), layers.Input((4,), name="b")
    model = Model({"a": first, "b": second}, layers.Dense(1)(layers.Concatenate()([first, second])))
    found = only(examine(model, "mse", x={"a": X, "b": with_bad(X, (1, 1))}, y=X[:, 0]))
    assert found.place == "x['b'], column 1"


def test_images_name_the_index():
    x = rng.random((30, 3, 3, 1)).astype("float32")
    found = only(examine(dense(1), "mse", x=with_bad(x, (4, 1, 2, 0)), y=x))
    assert found.evidence[1] == "first at row 4 index (1, 2, 0)"


def test_a_sum_that_overflows_is_no_fault():
    assert examine(dense(1), "mse", x=np.full((120, 4), 3e38, "float32") * np.sign(X), y=X[:, 0]) == []


@pytest.mark.parametrize("dtype", ["float16", "float32", "bfloat16"])
def test_number_types(dtype):
    import ml_dtypes

    kind = getattr(ml_dtypes, dtype, None) or dtype
    assert only(examine(dense(1), "mse", x=with_bad(X.astype(kind), (5, 2)), y=X[:, 0])).place == "x, column 2"


def test_all_pieces_are_looked_at(monkeypatch):
    monkeypatch.setattr(rows, "_PIECE", 64)
    assert "row 119" in only(examine(dense(1), "mse", x=with_bad(X, (119, 3)), y=X[:, 0])).evidence[1]


def test_a_masking_layer_may_mean_it(monkeypatch):
    class Masking(layers.Layer):
        def call(self, x):
            return x

    entry = layers.Input((4,))
    model = Model(entry, layers.Dense(1)(Masking()(entry)))
    found = only(examine(model, "mse", x=with_bad(X, (5, 2)), y=X[:, 0]))
    assert found.severity == "advice"


def constant(columns, table=100, size=120):
    x = rng.normal(size=(size, table)).astype("float32")
    x[:, :columns] = 7.0
    return x


def test_mostly_constant_columns():
    found = only(examine(dense(1, "sigmoid"), "binary_crossentropy", x=constant(51), y=BINARY))
    assert (found.severity, found.place) == ("warning", "x, 51 columns")
    assert found.evidence[0] == "51 of 100 columns hold one value in all rows"


def test_half_of_them_or_few_rows_are_no_fault():
    assert examine(dense(1, "sigmoid"), "binary_crossentropy", x=constant(50), y=BINARY) == []
    few = constant(90, size=99)
    assert examine(dense(1, "sigmoid"), "binary_crossentropy", x=few, y=BINARY[:99]) == []


def test_a_column_that_changes_in_the_last_row_is_not_constant():
    x = constant(51)
    x[-1, 0] = 8.0
    assert examine(dense(1, "sigmoid"), "binary_crossentropy", x=x, y=BINARY) == []
