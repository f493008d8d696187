"""The doctor: looks at data, model and training, and tells what is wrong; it never builds or trains anything."""

from __future__ import annotations

from ranvier.doctor.finding import Finding

__all__ = ["Finding"]
