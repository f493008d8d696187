import math

import pytest

from benchmarks.statistics import median_interval, ratios, relative_difference, summary


def test_summary_of_five_samples():
    spread = summary([3.0, 1.0, 2.0, 5.0, 4.0])
    assert (spread["median"], spread["min"], spread["q1"], spread["q3"]) == (3.0, 1.0, 2.0, 4.0)
    assert spread["samples"] == [3.0, 1.0, 2.0, 5.0, 4.0]


def test_interval_is_the_narrowest_that_covers():
    # Of nine samples the 2nd smallest and 2nd largest cover with 1 - 2 (1 + 9) / 2^9 = 0.961, the 3rd with 0.820.
    interval = median_interval([float(value) for value in range(9)])
    assert (interval["low"], interval["high"]) == (1.0, 7.0)
    assert interval["coverage"] == pytest.approx(1 - 20 / 512)


def test_few_samples_give_the_extremes_and_say_what_they_are_worth():
    interval = median_interval([2.0, 9.0, 4.0])
    assert (interval["low"], interval["median"], interval["high"]) == (2.0, 4.0, 9.0)
    assert interval["coverage"] == pytest.approx(0.75)
    assert median_interval([2.0])["coverage"] == 0.0
    with pytest.raises(ValueError, match="at least one"):
        median_interval([])


def test_ratios_are_taken_within_rounds():
    # The second round was twice as slow for both; the ratio of pooled medians would not be 3.
    assert ratios([3.0, 6.0, 3.0], [1.0, 2.0, 1.0])["low"] == 3.0
    assert ratios([3.0, 6.0, 3.0], [1.0, 2.0, 1.0])["high"] == 3.0


def test_relative_difference_of_not_a_number_is_infinite():
    assert relative_difference([1.0, 2.2], [1.0, 2.0]) == pytest.approx(0.1)
    assert relative_difference([1.0, math.nan], [1.0, 2.0]) == math.inf
