"""`python -m extractors <package> …`: runs an extractor without Airflow, by the function that its task calls."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

_PACKAGES = ("files",)


def _main_of(package: str) -> Callable[[Sequence[str]], int]:
    from importlib import import_module

    main: Callable[[Sequence[str]], int] = import_module(f"extractors.{package}.__main__").main
    return main


def main(arguments: Sequence[str]) -> int:
    """Hands the arguments to the package that the first of them names."""
    if not arguments or arguments[0] not in _PACKAGES:
        print(f"usage: python -m extractors {{{','.join(_PACKAGES)}}} …", file=sys.stderr)  # noqa: T201 -- a command's own words
        return 2
    return _main_of(arguments[0])(arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
