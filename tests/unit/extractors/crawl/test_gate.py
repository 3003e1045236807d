"""The robots gate without a network: one fetch for all who wait, and closed whatever goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from scrapy import Request
from scrapy.http import Response

from extractors.crawl.gate import FRESH, MAX_AGE, REPLAYED_AGE, RETRY_AFTER, TICKET, RobotsGate
from extractors.crawl.outcomes import Disallowed, Refused, TooLarge
from extractors.crawl.vetting import AddressPolicy, vet_url

PAGE = "https://shop.example/no/1"
RULES = b"User-agent: *\nDisallow: /no\nCrawl-delay: 4\n"
Fetch = Callable[[Request], Awaitable[Response]]


class Web:
    """Answers by URL; what it does not know is not found."""

    def __init__(self, answers: dict[str, Response | BaseException] | None = None) -> None:
        self.answers = answers or {}
        self.asked: list[str] = []
        self.now = 0.0
        self.gate = RobotsGate(self.fetch, AddressPolicy(), lambda: self.now)

    async def fetch(self, request: Request) -> Response:
        self.asked.append(request.url)
        await self.gate.process_request(request)  # its own requests pass it, too
        await asyncio.sleep(0.01)
        found = self.answers.get(request.url, Response(request.url, status=404))
        if isinstance(found, BaseException):
            raise found
        return found.replace(request=request)

    async def judged(self, url: str = PAGE, **meta: object) -> str:
        try:
            await self.gate.process_request(Request(url, meta=meta))
        except Disallowed as error:
            return error.reason
        return "allowed"


def robots(body: bytes = RULES, status: int = 200, **headers: str) -> Response:
    return Response("https://shop.example/robots.txt", status=status, body=body, headers=headers)


def serving(answer: Response | BaseException) -> Web:
    return Web({"https://shop.example/robots.txt": answer})


def test_many_wait_for_one_fetch() -> None:
    web = serving(robots())

    async def crowd() -> list[str]:
        urls = [f"https://shop.example/{kind}/{n}" for n in range(50) for kind in ("no", "yes")]
        return await asyncio.gather(*(web.judged(url) for url in urls))

    judged = asyncio.run(crowd())
    assert judged == ["robots.txt forbids it.", "allowed"] * 50
    assert web.asked == ["https://shop.example/robots.txt"]


def test_each_authority_has_its_own() -> None:
    web = serving(robots())
    assert asyncio.run(web.judged("https://shop.example/no")) != "allowed"
    assert asyncio.run(web.judged("http://shop.example/no")) == "allowed"
    assert asyncio.run(web.judged("https://www.shop.example/no")) == "allowed"
    assert len(web.asked) == 3


@pytest.mark.parametrize(
    "error",
    [OSError("down"), RuntimeError("bug"), TooLarge("huge"), Refused("unsafe"), TimeoutError(), KeyError("x")],
    ids=repr,
)
def test_any_error_closes_it(error: Exception) -> None:
    assert asyncio.run(serving(error).judged("https://shop.example/yes")).startswith("robots.txt could not be had")


def test_a_fetch_that_is_cancelled_closes_it() -> None:
    web = serving(asyncio.CancelledError())
    assert asyncio.run(web.judged("https://shop.example/yes")) == "The request for robots.txt was cancelled."


def test_who_gives_up_does_not_end_it_for_the_others() -> None:
    web = serving(robots())

    async def scene() -> str:
        first = asyncio.create_task(web.judged("https://shop.example/yes/1"))
        second = asyncio.create_task(web.judged("https://shop.example/yes/2"))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert asyncio.run(scene()) == "allowed"
    assert len(web.asked) == 1


def test_rules_are_believed_for_a_day_and_failures_for_minutes() -> None:
    web = serving(robots(status=503))
    assert asyncio.run(web.judged("https://shop.example/yes")) != "allowed"
    web.answers["https://shop.example/robots.txt"] = robots()
    web.now = RETRY_AFTER - 1
    assert asyncio.run(web.judged("https://shop.example/yes")) != "allowed"
    web.now = RETRY_AFTER
    assert asyncio.run(web.judged("https://shop.example/yes")) == "allowed"
    web.answers["https://shop.example/robots.txt"] = robots(b"User-agent: *\nDisallow: /\n")
    web.now = RETRY_AFTER + MAX_AGE - 1
    assert asyncio.run(web.judged("https://shop.example/yes")) == "allowed"
    web.now = RETRY_AFTER + MAX_AGE
    assert asyncio.run(web.judged("https://shop.example/yes")) != "allowed"
    assert len(web.asked) == 3


def redirects(count: int) -> Web:
    answers: dict[str, Response | BaseException] = {
        f"https://r{n}.example/robots.txt": robots(b"", 301, Location=f"https://r{n + 1}.example/robots.txt")
        for n in range(count)
    }
    return Web(answers | {f"https://r{count}.example/robots.txt": robots()})


def test_five_redirects_are_followed_to_other_hosts() -> None:
    web = redirects(5)
    assert asyncio.run(web.judged("https://r0.example/no")) == "robots.txt forbids it."
    assert asyncio.run(web.judged("https://r0.example/yes")) == "allowed"
    assert len(web.asked) == 6


def test_a_sixth_is_not() -> None:
    web = redirects(6)
    assert asyncio.run(web.judged("https://r0.example/yes")) == "robots.txt was redirected more than 5 times."
    assert len(web.asked) == 6


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "http://127.0.0.1/robots.txt", "http://[::1", "//user@x.example/", "gopher://x/"]
)
def test_a_redirect_to_what_is_unsafe_closes_it(location: str) -> None:
    web = serving(robots(b"", 302, Location=location))
    assert asyncio.run(web.judged("https://shop.example/yes")).startswith("robots.txt could not be had")
    assert len(web.asked) == 1


def test_a_ticket_is_good_for_one_url_while_it_is_open() -> None:
    web = serving(robots())
    seen: list[Request] = []

    async def fetch(request: Request) -> Response:
        seen.append(request)
        copied = request.replace(url="https://shop.example/no/2")
        with pytest.raises(Disallowed, match="mark"):
            await web.gate.process_request(copied)
        await web.gate.process_request(request.copy())  # as a retry copies it
        return robots().replace(request=request)

    web.gate = RobotsGate(fetch, AddressPolicy(), lambda: 0.0)
    assert asyncio.run(web.judged()) == "robots.txt forbids it."
    ticket = seen[0].meta[TICKET]
    assert "mark" in asyncio.run(web.judged("https://shop.example/robots.txt", **{TICKET: ticket})), "it is closed now"
    assert "mark" in asyncio.run(web.judged(PAGE, **{TICKET: True}))


def test_a_stored_answer_of_a_day_ago_is_asked_for_again() -> None:
    web = Web()
    asked: list[bool] = []

    async def fetch(request: Request) -> Response:
        asked.append(bool(request.meta.get(FRESH)))
        request.meta[REPLAYED_AGE] = 0.0 if request.meta.get(FRESH) else MAX_AGE
        return robots().replace(request=request)

    web.gate = RobotsGate(fetch, AddressPolicy(), lambda: 0.0)
    assert asyncio.run(web.judged()) == "robots.txt forbids it."
    assert asked == [False, True]


def test_what_rules_ask_for_is_told_by_host() -> None:
    web = serving(robots(RULES + b"Sitemap: https://shop.example/s.xml\n"))
    assert web.gate.delay_for("shop.example") is None
    asyncio.run(web.judged("https://shop.example/yes"))
    assert web.gate.delay_for("shop.example") == 4.0
    assert web.gate.delay_for("other.example") is None
    assert web.gate.sitemaps(vet_url(PAGE, AddressPolicy())) == ("https://shop.example/s.xml",)


def test_an_unsafe_url_is_refused_before_anything_is_asked() -> None:
    web = Web()
    with pytest.raises(Refused):
        asyncio.run(web.judged("http://169.254.169.254/"))
    assert web.asked == []
