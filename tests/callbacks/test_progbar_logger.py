from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from ranvier.callbacks import CallbackList, ProgbarLogger


def told(verbose, terminal=False, story=None, width=120):
    """Return what is written during one epoch."""
    stream = io.StringIO()
    logger = ProgbarLogger(Console(file=stream, force_terminal=terminal, width=width, legacy_windows=False))
    listed = CallbackList([logger], verbose=verbose, epochs=3, steps=20)
    (story or epoch)(listed)
    return stream.getvalue()


def epoch(listed):
    listed.on_train_begin()
    listed.on_epoch_begin(0)
    listed.on_trip_end(5, 20, {"loss": 0.9})
    listed.on_test_begin()
    listed.on_trip_end(2, 2, {"loss": 0.7})
    listed.on_test_end({"loss": 0.7})
    listed.on_trip_end(20, 20, {"loss": 0.5})
    listed.on_epoch_end(0, {"accuracy": 0.875, "loss": 0.5, "val_loss": 1e-5})
    listed.on_train_end()


@pytest.mark.parametrize("verbose", [1, 2])
def test_one_line_per_epoch_outside_a_terminal(verbose):
    text = told(verbose)
    line = r"Epoch 1/3 - \d+\.\ds - [\d.]+[mu]s/step - accuracy: 0\.8750 - loss: 0\.5000 - val_loss: 1\.0000e-05\n"
    assert re.fullmatch(line, text), text


def test_a_long_line_is_not_broken_and_nothing_is_written_at_verbose_0():
    def many(listed):
        listed.on_epoch_begin(0)
        listed.on_epoch_end(0, {f"metric_{number}": 0.5 for number in range(40)})

    assert told(1, story=many).count("\n") == 1
    assert told(0) == told(0, terminal=True) == ""


def test_a_bar_in_a_terminal_ends_with_the_final_numbers():
    text = told(1, terminal=True)
    assert "20/20" in text
    assert "val_loss: 1.0000e-05" in text
    assert "\x1b[?25h" in text  # the cursor is back


def test_a_narrow_terminal_cuts_no_number_off():
    def many(listed):
        listed.on_epoch_begin(0)
        listed.on_epoch_end(0, {f"metric_{number}": number + 0.125 for number in range(8)})

    text = told(1, terminal=True, story=many, width=60)
    assert all(f"{number}.1250" in text for number in range(8))


def test_two_means_lines_in_a_terminal_too():
    assert told(2, terminal=True).count("\n") == 1


def test_an_evaluation_by_itself_has_its_line():
    def evaluate(listed):
        listed.on_test_begin()
        listed.on_trip_end(20, 20, {})
        listed.on_test_end({"loss": 0.25})

    assert re.fullmatch(r"Evaluate - .*loss: 0\.2500\n", told(1, story=evaluate))


def test_a_run_that_breaks_off_leaves_the_cursor_visible():
    def broken(listed):
        listed.on_epoch_begin(0)
        listed.on_trip_end(5, 20, {"loss": 1.0})
        listed.close()

    text = told(1, terminal=True, story=broken)
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_epochs_of_unknown_length():
    def stream(listed):
        listed.on_epoch_begin(0)
        listed.on_trip_end(5, None, {"loss": 1.0})
        listed.on_epoch_end(0, {"loss": 1.0})

    assert "loss: 1.0000" in told(1, terminal=True, story=stream)


def test_metrics_that_are_lists_are_shown_as_they_are():
    def lists(listed):
        listed.on_epoch_begin(0)
        listed.on_epoch_end(0, {"recall": [0.5, 1.0]})

    assert "recall: [0.5, 1.0]" in told(1, story=lists)
