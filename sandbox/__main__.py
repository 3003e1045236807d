"""`python -m sandbox online-retail FOLDER` and others: data to practise on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sandbox.online_retail import generate
from sandbox.serve import add_serve, run_serve
from sandbox.storefronts.command import add_storefronts, run_storefronts
from sandbox.world.command import add_world, run_world


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes what the command line asks for.

    Returns:
        The exit status: 2 for arguments that cannot be used.
    """
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    shop = commands.add_parser("online-retail", help="daily CSV files in the shape of UCI's Online Retail")
    shop.add_argument("folder", type=Path)
    shop.add_argument("--seed", type=int, default=352)
    shop.add_argument("--first-day", type=date.fromisoformat, default=date(2010, 12, 1), metavar="YYYY-MM-DD")
    shop.add_argument("--days", type=int, default=400)
    shop.add_argument("--products", type=int, default=420)
    shop.add_argument("--customers", type=int, default=900)
    shop.add_argument("--orders-per-day", type=float, default=7.5)
    add_world(commands)
    add_serve(commands)
    add_storefronts(commands)
    options = vars(parser.parse_args(arguments))
    try:
        command = options.pop("command")
        if command == "world":
            sys.stdout.write(run_world(options))
            return 0
        if command == "serve":
            return run_serve(options)
        if command.startswith("storefront-"):
            sys.stdout.write(run_storefronts(command, options))
            return 0
        made = generate(options.pop("folder"), **options)
    except (ValueError, FileExistsError) as error:
        parser.error(str(error))
    sys.stdout.write(f"{len(made.files)} days, {made.lines:,} lines in {made.folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
