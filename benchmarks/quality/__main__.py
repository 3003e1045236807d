"""Measures the models on any folder of data in a simple form: `python -m benchmarks.quality FOLDER`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.quality.forms import read
from benchmarks.quality.tasks import TASKS, Measure
from lakehouse.errors import ConfigError, EcomopsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs every task that the folder has data for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("folder", type=Path, help="with the files that benchmarks/quality/README.md describes")
    parser.add_argument("--task", action="append", choices=list(TASKS), help="only this one; may be repeated")
    parser.add_argument("--json", type=Path, help="also write the measures to this file")
    options = parser.parse_args(arguments)
    try:
        measures = measure(options.folder, options.task)
    except EcomopsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    show(measures)
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in measures], indent=1) + "\n", encoding="utf-8")
    return 0


def measure(folder: Path, wanted: Sequence[str] | None = None) -> list[Measure]:
    """The measures of every task that the folder has data for, or of the wanted ones.

    Raises:
        ConfigError: If a file is not in its form, or a wanted task lacks one.
    """
    data = read(folder)
    chosen = wanted or [name for name, (needed, _) in TASKS.items() if set(needed) <= set(data)]
    for name in chosen:
        missing = [form for form in TASKS[name][0] if form not in data]
        if missing:
            raise ConfigError(f"For {name}, {folder} lacks {', '.join(missing)}.", remedy="Add the files.")
    if not chosen:
        raise ConfigError(f"{folder} has no task's files whole: {', '.join(data)} alone is not enough.")
    return [one for name in chosen for one in TASKS[name][1](data)]


def show(measures: Sequence[Measure]) -> None:
    """Prints a table for each task: a row for each method, the references marked."""
    out = Console()
    out.width = max(out.width, 140)  # a table that is cut tells nothing
    for task in dict.fromkeys(one.task for one in measures):
        rows = [one for one in measures if one.task == task]
        names = list(dict.fromkeys(one.name for one in rows))
        table = Table("method", *names, title=task, title_justify="left", box=None, pad_edge=False)
        for method in dict.fromkeys(one.method for one in rows):
            of_method = {one.name: one for one in rows if one.method == method}
            mark = " (reference)" if all(one.is_reference for one in of_method.values()) else ""
            numbers = [of_method[name].value if name in of_method else None for name in names]
            table.add_row(method + mark, *["–" if number is None else f"{number:.4g}" for number in numbers])
        if len(names) > 12:  # parameters: a row each reads better
            table = Table("of", "name", "value", title=task, title_justify="left", box=None, pad_edge=False)
            for one in rows:
                table.add_row(one.method, one.name, "–" if one.value is None else f"{one.value:.5g}")
        out.print(table)
        out.print()


if __name__ == "__main__":
    raise SystemExit(main())
