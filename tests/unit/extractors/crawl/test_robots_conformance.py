"""Google's 140 published cases and 4,231 robots.txt of real sites."""

from __future__ import annotations

import json
import tarfile
import time
from pathlib import Path

import pytest

from extractors.crawl.robots import RobotsRules

# RFC 9309, 2.2.2: octets outside ASCII are compared percent-encoded, and an escaped ASCII character not reserved
# as itself. Google's parser leaves the caller to do so, and its cases show what happens if the caller does not.
_AS_THE_RFC_SAYS = {
    ("Allow: /foo/bar/ツ", "http://foo.bar/foo/bar/ツ"),
    ("Allow: /foo/bar/%E3%83%84", "http://foo.bar/foo/bar/ツ"),
    ("Allow: /foo/bar/%62%61%7A", "http://foo.bar/foo/bar/baz"),
}


def test_googles_cases_are_decided_as_the_rfc_says(shared_data: Path) -> None:
    lines = (shared_data / "robots_txt" / "google_robots_cases.jsonl").read_text("utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    others = [case for case in cases if _decided(case) is not case["allowed"]]
    assert len(cases) == 140
    assert {(case["robots_txt"].splitlines()[-1], case["url"]) for case in others} == _AS_THE_RFC_SAYS
    assert all(case["test"] == "ID_Encoding" and _decided(case) for case in others)


@pytest.mark.integration  # thousands of real files
def test_robots_txt_of_real_sites_are_read(shared_data: Path) -> None:
    count, slowest = 0, 0.0
    with tarfile.open(shared_data / "robots_txt" / "real_robots_txt.tar.xz") as archive:
        for member in archive:
            file = archive.extractfile(member) if "/test_data/" in member.name and member.isfile() else None
            if file is None:
                continue
            body = file.read()
            started = time.perf_counter()
            rules = RobotsRules.of_answer(200, body)
            rules.allows("https://shop.example/collections/all/products/a-thing?variant=1&utm_source=x")
            slowest = max(slowest, time.perf_counter() - started)
            assert rules.standing == "rules"
            count += 1
    assert count == 4_231
    assert slowest < 3.0  # seconds; 0.15 on an idle machine


def _decided(case: dict[str, str]) -> bool:
    return RobotsRules.parse(case["robots_txt"].encode(), case["user_agent"]).allows(case["url"])
