"""robots.txt by the RFC: what an answer means, how lines are read, and what bytes of any kind do."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.crawl.robots import MAX_BYTES, MAX_LINE_BYTES, RobotsRules

SITE = "https://shop.example"


def allows(text: str | bytes, path: str) -> bool:
    body = text if isinstance(text, bytes) else text.encode()
    return RobotsRules.parse(body).allows(SITE + path)


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        (200, "rules"),
        (204, "rules"),
        (404, "open"),
        (410, "open"),
        (401, "open"),
        (403, "open"),
        (429, "closed"),
        (500, "closed"),
        (503, "closed"),
        (599, "closed"),
        (304, "closed"),
        (302, "closed"),
        (100, "closed"),
        (0, "closed"),
        (999, "closed"),
    ],
)
def test_the_status_decides_first(status: int, standing: str) -> None:
    rules = RobotsRules.of_answer(status, b"User-agent: *\nDisallow: /private\n")
    assert rules.standing == standing
    assert rules.allows(f"{SITE}/private") is (standing == "open")
    assert rules.allows(f"{SITE}/open") is (standing != "closed")


def test_our_own_group_is_taken_alone() -> None:
    text = "User-agent: *\nDisallow: /\n\nUser-agent: EcomopsBot/2.0\nDisallow: /cart\n"
    assert allows(text, "/product")
    assert not allows(text, "/cart")


def test_an_empty_group_of_ours_allows_everything() -> None:
    assert allows("User-agent: *\nDisallow: /\nUser-agent: ecomopsbot\nDisallow:\n", "/x")


def test_a_name_that_ours_begins_with_is_another() -> None:
    assert not allows("User-agent: ecomops\nAllow: /\nUser-agent: *\nDisallow: /\n", "/x")


def test_several_groups_of_one_name_count_together() -> None:
    text = "User-agent: ecomopsbot\nDisallow: /a\nUser-agent: other\nDisallow: /b\nUser-agent: ecomopsbot\nDisallow: /c"
    assert [allows(text, path) for path in ("/a", "/b", "/c")] == [False, True, False]


@pytest.mark.parametrize("between", ["", "Sitemap: https://x.example/s.xml\n", "Crawl-delay: 4\n", "Nonsense: 1\n"])
def test_only_a_rule_closes_the_names_of_a_group(between: str) -> None:
    assert not allows(f"User-agent: ecomopsbot\n{between}User-agent: other\nDisallow: /\n", "/x")


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("Disallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("Allow: /a/b\nDisallow: /a", "/a/c", False),
        ("Disallow: /a\nAllow: /a", "/a", True),
        ("Disallow: /*.php$", "/x.php", False),
        ("Disallow: /*.php$", "/x.php?y=1", True),
        ("Disallow: /*sort=", "/list?page=2&sort=price", False),
        ("Disallow: /caf%c3%a9", "/caf%C3%A9/menu", False),
        ("Disallow: /café", "/caf%C3%A9/menu", False),
        ("Disallow: /a%2Fb", "/a/b", True),
        ("Disallow: /%61", "/a", False),
        ("Disallow: /x # but only that", "/x", False),
        ("disallow:/y", "/y", False),
        ("Disallow /z", "/z", False),
        ("Dissallow: /w", "/w", False),
    ],
)
def test_the_longest_rule_decides(rules: str, path: str, allowed: bool) -> None:
    assert allows(f"User-agent: *\n{rules}\n", path) is allowed


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n\n"])
def test_lines_end_in_any_way(end: str) -> None:
    text = end.join(["User-agent: *", "Disallow: /a", "Disallow: /b"])
    assert not allows(text, "/a")
    assert not allows(text, "/b")
    assert allows(text, "/c")


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbfUser-agent: *\nDisallow: /x\n",
        b"\xff\xfe\x80junk\nUser-agent: *\nDisallow: /x\n",
        b"\x00\x00\nUser-agent: *\x00\nDisallow: /x\x00\n",
        b"<!DOCTYPE html>\n<html>\nUser-agent: *\nDisallow: /x\n</html>",
        b"A" * 100_000 + b"\nUser-agent: *\nDisallow: /x\n",
        b"User-agent: *\n" + b"# pad\n" * 80_000 + b"Disallow: /x\n",
    ],
    ids=["bom", "not utf-8", "nul", "html", "huge line", "480 KiB"],
)
def test_rules_are_found_in_odd_bytes(body: bytes) -> None:
    assert len(body) < MAX_BYTES
    assert not allows(body, "/x")
    assert allows(body, "/y")


def test_a_page_instead_of_rules_forbids_nothing() -> None:
    assert allows(b"<html><body><h1>Not found</h1><p>Disallow: everything</p></body></html>", "/x")


def test_what_is_over_the_limit_is_cut_at_a_line() -> None:
    head = b"User-agent: *\nDisallow: /first\n"
    body = head + b"#" * (MAX_BYTES - len(head) - len(b"\nDisallow: /")) + b"\nDisallow: /" + b"\nDisallow: /late\n"
    assert not allows(body, "/first")
    assert allows(body, "/anything"), "the line that the limit cuts through must not count as one that ends there"
    assert allows(body, "/late")


def test_an_allow_that_is_cut_off_does_not_count() -> None:
    wide = b"Allow: /" + b"*" * MAX_LINE_BYTES + b"/only-this$"
    assert not allows(b"User-agent: *\nDisallow: /\n" + wide + b"\n", "/anything")


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        ("Crawl-delay: 5", 5.0),
        ("crawl-delay: 0.5", 0.5),
        ("Crawl-delay: 2\nCrawl-delay: 7", 7.0),
        ("Crawl-delay: soon", None),
        ("Crawl-delay: nan", None),
        ("Crawl-delay: -1", None),
        ("Crawl-delay: inf", None),
    ],
)
def test_the_delay_it_asks_for(lines: str, seconds: float | None) -> None:
    assert RobotsRules.parse(f"User-agent: *\n{lines}\n".encode()).crawl_delay == seconds


def test_sitemaps_stand_outside_of_groups() -> None:
    body = b"Sitemap: https://a.example/1.xml\nUser-agent: x\nDisallow: /\nSITEMAP:https://a.example/2.xml"
    assert RobotsRules.parse(body).sitemaps == ("https://a.example/1.xml", "https://a.example/2.xml")


@given(st.binary(max_size=400))
def test_any_bytes_can_be_read(body: bytes) -> None:
    rules = RobotsRules.parse(b"User-agent: *\nDisallow: /kept\n\n" + body)
    assert rules.allows(f"{SITE}/x") in (True, False)


@given(st.text(alphabet="/abc%*$?=é", max_size=12))
def test_forbidding_everything_wins_over_any_path(path: str) -> None:
    assert not RobotsRules.parse(b"User-agent: *\nDisallow: /\n").allows(f"{SITE}/{path}")


@pytest.mark.parametrize(
    "body",
    [
        b"".join(b"User-agent: %s\n" % (b"ab" * (i % 50 + 1)) for i in range(10_000)) + b"Disallow: /a\n" * 20_000,
        b"User-agent: *\n" + b"Disallow: /*a*b$\n" * 29_000,
        b"User-agent: *\nDisallow: /" + b"*a" * 250_000,
        b"\n" * MAX_BYTES,
        b"User-agent: ecomopsbot\n" * 22_000 + b"Disallow: /\n",
    ],
    ids=["many names and rules", "many wildcards", "one long pattern", "empty lines", "one name often"],
)
def test_the_worst_of_its_size_takes_bounded_time(body: bytes) -> None:
    started = time.perf_counter()
    RobotsRules.parse(body).allows(f"{SITE}/{'a' * 2_000}")
    assert time.perf_counter() - started < 5.0  # a tenth of that where the machine is idle
