"""`ecomops alerts`: what wants attention, and saying that somebody knows of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lakehouse.settings import get_settings

Rule = Annotated[str, typer.Argument(help="The rule, as `ecomops alerts list` names it.")]
Subject = Annotated[str, typer.Argument(help="What the alert is about, as listed.")]
By = Annotated[str, typer.Option(help="Who says so.")]
Note = Annotated[str, typer.Option(help="Why, or what is being done.")]


def alert_commands(out: Console, clock: Callable[[], datetime]) -> typer.Typer:
    """The command's words.

    Args:
        out: Where they print.
        clock: The wall clock.
    """
    app = typer.Typer(
        no_args_is_help=True, help="Alerts about the business: list those that are open, acknowledge one."
    )

    @app.command(name="list")
    def show(
        rule: Annotated[str, typer.Option(help="Only those of this rule.")] = "",
        most: Annotated[int, typer.Option(help="Rows at most.", min=1)] = 50,
        *,
        everything: Annotated[bool, typer.Option("--all", help="Acknowledged ones too.")] = False,
    ) -> None:
        """Lists the open alerts that nobody has acknowledged, the gravest first."""
        from ecomops.acknowledging import open_alerts

        table = Table("severity", "rule", "subject", "what", "value", "limit", "at stake", "since", box=None)
        for row in open_alerts(get_settings(), rule=rule, everything=everything, most=most).iter_rows(named=True):
            mark = f" (known until {row['acknowledged_until_date'] or 'it ends'})" if row["is_acknowledged"] else ""
            table.add_row(
                row["severity"], row["rule_id"], escape(row["subject_id"]), escape((row["subject_title"] or "") + mark),
                f"{row['metric_value']:,.2f} {row['unit']}", f"{row['threshold_value']:,.2f}",
                "" if row["value_at_stake_shop"] is None else f"{row['value_at_stake_shop']:,.2f}",
                f"{row['first_seen_date']}",
            )  # fmt: skip
        out.print(table)

    @app.command()
    def ack(
        rule: Rule,
        subject: Subject,
        by: By,
        until: Annotated[
            datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; without: until the condition ends.")
        ] = None,
        note: Note = "",
    ) -> None:
        """Says that somebody knows of an alert; it counts from the next close on."""
        _say(rule, subject, by, until, note, reopened=False)
        out.print(f"{rule} {escape(subject)} is acknowledged; the next close shows it.", highlight=False)

    @app.command()
    def reopen(rule: Rule, subject: Subject, by: By, note: Note = "") -> None:
        """Takes an acknowledgement back."""
        _say(rule, subject, by, None, note, reopened=True)
        out.print(f"{rule} {escape(subject)} is open again from the next close on.", highlight=False)

    def _say(rule: str, subject: str, by: str, until: datetime | None, note: str, *, reopened: bool) -> None:
        from ecomops.acknowledging import Acknowledgement, acknowledge

        now = clock().astimezone(UTC)
        said = Acknowledgement(rule, subject, by, until.date() if until else None, note, reopened)
        acknowledge(get_settings(), said, now=now, run_id=f"alert-{now:%Y%m%dT%H%M%SZ}")

    return app
