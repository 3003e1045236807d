"""Bulk operations: Shopify exports beside its other work, and we take up the same operation again after a kill."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractors.api.connector import Request
from extractors.api.errors import AuthError, GoneError, IncompleteError, RequestError, TransientError
from extractors.shopify import queries
from extractors.shopify.client import Client

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30.0
_PATIENCE_S = 6 * 3600.0
_TRIES = 3


@dataclass(frozen=True)
class Export:
    """A finished export.

    Attributes:
        path: Its file; None where it is empty, which Shopify gives no file for.
        objects: Its lines.
        roots: Those of them that stand at the query's root.
    """

    path: Path | None
    objects: int
    roots: int


@dataclass
class Bulk:
    """Runs bulk operations.

    Attributes:
        client: The shop.
    """

    client: Client

    def export(self, query: str, request: Request) -> Export:
        """Runs a query in bulk, or takes up the operation that an earlier run began, and downloads its file.

        Raises:
            IncompleteError: If the file has other than the announced number of lines.
            TransientError: If the operation failed again and again, or does not end.
        """
        noted = request.noted
        for _ in range(_TRIES):
            operation = self._finished(query, request, noted)
            if operation is None:  # it failed, or Shopify no longer knows it
                request.note(None)
                noted = None
                continue
            try:
                export = self._downloaded(operation, request)
            except GoneError:  # its address has expired: the file is kept for seven days
                request.note(None)
                noted = None
                continue
            except IncompleteError:
                request.note(None)
                raise
            return export
        raise TransientError(
            f"Shopify's bulk operation failed {_TRIES} times.",
            remedy="Run it again later; a smaller window is less for Shopify to export.",
        )

    def _finished(self, query: str, request: Request, noted: str | None) -> dict[str, Any] | None:
        number = _number_of(noted, query) or self._run(query, request)
        waited, pause = 0.0, _FIRST_WAIT_S
        while True:
            operation = self.client.ask(queries.POLL, {"id": number}).data["bulkOperation"]
            if operation is None:
                return None
            status = operation["status"]
            if status == "COMPLETED":
                return dict(operation)
            if status in ("FAILED", "CANCELED", "EXPIRED"):
                _refuse_denied(operation)
                return None
            request.progress(int(operation["rootObjectCount"]))
            if waited > _PATIENCE_S:
                raise TransientError(
                    f"Shopify's bulk operation {number} has been running for {waited / 3600:.0f} hours.",
                    remedy="Run it again later: it takes up the same operation.",
                )
            self.client.http.sleep(pause)
            waited, pause = waited + pause, min(pause * 1.5, _LONGEST_WAIT_S)

    def _run(self, query: str, request: Request) -> str:
        waited, pause = 0.0, _FIRST_WAIT_S
        while True:
            told = self.client.ask(queries.RUN, {"query": query}).data["bulkOperationRunQuery"]
            errors = told["userErrors"]
            if not errors:
                number = str(told["bulkOperation"]["id"])
                request.note(json.dumps({"operation": number, "query": _digest(query)}))
                return number
            codes = {error["code"] for error in errors}
            if not codes & {"OPERATION_IN_PROGRESS", "LIMIT_REACHED"}:
                raise RequestError(
                    f"Shopify refuses the bulk query: {errors[0]['message']}",
                    remedy="This is the connector's fault: its query breaks a rule of bulk operations.",
                )
            if waited > _PATIENCE_S:
                raise TransientError(
                    "Other bulk operations of this app are running, and none ended for hours.",
                    remedy="Look at the app's bulk operations in Shopify, and run this again later.",
                )
            self.client.http.sleep(pause)
            waited, pause = waited + pause, min(pause * 1.5, _LONGEST_WAIT_S)

    def _downloaded(self, operation: dict[str, Any], request: Request) -> Export:
        objects, roots = int(operation["objectCount"]), int(operation["rootObjectCount"])
        if operation["url"] is None:
            if objects:
                raise IncompleteError(
                    f"Shopify counted {objects} objects and gives no file.", remedy="Run it again: it begins anew."
                )
            return Export(None, 0, 0)
        path = self.client.http.download(str(operation["url"]), request.scratch).path
        lines = sum(1 for _ in lines_of(path))
        if lines != objects:
            path.unlink()
            raise IncompleteError(
                f"Shopify's export has {lines} lines where {objects} were announced.",
                remedy="Nothing of it counts. Run it again: it begins anew.",
            )
        return Export(path, objects, roots)


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of an export that hold something."""
    with path.open("rb") as file:
        for line in file:
            if line.strip():
                yield line


def _number_of(noted: str | None, query: str) -> str | None:
    """The operation that was noted, where it is of the same query."""
    if not noted:
        return None
    told = json.loads(noted)
    return str(told["operation"]) if told["query"] == _digest(query) else None


def _digest(query: str) -> str:
    return hashlib.sha256(query.encode()).hexdigest()[:16]


def _refuse_denied(operation: dict[str, Any]) -> None:
    if operation["errorCode"] == "ACCESS_DENIED":
        raise AuthError(
            "Shopify denies access to a part of the bulk query.",
            remedy="Check the app's scopes: `ecomops sources check`.",
        )
