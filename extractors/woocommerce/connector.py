"""The connector: a WooCommerce shop behind the contract that all sources share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from extractors.api.client import decode_json
from extractors.api.connector import Finding, Page, Parsing, Request
from extractors.api.errors import ApiError, AuthError
from extractors.woocommerce.client import Shop
from extractors.woocommerce.fetch import STEPS
from extractors.woocommerce.parse import parse
from extractors.woocommerce.place import walk
from extractors.woocommerce.resources import Options
from extractors.woocommerce.sweep import deletions
from lakehouse.landing import RawFile

_KEYS = "WooCommerce → Settings → Advanced → REST API"


@dataclass(frozen=True)
class WooCommerce:
    """One shop.

    Attributes:
        shop: Its REST API.
        options: What the sources' file says of it.
    """

    shop: Shop
    options: Options

    def fetch(self, resource: str, request: Request) -> Iterator[Page]:
        """Pages in order; see the contract."""
        if resource == "deletions":
            return deletions(self.shop, request)
        first, steps = STEPS[resource]
        return walk(self.shop, request, first, steps)

    def parse(self, resource: str, parts: Iterable[RawFile]) -> Iterator[Parsing]:
        """Reads stored pages, each of which tells its kind; see the contract."""
        return parse(parts, gift_card_sku=self.options.gift_card_sku)

    def check(self) -> list[Finding]:
        """The site, the key, the lists that this version has, and how many orders there are."""
        findings = [self._found("site", self._site), self._found("credentials", self._orders)]
        if all(finding.level != "bad" for finding in findings):
            findings += [self._found("settings", self._settings), *self._lists()]
        if not self.options.is_basic:
            note = "plain http: requests are signed, answers can be read on the way"
            findings.append(Finding("note", "transport", note, "Give the shop a certificate."))
        return findings

    def _found(self, what: str, look: Callable[[], str]) -> Finding:
        try:
            return Finding("ok", what, look())
        except AuthError as error:
            remedy = f"Make a key with the permission Read for an administrator or shop manager: {_KEYS}."
            return Finding("bad", what, error.message, remedy)
        except ApiError as error:
            return Finding("bad", what, error.message, error.remedy)

    def _site(self) -> str:
        told = self.shop.index()
        if "wc/v3" not in told.get("namespaces", []):
            raise ApiError(
                "The site answers, and has no WooCommerce REST API (wc/v3).",
                remedy="Is WooCommerce active, and are permalinks other than Plain (Settings → Permalinks)?",
            )
        return f"{told.get('name', '')}, time zone {told.get('timezone_string') or told.get('gmt_offset', 'unknown')}"

    def _orders(self) -> str:
        answer = self.shop.listing("orders", {"status": "any", "_fields": "id"})
        return f"{'many' if answer.total is None else format(answer.total, ',')} orders can be read"

    def _settings(self) -> str:
        told = decode_json(self.shop.single("settings/general", {}).body)
        options: dict[str, Any] = {one["id"]: one["value"] for one in told}
        return f"currency {options.get('woocommerce_currency', 'unknown')}"

    def _lists(self) -> list[Finding]:
        slow = {"refunds": "refunds of each order singly", "variations": "variations of each product singly"}
        return [
            Finding("note", path, f"this WooCommerce has no list of all {path}: asks for {instead}")
            for path, instead in slow.items()
            if not self.shop.has_listing(path)
        ]
