"""The whole forecast on made-up series: statsforecast and Prophet take seconds to import, hence not a unit test."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from lakehouse.errors import ConfigError
from lakehouse.settings import Settings
from models_ml.forecasting import Inputs, batch_names, forecast, run, run_batch
from models_ml.forecasting.backtest import run_folds
from models_ml.forecasting.candidates import BASELINE, COLD_START
from models_ml.forecasting.config import default_assumptions
from models_ml.forecasting.panel import DemandPanel
from models_ml.forecasting.schemas import TABLES
from tests.support.made_up_demand import DEMAND_SCHEMA, START, demand_of, shop, total, totals_of
from tests.support.made_up_marts import MadeUpReader, made_up_reader

RULES = default_assumptions()
DAYS = 210
AS_OF = START + timedelta(days=DAYS)
Tables = dict[str, pl.DataFrame]


def forecast_of(demand: pl.DataFrame, start: date = AS_OF) -> Tables:
    return forecast(Inputs(demand, totals_of(demand), start))


@pytest.fixture(scope="module")
def demand() -> pl.DataFrame:
    return shop(DAYS)


@pytest.fixture(scope="module")
def tables(demand: pl.DataFrame) -> Tables:
    return forecast_of(demand)


def assert_sound(tables: Tables) -> None:
    """What holds for any input: declared shapes, finite numbers, quantiles in order, none negative."""
    for name, (schema, _) in TABLES.items():
        assert dict(tables[name].schema) == {column: kind() for column, kind in schema.items()}
    for name in ("product_forecast", "product_horizon_demand", "total_forecast"):
        numbers = tables[name].select(pl.selectors.float())
        assert numbers.null_count().sum_horizontal().sum() == 0
        assert all(np.isfinite(numbers[column].to_numpy()).all() for column in numbers.columns)
        assert all((numbers[column] >= 0).all() for column in numbers.columns)
    daily, horizon = tables["product_forecast"], tables["product_horizon_demand"]
    for frame, names in ((daily, ("p10", "p50", "p90")), (horizon, ("p50", "p80", "p90", "p95"))):
        columns = [f"demand_units_{name}" for name in names]
        for low, high in pairwise(columns):
            assert (frame[low] <= frame[high]).all()
    for column in ("demand_units", "demand_units_p50", "demand_units_p95"):
        assert (horizon.select(pl.col(column).diff().over("product_id")).to_series().fill_null(0) >= 0).all()


def test_every_active_product_gets_28_days_and_four_horizons(tables: Tables, demand: pl.DataFrame) -> None:
    assert_sound(tables)
    products = demand["product_id"].n_unique()
    assert tables["product_forecast"].height == products * 28
    assert tables["product_horizon_demand"].height == products * 4
    assert tables["total_forecast"].height == 2 * 28
    first = tables["product_forecast"].filter(horizon_days=1)
    assert set(first["forecast_date"]) == {AS_OF}


def test_saturdays_are_zero_with_all_their_quantiles(tables: Tables) -> None:
    saturdays = tables["product_forecast"].filter(pl.col("forecast_date").dt.weekday() == 6)
    assert saturdays.height > 0
    assert saturdays.select(pl.selectors.float()).sum().sum_horizontal()[0] == 0
    totals = tables["total_forecast"].filter(pl.col("forecast_date").dt.weekday() == 6)
    assert totals.select("value", "value_p10", "value_p90").sum().sum_horizontal()[0] == 0


def test_the_cumulative_demand_is_the_sum_of_the_days(tables: Tables) -> None:
    sums = tables["product_forecast"].group_by("product_id").agg(pl.col("demand_units").sum())
    both = sums.join(tables["product_horizon_demand"].filter(horizon_days=28), on="product_id")
    assert np.allclose(both["demand_units"], both["demand_units_right"])


def test_the_level_is_that_of_the_past(tables: Tables, demand: pl.DataFrame) -> None:
    """The made-up demand has no trend: what comes is what was, as a whole within a tenth."""
    recent = total(demand.filter(pl.col("sales_date") >= AS_OF - timedelta(days=84)), "demand_units") / 3
    coming = total(tables["product_horizon_demand"].filter(horizon_days=28), "demand_units")
    assert coming == pytest.approx(recent, rel=0.1)


def test_no_champion_is_worse_than_the_seasonal_naive(tables: Tables) -> None:
    products = tables["forecast_accuracy"].filter(level="product")
    best = products.filter("is_champion", pl.col("model") != "champions")
    base = products.filter("is_baseline").select("series_class", "horizon_days", base="wape")
    both = best.join(base, on=["series_class", "horizon_days"]).filter(pl.col("series_count") >= RULES.min_class_series)
    assert both.height > 0
    assert (both["wape"] <= both["base"]).all()
    overall = products.filter(model="champions").sort("horizon_days")["wape"]
    naive = products.filter(model=BASELINE, series_class="all").sort("horizon_days")["wape"]
    assert (overall < naive).all()


def test_coverage_on_the_fold_held_out_is_near_what_is_promised(tables: Tables) -> None:
    champion = tables["forecast_accuracy"].filter(model="champions", horizon_days=1)
    assert champion["coverage_80_pct"][0] == pytest.approx(80, abs=10)


def test_a_newcomer_is_forecast_by_the_cold_start_rule(tables: Tables) -> None:
    new = tables["product_forecast"].filter(product_id="NEW")
    assert set(new["series_class"]) == {"new"}
    # Six a day since its start; drawn towards the others, but not far.
    per_trading_day = total(new, "demand_units") / new.filter(pl.col("demand_units") > 0).height
    assert 3 < per_trading_day < 9


def test_a_second_run_and_shuffled_rows_give_the_same_to_the_bit(tables: Tables, demand: pl.DataFrame) -> None:
    again = forecast_of(demand.sample(fraction=1, shuffle=True, seed=1))
    for name, frame in tables.items():
        assert frame.equals(again[name]), name


def test_folds_do_not_see_what_came_after_them(demand: pl.DataFrame) -> None:
    """The newest fold's forecasts stay the same when everything after its origin is made up anew."""
    origin = AS_OF - timedelta(days=RULES.horizon_days)
    known = demand.filter(pl.col("sales_date") < origin)
    other = demand.filter(pl.col("sales_date") >= origin).with_columns(pl.col("demand_units") * 1000)
    folds = []
    for frame in (demand, pl.concat([known, other])):
        panel = DemandPanel.build(frame, until=AS_OF, rules=RULES)
        assert panel is not None
        folds.append(run_folds(panel, RULES)[0])
    honest, tempted = folds
    assert not np.array_equal(honest.actual, tempted.actual)
    assert honest.forecasts.classes.tolist() == tempted.forecasts.classes.tolist()
    for model, path in honest.forecasts.by_model.items():
        assert np.array_equal(path, tempted.forecasts.by_model[model]), model


def test_what_happens_on_and_after_the_start_is_not_looked_at(tables: Tables, demand: pl.DataFrame) -> None:
    future = demand_of({"P000": [10_000.0] * 20, "LATER": [50.0] * 20}, start=AS_OF)
    again = forecast_of(pl.concat([demand, future]))
    assert tables["product_forecast"].equals(again["product_forecast"])
    assert tables["total_forecast"].equals(again["total_forecast"])


def test_a_product_that_rests_too_long_is_left_out(demand: pl.DataFrame) -> None:
    resting = demand_of({"OLD": [5.0] * 30})
    result = forecast_of(pl.concat([demand, resting]))
    assert "OLD" not in set(result["product_forecast"]["product_id"])


def test_days_that_did_not_come_in_are_forecast_and_skipped(demand: pl.DataFrame) -> None:
    late = forecast_of(demand, start=AS_OF + timedelta(days=5))
    assert_sound(late)
    assert late["product_forecast"]["forecast_date"].min() == AS_OF + timedelta(days=5)
    assert late["product_forecast"].filter(product_id="P000").height == 28


@pytest.mark.parametrize(
    ("series", "days"),
    [
        ({"ONE": [7.0]}, 1),
        ({"WEEK": [1.0, 2.0, 0.0, 4.0, 5.0]}, 5),
        ({"FLAT": [5.0] * 100}, 100),
        ({"HUGE": [1e9, 3e9] * 50}, 100),
        ({"GAP": [3.0] * 20 + [0.0] * 60 + [3.0] * 20}, 100),
        ({"TWICE": [2.0] + [0.0] * 60 + [9.0], "OFTEN": [4.0] * 62}, 62),
    ],
    ids=["one day", "five days", "constant", "huge", "gap", "two demands"],
)
def test_odd_series_get_a_sensible_answer(series: dict[str, list[float]], days: int) -> None:
    result = forecast_of(demand_of(series), start=START + timedelta(days=days))
    assert_sound(result)
    assert set(result["product_forecast"]["product_id"]) == set(series)
    for product, values in series.items():
        level = result["product_forecast"].filter(product_id=product)["demand_units"].to_numpy()
        assert level.sum() > 0
        assert level.max() <= 3 * max(values)


def test_a_constant_product_is_forecast_at_its_constant() -> None:
    result = forecast_of(demand_of({"FLAT": [5.0] * 100}), start=START + timedelta(days=100))
    # Open every day of the week, so on holidays too.
    assert result["product_forecast"]["demand_units"].to_numpy() == pytest.approx(5)


def test_without_a_backtest_there_are_no_accuracy_rows() -> None:
    result = forecast_of(demand_of({"A": [5.0, 0.0, 3.0]}), start=START + timedelta(days=3))
    assert result["forecast_accuracy"].is_empty()
    assert set(result["product_forecast"]["model"]) <= {"window_average", COLD_START}


@pytest.mark.parametrize("units", [None, 0.0, -4.0], ids=["no rows", "zeros", "negative"])
def test_nothing_sold_gives_empty_tables(units: float | None) -> None:
    rows = [] if units is None else [("A", START, units)]
    result = forecast_of(pl.DataFrame(rows, schema=DEMAND_SCHEMA, orient="row"))
    assert_sound(result)
    assert all(frame.is_empty() for frame in result.values())


def test_a_run_reads_the_marts_up_to_the_shop_s_local_date(settings: Settings) -> None:
    """Late in the evening in UTC it is the next day in Tokyo: the last known day is then the one before that."""
    moment = datetime(2011, 3, 10, 20, tzinfo=UTC)
    london = run(made_up_reader(), as_of=moment, settings=settings)
    tokyo = run(made_up_reader(), as_of=moment, settings=settings.model_copy(update={"shop_time_zone": "Asia/Tokyo"}))
    for tables, first in ((london, date(2011, 3, 10)), (tokyo, date(2011, 3, 11))):
        assert_sound(tables)
        assert min(tables["product_forecast"]["forecast_date"].to_list()) == first
        assert min(tables["total_forecast"]["forecast_date"].to_list()) == first
    money, units = (
        total(london["total_forecast"].filter(metric=name), "value") for name in ("net_sales_shop", "demand_units")
    )
    assert money == pytest.approx(2 * units, rel=0.02)


def test_done_in_parts_it_is_the_same_forecast(demand: pl.DataFrame) -> None:
    """By several workers, some of whose parts did not come, or are of other products."""
    reader = MadeUpReader(demand)
    moment = datetime.combine(AS_OF, datetime.min.time(), UTC)
    whole = run(reader, as_of=moment, settings=Settings())
    names = batch_names(RULES)
    parts = {name: run_batch(reader, as_of=moment, settings=Settings(), batch=name) for name in names}
    assert all(parts.values())
    some = {names[0]: parts[names[0]], names[1]: parts[names[2]], "totals": parts["totals"]}

    for given in (parts, some):
        made = run(reader, as_of=moment, settings=Settings(), parts=given)
        for name, table in whole.items():
            assert_frame_equal(made[name], table)
    doubled = {**parts["coming"], "units": parts["coming"]["units"] * 2}
    made = run(reader, as_of=moment, settings=Settings(), parts={"coming": doubled})
    assert total(made["product_forecast"], "demand_units") == pytest.approx(
        2 * total(whole["product_forecast"], "demand_units")
    )


def test_a_short_history_has_fewer_parts_to_do() -> None:
    reader = MadeUpReader(shop(40))
    moment = datetime.combine(START + timedelta(days=40), datetime.min.time(), UTC)
    done = {name: run_batch(reader, as_of=moment, settings=Settings(), batch=name) for name in batch_names(RULES)}
    assert done["origin-3"] == {}
    assert done["coming"]["series"].height > 0
    with pytest.raises(ConfigError, match="no part 'origin-9'"):
        run_batch(reader, as_of=moment, settings=Settings(), batch="origin-9")
