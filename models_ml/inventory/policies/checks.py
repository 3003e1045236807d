"""What every policy demands of its arguments."""

from __future__ import annotations

from math import isfinite


def require_positive(**values: float) -> None:
    """Checks that arguments are finite and above zero.

    Raises:
        ValueError: Naming the first that is not.
    """
    for name, value in values.items():
        if not isfinite(value) or value <= 0:
            raise ValueError(f"{name} must be a positive number, not {value!r}")


def require_not_negative(**values: float) -> None:
    """Checks that arguments are finite and not below zero.

    Raises:
        ValueError: Naming the first that is not.
    """
    for name, value in values.items():
        if not isfinite(value) or value < 0:
            raise ValueError(f"{name} must be a number from 0 on, not {value!r}")
