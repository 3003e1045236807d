"""`ecomops match`: what was matched, what waits for a person, and what people decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lakehouse.settings import get_settings

Sheet = Annotated[Path, typer.Option(help="The sheet: a .csv, or a workbook (.xlsx).")]


def match_commands(out: Console, clock: Callable[[], datetime]) -> typer.Typer:
    """The command's words.

    Args:
        out: Where they print.
        clock: The wall clock.
    """
    app = typer.Typer(no_args_is_help=True, help="Competitors' offers and our products: what matches, what waits.")

    @app.command()
    def show() -> None:
        """Counts the offers of each site by how they were matched."""
        from ecomops.matching import summary

        table = Table("site", "status", "by", "offers", box=None)
        for site, status, rule, offers in summary(get_settings()).iter_rows():
            table.add_row(site, status, rule, f"{offers:,}")
        out.print(table)

    @app.command()
    def review(
        sheet: Sheet,
        most: Annotated[int, typer.Option(help="Offers on it at most.", min=1)] = 500,
        *,
        replace: Annotated[bool, typer.Option(help="Write over an earlier sheet of that name.")] = False,
    ) -> None:
        """Writes the offers that wait for a decision to a sheet, the most worth knowing first."""
        from ecomops.matching import write_review

        written, waiting = write_review(get_settings(), sheet, most=most, replace=replace)
        out.print(
            f"{written:,} of {waiting:,} offers that wait are on {sheet}. Write same or different into the column "
            f"decision, correct product_id where it is another, then: ecomops match read --sheet {sheet} --by NAME",
            highlight=False, soft_wrap=True,
        )  # fmt: skip

    @app.command()
    def read(sheet: Sheet, by: Annotated[str, typer.Option(help="Who decided.")]) -> None:
        """Reads a sheet's decisions; they count from the next close on, before every rule."""
        from ecomops.matching import read_review

        now = clock()
        done = read_review(get_settings(), sheet, by=by, now=now, run_id=f"match-{now:%Y%m%dT%H%M%SZ}")
        words = "was read before; nothing is added" if done.unchanged else "landed; the next close applies them"
        out.print(f"{done.same:,} same, {done.different:,} different: {words}", highlight=False)

    return app
