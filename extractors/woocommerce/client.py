"""Asking a WooCommerce shop: one page of a listing, one record, the shop's own words about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from extractors.api.client import Http, decode_json
from extractors.api.errors import ApiError, GoneError, IncompleteError
from extractors.api.throttle import TokenBucket

BASE = "/wp-json/wc/v3/"
_TRIES = 5
_NO_ROUTE = "rest_no_route"
_NOT_FOUND = 404


@dataclass(frozen=True)
class Answer:
    """A page of a listing.

    Attributes:
        body: As it was received.
        rows: Its records.
        total: How many there are on all pages, as the shop says; None where a proxy took the header away.
        offset: How many came before this page.
        page_size: How many were asked for.
        asked_at: The shop's clock (the Date header), UTC; None without one.
    """

    body: bytes
    rows: tuple[Mapping[str, Any], ...]
    total: int | None
    offset: int
    page_size: int
    asked_at: datetime | None

    @property
    def ids(self) -> list[int]:
        """The records' numbers."""
        return [int(row["id"]) for row in self.rows]

    @property
    def is_last(self) -> bool:
        """Whether nothing comes after it."""
        if self.total is None:
            return len(self.rows) < self.page_size
        return self.offset + self.page_size >= self.total

    @property
    def is_whole(self) -> bool:
        """Whether as many different records came as the shop says there are on this page."""
        if self.total is None:
            return True
        return len(set(self.ids)) == max(0, min(self.page_size, self.total - self.offset))


@dataclass(frozen=True)
class Single:
    """What the shop says of one record.

    Attributes:
        body: As it was received.
        status: The HTTP status, 200 or 404.
        asked_at: The shop's clock, UTC; None without a Date header.
    """

    body: bytes
    status: int
    asked_at: datetime | None


@dataclass
class Shop:
    """A shop's REST API.

    Args:
        http: Its server.
        bucket: How fast it may be asked.
        page_size: Records a page.
    """

    http: Http
    bucket: TokenBucket
    page_size: int = 100
    _last: httpx.Response | None = field(default=None, repr=False)

    def listing(self, path: str, params: Mapping[str, object], offset: int = 0) -> Answer:
        """A page of a listing, asked again where records are missing on it.

        Raises:
            IncompleteError: If fewer records come than the shop says, again and again.
            GoneError: If there is no such listing.
            ApiError: If the shop cannot be reached, refuses, or answers no list.
        """
        told = {**params, "per_page": self.page_size, **({"offset": offset} if offset else {})}
        for _ in range(_TRIES):
            answer = self._page(path, told, offset)
            if answer.is_whole:
                return answer
        raise IncompleteError(
            f"{path}: {len(set(answer.ids))} records came on a page, {answer.total} are said to be there in all.",
            remedy="Run it again. If it stays so, the shop holds a record that it cannot show: look into "
            "WooCommerce → Status → Logs.",
        )

    def _page(self, path: str, told: Mapping[str, object], offset: int) -> Answer:
        response = self._get(BASE + path, told)
        rows = decode_json(response.content)
        if not isinstance(rows, list) or not all(isinstance(row, dict) and _is_number(row.get("id")) for row in rows):
            raise ApiError(f"{path}: the answer is no list of records.", remedy="Look for a plugin that changes it.")
        total = response.headers.get("X-WP-Total", "")
        count = int(total) if total.isdigit() else None
        return Answer(response.content, tuple(rows), count, offset, self.page_size, _date(response))

    def has_listing(self, path: str) -> bool:
        """Whether this WooCommerce is new enough to have such a listing.

        Raises:
            ApiError: As `listing`.
        """
        return self._unless_gone(path, {"per_page": 1, "_fields": "id"}, gone=_NO_ROUTE).status_code != _NOT_FOUND

    def single(self, path: str, params: Mapping[str, object], *, gone: str | None = None) -> Single:
        """What the shop says of one record, even that it has none.

        Args:
            path: The record's.
            params: Query parameters.
            gone: The end of WooCommerce's error code for a record that does not exist. A 404 with another code (a
                maintenance page, a plugin that was switched off) is an error, not a deletion. None: so is every 404.

        Raises:
            ApiError: If the shop cannot be reached or refuses.
        """
        response = self._unless_gone(path, params, gone=gone)
        return Single(response.content, response.status_code, _date(response))

    def _unless_gone(self, path: str, params: Mapping[str, object], *, gone: str | None) -> httpx.Response:
        """An answer, or the 404 whose code ends in `gone`; one that is cut short is asked for again."""
        for left in reversed(range(_TRIES)):
            try:
                return self._get(BASE + path, params)
            except GoneError:
                code = self._code()
                if self._last is not None and gone is not None and code.endswith(gone):
                    return self._last
                if code or not left:
                    raise
        raise AssertionError("the last try returns or raises")

    def index(self) -> Mapping[str, Any]:
        """WordPress's words about the site; open to everybody.

        Raises:
            ApiError: If the shop cannot be reached or refuses.
        """
        told = decode_json(self._get("/wp-json/", {}).content)
        return told if isinstance(told, dict) else {}

    def _get(self, path: str, params: Mapping[str, object]) -> httpx.Response:
        return self.http.request("GET", path, params=params, before=self.bucket.acquire, after=self._keep)

    def _keep(self, response: httpx.Response) -> None:
        self._last = response

    def _code(self) -> str:
        """The error code of the last answer; empty where it holds none, as a page of HTML or half of a body."""
        try:
            told = decode_json(self._last.content) if self._last is not None else None
        except ApiError:
            return ""
        return str(told.get("code", "")) if isinstance(told, dict) else ""


def _is_number(value: object) -> bool:
    return isinstance(value, str) and value.isdigit()


def _date(response: httpx.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return None
