"""Every canonical stream is fit for what is done with all of them."""

from __future__ import annotations

import re

import polars as pl
import pytest

from lakehouse.errors import ConfigError
from lakehouse.streams import INSTANT, MONEY, ORIGIN, RATE, STREAMS, VERSION, Privacy, Stream, stream
from lakehouse.warehouse.transform import DBT_PROJECT

ALL = list(STREAMS.values())


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_a_stream_is_placed_in_time_named_once_and_described(one: Stream) -> None:
    names = [field.name for field in one.fields]
    assert len(names) == len(set(names))
    assert not set(names) & {*ORIGIN, *VERSION}
    assert one.field("occurred_at").required
    assert one.field("occurred_at").dtype == INSTANT
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{1,40}", name) for name in [one.name, *names])
    assert all(field.description.strip() and field.description[-1] in ".…" for field in one.fields)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_no_column_is_a_float_and_amounts_have_a_currency(one: Stream) -> None:
    assert not any(dtype.is_float() for dtype in one.schema.dtypes())
    if any(dtype == MONEY for dtype in one.schema.dtypes()):
        assert any("currency" in name for name in one.schema)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_its_schemas_are_its_columns_behind_those_of_origin(one: Stream) -> None:
    assert one.landed_schema.names() == [*ORIGIN, *one.schema.names()]
    assert one.versioned_schema.names() == [*ORIGIN, *VERSION, *one.schema.names()]


def test_pseudonyms_are_of_text_and_dropped_columns_are_not_required() -> None:
    for field in (field for one in ALL for field in one.fields):
        if field.privacy is Privacy.PSEUDONYM:
            assert field.dtype == pl.String, field.name
        assert not (field.privacy is Privacy.DROP and field.required), field.name


def test_money_and_rates_are_decimals() -> None:
    assert (MONEY.scale, RATE.scale) == (4, 8)


def test_an_unknown_stream_or_column_is_an_error_that_lists_those_there_are() -> None:
    with pytest.raises(ConfigError, match="Choose one of orders"):
        stream("order")
    with pytest.raises(ConfigError, match="It has: order_ref"):
        stream("orders").field("sum")


def test_freshness_is_measured_of_every_stream() -> None:
    model = (DBT_PROJECT / "models/marts/operations/fct_freshness.sql").read_text()
    told = re.search(r"set streams = \[(.*?)\]", model, re.DOTALL)
    assert told is not None
    assert re.findall(r"'([a-z_]+)'", told[1]) == sorted(STREAMS)
