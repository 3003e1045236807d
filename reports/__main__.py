"""`python -m reports weekly|dashboard|exports|publish`: the very functions that the tasks call."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from lakehouse.errors import EcomopsError
from lakehouse.settings import Settings, get_settings
from lakehouse.warehouse import open_reader
from reports import catalogue, dashboard, exports, publish, weekly
from reports.words import LANGUAGES


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reports", description="Reports of the published warehouse.")
    commands = parser.add_subparsers(dest="command", required=True)
    helps = {
        "weekly": "the weekly operations report as PDF",
        "dashboard": "the dashboard as one HTML file",
        "exports": "the report tables as CSV, XLSX and Parquet",
        "publish": "all of them, stored in object storage too",
        "words": "bring the catalogues in step with the code",
    }
    for name, text in helps.items():
        command = commands.add_parser(name, help=text, description=text)
        if name in {"weekly", "dashboard", "publish"}:
            command.add_argument(
                "--week", type=date.fromisoformat, help="any day of the week; default: the last full week"
            )
        if name == "weekly":
            command.add_argument("--language", choices=LANGUAGES, default="en")
        if name in {"weekly", "dashboard", "exports"}:
            command.add_argument("--out", type=Path, required=True, help="folder to write into")
    return parser


def _made(arguments: argparse.Namespace, settings: Settings) -> list[Path]:
    if arguments.command == "words":
        return catalogue.update()
    with open_reader(settings) as reader:
        shop = settings.shop_name
        if arguments.command == "weekly":
            path = weekly.build(
                reader, week=arguments.week, language=arguments.language, out_dir=arguments.out, shop=shop
            )
            return [path]
        if arguments.command == "dashboard":
            return [dashboard.build(reader, out_dir=arguments.out, week=arguments.week, shop=shop)]
        if arguments.command == "exports":
            return exports.write_all(reader, out_dir=arguments.out)
        return [artefact.path for artefact in publish.publish_all(reader, settings, week=arguments.week)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes what the arguments ask for and prints the files; 1 with a message when it cannot."""
    try:
        paths = _made(_parser().parse_args(arguments), get_settings())
    except EcomopsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.writelines(f"{path}\n" for path in paths)
    return 0


if __name__ == "__main__":
    sys.exit(main())
