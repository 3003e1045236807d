"""The `ecomops` command."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ecomops.alert_commands import alert_commands
from ecomops.crawl_commands import add_crawl
from ecomops.match_commands import match_commands
from ecomops.recommend_command import add_recommendations
from ecomops.whatif_command import add_whatif
from lakehouse.errors import EcomopsError
from lakehouse.settings import PROJECT_ROOT, Settings, get_settings
from lakehouse.windows import Window, parse_instant

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="E-commerce operations data: land, build, audit, publish, forecast, buy, report.",
)
fetch_app = typer.Typer(no_args_is_help=True, help="Download public data sets.")
app.add_typer(fetch_app, name="fetch")
sources_app = typer.Typer(invoke_without_command=True, help="The declared sources: list them, or check one.")
app.add_typer(sources_app, name="sources")
out = Console()

RunId = Annotated[str, typer.Option(help="Name of this run; default: made from the clock.")]


def main() -> None:
    """Runs the command; an error that names its remedy is printed without a traceback."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        app()
    except EcomopsError as error:
        err = Console(stderr=True)
        err.print(f"[bold red]Error:[/] {escape(error.message)}", highlight=False)  # it may quote [/brackets]
        if error.remedy:
            err.print(f"[bold]What to do:[/] {escape(error.remedy)}", highlight=False)
        sys.exit(1)


def _now() -> datetime:
    """The one clock of the command line: whoever types a command is now."""
    return datetime.now(UTC).replace(microsecond=0)


app.add_typer(match_commands(out, _now), name="match")
app.add_typer(alert_commands(out, _now), name="alerts")
add_crawl(app, out, _now)
add_whatif(app, out)
add_recommendations(app, out)


def _run_id(given: str, kind: str) -> str:
    return given or f"{kind}-{_now():%Y%m%dT%H%M%SZ}"


def _as_of(settings: Settings, day: str) -> datetime:
    """The moment after a closed day: its local midnight; or an instant, as given."""
    try:
        return Window.local_day(date.fromisoformat(day), settings.shop_time_zone).end
    except ValueError:
        return parse_instant(day)


@app.command()
def demo(
    data: Annotated[
        str, typer.Option(help="online-retail, or a folder or file of it. Without: three made-up shops over HTTP.")
    ] = "",
) -> None:
    """Raw data to published warehouse, forecast, purchase list and PDF, in one go."""
    from ecomops.demo import run_online_retail, run_shops

    settings = get_settings()
    if not data:
        run_shops(settings, now=_now(), out=out)
    else:
        path = None if data == "online-retail" else Path(data)
        run_online_retail(_apart(settings, "online-retail"), path, now=_now(), out=out)


def _apart(settings: Settings, name: str) -> Settings:
    """Settings with a folder of its own: another shop's data belong in another warehouse."""
    if settings.store_url or settings.var != PROJECT_ROOT / "var":
        return settings  # somebody chose where things go
    return settings.model_copy(update={"var_dir": settings.var_dir / name, "drops_dir": settings.drops})


@app.command()
def doctor() -> None:
    """Checks this installation and names the remedy for what is missing."""
    from ecomops.doctor import diagnose

    table = Table("", "what", "found", "what to do", box=None, pad_edge=False)
    findings = diagnose(get_settings())
    for finding in findings:
        sign = {"ok": "[green]✓", "note": "[yellow]–", "bad": "[red]✗"}[finding.level]
        table.add_row(sign, finding.what, finding.found, finding.remedy)
    out.print(table)
    if any(finding.level == "bad" for finding in findings):
        raise typer.Exit(1)


@sources_app.callback()
def sources(context: typer.Context) -> None:
    """Lists the declared sources and what each has landed."""
    if context.invoked_subcommand is not None:
        return
    from ecomops.pipeline import declared_sources
    from lakehouse.landing import loads
    from lakehouse.objectstore import open_store

    settings = get_settings()
    store = open_store(settings)
    table = Table("source", "lands", "title", "windows", "last window ends", box=None)
    for source in declared_sources(settings):
        windows = {ref.window for ref in loads(store, source.name, source.stream)}
        last = max((window.end for window in windows), default=None)
        table.add_row(
            source.name, source.stream, source.title, str(len(windows)), f"{last:%Y-%m-%d %H:%MZ}" if last else "–"
        )
    out.print(table)


@sources_app.command("check")
def check_source(name: Annotated[str, typer.Argument(help="A source of config/sources.yml.")]) -> None:
    """Asks a source whether credentials, permissions and quotas are as they should be, and for a sample."""
    from ecomops import extraction

    with out.status(f"asking {name}"):
        findings = extraction.check(get_settings(), name)
    table = Table("", "what", "found", "what to do", box=None, pad_edge=False)
    for finding in findings:
        sign = {"ok": "[green]✓", "note": "[yellow]–", "bad": "[red]✗"}[finding.level]
        table.add_row(sign, finding.what, escape(finding.found), escape(finding.remedy))
    out.print(table)
    if any(finding.level == "bad" for finding in findings):
        raise typer.Exit(1)


@app.command()
def extract(
    source: Annotated[str, typer.Argument(help="A source of config/sources.yml.")],
    start: Annotated[str, typer.Option(help="First day or instant of the window.")],
    end: Annotated[str, typer.Option(help="First day or instant after it.")],
    resource: Annotated[list[str] | None, typer.Option(help="Only this one; may be repeated.")] = None,
    *,
    history: Annotated[bool, typer.Option(help="Declare history: known as of the window's end.")] = False,
    run_id: RunId = "",
) -> None:
    """Extracts a window from a shop's interface; after a failure, the same command goes on where it stopped."""
    from ecomops import extraction
    from lakehouse.windows import window_between

    settings, now = get_settings(), _now()
    account = extraction.connect(settings, source)
    window = window_between(start, end, account.api.time_zone)
    name = _run_id(run_id, "extract")
    for one in resource or account.api.resources:
        with out.status(f"{source}: {one}") as status:
            done = extraction.run(
                settings,
                account,
                one,
                window,
                known_at=window.end if history else now,
                now=now,
                run_id=name,
                progress=lambda count, one=one, status=status: status.update(f"{source}: {one}, {count:,} records"),  # type: ignore[misc]  # the defaults bind this round's values
            )
        rows, resumed = done.rows, f", resumed after {done.resumed_after} pages" if done.resumed_after else ""
        words = "as before" if done.unchanged else f"{rows['landed']:,} landed"
        out.print(
            f"{one}: {rows['received']:,} received = {words} + {rows['deduplicated']:,} repeated + "
            f"{rows['quarantined']:,} quarantined{resumed}",
            highlight=False,
        )


@app.command()
def land(
    source: Annotated[str, typer.Argument(help="Name of a declared source.")],
    drop: Annotated[Path, typer.Option(help="Folder of exports, or one export file.")],
    start: Annotated[str, typer.Option(help="First day or instant of the window.")] = "",
    end: Annotated[str, typer.Option(help="First day or instant after it.")] = "",
    *,
    history: Annotated[bool, typer.Option(help="Declare history: known as of each window's end.")] = False,
    run_id: RunId = "",
) -> None:
    """Lands a source's files for a window, or with --history all that the drop holds, day by day."""
    from ecomops.pipeline import land as land_step
    from ecomops.windows import windows_to_land

    settings, now = get_settings(), _now()
    windows = windows_to_land(settings, source, drop, start=start, end=end, history=history)
    summary = land_step(
        settings,
        source,
        drop,
        windows,
        landed_at=now,
        run_id=_run_id(run_id, "land"),
        known_at=None if history else now,
    )
    rows = summary.rows
    out.print(
        f"{summary.loads} loads ({summary.unchanged} were there before): {rows['received']:,} records received = "
        f"{rows['landed']:,} landed + {rows['deduplicated']:,} repeated + {rows['quarantined']:,} quarantined"
    )


@app.command()
def reparse(source: Annotated[str, typer.Argument(help="Name of a declared source.")]) -> None:
    """Reads landed bytes again after a mapping changed."""
    from ecomops.pipeline import reparse as reparse_step

    out.print(f"{reparse_step(get_settings(), source)} loads read again")


@app.command()
def close(
    day: Annotated[str, typer.Argument(help="The day to close, 2011-12-09; or the knowledge time, with its zone.")],
    *,
    full_refresh: Annotated[bool, typer.Option(help="Build from nothing.")] = False,
    run_id: RunId = "",
) -> None:
    """Builds, audits and publishes the warehouse with forecast, purchase list and report tables, as of a day's end."""
    from ecomops.pipeline import close as close_step

    settings = get_settings()
    as_of = _as_of(settings, day)
    snapshot = close_step(settings, as_of=as_of, run_id=_run_id(run_id, "close"), full_refresh=full_refresh)
    out.print(f"published {snapshot}")


@app.command()
def report(
    week: Annotated[str, typer.Option(help="Monday of the week; default: the last whole week.")] = "",
    snapshot: Annotated[str, typer.Option(help="A kept snapshot; default: the published one.")] = "",
) -> None:
    """Makes the weekly report in every language, the dashboard and the exports."""
    from lakehouse.warehouse import open_reader
    from reports.publish import publish_all

    settings = get_settings()
    with open_reader(settings, snapshot_id=snapshot or None) as reader:
        for artefact in publish_all(reader, settings, week=date.fromisoformat(week) if week else None):
            out.print(str(artefact.path), highlight=False, soft_wrap=True)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One query; without it: an interactive prompt.")] = "",
    channel: Annotated[str, typer.Option(help="current (complete) or core (marts only).")] = "current",
    snapshot: Annotated[str, typer.Option(help="A kept snapshot instead of the published one.")] = "",
) -> None:
    """Opens the published warehouse, read-only: a prompt with history and completion, or one query."""
    from ecomops.sql import print_query, prompt

    settings = get_settings()
    if query:
        print_query(settings, query, channel=channel, snapshot_id=snapshot or None, out=out)
    else:
        prompt(settings, channel=channel, snapshot_id=snapshot or None)


@app.command()
def snapshots() -> None:
    """Lists the published warehouses that are kept."""
    from lakehouse.objectstore import open_store
    from lakehouse.warehouse import CORE, CURRENT, Warehouse

    settings = get_settings()
    warehouse = Warehouse(settings, open_store(settings))
    pointed = {found.snapshot_id: channel for channel in (CORE, CURRENT) if (found := warehouse.published(channel))}
    table = Table("snapshot", "as of", "run", "MB", "published in", box=None)
    for found in warehouse.snapshots():
        channel = pointed.get(found.snapshot_id, "")
        table.add_row(
            found.snapshot_id, f"{found.as_of:%Y-%m-%d %H:%MZ}", found.run_id, f"{found.size / 1e6:.0f}", channel
        )
    out.print(table)


@app.command()
def quarantine(source: Annotated[str, typer.Option(help="Only this source.")] = "") -> None:
    """Counts the records in quarantine by reason; raw.quarantine lists them in SQL."""
    from lakehouse.warehouse import open_reader

    with open_reader(get_settings()) as reader:
        found = reader.rows(
            "select source, column_name, reason, count(*), min(source_file) || ' row ' || min(source_row) "
            "from raw.quarantine where $source = '' or source = $source group by all order by 4 desc",
            {"source": source},
        )
    if not found:
        out.print("Nothing is in quarantine.")
        return
    table = Table("source", "column", "reason", "records", "for example", box=None)
    for row in found:
        table.add_row(*(str(value) for value in row))
    out.print(table)


@app.command()
def docs() -> None:
    """Writes the warehouse's documentation with lineage, a dictionary in two languages, and all checks."""
    from ecomops import dictionary
    from expectations.docs import data_docs
    from lakehouse.warehouse.transform import write_docs

    settings = get_settings()
    listed = dictionary.write(settings.var / "docs" / "dictionary.html")
    for page in (write_docs(settings), listed, data_docs(settings.var / "gx")):
        out.print(str(page), highlight=False, soft_wrap=True)


@app.command()
def care() -> None:
    """Expires old snapshots, abandoned builds and extractions. Not while a day is being closed."""
    from ecomops.pipeline import care as care_step

    gone = care_step(get_settings(), now=_now())
    out.print(f"{len(gone)} objects removed")


@fetch_app.command("online-retail")
def fetch_online_retail(
    target: Annotated[Path | None, typer.Option(help="Where to put the archive; default: in var/drops.")] = None,
    url: Annotated[str, typer.Option(help="Another address of the archive.")] = "",
    sha256: Annotated[str, typer.Option(help="The hash it must have; 'any': only its content decides.")] = "",
) -> None:
    """Downloads the Online Retail data from UCI's archive and verifies it (CC BY 4.0)."""
    from extractors import fetch

    archive = target or get_settings().drops / "online_retail" / "online_retail.zip"
    expected = None if sha256 == "any" else sha256 or fetch.SHA256
    with out.status("downloading and checking"):
        found = fetch.fetch_online_retail(archive, url=url or fetch.URL, sha256=expected)
    words = "downloaded and checked" if found.downloaded else "was there before; checked"
    out.print(f"{words}: {found.path}\nNow run: make demo DATA={found.path}", highlight=False, soft_wrap=True)
