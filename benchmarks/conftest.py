"""What benchmarks may be asked for."""

from __future__ import annotations

import contextlib

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Benchmarks take their small sizes where nothing else is said."""
    with contextlib.suppress(ValueError):  # tests/conftest.py has it, where both are collected
        parser.addoption("--all-cases", action="store_true", help="benchmarks: full sizes")
