"""`ecomops whatif`: what another price, lead time, service level or budget would change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from lakehouse.errors import ConfigError
from lakehouse.settings import get_settings

if TYPE_CHECKING:
    from rich.console import Console

    from models_ml.inventory.whatif import Answer

_ROWS = (
    ("units wanted", "demand_units"),
    ("units sold", "sold_units"),
    ("sales", "sales"),
    ("margin", "margin"),
    ("mean stock at cost", "stock_value"),
    ("orders of today", "order_value"),
)


def add_whatif(app: typer.Typer, out: Console) -> None:
    """Adds the command."""

    @app.command()
    def whatif(
        price: Annotated[float, typer.Option(help="Per cent on all prices: -5 for five less.")] = 0.0,
        lead_time: Annotated[int, typer.Option(help="Days on every lead time: 7, or -3.")] = 0,
        service: Annotated[float, typer.Option(help="Chance of no stock-out, in per cent: 95. 0: as it is.")] = 0.0,
        budget: Annotated[float, typer.Option(help="Money for today's orders. Negative: no limit.")] = -1.0,
        product: Annotated[list[str] | None, typer.Option(help="Only this product; may be repeated.")] = None,
        category: Annotated[str, typer.Option(help="Only products of this category, or below it.")] = "",
        *,
        as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    ) -> None:
        """Sales, stock and margin of four weeks with another price, lead time, service level or budget."""
        from lakehouse.warehouse import open_reader
        from models_ml.inventory.whatif import Change
        from models_ml.inventory.whatif_run import answer

        if price <= -100 or not (service == 0 or 50 <= service < 100):
            raise ConfigError(
                "A price falls by less than 100 per cent, and a service level lies between 50 and 100.",
                remedy="For example: ecomops whatif --price -5 --service 95",
            )
        change = Change(price / 100, lead_time, service / 100 if service else None, budget if budget >= 0 else None)
        with open_reader(get_settings()) as reader:
            found = answer(reader, change, products=tuple(product or ()), category=category)
        if as_json:
            typer.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=1))
        else:
            _print(out, found)


def _print(out: Console, answer: Answer) -> None:
    table = Table("four weeks", "as it is", "then", "change", "%", box=None, pad_edge=False)
    for title, name in _ROWS:
        before, after = getattr(answer.before, name), getattr(answer.after, name)
        share = f"{100 * (after / before - 1):+.1f}" if before else "–"
        table.add_row(title, f"{before:,.0f}", f"{after:,.0f}", f"{after - before:+,.0f}", share)
    rates = 100 * answer.before.fill_rate, 100 * answer.after.fill_rate
    table.add_row("served of wanted, %", f"{rates[0]:.1f}", f"{rates[1]:.1f}", f"{rates[1] - rates[0]:+.1f}", "")
    out.print(table)
    out.print(f"{answer.product_count:,} products with demand, price and cost, as of {answer.on}", highlight=False)
    for note in answer.notes:
        out.print(f"– {note}", highlight=False)
