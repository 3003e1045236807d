"""The models' SQL against tables shaped like the marts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from lakehouse.errors import ConfigError, NothingPublishedError
from lakehouse.settings import Settings
from models_ml import baskets, inventory
from models_ml.__main__ import main, run_model
from tests.support.made_up_demand import START
from tests.support.made_up_forecast import flat_forecasts
from tests.support.made_up_marts import DAYS, made_up_reader

AS_OF = datetime(2011, 3, 1, tzinfo=UTC)


def test_baskets_read_orders_before_the_as_of_date(settings: Settings) -> None:
    tables = baskets.run(made_up_reader(), as_of=AS_OF, settings=settings)
    trading_days = sum((START + timedelta(days=day)).weekday() != 5 for day in range((AS_OF.date() - START).days))
    assert trading_days < DAYS
    # The fully cancelled order is no basket.
    assert tables["basket_run"]["basket_count"].to_list() == [trading_days]
    pairs = set(tables["basket_rule"].select("antecedent_product_ids", "consequent_product_ids").iter_rows())
    assert ("10001", "10002") in pairs


def test_inventory_reads_stock_and_terms_where_there_are_any(settings: Settings) -> None:
    reader = made_up_reader()
    reader.execute("insert into fct_stock_on_hand values ('10001', 1, 500, timestamptz '2011-02-25 18:00:00+00')")
    reader.execute("insert into fct_stock_on_hand values ('10002', 1, 500, timestamptz '2011-03-05 18:00:00+00')")
    reader.execute("insert into dim_product_supply values ('10002', 'Acme', 3, 10, 5, 'GBP', 0.5, null)")
    forecast = flat_forecasts(date(2011, 3, 1), product="10001")
    policy = inventory.run(reader, as_of=AS_OF, settings=settings, forecasts=forecast)["inventory_policy"]
    rows = {row["product_id"]: row for row in policy.iter_rows(named=True)}
    assert set(rows) == {"10001", "10002", "10003"}
    # Counted on Friday; Sunday and Monday have sold four each since.
    assert (rows["10001"]["on_hand_units"], rows["10001"]["on_hand_source"]) == (492, "supplied")
    # A count from after the as-of moment is not known yet.
    assert rows["10002"]["on_hand_source"] == "assumed"
    assert (rows["10002"]["supplier_name"], rows["10002"]["lead_time_days"]) == ("Acme", 3)
    assert rows["10003"]["action"] == "no_demand"


def test_without_a_published_warehouse_the_command_says_what_to_do(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["baskets", "--as-of", "2011-12-10T00:00:00+00:00"]) == 1
    assert "Nothing is published" in capsys.readouterr().err
    with pytest.raises(NothingPublishedError):
        run_model("forecasting", as_of=AS_OF, run_id="r", channel="core", settings=settings)


@pytest.mark.parametrize("moment", ["yesterday", "2011-12-10T00:00:00"])
def test_a_moment_without_zone_or_sense_is_refused(
    moment: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["baskets", "--as-of", moment]) == 1
    assert "+00:00" in capsys.readouterr().err


def test_the_error_of_a_bad_moment_is_ours() -> None:
    from models_ml.__main__ import _moment

    with pytest.raises(ConfigError, match="is not a moment"):
        _moment("soon")
    assert _moment("2011-12-10T01:00:00+01:00") == datetime(2011, 12, 10, tzinfo=UTC)
