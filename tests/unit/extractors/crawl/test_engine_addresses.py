"""Addresses in one form, and which of them are visited."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.crawl.addresses import Rules, authority, canonical, pattern_of

BASE = "https://shop.example/a/b?c=1"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Shop.Example", "https://shop.example/"),
        ("HTTPS://shop.example:443/x#part", "https://shop.example/x"),
        ("http://shop.example:80/x", "http://shop.example/x"),
        ("http://shop.example:8080/x", "http://shop.example:8080/x"),
        ("/x?b=2&a=1", "https://shop.example/x?a=1&b=2"),
        ("x", "https://shop.example/a/x"),
        ("?p=2", "https://shop.example/a/b?p=2"),
        ("//other.example/x", "https://other.example/x"),
        ("  /x\n", "https://shop.example/x"),
        ("/x?utm_source=a&id=3&gclid=9&fbclid=1", "https://shop.example/x?id=3"),
        ("/x;jsessionid=ABC?id=3", "https://shop.example/x?id=3"),
        ("/caf\u00e9", "https://shop.example/caf%C3%A9"),
        ("/a%7eb", "https://shop.example/a~b"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("mailto:a@b.example", None),
        ("javascript:void(0)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("https://me:secret@shop.example/", None),
        ("http://[broken/", None),
        ("http://shop.example:99999/", None),
        ("/" + "x" * 3000, None),
    ],
)
def test_one_form(url: str, expected: str | None) -> None:
    assert canonical(url, BASE) == expected


@given(st.text(max_size=200))
def test_whatever_stands_in_a_link_it_is_an_address_or_none(text: str) -> None:
    found = canonical(text, BASE)
    if found is not None:
        assert found.startswith(("http://", "https://"))
        assert canonical(found) == found


def test_hosts_with_their_ports() -> None:
    assert authority("https://shop.example:443/x") == "shop.example"
    assert authority("http://shop.example:8080/") == "shop.example:8080"
    assert authority("http://[::1]:81/") == "[::1]:81"


def test_what_differs_in_numbers_and_parameters_alone_is_one_pattern() -> None:
    assert pattern_of("https://s.example/c/2026/11?d=1") == pattern_of("https://s.example/c/2027/1?d=30")
    assert pattern_of("https://s.example/c?colour=red") == pattern_of("https://s.example/c?colour=red&size=s")
    assert pattern_of("https://s.example/c?d=1") != pattern_of("https://s.example/c")
    assert pattern_of("https://s.example/lamp-red") != pattern_of("https://s.example/lamp-blue")


def test_rules() -> None:
    rules = Rules(frozenset({"s.example"}), (re.compile("/shop/"),), (re.compile("sort="),), max_similar=2)
    assert rules.wants("https://s.example/shop/1")
    assert not rules.wants("https://s.example/shop/1?sort=x")
    assert not rules.wants("https://s.example/blog")
    assert not rules.wants("https://t.example/shop/1")
    assert not rules.wants("https://s.example:8080/shop/1")
    assert [rules.has_room(f"https://s.example/shop/{number}") for number in range(4)] == [True, True, False, False]
    assert rules.has_room("https://s.example/shop/lamp")


def test_products_may_be_as_many_as_there_are() -> None:
    rules = Rules(frozenset({"s.example"}), product_patterns=(re.compile("/p/"),), max_similar=1)
    assert all(rules.has_room(f"https://s.example/p/{number}") for number in range(5))
