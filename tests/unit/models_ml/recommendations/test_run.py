"""The tables of a shop with two crowds."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from lakehouse.errors import ConfigError
from lakehouse.pseudonyms import pseudonym
from lakehouse.settings import Settings
from models_ml.recommendations import export, recommend, run
from tests.support.made_up_marts import MadeUpReader, made_up_reader
from tests.unit.models_ml.recommendations.cases import RULES, UNTIL, inputs, products, purchases, rules, views

Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return recommend(
        inputs(
            products=products(A00={"is_for_sale": False}),
            opted_out=pl.DataFrame({"customer_id": ["c001", "c002", "stranger"]}),
            open_sessions=pl.DataFrame({"session_id": ["s000", "s001"]}),
        ),
        until=UNTIL,
        rules=RULES,
    )


def test_who_opted_out_gets_nothing_and_is_counted(tables: Tables) -> None:
    listed = set(tables["customer_recommendation"]["customer_id"])
    assert not listed & {"c001", "c002"}
    assert len(listed) == 118
    row = tables["recommendation_run"].row(0, named=True)
    assert (row["customer_count"], row["opted_out_customer_count"], row["listed_customer_count"]) == (120, 2, 118)
    assert (row["product_count"], row["for_sale_product_count"], row["open_session_count"]) == (34, 33, 2)


def test_what_cannot_be_bought_is_shown_nowhere(tables: Tables) -> None:
    for table, column in (
        ("customer_recommendation", "product_id"),
        ("product_recommendation", "recommended_product_id"),
        ("session_recommendation", "product_id"),
        ("popular_product", "product_id"),
    ):
        assert tables[table].height
        assert "A00" not in set(tables[table][column])
    # it has a page, beside which others are shown
    assert "A00" in set(tables["product_recommendation"]["product_id"])


def test_a_reason_is_a_product_that_the_customer_bought(tables: Tables) -> None:
    listed = tables["customer_recommendation"]
    reasons = listed.drop_nulls("because_product_id")
    assert reasons.height > 0.9 * listed.height
    bought = purchases().select("customer_id", because_product_id="product_id").unique()
    assert reasons.join(bought, on=["customer_id", "because_product_id"], how="anti").is_empty()


def test_beside_a_product_stands_its_own_kind_and_a_new_one_gets_what_sells(tables: Tables) -> None:
    beside = tables["product_recommendation"]
    assert set(beside["kind"]) == {"bought_together", "similar", "viewed_next", "same_category"}
    assert set(beside.filter(kind="same_category")["product_id"]) == {"new"}
    assert beside.filter(product_id="new")["recommended_product_id"][0] == "P"
    crowds = beside.filter(pl.col("kind").is_in(["similar", "viewed_next"]), pl.col("product_id").str.starts_with("A"))
    assert not any(name.startswith("B") for name in crowds["recommended_product_id"])
    assert beside.filter(pl.col("product_id") == pl.col("recommended_product_id")).is_empty()


def test_an_open_visit_gets_what_comes_next(tables: Tables) -> None:
    seen = dict(views().group_by("session_id").agg("product_id").iter_rows())
    for session in ("s000", "s001"):
        shown = tables["session_recommendation"].filter(session_id=session)
        assert shown["method"].to_list() == ["session_knn"] * shown.height
        assert not set(shown["product_id"]) & set(seen[session])
        assert {name[0] for name in shown["product_id"]} == {seen[session][0][0]}


def test_what_is_popular_counts_orders_of_the_unnamed_too() -> None:
    guests = purchases().with_columns(customer_id=pl.lit(None, pl.String))
    made = recommend(inputs(purchases=guests), until=UNTIL, rules=RULES)
    assert made["customer_recommendation"].is_empty()
    first = made["popular_product"].filter(scope="all", rank=1).row(0, named=True)
    recent = guests.filter(pl.col("order_date") > guests["order_date"].max() - timedelta(days=28), product_id="P")  # type: ignore[operator]
    assert (first["product_id"], first["buyer_count"]) == ("P", recent["order_id"].n_unique())
    assert set(made["popular_product"]["scope"]) == {"all", "category", "channel", "country"}


def test_nothing_known_gives_empty_tables() -> None:
    made = recommend(
        inputs(purchases=purchases().clear(), views=views().clear(), products=products().clear()),
        until=UNTIL,
        rules=RULES,
    )
    row = made.pop("recommendation_run").row(0, named=True)
    assert row["customer_method"] == row["session_method"] == "popularity"
    assert all(table.is_empty() for table in made.values())


def test_no_lists_for_visits_where_popularity_does_as_well() -> None:
    made = recommend(
        inputs(open_sessions=pl.DataFrame({"session_id": ["s000"]})), until=UNTIL, rules=rules(champion_margin=1000.0)
    )
    assert made["session_recommendation"].is_empty()
    assert set(made["customer_recommendation"]["method"]) == {"popularity"}


@pytest.fixture
def reader() -> MadeUpReader:
    """The marts' tables with two crowds' lines in them."""
    made = made_up_reader()
    made.execute("drop table fct_order_line")
    made.execute("drop table dim_product")
    lines = purchases()
    made.register_as("fct_order_line", lines.with_columns(demand_quantity=pl.lit(1)))
    catalogue = products().with_columns(
        current_price_shop=pl.col("unit_price_shop"),
        is_gift_card=pl.col("product_id") == "A00",
        is_listed=pl.col("product_id") != "A01",
        status=pl.when(pl.col("product_id") == "A02").then(pl.lit("archived")),
        last_sold_date=pl.lit(UNTIL - timedelta(days=200)),
    )
    made.register_as("dim_product", catalogue)
    made.register_as(
        "dim_customer", pl.DataFrame({"customer_id": ["c000", "c003"], "accepts_marketing": [None, False]})
    )
    made.execute("insert into fct_stock_on_hand values ('A03', 1, 0, null), ('A04', 1, 5, null)")
    events = views().with_columns(
        event_kind=pl.lit("product_view"), occurred_at=pl.col("seen_at"), visit_date=pl.col("seen_at").dt.date()
    )
    made.register_as("fct_event", events)
    made.register_as(
        "fct_session",
        events.group_by("session_id").agg(pl.col("visit_date").min()).with_columns(has_purchased=pl.lit(False)),
    )
    return made


def test_the_marts_are_read_up_to_the_day(reader: MadeUpReader, settings: Settings) -> None:
    as_of = datetime(UNTIL.year, UNTIL.month, UNTIL.day, tzinfo=UTC)
    made = run(reader, as_of=as_of, settings=settings)
    shown = set(made["popular_product"]["product_id"])
    # a gift card, unlisted and long unsold, archived, sold out
    assert not shown & {"A00", "A01", "A02", "A03"}
    assert "A04" in shown
    assert made["recommendation_run"]["opted_out_customer_count"].to_list() == [1]
    assert "c003" not in set(made["customer_recommendation"]["customer_id"])
    reader.execute("insert into fct_order_line select * replace (date '2024-07-01' as order_date) from fct_order_line")
    later = run(reader, as_of=as_of, settings=settings)
    assert all(later[name].equals(table) for name, table in made.items())


@pytest.fixture
def published(tables: Tables) -> MadeUpReader:
    """The report tables, and whose account is whose."""
    made = made_up_reader()
    named = {
        "rpt_customer_recommendation": tables["customer_recommendation"],
        "rpt_product_recommendation": tables["product_recommendation"],
        "rpt_session_recommendation": tables["session_recommendation"],
        "rpt_popular_product": tables["popular_product"],
    }
    for name, frame in named.items():
        made.register_as(name, frame)
    accounts = pl.DataFrame(
        {
            "account_id": [pseudonym(b"key", "shop", "77"), pseudonym(b"key", "shop", "78")],
            "customer_id": ["c000", "c001"],
            "source": "shop",
            "is_deleted": False,
        }
    )
    made.register_as("dim_customer_account", accounts)
    return made


def test_the_files_hold_what_the_tables_hold(published: MadeUpReader, tables: Tables, tmp_path: Path) -> None:
    counts = export.write_all(published, out_dir=tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "customers.jsonl").read_text().splitlines()]
    assert len(lines) == counts["customers.jsonl"] == 118
    first = tables["customer_recommendation"].filter(customer_id="c000")
    assert lines[0]["customer_id"] == "c000"
    assert [one["product_id"] for one in lines[0]["recommendations"]] == first.sort("rank")["product_id"].to_list()
    assert (tmp_path / "customers.jsonl").stat().st_mode & 0o077 == 0
    for name in ("products.jsonl", "sessions.jsonl", "popular.jsonl"):
        assert len((tmp_path / name).read_text().splitlines()) == counts[name] > 0


def test_a_shop_gets_its_own_numbers_and_only_of_those_it_asks_for(published: MadeUpReader, tmp_path: Path) -> None:
    asked = tmp_path / "accounts.csv"
    asked.write_text("source,account_number\nshop,77\nshop,78\nshop,79\nother,77\n")
    export.write_all(published, out_dir=tmp_path, accounts=export.read_accounts(asked), key=b"key")
    lines = [json.loads(line) for line in (tmp_path / "customers.jsonl").read_text().splitlines()]
    # 78 said no to marketing; 79 is nobody; another source's 77 is somebody else
    assert [(line["source"], line["account_number"]) for line in lines] == [("shop", "77")]
    assert "c000" not in (tmp_path / "customers.jsonl").read_text()


def test_an_unusable_list_of_accounts_says_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "accounts.csv"
    wrong.write_text("shop,number\nshop,77\n")
    with pytest.raises(ConfigError, match=r"accounts\.csv lacks the columns \['source', 'account_number'\]"):
        export.read_accounts(wrong)
    with pytest.raises(ConfigError, match=r"missing\.csv cannot be read"):
        export.read_accounts(tmp_path / "missing.csv")
