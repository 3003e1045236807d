"""What may be told about a site, and what is said where it is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from extractors.api.registry import connector_kind
from extractors.crawl.options import SiteOptions
from lakehouse.errors import ConfigError

GOOD: dict[str, Any] = {
    "start_urls": ["https://shop.example/"],
    "contact": "data@merchant.example",
    "legal_note": "Terms read by J. Doe on 2026-11-02.",
}


def options(**told: Any) -> SiteOptions:  # noqa: ANN401 -- as in a sources' file
    found = connector_kind("crawl").options(GOOD | told)
    assert isinstance(found, SiteOptions)
    return found


def test_little_has_to_be_told_and_the_rest_is_gentle() -> None:
    told = options()
    assert told.politeness.min_delay_s == 1.0
    assert told.limits.max_body_bytes == 10 << 20
    assert told.refetch_after_days == 30
    assert told.every_days == 1
    assert told.allow_addresses == ()
    assert told.user_agent.startswith("ecomopsbot/")
    assert told.user_agent.endswith("(+data@merchant.example)")


@pytest.mark.parametrize("missing", ["contact", "legal_note", "start_urls"])
def test_what_has_to_be_told(missing: str) -> None:
    told = {name: value for name, value in GOOD.items() if name != missing}
    with pytest.raises(ConfigError, match=missing) as caught:
        connector_kind("crawl").options(told)
    assert "extractors/crawl/README.md" in caught.value.remedy


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"start_urls": []}, "start_urls"),
        ({"start_urls": ["ftp://shop.example/"]}, "https://"),
        ({"start_urls": ["shop.example"]}, "https://"),
        ({"start_urls": ["https://me:secret@shop.example/"]}, "password"),
        ({"contact": "somebody"}, "mail address"),
        ({"contact": "data@merchant.example\nX-Header: 1"}, "mail address"),
        ({"contact": "数据@merchant.example"}, "mail address"),
        ({"legal_note": "ok"}, "legal_note"),
        ({"allow": ["("]}, "no regular expression"),
        ({"deny": ["["]}, "no regular expression"),
        ({"hosts": ["https://shop.example/"]}, "no host"),
        ({"sitemaps": ["https://elsewhere.example/sitemap.xml"]}, "none of the site's"),
        ({"allow_addresses": ["0.0.0.0/0"]}, "every address"),
        ({"allow_addresses": ["::/0"]}, "every address"),
        ({"allow_addresses": ["localhost:99999"]}, "neither host:port"),
        ({"currency": "pounds"}, "currency"),
        ({"language": "not a language"}, "language"),
        ({"every_days": 0}, "every_days"),
        ({"max_depth": -1}, "max_depth"),
        ({"politeness": {"min_delay_s": -1}}, "politeness.min_delay_s"),
        ({"politeness": {"min_delay_s": 100, "max_delay_s": 10}}, "max_delay_s"),
        ({"politeness": {"max_concurrency": 0}}, "politeness.max_concurrency"),
        ({"budgets": {"pages": 0}}, "budgets.pages"),
        ({"limits": {"max_body_bytes": 1 << 40}}, "limits.max_body_bytes"),
        ({"limits": {"timeout_s": 0}}, "limits.timeout_s"),
        ({"user_agent": "Mozilla/5.0"}, "user_agent"),
        ({"obey_robots": False}, "obey_robots"),
    ],
)
def test_what_is_wrong_is_named(told: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        options(**told)


def test_the_hosts_of_a_site_are_those_of_its_start_and_those_named() -> None:
    told = options(start_urls=["https://Shop.example/x", "http://shop.example:8080/"], hosts=["img.shop.example"])
    assert told.authorities == {"shop.example", "shop.example:8080", "img.shop.example"}
