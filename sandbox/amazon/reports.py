"""Reports API 2021-06-30: reports are asked for, made after a while, and fetched from an address that expires.

https://developer-docs.amazon.com/sp-api/docs/reports-api-v2021-06-30-reference
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

import polars as pl
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.amazon import flat_files
from sandbox.amazon.answers import Refused, iso, listed, moment, naive, read_token, write_token
from sandbox.amazon.marketplaces import BY_CURRENCY, MARKETPLACES, Marketplace
from sandbox.amazon.merchant import Merchant
from sandbox.amazon.postings import Book
from sandbox.amazon.settlement import PERIOD, settlement
from sandbox.amazon.traffic import is_over, traffic
from sandbox.serving import Documents, Faults, SandboxClock

ORDERS: Final = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
LEDGER: Final = "GET_LEDGER_DETAIL_VIEW_DATA"
RETURNS: Final = "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"
TRAFFIC: Final = "GET_SALES_AND_TRAFFIC_REPORT"
SETTLEMENT: Final = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
REQUESTABLE: Final = {ORDERS: flat_files.orders, LEDGER: flat_files.ledger, RETURNS: flat_files.returns, TRAFFIC: None}

URL_LIFETIME: Final = timedelta(minutes=5)
RETENTION: Final = timedelta(days=90)
_STAGES: Final = ("IN_QUEUE", "IN_PROGRESS")
_TOKEN_LIFETIME: Final = timedelta(hours=24)
_COMPRESSED_FROM: Final = 2_000  # bytes


@dataclass
class _Report:
    id: str
    type: str
    marketplace: Marketplace
    created: datetime
    start: datetime
    end: datetime
    options: dict[str, str] = field(default_factory=dict)
    payout: dict[str, Any] | None = None
    polls: int = 0
    status: str = "IN_QUEUE"
    document: str | None = None
    finished: datetime | None = None


@dataclass(frozen=True)
class _Content:
    body: bytes
    content_type: str


class Reports:
    """The operations over the merchant's reports.

    Args:
        documents: The shelf from which documents are downloaded.
    """

    def __init__(
        self, merchant: Merchant, book: Book, clock: SandboxClock, faults: Faults, documents: Documents
    ) -> None:
        self._merchant = merchant
        self._book = book
        self._clock = clock
        self._faults = faults
        self._documents = documents
        self._numbers = count(50_001)
        self._reports: dict[str, _Report] = {}
        self._contents: dict[str, _Content] = {}
        self.doomed: set[str] = set()
        """Report types whose next report ends FATAL."""

    async def create(self, request: Request) -> Response:
        """`createReport`."""
        try:
            asked = await request.json()
            kind, wanted = asked["reportType"], asked["marketplaceIds"]
        except (ValueError, KeyError, TypeError):
            raise Refused("Invalid input", code="400", details="Invalid input") from None
        if kind not in REQUESTABLE or not wanted or not set(wanted) <= set(MARKETPLACES):
            raise Refused("Invalid input", code="400", details="Invalid input")
        now = naive(self._clock.now())
        end = moment(asked.get("dataEndTime"), "dataEndTime") or now
        start = moment(asked.get("dataStartTime"), "dataStartTime") or end
        made = _Report(
            id=str(next(self._numbers)),
            type=kind,
            marketplace=MARKETPLACES[wanted[0]],
            created=now,
            start=start,
            end=end,
            options=dict(asked.get("reportOptions") or {}),
        )
        self._reports[made.id] = made
        return JSONResponse({"reportId": made.id}, status_code=202)

    async def get(self, request: Request) -> Response:
        """`getReport`; each call brings the report nearer to its end."""
        report = self._find(request)
        if report.status in _STAGES:
            report.status = _STAGES[min(report.polls, len(_STAGES) - 1)]
            if report.polls >= len(_STAGES):
                self._finish(report)
            report.polls += 1
        return JSONResponse(_told(report))

    async def cancel(self, request: Request) -> Response:
        """`cancelReport`."""
        report = self._find(request)
        if report.status != "IN_QUEUE":
            raise Refused("Invalid input", code="400", details="Only a report in the queue can be cancelled")
        report.status = "CANCELLED"
        return Response(status_code=200)

    async def search(self, request: Request) -> Response:
        """`getReports`."""
        now = naive(self._clock.now())
        token = request.query_params.get("nextToken")
        if token:
            if len(request.query_params) > 1:
                raise Refused("Invalid input", code="400", details="nextToken must be the only parameter")
            asked = read_token(token, now, lifetime=_TOKEN_LIFETIME)["asked"]
        else:
            asked = _asked(request)
        found = self._matching(asked, now)
        page = found[asked["start"] : asked["start"] + asked["size"]]
        answer: dict[str, Any] = {"reports": [_told(report) for report in page]}
        if asked["start"] + asked["size"] < len(found):
            answer["nextToken"] = write_token(now, asked=asked | {"start": asked["start"] + asked["size"]})
        return JSONResponse(answer)

    async def document(self, request: Request) -> Response:
        """`getReportDocument`: a fresh address for the document, good for five minutes."""
        number = request.path_params["reportDocumentId"]
        content = self._contents.get(number)
        if content is None:
            raise Refused("Invalid input", code="400", details="Invalid input")
        packed = len(content.body) >= _COMPRESSED_FROM
        path = self._documents.put(
            gzip.compress(content.body, mtime=0) if packed else content.body,
            lifetime=URL_LIFETIME,
            content_type=content.content_type,
        )
        # Not the Host header: documents lie elsewhere, and clients write there what they think right.
        host, port = request.scope["server"]
        answer = {"reportDocumentId": number, "url": f"{request.url.scheme}://{host}:{port}{path}"}
        return JSONResponse(answer | ({"compressionAlgorithm": "GZIP"} if packed else {}))

    def _find(self, request: Request) -> _Report:
        number = request.path_params["reportId"]
        self._schedule(naive(self._clock.now()))
        report = self._reports.get(number)
        if report is None:
            raise Refused("Invalid input", code="400", details="Invalid input")
        return report

    def _matching(self, asked: dict[str, Any], now: datetime) -> list[_Report]:
        self._schedule(now)
        since = datetime.fromisoformat(asked["since"]) if asked["since"] else now - RETENTION
        until = datetime.fromisoformat(asked["until"]) if asked["until"] else now
        return sorted(
            (
                report
                for report in self._reports.values()
                if report.type in asked["types"]
                and max(since, now - RETENTION) <= report.created <= min(until, now)
                and (not asked["statuses"] or report.status in asked["statuses"])
                and (not asked["markets"] or report.marketplace.id in asked["markets"])
            ),
            key=lambda report: (report.created, report.id),
            reverse=True,
        )

    def _schedule(self, now: datetime) -> None:
        """Amazon makes a settlement report for each payout, by itself."""
        payouts = self._merchant.table("payouts").filter(pl.col("issued_at") <= now)
        for payout in payouts.iter_rows(named=True):
            number = f"9{payout['payout_id']:07d}"
            if number not in self._reports:
                report = _Report(
                    id=number,
                    type=SETTLEMENT,
                    marketplace=BY_CURRENCY[payout["currency"]],
                    created=payout["issued_at"],
                    start=payout["issued_at"] - PERIOD,
                    end=payout["issued_at"],
                    payout=payout,
                )
                self._reports[number] = report
                self._finish(report)
                report.finished = payout["issued_at"]

    def _finish(self, report: _Report) -> None:
        now = naive(self._clock.now())
        report.finished = now
        text, report.status = self._content(report, now)
        if text is None:
            return
        is_json = report.type == TRAFFIC or report.status == "FATAL"
        # The ledger is one of the reports whose header names no charset.
        told = "text/plain" if report.type == LEDGER else report.marketplace.content_type
        charset = "utf-8" if is_json or report.type == LEDGER else report.marketplace.charset
        report.document = f"amzn1.spdoc.1.4.{report.id}"
        body = text.encode(charset, "replace")  # a title in Chinese is question marks in a report of Western Europe
        self._contents[report.document] = _Content(body, "application/json" if is_json else told)

    def _content(self, report: _Report, now: datetime) -> tuple[str | None, str]:
        if report.payout is not None:
            return settlement(self._merchant, self._book, report.payout), "DONE"
        if report.type in self.doomed:
            self.doomed.discard(report.type)
            return json.dumps({"errorDetails": "Internal failure while the report was made."}), "FATAL"
        if report.type == TRAFFIC:
            return self._traffic(report, now)
        text = REQUESTABLE[report.type](self._merchant, report.marketplace, report.start, report.end, now)  # type: ignore[misc]
        return (None, "CANCELLED") if text is None else (text, "DONE")

    def _traffic(self, report: _Report, now: datetime) -> tuple[str | None, str]:
        first, last = report.start.date(), report.end.date()
        if not is_over(last, report.marketplace, now):
            return None, "CANCELLED"  # there is nothing to tell yet
        return traffic(self._merchant, report.marketplace, first, last, now, report.options), "DONE"


def _asked(request: Request) -> dict[str, Any]:
    types = listed(request, "reportTypes")
    statuses = listed(request, "processingStatuses")
    if not types or not set(statuses) <= {"CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE"}:
        raise Refused("Invalid input", code="400", details="Invalid input in processing status")
    since, until = (moment(request.query_params.get(name), name) for name in ("createdSince", "createdUntil"))
    return {
        "types": types,
        "statuses": statuses,
        "markets": listed(request, "marketplaceIds"),
        "since": since.isoformat() if since else None,
        "until": until.isoformat() if until else None,
        "size": min(100, int(request.query_params.get("pageSize", "10"))),
        "start": 0,
    }


def _told(report: _Report) -> dict[str, Any]:
    told: dict[str, Any] = {
        "reportId": report.id,
        "reportType": report.type,
        "marketplaceIds": [report.marketplace.id],
        "dataStartTime": iso(report.start),
        "dataEndTime": iso(report.end),
        "createdTime": iso(report.created),
        "processingStatus": report.status,
    }
    if report.finished:
        told |= {"processingStartTime": iso(report.created), "processingEndTime": iso(report.finished)}
    return told | ({"reportDocumentId": report.document} if report.document else {})
