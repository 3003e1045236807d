"""What to do where something that a test needs is not here."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def absent(reason: str) -> NoReturn:
    """Skips the test with its reason; in CI it fails, because there everything has to be."""
    if os.environ.get("CI"):
        pytest.fail(f"{reason} In CI it has to be there.")
    pytest.skip(reason)
