"""A page of a listing: which rows, how many there are, and where the next page is."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from starlette.datastructures import URL
from starlette.responses import JSONResponse, Response

from sandbox.serving import Faults
from sandbox.woocommerce.query import Query

Document = dict[str, Any]

INDEX_SCHEMA = pl.Schema(
    [
        ("post_id", pl.Int64()),
        ("key", pl.Int64()),  # the world's number of the row
        ("parent_id", pl.Int64()),
        ("created", pl.Datetime("us")),
        ("modified", pl.Datetime("us")),
        ("status", pl.String()),
        ("name", pl.String()),
    ]
)
"""What a listing has to know of each row."""

_COLUMNS = {
    "date": "created",
    "registered_date": "created",
    "modified": "modified",
    "id": "post_id",
    "include": "post_id",
    "title": "name",
    "slug": "name",
    "name": "name",
}


def select(index: pl.DataFrame, query: Query) -> tuple[pl.DataFrame, int]:
    """The rows of the page, in order, and how many rows there are on all pages together."""
    rows = index.filter(_conditions(query))
    by = [_COLUMNS[query.ordering]]
    # The id decides where dates are equal, in the same direction (prepare_objects_query adds it).
    ordered = rows.sort([*by, "post_id"], descending=query.descending)
    return ordered.slice(query.start, query.per_page), rows.height


def _conditions(query: Query) -> list[pl.Expr]:
    post, status = pl.col("post_id"), pl.col("status")
    conditions = [status != "trash" if "any" in query.statuses else status.is_in(list(query.statuses))]
    if query.include:
        conditions.append(post.is_in(list(query.include)))
    if query.exclude:
        conditions.append(~post.is_in(list(query.exclude)))
    if query.parents:
        conditions.append(pl.col("parent_id").is_in(list(query.parents)))
    seconds = {name: pl.col(name).dt.truncate("1s") for name in ("created", "modified")}
    bounds = (
        ("created", query.after, query.before),
        ("modified", query.modified_after, query.modified_before),
    )
    for column, after, before in bounds:
        conditions += [seconds[column] > after] if after else []
        conditions += [seconds[column] < before] if before else []
    return conditions


def answer(documents: Sequence[Document], total: int, query: Query, url: URL, faults: Faults) -> Response:
    """The page as an HTTP answer, with the counts and the neighbours in headers."""
    pages = -(-total // query.per_page)
    headers = {"X-WP-Total": str(total), "X-WP-TotalPages": str(pages)}
    links = []
    if query.page > 1:
        links.append(f'<{url.include_query_params(page=min(query.page - 1, pages))}>; rel="prev"')
    if pages > query.page:
        links.append(f'<{url.include_query_params(page=query.page + 1)}>; rel="next"')
    if links:
        headers["Link"] = ", ".join(links)
    spoilt = _spoilt([_fields(one, query.fields) for one in documents], url.path, faults)
    return JSONResponse(spoilt, headers=headers)


def _fields(document: Document, wanted: tuple[str, ...]) -> Document:
    """Only the fields of `_fields`; "billing.email" takes one out of an object."""
    if not wanted:
        return document
    kept: Document = {}
    for path in wanted:
        _copy(document, kept, path.split("."))
    return kept


def _copy(source: Mapping[str, Any], target: Document, path: list[str]) -> None:
    first, *rest = path
    if first not in source:
        return
    if rest and isinstance(source[first], dict):
        _copy(source[first], target.setdefault(first, {}), rest)
    else:
        target[first] = source[first]


def _spoilt(rows: list[Document], path: str, faults: Faults) -> list[Document]:
    """The rows as the semantic faults leave them."""
    if rows and faults.strike("duplicate", path):
        rows = [*rows, *rows[: max(1, len(rows) // 3)]]
    if rows and faults.strike("reorder", path):
        rows = random.Random(len(rows)).sample(rows, len(rows))  # noqa: S311  any order will do
    if rows and faults.strike("missing_rows", path):
        rows = rows[: len(rows) // 2]
    if faults.strike("schema_extra", path):
        rows = [{**row, "fulfillment_score": 7, "delivery": {"slot": "am", "notes": ["ring twice"]}} for row in rows]
    if faults.strike("schema_retype", path):
        rows = [{**row, "total": [row["total"]]} if "total" in row else {**row, "id": {}} for row in rows]
    return rows
