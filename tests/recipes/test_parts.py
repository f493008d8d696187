"""Split, schema, scores and baselines against counts by hand and scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from ranvier._errors import DataError
from ranvier.data.datasets import list_datasets
from ranvier.recipes import augmentation, baselines
from ranvier.recipes.schema import Schema
from ranvier.recipes.scoring import interval, score, shown
from ranvier.recipes.split import LARGEST_VALIDATION, divide
from ranvier.recipes.subject import TRAINABLE, schema_of
from tests.recipes.subjects import clouds


def test_a_split_keeps_the_shares_of_the_classes() -> None:
    y = np.array([0] * 60 + [1] * 30 + [2] * 10)
    split = divide(y, "classification", 0.2, seed=4)
    assert split.stratified
    assert np.bincount(y[split.validation]).tolist() == [12, 6, 2]
    assert sorted([*split.train, *split.validation]) == list(range(100))
    assert np.array_equal(split.train, divide(y, "classification", 0.2, seed=4).train)
    assert not np.array_equal(split.train, divide(y, "classification", 0.2, seed=5).train)


def test_a_class_of_one_row_and_amounts_are_drawn_by_chance() -> None:
    assert not divide(np.array([0] * 30 + [1]), "classification", 0.2, 0).stratified
    assert not divide(np.linspace(0, 1, 30), "regression", 0.2, 0).stratified
    assert len(divide(np.zeros(90_000), "regression", 0.2, 0).validation) == LARGEST_VALIDATION


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_too_few_rows_are_refused(rows: int) -> None:
    with pytest.raises(DataError, match="too few rows"):
        divide(np.zeros(rows), "regression", 0.15, 0)


def test_scores_of_classes_are_scikit_learns() -> None:
    draw = np.random.default_rng(0)
    y, p = draw.integers(0, 4, 50), draw.dirichlet(np.ones(4), 50)
    assert score("classification", y, p) == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(y, p.argmax(axis=1)),
            "macro_f1": metrics.f1_score(y, p.argmax(axis=1), average="macro"),
            "log_loss": metrics.log_loss(y, p),
        }
    )


def test_scores_of_amounts_are_scikit_learns() -> None:
    draw = np.random.default_rng(0)
    y, p = draw.normal(size=50), draw.normal(size=50)
    assert score("regression", y, p) == pytest.approx(
        {
            "rmse": metrics.root_mean_squared_error(y, p),
            "mae": metrics.mean_absolute_error(y, p),
            "r2": metrics.r2_score(y, p),
        }
    )


def test_the_extremes_of_scores() -> None:
    assert score("regression", np.ones(3), np.ones(3))["r2"] == 1.0
    assert score("regression", np.ones(3), np.zeros(3))["r2"] == 0.0
    assert score("classification", np.array([0]), np.array([[0.0, 1.0]]))["log_loss"] == pytest.approx(-np.log(1e-7))
    low, high = interval(1.0, 10)
    assert 0.6 < low < 0.75 and high == pytest.approx(1)
    assert shown("log_loss", 0.06111) == "0.0611" and shown("mae", 999.6) == "1e+03"


def test_a_linear_model_sees_a_bounded_number_of_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "LARGEST_TABLE", 40)
    subject = clouds()
    _, linear = baselines.measure(subject, divide(subject.y_train, "classification", 0.2, 0), seed=0)
    assert "fitted to 20 of 120 rows" in linear.note and linear.scores["accuracy"] > 0.8


def test_classes_that_do_not_occur_have_probability_zero() -> None:
    subject = clouds(classes=("a", "b"))
    wide = Schema("classification", "table", (2,), ("east", "north"), "side", "the side", ("a", "b", "c"))
    object.__setattr__(subject, "schema", wide)
    split = divide(subject.y_train, "classification", 0.2, 0)
    assert [baseline.scores["accuracy"] > 0.3 for baseline in baselines.measure(subject, split, 0)] == [True, True]


def test_every_data_set_of_numbers_has_a_schema() -> None:
    schemas = {info.name: schema_of(info) for info in list_datasets() if info.task in TRAINABLE}
    assert set(schemas) == {
        "digits", "mnist", "fashion_mnist", "cifar10", "cifar100", "california_housing", "boston_housing",
    }  # fmt: skip
    assert schemas["digits"].columns[:2] == ("pixel_0_0", "pixel_0_1") and schemas["digits"].size == 64
    assert schemas["cifar10"].columns[-1] == "pixel_31_31_2" and schemas["cifar100"].outputs == 100
    assert schemas["california_housing"].columns[0] == "longitude" and schemas["california_housing"].outputs == 1
    for schema in schemas.values():
        assert Schema.from_dict(schema.to_dict()) == schema


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "ranking"},
        {"form": "text"},
        {"shape": (3,)},
        {"shape": (0,)},
        {"columns": ("a", "a")},
        {"class_names": ()},
    ],
)
def test_a_schema_whose_parts_do_not_fit_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Schema.from_dict(clouds().schema.to_dict() | change)


@pytest.mark.parametrize(
    ("names", "given", "numbers"),
    [
        (("no", "yes"), ["yes", " no"], [1, 0]),
        (("no", "yes"), [1, 0], [1, 0]),
        (("no", "yes"), [1.0, 0.0], [1, 0]),
        (("3", "5"), ["5", "3"], [1, 0]),
        (("3", "5"), [5.0, 3.0], [1, 0]),
        (("1.0", "2.0"), ["2.0", "1.0"], [1, 0]),
    ],
)
def test_classes_are_known_by_name_or_number(names: tuple[str, ...], given: list[Any], numbers: list[int]) -> None:
    schema = Schema("classification", "table", (1,), ("x",), "y", "y", names)
    assert schema.encode(np.array(given), "y").tolist() == numbers


@pytest.mark.parametrize("given", [["maybe"], ["2"], ["-1"], [0.5]])
def test_what_is_no_class_is_refused(given: list[Any]) -> None:
    with pytest.raises(DataError, match="no class of the run"):
        Schema("classification", "table", (1,), ("x",), "y", "y", ("no", "yes")).encode(np.array(given), "y")


@pytest.mark.parametrize("given", ["", "many", "nan", "inf"])
def test_what_is_no_amount_is_refused(given: str) -> None:
    with pytest.raises(DataError, match="Row 1"):
        Schema("regression", "table", (1,), ("x",), "y", "y").encode(np.array(["1.5", given]), "y")


@pytest.mark.parametrize("channels", [(), (3,)])
def test_pictures_are_also_shown_moved_by_one_point(channels: tuple[int, ...]) -> None:
    x = np.zeros((2, 3, 4, *channels), np.uint8)
    x[0, 1, 1] = 9
    moved, y = augmentation.moved(x, np.array([5, 6]))
    assert moved.dtype == x.dtype and moved.shape == (10, 3, 4, *channels) and y.tolist() == [5, 6] * 5
    np.testing.assert_array_equal(moved[:2], x)
    seen = {tuple(map(int, np.argwhere(picture)[0][:2])) for picture in moved[::2]}
    assert seen == {(1, 1), (0, 1), (2, 1), (1, 0), (1, 2)}
