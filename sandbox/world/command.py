"""`python -m sandbox world FOLDER`: makes a world from the command line."""

from __future__ import annotations

import argparse
import json
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from sandbox.world.generate import generate
from sandbox.world.spec import WorldSpec


def add_world(commands: Any) -> None:  # noqa: ANN401 - argparse's own class for this is private
    """Adds the subcommand `world` to the parser's commands."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "world", help="a merchant with three shops, and the truth behind it"
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", choices=("tiny", "demo"), default="demo", help="what the other options begin with")
    parser.add_argument("--first-day", type=date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--last-day", type=date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--orders-per-day", type=float, help="of all shops together, in the first year")
    for option in ("--seed", "--products", "--customers", "--tracked-days"):
        parser.add_argument(option, type=int)


def run_world(options: dict[str, Any]) -> str:
    """Makes the world that the options ask for; returns what there is to say about it.

    Raises:
        ValueError: If the options do not make a world.
    """
    begin = WorldSpec.tiny() if options["size"] == "tiny" else WorldSpec.demo()
    told = {field.name: options[field.name] for field in fields(WorldSpec) if options.get(field.name) is not None}
    world = generate(options["folder"], replace(begin, **told))
    rows = json.loads((world.folder / "world.json").read_text())["rows"]
    return f"{rows['orders']:,} orders with {rows['order_lines']:,} lines in {world.folder}\n"
