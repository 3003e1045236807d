"""The recommendations as JSON Lines, a line for each customer, product, visit or scope: what a shop loads."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from lakehouse.errors import ConfigError
from lakehouse.files import write_bytes
from lakehouse.pseudonyms import pseudonym
from models_ml.tables import FrameReader

_LISTS = {
    "products.jsonl": (
        "rpt_product_recommendation",
        ["product_id", "kind"],
        "{'rank': rank, 'product_id': recommended_product_id, 'score': score, 'together_count': together_count}",
    ),
    "sessions.jsonl": (
        "rpt_session_recommendation",
        ["session_id", "method"],
        "{'rank': rank, 'product_id': product_id, 'score': score}",
    ),
    "popular.jsonl": (
        "rpt_popular_product",
        ["scope", "scope_id"],
        "{'rank': rank, 'product_id': product_id, 'buyer_count': buyer_count}",
    ),
}
_CUSTOMERS = """
with accounts as (
    select customer_id, list({'source': source, 'account_id': account_id} order by source, account_id) as accounts
    from dim_customer_account
    where not coalesce(is_deleted, false)
    group by customer_id
)
select
    listed.customer_id,
    any_value(accounts.accounts) as accounts,
    listed.method,
    list(
        {
            'rank': listed.rank, 'product_id': listed.product_id, 'score': listed.score,
            'because_product_id': listed.because_product_id
        }
        order by listed.rank
    ) as recommendations
from rpt_customer_recommendation as listed
left join accounts on listed.customer_id = accounts.customer_id
group by listed.customer_id, listed.method
order by listed.customer_id
"""


def write_all(
    reader: FrameReader, *, out_dir: Path, accounts: pl.DataFrame | None = None, key: bytes = b""
) -> dict[str, int]:
    """Writes `customers.jsonl`, `products.jsonl`, `sessions.jsonl` and `popular.jsonl`.

    Args:
        reader: The published warehouse.
        out_dir: Folder to write into; files of the same name are replaced whole.
        accounts: `source, account_number` of the shop's own customers. With it customers.jsonl names them by these, and
            holds nobody else; without it, by pseudonym, for the warehouse knows no numbers.
        key: Key of the pseudonyms; needed with `accounts`.

    Returns:
        Lines by file. The same snapshot gives the same bytes.

    Raises:
        ConfigError: If the accounts lack a column.
    """
    frames = {"customers.jsonl": reader.frame(_CUSTOMERS)}
    if accounts is not None:
        frames["customers.jsonl"] = _by_number(frames["customers.jsonl"], accounts, key)
    for name, (table, keys, item) in _LISTS.items():
        columns = ", ".join(keys)
        frames[name] = reader.frame(
            f"select {columns}, list({item} order by rank) as recommendations"
            f" from {table} group by {columns} order by {columns}"
        )
    for name, frame in frames.items():
        buffer = io.BytesIO()
        frame.write_ndjson(buffer)
        write_bytes(out_dir / name, buffer.getvalue(), mode=0o600)  # whom we know, and what they may like
    return {name: frame.height for name, frame in frames.items()}


def read_accounts(path: Path) -> pl.DataFrame:
    """The shop's own customers from a CSV with the columns `source` and `account_number`.

    Raises:
        ConfigError: If the file is missing or lacks a column.
    """
    remedy = "Give a CSV file with the columns source and account_number, for example shopify,6543210987."
    try:
        found = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise ConfigError(f"{path.name} cannot be read: {error}.", remedy=remedy) from error
    missing = [name for name in ("source", "account_number") if name not in found.columns]
    if missing:
        raise ConfigError(f"{path.name} lacks the columns {missing}.", remedy=remedy)
    return found.select("source", "account_number").drop_nulls().unique(maintain_order=True)


def _by_number(customers: pl.DataFrame, accounts: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """The lists by the shop's own numbers: whoever has two accounts is on two lines."""
    keyed = accounts.with_columns(
        account_id=pl.Series(
            [pseudonym(key, source, number) for source, number in accounts.iter_rows()], dtype=pl.String
        )
    )
    return (
        customers.explode("accounts", empty_as_null=True)
        .drop_nulls("accounts")
        .unnest("accounts")
        .join(keyed, on=["source", "account_id"])
        .select("source", "account_number", "method", "recommendations")
        .sort("source", "account_number")
    )
