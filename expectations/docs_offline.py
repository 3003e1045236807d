"""Data Docs that stay at home.

Great Expectations' pages load scripts, fonts and an image with a time stamp in its address from half a dozen
servers: whoever opens a report on his own data tells them so, and offline the start page is empty. Here every
such reference is taken out, a small stylesheet put in, and the start page written anew.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_SCRIPT = re.compile(r"<script\b[\s\S]*?</script\s*>", re.IGNORECASE)
_LINK = re.compile(r"<link\b[^>]*\bhref\s*=\s*[\"'](?:https?:)?//[^>]*>", re.IGNORECASE)
_SOURCE = re.compile(r"<(?:img|iframe|source|video|audio)\b[^>]*\bsrc\s*=\s*[\"'](?:https?:)?//[^>]*>", re.IGNORECASE)
_IMPORT = re.compile(r"@import\s+(?:url\()?[\"']?(?:https?:)?//[^;]*;|url\([\"']?(?:https?:)?//[^)]*\)", re.IGNORECASE)
_FOOTER = re.compile(r"<footer>[\s\S]*?</footer>", re.IGNORECASE)
STYLESHEET = "static/offline.css"

_CSS = """\
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1.5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8884; padding: .35rem .6rem; text-align: left; vertical-align: top; }
.modal, .navbar img, button { display: none; }
.card { border: 1px solid #8884; margin: 1rem 0; padding: .6rem 1rem; }
.alert-secondary { font-weight: 600; margin-top: 1.5rem; }
.badge { border: 1px solid #8888; border-radius: .3rem; padding: 0 .3rem; }
.fa-check-circle::before { color: #2a7f3f; content: "passed"; }
.fa-times, .fa-exclamation-triangle { color: #b3261e; }
.fa-times::before { content: "failed"; }
.fa-exclamation-triangle::before { content: "warning"; }
ol.breadcrumb { display: flex; gap: .6rem; list-style: none; padding: 0; }
.passed { color: #2a7f3f; } .warned { color: #a8690a; } .failed { color: #b3261e; font-weight: 600; }
"""


@dataclass(frozen=True)
class Page:
    """A result's page.

    Attributes:
        suite: Name of its suite.
        run: Name of its run.
        verdict: passed, warned or failed.
        evaluated: How many there were.
        failed: How many did not hold.
        address: Relative to the start page.
    """

    suite: str
    run: str
    verdict: str
    evaluated: int
    failed: int
    address: str


def keep_local(text: str, *, depth: int) -> str:
    """A page without anything that a browser would fetch from elsewhere.

    Args:
        text: The page.
        depth: How many folders it lies below the start page.
    """
    for pattern in (_SCRIPT, _LINK, _SOURCE, _IMPORT, _FOOTER):
        text = pattern.sub("", text)
    return text.replace("</head>", f'<link rel="stylesheet" href="{"../" * depth}{STYLESHEET}">\n</head>', 1)


def make_local(site: Path, pages: Sequence[Page]) -> None:
    """Rewrites a rendered site in place."""
    for path in site.rglob("*.html"):
        depth = len(path.relative_to(site).parts) - 1
        path.write_text(keep_local(path.read_text(encoding="utf-8"), depth=depth), encoding="utf-8")
    (site / STYLESHEET).parent.mkdir(exist_ok=True)
    (site / STYLESHEET).write_text(_CSS, encoding="utf-8")
    (site / "index.html").write_text(_index(pages), encoding="utf-8")


def _index(pages: Sequence[Page]) -> str:
    rows = "\n".join(_row(page) for page in pages)
    body = f"<table><thead><tr><th>Result</th><th>Suite</th><th>Run</th><th>Checks</th></tr></thead>\n{rows}\n</table>"
    if not pages:
        body = "<p>Nothing was validated yet.</p>"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Data Docs</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="stylesheet" href="{STYLESHEET}"></head>\n<body><h1>Data Docs</h1>\n'
        "<p>The latest results of the raw contracts and of the audits before publishing.</p>\n"
        f"{body}\n</body></html>\n"
    )


def _row(page: Page) -> str:
    count = f"{page.evaluated}, {page.failed} not met" if page.failed else f"{page.evaluated}"
    link = f'<a href="{html.escape(page.address)}">{html.escape(page.run)}</a>'
    verdict = f'<td class="{page.verdict}">{page.verdict}</td>'
    return f"<tr>{verdict}<td>{html.escape(page.suite)}</td><td>{link}</td><td>{count}</td></tr>"
