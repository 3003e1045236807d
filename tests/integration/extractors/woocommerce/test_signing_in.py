"""Keys, signatures and what `ecomops sources check` says of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from pydantic import ValidationError

from extractors.api.client import Http
from extractors.api.errors import AuthError
from extractors.api.registry import connector_kind
from extractors.woocommerce import connect, sign_in
from extractors.woocommerce.oauth import OAuth1
from extractors.woocommerce.resources import Options
from sandbox.serving import Fault, Faults, SandboxClock, serve
from sandbox.woocommerce import CONSUMER_KEY, CONSUMER_SECRET, app
from sandbox.world import World, WorldSpec, generate
from tests.support.woocommerce import END

CREDENTIALS = {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return generate(tmp_path_factory.mktemp("world"), WorldSpec.tiny())


@pytest.fixture(scope="module")
def faults() -> Faults:
    return Faults()


@pytest.fixture(scope="module")
def plain_http(world: World, faults: Faults) -> Iterator[str]:
    """A shop without a certificate: OAuth 1.0a only."""
    with serve(app(world, SandboxClock(END), faults, https=False)) as server:
        yield server.url


def test_over_http_every_request_is_signed_and_retries_anew(plain_http: str, faults: Faults) -> None:
    faults.replace([Fault("error_html", path="orders", at=(1, 2))])
    options = Options(url=plain_http)
    http = Http(plain_http, auth=sign_in(options, CREDENTIALS), sleep=lambda _seconds: None)
    connector = connect(options, CREDENTIALS, http=http)
    for _ in range(3):
        answer = connector.shop.listing("orders", {"status": "any", "_fields": "id,billing.country"})
        assert len(answer.rows) == 100
    assert faults.counts()[0]["struck"] == 2
    faults.replace([])


@pytest.mark.parametrize(
    ("credentials", "said"),
    [
        ({**CREDENTIALS, "consumer_secret": "cs_wrong"}, "provided signature does not match"),
        ({**CREDENTIALS, "consumer_key": "ck_unknown"}, "Consumer key is invalid"),
    ],
)
def test_wrong_keys_are_findings_without_secrets(plain_http: str, credentials: dict[str, str], said: str) -> None:
    findings = connect(Options(url=plain_http), credentials).check()
    bad = next(finding for finding in findings if finding.level == "bad")
    assert said in bad.found
    assert "Read" in bad.remedy
    assert credentials["consumer_secret"] not in str(findings)


def test_a_nonce_counts_once_and_a_wrong_clock_not_at_all(plain_http: str) -> None:
    url = f"{plain_http}/wp-json/wc/v3/orders"
    replayed = OAuth1(CONSUMER_KEY, CONSUMER_SECRET, nonce=lambda: "again")
    assert httpx.get(url, auth=replayed).status_code == 200
    assert "nonce has already been used" in httpx.get(url, auth=replayed).text
    late = OAuth1(CONSUMER_KEY, CONSUMER_SECRET, wall=lambda: 1_000_000.0)
    assert "Invalid timestamp" in httpx.get(url, auth=late).text


def test_a_check_tells_what_there_is(plain_http: str) -> None:
    findings = {finding.what: finding for finding in connect(Options(url=plain_http), CREDENTIALS).check()}
    assert findings["site"].found.endswith("time zone Europe/Berlin")
    assert findings["credentials"].found.endswith("orders can be read")
    assert findings["settings"].found == "currency EUR"
    assert findings["transport"].level == "note"


def test_a_check_of_an_older_shop_names_what_is_slow(world: World) -> None:
    with serve(app(world, SandboxClock(END), Faults(), newer_lists=False)) as server:
        findings = connect(Options(url=server.url, auth="basic"), CREDENTIALS).check()
    assert {finding.what for finding in findings if finding.level == "note"} == {"refunds", "variations"}


def test_no_shop_at_the_address_is_a_finding() -> None:
    options = Options(url="http://127.0.0.1:9", auth="basic")
    http = Http(options.url, sleep=lambda _seconds: None)
    findings = connect(options, CREDENTIALS, http=http).check()
    assert [finding.level for finding in findings] == ["bad", "bad"]


def test_refused_requests_raise_with_a_remedy(plain_http: str) -> None:
    connector = connect(Options(url=plain_http), {**CREDENTIALS, "consumer_secret": "cs_wrong"})
    with pytest.raises(AuthError, match="sources check"):
        connector.shop.listing("orders", {})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "shop.example"}, "write the shop's address"),
        ({"url": "https://key:secret@shop.example"}, "write the shop's address"),
        ({"url": "http://shop.example", "auth": "basic"}, "shows the secret"),
        ({"url": "https://shop.example", "page_size": 101}, "less than or equal to 100"),
        ({"url": "https://shop.example", "gift_card_sku": "["}, "no regular expression"),
        ({"url": "https://shop.example", "speed": 3}, "Extra inputs"),
    ],
)
def test_options_that_cannot_be_used_are_explained(options: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Options.model_validate(options)


@pytest.mark.parametrize(("url", "is_basic"), [("https://shop.example/", True), ("http://shop.example/wp-json", False)])
def test_the_address_decides_how_to_sign_in(url: str, is_basic: bool) -> None:
    options = Options(url=url)
    assert options.is_basic is is_basic
    assert not options.url.endswith(("/", "/wp-json"))
    assert isinstance(sign_in(options, CREDENTIALS), httpx.BasicAuth if is_basic else OAuth1)


def test_the_registry_knows_the_connector() -> None:
    kind = connector_kind("woocommerce")
    assert kind.api_version == "wc/v3"
    assert kind.credentials == ("consumer_key", "consumer_secret")
    assert {name for name, one in kind.resources.items() if one.is_snapshot} == {
        "products", "customers", "coupons", "deletions",
    }  # fmt: skip
    assert kind.resources["orders"].overlap == timedelta(hours=1)
    assert kind.resources["refunds"].tables == ("refunds", "order_lines", "payments")
