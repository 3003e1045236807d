"""`python -m sandbox.exports WORLD FOLDER`: the files of a simulated merchant's other systems."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sandbox.exports import export
from sandbox.world.store import World


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the drops of a world, by default of all its days.

    Returns:
        The exit status: 2 for arguments that cannot be used.
    """
    parser = argparse.ArgumentParser(prog="python -m sandbox.exports", description=__doc__)
    parser.add_argument("world", type=Path, help="folder of a world (`python -m sandbox world`)")
    parser.add_argument("folder", type=Path, help="where the drops go, a folder each")
    parser.add_argument("--first-day", type=date.fromisoformat, metavar="YYYY-MM-DD")
    parser.add_argument("--last-day", type=date.fromisoformat, metavar="YYYY-MM-DD")
    options = parser.parse_args(arguments)
    try:
        world = World.open(options.world)
        first, last = options.first_day or world.spec.first_day, options.last_day or world.spec.last_day
        written = export(world, options.folder, first, last)
    except (ValueError, FileNotFoundError) as error:
        parser.error(str(error))
    sys.stdout.writelines(f"{drop}: {count} files\n" for drop, count in written.items())
    return 0


if __name__ == "__main__":
    sys.exit(main())
