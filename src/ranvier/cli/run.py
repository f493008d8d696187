"""`ranvier run`: a script that was written for TensorFlow and Keras, unmodified."""

from __future__ import annotations

import signal
import sys

import click

__all__ = ["run"]


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("script", type=click.Path(exists=True, dir_okay=False))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENTS]...")
def run(script: str, arguments: tuple[str, ...]) -> None:
    """Run the Python SCRIPT with its ARGUMENTS; its TensorFlow and Keras are Ranvier.

    Output and exit code are the script's own. Without a display, plt.show() writes PNG files.
    """
    from ranvier.compat import run_script

    # A script that is terminated ends as it would under Python, not with a message of ours.
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        code = run_script(script, arguments)
    finally:
        signal.signal(signal.SIGTERM, before)
    sys.exit(code)
