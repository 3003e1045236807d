"""Reports: asked for, waited for, and downloaded as they are.

The number of a report under way is noted, so that a run that was killed takes up the report instead of asking for
another one: createReport is granted once a minute.
https://developer-docs.amazon.com/sp-api/docs/reports-api-v2021-06-30-reference
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from extractors.amazon import parse_settlement
from extractors.amazon.client import Client
from extractors.amazon.errors import InvalidInputError, NotFoundError, ReportFailedError
from extractors.amazon.fetch import stamp
from extractors.amazon.flat_files import open_packed, unpacked
from extractors.amazon.marketplaces import Marketplace
from extractors.amazon.resources import Options
from extractors.api.client import Download, decode_json
from extractors.api.connector import Page, Request
from extractors.api.errors import ApiError, GoneError, TransientError
from lakehouse.landing import RawFile
from lakehouse.windows import Window

ORDERS: Final = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
LEDGER: Final = "GET_LEDGER_DETAIL_VIEW_DATA"
RETURNS: Final = "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"
TRAFFIC: Final = "GET_SALES_AND_TRAFFIC_REPORT"
SETTLEMENT: Final = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
REPORT_TYPES: Final = {
    "orders_report": ORDERS,
    "inventory_ledger": LEDGER,
    "customer_returns": RETURNS,
    "sales_traffic": TRAFFIC,
}
LONGEST: Final = timedelta(days=30)
"""A longer span of GET_FLAT_FILE_ALL_ORDERS_… is refused; the others take it too."""
RETENTION: Final = timedelta(days=90)
_DOWNLOADS: Final = 3
_CHUNK: Final = 1 << 20
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True)
class Wanted:
    """A report to ask for: its type, marketplace, span (both ends included), options, and its key in the note."""

    type: str
    place: Marketplace
    start: str
    end: str
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What the same report is known by in another run."""
        return f"{self.type}/{self.place.id}/{self.start}/{self.end}"

    @property
    def body(self) -> dict[str, Any]:
        """What createReport takes."""
        body = {
            "reportType": self.type,
            "marketplaceIds": [self.place.id],
            "dataStartTime": self.start,
            "dataEndTime": self.end,
        }
        return body | ({"reportOptions": dict(self.options)} if self.options else {})


def requested(resource: str, client: Client, request: Request, options: Options) -> Iterator[Page]:
    """The reports of a resource, one page a report; none where Amazon has no data to tell.

    Raises:
        ReportFailedError: If Amazon gives up on a report.
        TransientError: If a report is not done in time: the next run takes it up.
    """
    wanted = _wanted(resource, request, options)
    state = json.loads(request.cursor) if request.cursor else {"done": 0}
    under_way: dict[str, str] = json.loads(request.noted) if request.noted else {}
    for place, one in enumerate(wanted):
        if place < state["done"]:
            continue
        if one.key not in under_way:
            under_way[one.key] = str(client.json("createReport", body=one.body)["reportId"])
            request.note(json.dumps(under_way))
        report = _finished(client, under_way[one.key], options, request, under_way, one.key)
        more = place + 1 < len(wanted)
        cursor = json.dumps({"done": place + 1}) if more else None
        meta = {"start": stamp(request.window.start), "end": stamp(request.window.end)}
        yield _page(client, request, report, one.place, f"{place + 1:04d}", cursor, meta)


def settlements(client: Client, request: Request, options: Options) -> Iterator[Page]:
    """Settlement reports that Amazon made since; they cannot be asked for, only listed, for 90 days."""
    since = max(request.since, request.now - RETENTION)
    until = min(request.window.end, request.now)
    if since >= until:
        return
    listed = sorted(_listed(client, since, until, options), key=lambda one: (one["createdTime"], one["reportId"]))
    done = json.loads(request.cursor)["done"] if request.cursor else ["", ""]
    left = [one for one in listed if [one["createdTime"], one["reportId"]] > done and one.get("reportDocumentId")]
    for report in left:
        place = next(
            (one for one in options.places if one.id in (report.get("marketplaceIds") or [])), options.places[0]
        )
        state = json.dumps({"done": [report["createdTime"], report["reportId"]]})
        cursor = None if report is left[-1] else state
        yield _page(client, request, report, place, report["reportId"], cursor, {})


def _listed(client: Client, since: datetime, until: datetime, options: Options) -> Iterator[dict[str, Any]]:
    answer = client.json(
        "getReports",
        reportTypes=[SETTLEMENT],
        processingStatuses=["DONE"],
        marketplaceIds=list(options.marketplaces),
        createdSince=stamp(since),
        createdUntil=stamp(until),
        pageSize=100,
    )
    yield from answer["reports"]
    while answer.get("nextToken"):
        # "Specifying nextToken with any other parameters will cause the request to fail."
        answer = client.json("getReports", nextToken=answer["nextToken"])
        yield from answer["reports"]


def _finished(
    client: Client, number: str, options: Options, request: Request, under_way: dict[str, str], key: str
) -> dict[str, Any]:
    """The report once Amazon has done with it."""
    begin = client.http.monotonic()
    while True:
        try:
            report: dict[str, Any] = client.json("getReport", reportId=number)
        except (InvalidInputError, NotFoundError) as error:
            _forget(request, under_way, key)
            raise ReportFailedError(
                f"Amazon knows nothing of the report {number} ({key}): {error.message}",
                remedy="Run it again: another report is asked for.",
            ) from error
        status = report["processingStatus"]
        if status in ("DONE", "CANCELLED"):
            return report
        if status == "FATAL":
            _forget(request, under_way, key)
            raise ReportFailedError(
                f"Amazon gave up on the report {number} ({key}): {_reason(client, report, request)}",
                remedy="Run it again: another report is asked for. If it stays so, the span or the options are wrong.",
            )
        if client.http.monotonic() - begin >= options.patience_s:
            raise TransientError(
                f"The report {number} ({key}) is {status} after {options.patience_s:.0f} seconds.",
                remedy="Run it again later: it takes up the same report.",
            )
        client.http.sleep(options.poll_s)


def _forget(request: Request, under_way: dict[str, str], key: str) -> None:
    """The next run asks for another report instead of taking this one up."""
    under_way.pop(key, None)
    request.note(json.dumps(under_way))


def _reason(client: Client, report: Mapping[str, Any], request: Request) -> str:
    """The beginning of the document that explains a FATAL, where there is one."""
    if not report.get("reportDocumentId"):
        return "no reason given."
    try:
        document, download = _download(client, request, report["reportDocumentId"], {})
    except ApiError as error:
        return f"its error document cannot be read ({error.message})"
    body = download.path.read_bytes()
    download.path.unlink()
    return unpacked(body, document)[:500].decode("utf-8", "replace")


def _page(
    client: Client,
    request: Request,
    report: Mapping[str, Any],
    place: Marketplace,
    number: str,
    cursor: str | None,
    meta: Mapping[str, str],
) -> Page:
    told = {
        "report_id": str(report["reportId"]),
        "report_type": str(report["reportType"]),
        "created_at": str(report["createdTime"]),
        "marketplace": place.id,
        "status": str(report["processingStatus"]),
        **meta,
    }
    if not report.get("reportDocumentId"):
        # CANCELLED without being asked to: there is nothing to tell. That is landed too, as Amazon said it.
        return Page(f"report-{number}.none.json", json.dumps(report).encode(), cursor=cursor, meta=told)
    kind = "json" if report["reportType"] == TRAFFIC else "tsv"
    packing, download = _download(client, request, report["reportDocumentId"], told)
    told |= {"content_type": download.headers.get("content-type", ""), "compression": packing}
    name = f"report-{number}.{kind}{'.gz' if packing else ''}"
    return Page(name, download.path, cursor=cursor, meta=told)


def _adds_up(part: RawFile) -> bool:
    """Whether a settlement's lines come to its total."""
    (read,) = parse_settlement.parse(part)
    return read.quarantined.is_empty()


def _is_json(part: RawFile) -> bool:
    try:
        with open_packed(part.path) as file:
            decode_json(file.read())
    except ApiError:
        return False
    return True


_CHECKS: Final[dict[str, Callable[[RawFile], bool]]] = {SETTLEMENT: _adds_up, TRAFFIC: _is_json}
"""What tells whether a report came whole, where something in it does: the download says nothing of it."""


def _download(client: Client, request: Request, document: str, meta: Mapping[str, str]) -> tuple[str, Download]:
    """A document as it is stored, and how it is compressed.

    An address that expired is asked for anew, and so is a document that came broken. One that can be unpacked and
    still fails its check is taken in the end: then it is the report that is wrong, and reading it will say so.

    Raises:
        TransientError: If it cannot be unpacked, however often it is downloaded.
    """
    check = _CHECKS.get(meta.get("report_type", ""))
    for attempt in range(1, _DOWNLOADS + 1):
        told = client.json("getReportDocument", reportDocumentId=document)
        try:
            download = client.http.download(told["url"], request.scratch)
        except GoneError:
            if attempt == _DOWNLOADS:
                raise
            continue
        can_unpack = _can_unpack(download.path)
        said = {**meta, "content_type": download.headers.get("content-type", "")}
        is_good = can_unpack and (check is None or check(RawFile(document, download.path, said)))
        if is_good or (can_unpack and attempt == _DOWNLOADS):
            return str(told.get("compressionAlgorithm", "")), download
        download.path.unlink()
    raise TransientError(
        f"The report document {document} came broken {_DOWNLOADS} times.",
        remedy="Run it again later: it takes up the same report.",
    )


def _can_unpack(path: Path) -> bool:
    """Whether a document can be read to its end; gzip's checksum stands there."""
    try:
        with open_packed(path) as file:
            while file.read(_CHUNK):
                pass
    except (EOFError, OSError, zlib.error):
        return False
    return True


def _wanted(resource: str, request: Request, options: Options) -> list[Wanted]:
    kind = REPORT_TYPES[resource]
    if resource == "sales_traffic":
        return [
            Wanted(kind, place, day.isoformat(), day.isoformat(), {"dateGranularity": "DAY", "asinGranularity": "SKU"})
            for place in options.places
            for day in days_of(request.window, place, request.now)
        ]
    # Both ends of a report's span belong to it; only the orders are known by their last change.
    start = request.since if resource == "orders_report" else request.window.start
    end = min(request.window.end, request.now)
    spans = []
    while start < end:
        spans.append((stamp(start), stamp(min(start + LONGEST, end) - _SECOND)))
        start += LONGEST
    return [Wanted(kind, place, *span) for place in options.places for span in spans]


def days_of(window: Window, place: Marketplace, now: datetime) -> list[date]:
    """The marketplace's days that begin in the window and are over: so windows share no day and miss none."""
    zone = ZoneInfo(place.time_zone)
    day = window.start.astimezone(zone).date()
    days = []
    while (begin := datetime.combine(day, time(), zone)) < window.end:
        over = datetime.combine(day + timedelta(days=1), time(), zone)
        if begin >= window.start and over <= now:
            days.append(day)
        day += timedelta(days=1)
    return days
