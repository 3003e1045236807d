"""What competitors offer: crawls of their sites, the pages seen, the offers on them, and what people say matches."""

from __future__ import annotations

from lakehouse.streams.model import PRODUCT, Stream, flag, happened, instant, money, number, person, rate, text

_URL = text("page_url", "The page's address in canonical form.", required=True)
_CONTENT = text(
    "content_sha256", "SHA-256 of the page's body after decompression; the same bytes hold the same offers."
)

CRAWLS = Stream(
    "crawls",
    (
        text("crawl_ref", "Number of the crawl: the site, the window and the moment it began.", required=True),
        text("stop_reason", "finished, page_budget, byte_budget, time_budget, failures or robots.", required=True),
        flag("is_complete", "Whether every page that the rules allow was visited; else nothing follows from absence."),
        number("visit_count", "Pages asked for, those that were refused or failed among them.", required=True),
        number("fetched_count", "Pages that came.", required=True),
        number("unchanged_count", "Pages that the server said had not changed.", required=True),
        number("disallowed_count", "Addresses that robots.txt forbids; none of them was asked for.", required=True),
        number("failed_count", "Pages that failed, were too large, or were refused for safety.", required=True),
        number("pending_count", "Addresses known and not asked for when the crawl ended.", required=True),
        number("received_bytes", "Bytes received, as sent.", required=True),
        happened("When it began"),
        instant("finished_at", "When it ended."),
    ),
)

CRAWL_PAGES = Stream(
    "crawl_pages",
    (
        text("crawl_ref", "Number of the crawl.", required=True),
        _URL,
        text(
            "outcome",
            "fetched, unchanged (304), redirected, missing (404, 410), disallowed, refused (unsafe), too_large, "
            "timed_out or failed.",
            required=True,
        ),
        text("page_kind", "robots, sitemap, listing, product or other, as the bytes show it.", required=True),
        number("status_code", "The HTTP status; none where no answer came."),
        text("redirect_url", "Where it pointed, for a redirect."),
        text("reason", "Why it did not come, in words."),
        _CONTENT,
        text("content_type", "As the server said."),
        number("byte_count", "Bytes of the body after decompression."),
        text("etag", "The server's mark of this content, for asking again."),
        text("last_modified", "When the server says it changed, as sent, for asking again."),
        number("offer_count", "Offers found on it.", required=True),
        happened("When the answer came, or the visit was given up"),
    ),
)

COMPETITOR_OFFERS = Stream(
    "competitor_offers",
    (
        _URL,
        text("content_sha256", "SHA-256 of the page's body after decompression.", required=True),
        text("offer_ref", "Names the offer on its page: the shop's SKU, the variant, or `1`.", required=True),
        flag("is_main", "Whether it is what the page is about, and not a variant or a further seller's."),
        text("offer_title", "The product's name, as the page writes it.", required=True),
        text("variant_title", "What tells this variant from the others."),
        text("brand", "Who makes it."),
        text("gtin", "Its barcode as GTIN-14 with a right check digit; none where the page's digits are no GTIN."),
        text("mpn", "The maker's part number."),
        text("sku", "The shop's own number of it."),
        money("price_amount", "What it costs now; none where the page does not say or its sources disagree."),
        money("list_price_amount", "The price it is set against: before a reduction, or the maker's."),
        money("low_price_amount", "Lowest price of a range."),
        money("high_price_amount", "Highest price of a range."),
        text("currency_code", "Currency of the amounts in this row (ISO 4217)."),
        text("tax_note", "included, excluded, or none where the page does not say."),
        text("availability", "in_stock, limited, out_of_stock, preorder, backorder or discontinued."),
        text("condition", "new, used or refurbished."),
        rate("rating", "Mean rating on a scale of 5."),
        number("review_count", "How many rated it."),
        text("image_url", "Its picture."),
        text("category", "Where the shop files it, levels parted by ' > '."),
        text("seller", "Who sells it, where that is not the shop."),
        rate("price_confidence", "How sure the price is, 0 to 1."),
        text("price_method", "How the price was found: json_ld, microdata, rdfa, opengraph, script or visible."),
        text("evidence", "JSON, by field: how it was found, how sure, and what else the page says."),
        happened("When the page came"),
    ),
)

MATCH_DECISIONS = Stream(
    "match_decisions",
    (
        text("site", "Name of the crawled source.", required=True),
        _URL,
        text("offer_ref", "The offer on that page.", required=True),
        PRODUCT,
        text("decision", "same (the same product) or different.", required=True),
        person("decided_by", "Who decided."),
        text("note", "Why."),
        happened("When it was decided"),
    ),
)

STREAMS = (CRAWLS, CRAWL_PAGES, COMPETITOR_OFFERS, MATCH_DECISIONS)
