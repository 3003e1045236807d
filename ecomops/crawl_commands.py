"""`ecomops crawl`: visits competitors' sites now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console

from extractors.catalog import api_sources
from lakehouse.errors import ConfigError
from lakehouse.settings import get_settings


def add_crawl(app: typer.Typer, out: Console, clock: Callable[[], datetime]) -> None:
    """Adds the command.

    Args:
        app: To what.
        out: Where it prints.
        clock: The wall clock.
    """

    @app.command()
    def crawl(
        site: Annotated[str, typer.Argument(help="A site of config/sources.yml; empty: every site that is due.")] = "",
    ) -> None:
        """Crawls a competitor's site, for today; after a failure, the same command goes on where it stopped."""
        from ecomops.crawling import crawl_site

        settings, now = get_settings(), clock()
        sites = [source.name for source in api_sources(settings.sources) if source.is_crawled]
        if site and site not in sites:
            raise ConfigError(
                f"There is no site {site!r}.",
                remedy=f"Declared with `connector: crawl` in {settings.sources.name}: {', '.join(sites) or 'none'}.",
            )
        for name in [site] if site else sites:
            with out.status(f"{name}: crawling"):
                done = crawl_site(
                    name, now, only_if_due=not site, now=now, run_id=f"crawl-{now:%Y%m%dT%H%M%SZ}", settings=settings
                )
            if done is None:
                out.print(f"{name}: not due yet", highlight=False)
                continue
            rows, tables = done["rows"], done["tables"]
            out.print(
                f"{name}: {tables.get('crawl_pages', 0):,} visits, {tables.get('competitor_offers', 0):,} offers, "
                f"{rows['quarantined']:,} records in quarantine",
                highlight=False,
            )
