"""What a crawled site has to give."""

from __future__ import annotations

from extractors.api.connector import Resource

API_VERSION = "warc-1.1"
PARSER_VERSION = 1
CREDENTIALS: tuple[str, ...] = ()
PAGES = "pages"
RESOURCES = {
    PAGES: Resource(
        name=PAGES,
        title="The pages of a site, and the offers on them",
        tables=("crawl_pages", "crawls", "competitor_offers"),
        # a page can only be seen as it is now: a past day is read again, never asked again
        is_snapshot=True,
    )
}
