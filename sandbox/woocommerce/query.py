"""The parameters of a listing, read and refused as WordPress does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from sandbox.woocommerce.errors import invalid_parameter

ORDER_STATUSES = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed")
POST_ORDERINGS = ("date", "id", "include", "title", "slug", "modified")
USER_ORDERINGS = ("id", "include", "name", "registered_date")


@dataclass(frozen=True)
class Kind:
    """What differs between the listings.

    Attributes:
        orderings: What `orderby` may say.
        ordering: What it says by default.
        order: The direction by default.
        statuses: What `status` may say; empty: the parameter does not exist.
        has_dates: Whether `after`, `modified_after` and the like exist; customers are no posts and have none.
    """

    orderings: tuple[str, ...] = POST_ORDERINGS
    ordering: str = "date"
    order: str = "desc"
    statuses: tuple[str, ...] = ()
    has_dates: bool = True


ORDERS = Kind(statuses=("any", "trash", *ORDER_STATUSES))
PRODUCTS = Kind(statuses=("any", "future", "trash", "draft", "pending", "private", "publish"))
POSTS = Kind()
CUSTOMERS = Kind(orderings=USER_ORDERINGS, ordering="name", order="asc", has_dates=False)


@dataclass(frozen=True)
class Query:
    """A listing's parameters; instants are naive UTC, bounds exclusive.

    Attributes:
        page: From 1.
        per_page: 1 to 100.
        offset: Rows to leave out before the first; counts instead of the page where it is given.
        ordering: By what.
        descending: In which direction.
        statuses: Which statuses.
        include: Only these ids, where there are any.
        exclude: Not these ids.
        parents: Only rows of these parents, where there are any.
        fields: Only these fields, where there are any.
    """

    page: int = 1
    per_page: int = 10
    offset: int | None = None
    ordering: str = "date"
    descending: bool = True
    statuses: tuple[str, ...] = ("any",)
    include: tuple[int, ...] = ()
    exclude: tuple[int, ...] = ()
    parents: tuple[int, ...] = ()
    fields: tuple[str, ...] = ()
    after: datetime | None = None
    before: datetime | None = None
    modified_after: datetime | None = None
    modified_before: datetime | None = None

    @property
    def start(self) -> int:
        """How many rows come before this page."""
        return (self.page - 1) * self.per_page if self.offset is None else self.offset


def read(given: QueryParams, kind: Kind, site: ZoneInfo) -> Query:
    """Reads a listing's parameters. Unknown ones are ignored, as WordPress does.

    Raises:
        RestError: 400 for one that cannot be used.
    """
    query = Query(
        page=_number(given, "page", 1, 1, None) or 1,
        per_page=_number(given, "per_page", 10, 1, 100) or 10,
        offset=_number(given, "offset", None, 0, None),
        ordering=_choice(given, "orderby", kind.ordering, kind.orderings),
        descending=_choice(given, "order", kind.order, ("asc", "desc")) == "desc",
        include=_ids(given, "include"),
        exclude=_ids(given, "exclude"),
        parents=_ids(given, "parent"),
        fields=tuple(part.strip() for part in given.get("_fields", "").split(",") if part.strip()),
    )
    if kind.statuses:
        query = replace(query, statuses=_statuses(given, kind))
    return _dated(query, given, site) if kind.has_dates else query


def _dated(query: Query, given: QueryParams, site: ZoneInfo) -> Query:
    as_gmt = given.get("dates_are_gmt", "false").lower() in ("true", "1")
    return replace(
        query,
        after=_instant(given, "after", as_gmt, site),
        before=_instant(given, "before", as_gmt, site),
        modified_after=_instant(given, "modified_after", as_gmt, site),
        modified_before=_instant(given, "modified_before", as_gmt, site),
    )


def _instant(given: QueryParams, name: str, as_gmt: bool, site: ZoneInfo) -> datetime | None:
    text = given.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid_parameter(name, "rest_invalid_date", "Invalid date.") from None
    # WP_Date_Query::build_mysql_datetime turns a time with an offset into the site's local time, and then compares
    # that with whichever column was asked for: an offset together with dates_are_gmt is off by the site's offset.
    local = moment.astimezone(site).replace(tzinfo=None) if moment.tzinfo else moment
    return local if as_gmt else local.replace(tzinfo=site).astimezone(UTC).replace(tzinfo=None)


def _number(given: QueryParams, name: str, default: int | None, least: int, most: int | None) -> int | None:
    text = given.get(name)
    if text is None:
        return default
    if not text.lstrip("-").isdigit():
        raise invalid_parameter(name, "rest_invalid_type", f"{name} is not of type integer.")
    number = int(text)
    if number < least or (most is not None and number > most):
        limits = f"between {least} (inclusive) and {most} (inclusive)" if most else f"greater than or equal to {least}"
        raise invalid_parameter(name, "rest_out_of_bounds", f"{name} must be {limits}")
    return number


def _choice(given: QueryParams, name: str, default: str, allowed: tuple[str, ...]) -> str:
    chosen = given.get(name, default)
    if chosen not in allowed:
        raise invalid_parameter(name, "rest_not_in_enum", f"{name} is not one of {', '.join(allowed)}.")
    return chosen


def _statuses(given: QueryParams, kind: Kind) -> tuple[str, ...]:
    chosen = tuple(part.strip() for part in given.get("status", "any").split(",") if part.strip()) or ("any",)
    for number, status in enumerate(chosen):
        if status not in kind.statuses:
            sentence = f"status[{number}] is not one of {', '.join(kind.statuses)}."
            raise invalid_parameter("status", "rest_not_in_enum", sentence)
    return chosen


def _ids(given: QueryParams, name: str) -> tuple[int, ...]:
    parts = [part for text in (*given.getlist(name), *given.getlist(f"{name}[]")) for part in text.split(",")]
    return tuple(int(part) for part in parts if part.strip().isdigit())
