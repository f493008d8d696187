"""Switches: where progress is shown, and which form of attention may be used."""

from __future__ import annotations

from ranvier._config import configuration

__all__ = [
    "disable_flash_attention",
    "disable_interactive_logging",
    "enable_flash_attention",
    "enable_interactive_logging",
    "is_flash_attention_enabled",
    "is_interactive_logging_enabled",
    "is_nnx_enabled",
]


def enable_interactive_logging() -> None:
    """Show the progress of training on standard output, which is the default."""
    configuration.interactive_logging = True


def disable_interactive_logging() -> None:
    """Send the progress of training to the logger `ranvier` of Python's `logging`, a line per epoch."""
    configuration.interactive_logging = False


def is_interactive_logging_enabled() -> bool:
    """Return whether progress is shown on standard output."""
    return configuration.interactive_logging


def enable_flash_attention() -> None:
    """Ask for the fused form of attention wherever it exists."""
    configuration.flash_attention = True


def disable_flash_attention() -> None:
    """Never use the fused form of attention."""
    configuration.flash_attention = False


def is_flash_attention_enabled() -> bool | None:
    """Return True or False as somebody chose, None where the choice is left to the program."""
    return configuration.flash_attention


def is_nnx_enabled() -> bool:
    """Return False: variables are Ranvier's own, never those of Flax NNX."""
    return False
