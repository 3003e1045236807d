"""`ecomops recommendations`: the published recommendations as files that a shop loads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lakehouse.settings import get_settings

if TYPE_CHECKING:
    from rich.console import Console


def add_recommendations(app: typer.Typer, out: Console) -> None:
    """Adds the command."""

    @app.command()
    def recommendations(
        folder: Annotated[Path, typer.Option("--out", help="Folder to write the files into.")],
        accounts: Annotated[
            Path | None,
            typer.Option(help="CSV with source and account_number: customers by these numbers, and nobody else."),
        ] = None,
    ) -> None:
        """Writes the published recommendations as JSON Lines: customers, products, sessions, popular."""
        from lakehouse.warehouse import open_reader
        from models_ml.recommendations.export import read_accounts, write_all

        settings = get_settings()
        known = read_accounts(accounts) if accounts else None
        with open_reader(settings) as reader:
            lines = write_all(
                reader, out_dir=folder, accounts=known, key=settings.pseudonym_secret() if accounts else b""
            )
        for name, count in lines.items():
            out.print(f"{folder / name}: {count:,} lines", highlight=False)
