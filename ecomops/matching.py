"""People's part in matching: the offers that wait for a decision, and the decisions, landed like any other source."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl

from ecomops.match_sheet import SHEET, existing, read_sheet, write_sheet
from ecomops.pipeline import land
from lakehouse.errors import ConfigError, ContractError, EcomopsError
from lakehouse.landing import loads, read_manifest
from lakehouse.objectstore import open_store
from lakehouse.warehouse import Reader, open_reader
from lakehouse.windows import Window

if TYPE_CHECKING:
    from lakehouse.settings import Settings

SOURCE: Final = "match_decisions"
_OFFERS: Final = """
    select source, page_url, offer_ref, offer_title, variant_title, price_amount, currency_code
    from staging.stg_competitor_offers
    qualify row_number() over (
        partition by source, page_url, offer_ref order by occurred_at desc, known_at desc, load_id desc
    ) = 1
"""
# one listing of several: of our own shops before a marketplace's, and with a price where one has it
_PRODUCTS: Final = """
    select product_id, product_title, variant_title, price_amount, currency_code
    from staging.stg_products
    where product_id is not null and product_title is not null
    qualify row_number() over (
        partition by product_id order by price_amount is null, asin is not null, version_at desc, known_at desc, source
    ) = 1
"""
# A product that sells much, and a pair that is likely, first; all pairs of one offer together.
_WAITING: Final = f"""
with offers as ({_OFFERS}), products as ({_PRODUCTS}),
pairs as (
    select proposed.*, (1 + coalesce(greatest(sold.net_sales_year_shop, 0), 0)) * proposed.score as worth,
        coalesce(sold.product_title, products.product_title) as our_title, products.variant_title as our_variant,
        products.price_amount as our_amount, products.currency_code as our_currency
    from offer_match_candidate as proposed
    left join dim_product as sold using (product_id)
    left join products using (product_id)
)
select
    cast(null as varchar) as decision, pairs.product_id, cast(null as varchar) as note,
    concat_ws(
        ' – ', pairs.our_title, if(contains(pairs.our_title, pairs.our_variant), null, pairs.our_variant)
    ) as our_title,
    concat_ws(
        ' – ', offers.offer_title, if(contains(offers.offer_title, offers.variant_title), null, offers.variant_title)
    ) as offer_title,
    concat_ws(' ', cast(cast(pairs.our_amount as decimal(18, 2)) as varchar), pairs.our_currency) as our_price,
    concat_ws(' ', cast(cast(offers.price_amount as decimal(18, 2)) as varchar), offers.currency_code) as offer_price,
    pairs.reason as why, printf('%.2f', pairs.score) as likeness,
    pairs.source as site, pairs.page_url, pairs.offer_ref
from pairs
inner join offers using (source, page_url, offer_ref)
order by
    max(pairs.worth) over (partition by pairs.source, pairs.page_url, pairs.offer_ref) desc,
    pairs.source, pairs.page_url, pairs.offer_ref, pairs.candidate_rank
"""


@dataclass(frozen=True)
class Reading:
    """What reading a sheet came to.

    Attributes:
        same: Pairs said to be the same product.
        different: Pairs said to be different ones.
        unchanged: Whether this very sheet had been read before, so that nothing was added.
    """

    same: int
    different: int
    unchanged: bool


def write_review(settings: Settings, path: Path, *, most: int, replace: bool = False) -> tuple[int, int]:
    """Writes a sheet of the offers that wait for a decision, the most worth knowing first.

    Args:
        settings: Which warehouse.
        path: Where to: .xlsx for a workbook, anything else for CSV.
        most: Offers on it at most.
        replace: Whether an earlier sheet of that name may go.

    Returns:
        The offers on it, and all that wait.

    Raises:
        ConfigError: If there is a sheet of that name, or the published warehouse has no matches yet.
    """
    existing(path, replace=replace)
    with open_reader(settings) as reader:
        _require_matches(reader)
        waiting = reader.frame(_WAITING)
    offers = waiting.select("site", "page_url", "offer_ref").unique(maintain_order=True)
    chosen = waiting.join(offers.head(most), on=offers.columns, how="semi", maintain_order="left")
    write_sheet(chosen.select(pl.col(name).cast(dtype) for name, dtype in SHEET.items()), path)
    return min(most, offers.height), offers.height


def read_review(settings: Settings, path: Path, *, by: str, now: datetime, run_id: str) -> Reading:
    """Lands the decisions of a sheet. Reading the same sheet again adds nothing.

    Args:
        settings: Where to.
        path: The sheet.
        by: Who decided; past the raw zone there is a pseudonym.
        now: The wall clock, read by whoever started this: when it was decided.
        run_id: The run.

    Raises:
        ConfigError: If the sheet is missing, or nobody is named.
        ContractError: If a row cannot be understood, or names an offer or a product that there is not.
    """
    if not by.strip():
        raise ConfigError("Nobody is named who decided.", remedy="Add --by and a name.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", remedy="Name the sheet with --sheet.") from error
    decided = read_sheet(data, path.name)
    counts = dict(decided.group_by("decision").len().rows())
    sheet = hashlib.sha256(data).hexdigest()[:12]
    was_read = _was_read(settings, sheet)
    if not was_read:
        with open_reader(settings) as reader:
            _check_known(reader, decided, path.name)
        _land(settings, decided, sheet, by.strip(), now, run_id)
    return Reading(counts.get("same", 0), counts.get("different", 0), was_read)


def summary(settings: Settings) -> pl.DataFrame:
    """How many offers of each site are matched by which rule, and how many wait: `site, status, rule, offers`."""
    with open_reader(settings) as reader:
        _require_matches(reader)
        return reader.frame(
            "select source as site, status, coalesce(rule, '') as rule, count(*) as offers "
            "from offer_match group by all order by all"
        )


def _require_matches(reader: Reader) -> None:
    if ("models", "offer_match_candidate") not in reader.tables():
        raise ConfigError("The published warehouse has no matches yet.", remedy="Close a day: `ecomops close DAY`.")


def _was_read(settings: Settings, sheet: str) -> bool:
    """Whether a load holds this sheet already; its name is in those of the landed files."""
    store = open_store(settings)
    return any(
        part.name.endswith(f"_{sheet}.csv")
        for ref in loads(store, SOURCE, SOURCE)
        for part in read_manifest(store, ref).parts
    )


def _check_known(reader: Reader, decided: pl.DataFrame, name: str) -> None:
    """Checks that the offers and products that a sheet names are in the warehouse."""
    offers = reader.frame("select distinct source as site, page_url, offer_ref from staging.stg_competitor_offers")
    for row in decided.join(offers, on=offers.columns, how="anti").head(1).iter_rows(named=True):
        raise ContractError(
            f"{name}, row {row['row']}: {row['site']} has no offer {row['offer_ref']!r} on {row['page_url']}.",
            remedy="Take site, page_url and offer_ref from the sheet as it was written.",
        )
    products = reader.frame(
        "select distinct product_id from staging.stg_products where product_id is not null "
        "union select product_id from dim_product"
    )
    for row in decided.join(products, on="product_id", how="anti").head(1).iter_rows(named=True):
        raise ContractError(
            f"{name}, row {row['row']}: there is no product {row['product_id']!r}.",
            remedy="Write the code of one of our products into product_id.",
        )


def _land(settings: Settings, decided: pl.DataFrame, sheet: str, by: str, now: datetime, run_id: str) -> None:
    moment = now.astimezone(UTC)
    record = decided.select(
        "site", "page_url", "offer_ref", "product_id", "decision",
        decided_by=pl.lit(by), note="note", decided_at=pl.lit(f"{moment:%Y-%m-%dT%H:%M:%SZ}"),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"match_decisions_{moment:%Y-%m-%d}_{sheet}.csv"
        record.write_csv(file)
        day = Window.local_day(moment.date(), "UTC")
        landed = land(settings, SOURCE, Path(folder), [day], landed_at=now, run_id=run_id, known_at=now)
    if landed.rows["quarantined"]:
        raise EcomopsError(
            f"{landed.rows['quarantined']} decisions are in quarantine.", remedy="Look at `ecomops quarantine`."
        )
