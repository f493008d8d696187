"""Time series: the air of Beijing, where a network helps, and the stock market, where it does not.

Air: from the last two days of fine dust and weather, a recurrent network foretells the dust of the next 24 hours. It
works with logarithms, because dust multiplies, and says how each hour will differ from the last one seen. Trained on
2010 to 2012; what it has learned is measured on 2014, and 2013 decides when to stop.

Stocks: from two years of monthly changes of the S&P 500, a network foretells a change, trained on 1871 to 1989 and
measured since. A figure of this table is the mean over the days of a month, and that alone ties each change to the one
before (Working, 1960). So the change foretold is not the next but the one after it, which that cannot help to know.

Data: `$RANVIER_DATA/beijing_pm25/pollution.csv`, 43,824 hours (Liang et al., 2015);
`$RANVIER_DATA/sp500_monthly/sp500_monthly.csv`, 1,830 months (R. Shiller).
"""

from __future__ import annotations

import numpy as np
import polars as pl
from sklearn.linear_model import Ridge

import ranvier as keras
from examples.comparison import Scores, compare
from examples.local_data import local_file
from ranvier import layers

PAST, AHEAD = 48, 24
YEAR = 365 * 24
LAG = 24


def air() -> tuple[np.ndarray, np.ndarray]:
    """Return the logarithm of the dust [hour], and all that is known of each hour [hour, feature], scaled."""
    table = pl.read_csv(
        local_file("beijing_pm25", "pollution.csv"), null_values="NA", infer_schema_length=None
    ).with_columns(pl.col("pm2.5").interpolate().fill_null(strategy="backward"), pl.col("Iws", "Is", "Ir").log1p())
    dust = np.log1p(table["pm2.5"].to_numpy())
    clock = 2 * np.pi * np.stack([table["hour"] / 24, (table["month"] - 1) / 12], axis=1)
    weather = table.select("DEWP", "TEMP", "PRES", "Iws", "Is", "Ir").hstack(table.select("cbwd").to_dummies())
    known = np.column_stack([dust, weather.to_numpy(), np.sin(clock), np.cos(clock)])
    learned_from = known[: 3 * YEAR]
    return dust.astype("float32"), ((known - learned_from.mean(0)) / learned_from.std(0)).astype("float32")


def made_up_air(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a wave of 24 hours with noise, for the smoke test."""
    dust = 4 + np.sin(np.arange(700) * 2 * np.pi / 24) + np.random.default_rng(seed).normal(0, 0.1, 700)
    return dust.astype("float32"), dust[:, None].astype("float32")


def windows(dust: np.ndarray, known: np.ndarray, first: int, end: int, stride: int) -> tuple[np.ndarray, ...]:
    """Return past features, past dust and the dust that follows, of windows between two hours."""
    starts = np.arange(first, end - PAST - AHEAD + 1, stride)[:, None]
    past, following = starts + np.arange(PAST), starts + np.arange(PAST, PAST + AHEAD)
    return known[past], dust[past], dust[following]


def forecaster(features: int) -> keras.Model:
    """Return a network that says by how much each of the next hours differs from the last."""
    past = layers.Input((PAST, features))
    x = layers.Dropout(0.2)(layers.LSTM(64)(past))
    return keras.Model(past, layers.Dense(AHEAD, kernel_initializer="zeros")(x))


def measure_air(seed: int, smoke: bool) -> Scores:
    """Return each method's mean absolute error in 2014."""
    dust, known = made_up_air(seed) if smoke else air()
    ends = [300, 450, 700] if smoke else [3 * YEAR, 4 * YEAR, len(dust)]
    x, seen, y = windows(dust, known, 0, ends[0], 2)
    aside, aside_seen, aside_y = windows(dust, known, ends[0], ends[1], 6)
    x_unseen, unseen, y_unseen = windows(dust, known, ends[1], ends[2], 1)

    keras.utils.set_random_seed(seed)
    model = forecaster(known.shape[1])
    model.compile(keras.optimizers.Adam(2e-3), loss="mean_absolute_error")
    stop = keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)
    model.fit(
        x,
        y - seen[:, -1:],
        validation_data=(aside, aside_y - aside_seen[:, -1:]),
        epochs=1 if smoke else 15,
        batch_size=128,
        callbacks=[stop],
        verbose=0,
    )
    linear = Ridge(100).fit(x.reshape(len(x), -1), y - seen[:, -1:])
    guesses = {
        "LSTM": model.predict(x_unseen, verbose=0) + unseen[:, -1:],
        "linear model (ridge)": linear.predict(x_unseen.reshape(len(x_unseen), -1)) + unseen[:, -1:],
        "seasonal naive (same hour yesterday)": unseen[:, -24:],
        "naive (as it is now)": np.repeat(unseen[:, -1:], AHEAD, axis=1),
    }
    return {name: float(np.abs(np.expm1(guess) - np.expm1(y_unseen)).mean()) for name, guess in guesses.items()}


def measure_stocks(seed: int, smoke: bool) -> Scores:
    """Return each method's mean absolute error in per cent since 1990."""
    if smoke:
        level = np.exp(np.random.default_rng(seed).normal(0, 0.04, 200).cumsum())
    else:
        level = pl.read_csv(local_file("sp500_monthly", "sp500_monthly.csv"))["SP500"].to_numpy()
    changes = 100 * np.diff(np.log(level)).astype("float32")
    # Window i has the changes i to i + LAG - 1; the change after the next is number i + LAG + 1.
    x, y = np.lib.stride_tricks.sliding_window_view(changes[:-2], LAG), changes[LAG + 1 :]
    cut = len(y) - (50 if smoke else 402)

    keras.utils.set_random_seed(seed)
    model = keras.Sequential([layers.Input((LAG,)), layers.Rescaling(0.2), layers.Dense(32, "relu"), layers.Dense(1)])
    model.compile("adam", loss="mean_absolute_error")
    stop = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
    model.fit(
        x[:cut], y[:cut], validation_split=0.15, epochs=1 if smoke else 60, batch_size=32, callbacks=[stop], verbose=0
    )
    guesses = {
        "network": model.predict(x[cut:], verbose=0)[:, 0],
        "linear model (ridge)": Ridge(1000).fit(x[:cut], y[:cut]).predict(x[cut:]),
        "naive (no change)": np.zeros(len(y) - cut),
        "naive (the usual growth)": np.full(len(y) - cut, y[:cut].mean()),
    }
    return {name: float(np.abs(guess - y[cut:]).mean()) for name, guess in guesses.items()}


if __name__ == "__main__":
    compare(
        "Fine dust in Beijing",
        measure_air,
        score="mean absolute error in µg/m³ over the next 24 hours, every hour of 2014",
        networks=["LSTM"],
        higher=False,
    )
    compare(
        "Stock market",
        measure_stocks,
        score="mean absolute error of a monthly change of the S&P 500 in per cent, since 1990",
        networks=["network"],
        higher=False,
        why_not="What past changes tell of the change after next is next to nothing, and whoever trades on more sees "
        "patterns in noise.",
    )
