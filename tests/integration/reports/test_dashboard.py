"""The dashboard: self-contained, strict, small, and drawn by a real browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest

from reports import dashboard
from reports.tables import load
from tests.support.needs import absent
from tests.support.report_tables import report_tables

HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def text() -> str:
    return dashboard.render(load(report_tables()), shop="Our shop")


def _browsed(path: Path, tmp_path: Path, fragment: str, *, size: str = "1280,900") -> tuple[str, str]:
    """The page's document after its scripts have run, and what the browser's console said."""
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        absent("There is no chromium to draw the dashboard with.")
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--enable-logging=stderr",
    ]
    profile = [f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={size}", "--virtual-time-budget=5000"]
    done = subprocess.run(
        [str(browser), *flags, *profile, "--dump-dom", f"{path.as_uri()}#{fragment}"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


def test_the_page_is_small_and_loads_nothing(text: str) -> None:
    assert len(text.encode()) < 2_000_000
    assert not re.search(r"<(link|img|iframe|object)\b|\bsrc\s*=\s*[\"']|@import", text.split("<script")[0])
    assert "default-src 'none'" in text


def test_the_policy_names_every_script_by_its_hash(text: str) -> None:
    policy = re.search(r'content="(default-src[^"]+)"', text)
    assert policy is not None
    scripts = re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
    assert len(scripts) == 3
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy[1]
    assert "unsafe-eval" not in policy[1]


def test_the_same_tables_give_the_same_page(text: str) -> None:
    assert dashboard.render(load(report_tables()), shop="Our shop") == text


def test_the_list_to_download_holds_every_order(text: str) -> None:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, flags=re.DOTALL)
    assert found is not None
    lines = json.loads(found[1])["purchases_csv"].splitlines()
    due = report_tables().tables["rpt_purchase_list"].filter(pl.col("order_units") > 0)
    assert len(lines) == due.height + 1


@pytest.mark.parametrize(("language", "wanted"), [("en", "What needs attention"), ("zh_CN", "需要关注")])
def test_a_browser_draws_it_without_a_complaint(text: str, tmp_path: Path, language: str, wanted: str) -> None:
    path = tmp_path / "dashboard.html"
    path.write_text(text, encoding="utf-8")
    document, console = _browsed(path, tmp_path, language)
    assert wanted in document
    assert document.count('class="marks"') == 3  # weeks, months, days
    assert document.count("<article") == 9
    assert console == ""


def test_hostile_titles_are_text_in_the_page(tmp_path: Path) -> None:
    source = report_tables()
    frame = source.tables["rpt_purchase_list"].with_columns(product_title=pl.lit(HOSTILE))
    path = dashboard.build(source.replace(rpt_purchase_list=frame), out_dir=tmp_path, shop=HOSTILE)
    document, console = _browsed(path, tmp_path, "en")
    assert "<title>owned" not in document
    assert "&lt;/script&gt;" in document
    assert console == ""


def test_without_a_single_row_the_page_says_so(tmp_path: Path) -> None:
    path = dashboard.build(report_tables().emptied("rpt_run"), out_dir=tmp_path)
    document, console = _browsed(path, tmp_path, "en")
    assert "There is no purchase list yet." in document
    assert console == ""


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_nothing_sticks_out_of_a_phone_s_screen(text: str, tmp_path: Path, language: str) -> None:
    """Only tables in a box that scrolls may be wider than the page; the page itself never scrolls sideways."""
    unlocked = re.sub(r"<meta[^>]*Content-Security-Policy[^>]*>", "", text)  # to let the ruler below in
    ruler = (
        "<script>addEventListener('load', () => setTimeout(() => {"
        " const page = document.documentElement; document.title = `${page.scrollWidth - page.clientWidth} px over`;"
        "}, 2000))</script></body>"
    )
    path = tmp_path / "phone.html"
    path.write_text(unlocked.replace("</body>", ruler))
    document, _ = _browsed(path, tmp_path, language, size="390,844")
    assert "<title>0 px over</title>" in document
