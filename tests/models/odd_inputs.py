"""Everything that people pass as x and y: what works, and what must be refused with a reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

__all__ = ["ACCEPTED", "REFUSED", "ROWS", "Batches", "Refused", "X", "Y"]

ROWS = 16
X = np.random.default_rng(0).normal(size=(ROWS, 4))
Y = np.arange(ROWS) % 3


class Batches:
    """An indexable source of two batches."""

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        part = slice(index * 8, index * 8 + 8)
        return X[part], Y[part]


class NoBatches(Batches):
    def __len__(self) -> int:
        return 0


def generator() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    return (Batches()[i] for i in (0, 1))


FRAME = pd.DataFrame(X, columns=list("abcd"))
TABLE = pl.DataFrame({name: X[:, number] for number, name in enumerate("abcd")})
MASKED = np.ma.array(X, mask=np.zeros(X.shape, bool))

ACCEPTED: dict[str, Callable[[], tuple[Any, ...]]] = {
    "lists": lambda: (X.tolist(), Y.tolist()),
    "tuples": lambda: (tuple(map(tuple, X.tolist())), tuple(Y.tolist())),
    "pandas": lambda: (FRAME, pd.Series(Y)),
    "pandas frames": lambda: (FRAME, pd.DataFrame({"y": Y})),
    "pandas nullable": lambda: (FRAME.astype("Float64"), pd.Series(Y).astype("Int64")),
    "polars": lambda: (TABLE, pl.Series("y", Y)),
    "polars frames": lambda: (TABLE, pl.DataFrame({"y": Y})),
    "matrix": lambda: (np.asmatrix(X), Y),
    "float labels": lambda: (X, Y.astype(float)),
    "column of labels": lambda: (X, Y[:, None]),
    "one array in a list": lambda: ([X], [Y]),
    "views": lambda: (np.asfortranarray(X), Y[::-1][::-1]),
    "long double": lambda: (X.astype(np.longdouble), Y),
    "masked, nothing hidden": lambda: (MASKED, Y),
    "sequence": lambda: (Batches(),),
    "generator": lambda: (generator(),),
    "zip": lambda: (zip([X[:8], X[8:]], [Y[:8], Y[8:]], strict=True),),
}
"""Each is the same 16 rows, so each must train the same network."""


@dataclass(frozen=True)
class Refused:
    """A call that cannot work: how, the code of the error, and words that its message must hold."""

    name: str
    call: Callable[[Any], Any]
    code: str
    words: tuple[str, ...] = ()


def _fit(*args: Any, **kwargs: Any) -> Callable[[Any], Any]:
    return lambda model: model.fit(*args, verbose=0, **kwargs)


def _source(*batches: Any) -> Callable[[Any], Any]:
    return lambda model: model.fit(iter(batches), verbose=0)


TEXT = np.array([["a"] * 4] * ROWS)
DATES = np.full((ROWS, 4), np.datetime64("2020-01-01"))

REFUSED = [
    # what the data is
    Refused("text in x", _fit(TEXT, Y), "text-data", ("x", "'a'", "encode")),
    Refused("text in y", _fit(X, ["cat", "dog"] * 8), "text-data", ("y", "'cat'")),
    Refused("text in weights", _fit(X, Y, sample_weight=["a"] * ROWS), "text-data", ("sample_weight",)),
    Refused("text column", _fit(FRAME.assign(b="hi"), Y), "column-not-numeric", ("'b'", "x")),
    Refused("text column of polars", _fit(TABLE.with_columns(b=pl.lit("hi")), Y), "column-not-numeric", ("'b'",)),
    Refused("text labels of pandas", _fit(FRAME, pd.Series(["a", "b"] * 8)), "object-data", ("y", "'a'")),
    Refused("objects", _fit(np.array([[1, 2, {}, 4]] * ROWS, dtype=object), Y), "object-data", ("x", "dict")),
    Refused("dates", _fit(DATES, Y), "data-dtype", ("x", "datetime64")),
    Refused("complex numbers", _fit(X.astype("complex64"), Y), "data-dtype", ("x", "complex64")),
    Refused("masked values", _fit(np.ma.masked_greater(X, 1), Y), "masked-data", ("x", "filled")),
    Refused("large labels", _fit(X, Y + 2**40), "integer-range", ("y", "1099511627776")),
    Refused("large integers", _fit((abs(X) * 1e15).astype("uint64"), Y), "integer-range", ("x", "index (0, 0)")),
    Refused("ragged", _fit([[1, 2], [1, 2, 3]], [0, 1]), "ragged-data", ("x",)),
    # how much of it there is
    Refused("no rows", _fit(X[:0], Y[:0]), "no-rows"),
    Refused("empty lists", _fit([], []), "no-rows", ("x",)),
    Refused("fewer labels", _fit(X, Y[:9]), "row-count", ("x: 16", "y: 9")),
    Refused("fewer weights", _fit(X, Y, sample_weight=np.ones(3)), "row-count", ("sample_weight: 3",)),
    Refused("rows one by one", _fit(list(X), list(Y)), "row-count", ("numpy.stack", "one array per input")),
    Refused("rows one by one, each with an axis", _fit(list(X[:, None]), Y), "row-count", ("numpy.concatenate",)),
    Refused("pictures one by one", _fit(list(np.ones((ROWS, 3, 3))), Y), "row-count", ("numpy.stack",)),
    Refused(
        "rows as inputs",
        lambda model: model.predict(list(X[:, None])),
        "model-input-count",
        ("one array per input", "numpy.stack"),
    ),
    Refused("fewer columns", _fit(X[:, :3], Y), "model-input-shape", ("(None, 4)", "(16, 3)")),
    Refused("one axis", _fit(X[:, 0], Y), "model-input-shape", ("(16,)",)),
    Refused("three axes", _fit(X[:, None], Y), "model-input-shape", ("(16, 1, 4)",)),
    Refused("two inputs", _fit([X, X], Y), "model-input-count", ("2",)),
    Refused("unknown input", _fit({"a": X}, Y), "model-input-missing", ("'a'",)),
    Refused("two targets", _fit(X, [Y, Y]), "output-count", ("y", "2")),
    Refused("wide labels", _fit(X, np.zeros((ROWS, 5))), "loss-shape", ("(16, 5)", "(16, 3)")),
    Refused("weights of rank 2", _fit(X, Y, sample_weight=np.ones((ROWS, 3))), "weight-shape"),
    Refused("no targets", _fit(X), "no-targets", ("y",)),
    Refused("no x", _fit(None, Y), "no-data", ("x",)),
    Refused("nothing", lambda model: model.fit(), "no-data", ("x",)),
    Refused("a number", _fit(3.0, Y), "data-kind", ("x", "3.0")),
    Refused("a number as y", _fit(X, 3), "data-kind", ("y", "3")),
    Refused("a path", _fit("data.csv", Y), "data-kind", ("x", "data.csv")),
    Refused("a function", _fit(generator, None), "data-kind", ("x",)),
    # sources of batches
    Refused("empty source", _source(), "no-batches"),
    Refused("empty sequence", _fit(NoBatches()), "no-batches"),
    Refused("four parts", _source((X, Y, Y, Y)), "batch-parts", ("4",)),
    Refused("text in a batch", _source((TEXT, Y)), "text-data", ("x", "'a'")),
    Refused("uneven batch", _source((X, Y), (X, Y[:3])), "row-count", ("y: 3",)),
    Refused("other columns later", _source((X, Y), (X[:, :2], Y)), "model-input-shape", ("(16, 2)",)),
    Refused("labels beside batches", _fit(generator(), Y), "targets-beside-batches", ("y",)),
    Refused("split of a source", _fit(generator(), validation_split=0.2), "split-of-batches", ("validation_data",)),
    # arguments
    Refused("batch of 0", _fit(X, Y, batch_size=0), "not-positive", ("batch_size", "0")),
    Refused("batch of -1", _fit(X, Y, batch_size=-1), "not-positive", ("batch_size", "-1")),
    Refused("batch of text", _fit(X, Y, batch_size="8"), "not-positive", ("batch_size", "'8'")),
    Refused("epochs of text", _fit(X, Y, epochs="2"), "not-positive", ("epochs", "'2'")),
    Refused("half an epoch", _fit(X, Y, epochs=1.5), "not-positive", ("epochs", "1.5")),
    Refused("0 steps", _fit(X, Y, steps_per_epoch=0), "not-positive", ("steps_per_epoch", "0")),
    Refused("split of 1.5", _fit(X, Y, validation_split=1.5), "validation-split", ("1.5",)),
    Refused("all for validation", _fit(X, Y, validation_split=0.999), "empty-split"),
    Refused("validated at 0", _fit(X, Y, validation_data=(X, Y), validation_freq=0), "validation-freq", ("0",)),
    Refused("validated at x", _fit(X, Y, validation_data=(X, Y), validation_freq="x"), "validation-freq", ("'x'",)),
    Refused("uneven validation", _fit(X, Y, validation_data=(X, Y[:3])), "row-count", ("y: 3",)),
    Refused("class weights in a list", _fit(X, Y, class_weight=[1, 2, 3]), "class-weight", ("dict",)),
    Refused("balanced class weights", _fit(X, Y, class_weight="balanced"), "class-weight", ("'balanced'",)),
    Refused("class weights by text", _fit(X, Y, class_weight={"0": 2.0}), "class-weight", ("'0'",)),
    Refused("two kinds of weights", _fit(X, Y, class_weight={0: 1}, sample_weight=Y), "two-weights"),
    Refused("a callback class", _fit(X, Y, callbacks=[int]), "not-a-callback", ("int",)),
    Refused("a callback's name", _fit(X, Y, callbacks="early"), "not-a-callback", ("early",)),
    # the other methods
    Refused("evaluate without y", lambda model: model.evaluate(X, verbose=0), "no-targets", ("y",)),
    Refused("evaluate nothing", lambda model: model.evaluate(None), "no-data"),
    Refused("evaluate 0 steps", lambda model: model.evaluate(X, Y, steps=0, verbose=0), "not-positive", ("steps",)),
    Refused("predict nothing", lambda model: model.predict(None), "no-data"),
    Refused("predict no rows", lambda model: model.predict(X[:0]), "no-rows"),
    Refused("predict 0 steps", lambda model: model.predict(X, steps=0), "not-positive", ("steps",)),
    Refused("predict fewer columns", lambda model: model.predict(X[:, :2]), "model-input-shape", ("(16, 2)",)),
    Refused("predict one row", lambda model: model.predict(X[0]), "model-input-shape", ("x[None]",)),
    Refused("predict text", lambda model: model.predict(TEXT), "text-data", ("'a'",)),
    Refused("call on text", lambda model: model(TEXT), "text-data", ("'a'",)),
    Refused("uneven batch alone", lambda model: model.train_on_batch(X, Y[:3]), "row-count"),
    Refused("text batch alone", lambda model: model.train_on_batch(X, ["a"] * ROWS), "text-data"),
    Refused("test nothing", lambda model: model.test_on_batch(None), "no-data"),
]
