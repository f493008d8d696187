"""Progress: one bar in a terminal, a few lines elsewhere."""

from __future__ import annotations

import io

from rich.console import Console

from ranvier.cli.progress import RunProgress


def run(progress: RunProgress, epochs: int) -> None:
    """Tell a callback what a run of so many epochs would."""
    progress.on_train_begin()
    for epoch in range(epochs):
        progress.on_epoch_begin(epoch)
        progress.on_trip_end(5, 10, {"loss": 1.0 / (epoch + 1)})
        progress.on_epoch_end(epoch, {"loss": 1.0 / (epoch + 1), "val_loss": 0.5, "val_accuracy": 0.75})
    progress.close()


def test_a_file_gets_few_lines() -> None:
    file = io.StringIO()
    run(RunProgress(Console(file=file), 100), 20)
    lines = file.getvalue().splitlines()
    assert [line.split()[1] for line in lines] == [f"{epoch}/100" for epoch in (1, 2, 4, 8, 16, 20)]  # the last one too
    assert lines[1] == "epoch 2/100  loss 0.5 (val 0.5)"


def test_a_terminal_gets_one_bar_that_goes_away() -> None:
    file = io.StringIO()
    run(RunProgress(Console(file=file, force_terminal=True, width=80), 20), 20)
    text = file.getvalue()
    assert "epoch 20/20" in text
    # Every line that was begun is erased again, but for the one that the cursor was on.
    assert text.count("\n") <= 1
