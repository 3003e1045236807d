"""The documents hold together: links lead somewhere, generated parts are current, translations keep step."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from lakehouse.settings import PROJECT_ROOT, Settings
from tests.support import markdown

DOCUMENTS = markdown.documents()
TRANSLATED = [
    (PROJECT_ROOT / "README.md", PROJECT_ROOT / "README.zh-CN.md"),
    (PROJECT_ROOT / "docs" / "stakeholders.md", PROJECT_ROOT / "docs" / "stakeholders.zh-CN.md"),
]
ENGINEERS = PROJECT_ROOT / "docs" / "data-engineers.md"
IMAGES = PROJECT_ROOT / "docs" / "images"
# What each call of our S3 client has to be allowed to do, by Amazon's list of actions.
ACTIONS = {
    "get_object": {"s3:GetObject"},
    "head_object": {"s3:GetObject"},
    "put_object": {"s3:PutObject"},
    "upload_fileobj": {"s3:PutObject", "s3:AbortMultipartUpload"},
    "delete_object": {"s3:DeleteObject"},
    "get_paginator": {"s3:ListBucket"},
}


def name(path: Path) -> str:
    return path.relative_to(PROJECT_ROOT).as_posix()


def broken(document: Path) -> list[str]:
    """The relative links of a document that lead nowhere."""
    found = []
    for link in markdown.links(document):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, section = unquote(link).partition("#")
        target = (document.parent / file).resolve() if file else document
        page = target.suffix == ".md" and target.exists()
        sections = {markdown.anchor(words) for _, words in markdown.headings(target)} if page else set()
        if not target.exists() or (section and section not in sections):
            found.append(link)
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_links_lead_somewhere(document: Path) -> None:
    assert broken(document) == []


def test_a_broken_link_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One\n\n[a](page.md#one) [b](page.md#two) [c](gone.md) `[d](code.md)` [e](https://example.invalid)\n"
    )
    assert broken(page) == ["page.md#two", "gone.md"]


def test_the_settings_that_are_listed_are_the_settings() -> None:
    command = [sys.executable, str(PROJECT_ROOT / "scripts" / "settings-table"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_example_of_a_dotenv_gives_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [f"ECOMOPS_{setting.upper()}" for setting in Settings.model_fields]:
        monkeypatch.delenv(variable, raising=False)
    lines = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    set_ones = [line.removeprefix("#") for line in lines if re.match(r"#ECOMOPS_\w+=.", line)]
    assert len(set_ones) > 8
    (tmp_path / ".env").write_text("\n".join(set_ones), encoding="utf-8")
    assert Settings(_env_file=tmp_path / ".env") == Settings(_env_file=None)


@pytest.mark.parametrize(("english", "chinese"), TRANSLATED, ids=[name(english) for english, _ in TRANSLATED])
def test_translations_keep_step(english: Path, chinese: Path) -> None:
    def shape(path: Path) -> tuple[list[int], int, int, list[str]]:
        text = path.read_text(encoding="utf-8")
        rows = len(re.findall(r"^\|", text, re.MULTILINE))
        bullets = len(re.findall(r"^(?:-|\d\.) ", text, re.MULTILINE))
        return [level for level, _ in markdown.headings(path)], rows, bullets, re.findall(r'src="([^"]+)"', text)

    assert shape(english) == shape(chinese)


def test_the_decisions_are_all_listed_and_name_what_holds_them() -> None:
    folder = PROJECT_ROOT / "docs" / "decisions"
    pages = sorted(folder.glob("[0-9]*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04d}" for number in range(1, len(pages) + 1)]
    listed = markdown.links(folder / "README.md")
    assert sorted(listed) == [page.name for page in pages]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "**Chosen.**" in text, page.name
        held = text[text.index("**Held by**") :]
        places = re.findall(r"`(tests/[^`]+|intermediate/[^`]+|expectations/[^`]+)`", held)
        for place in places:
            roots = (PROJECT_ROOT, PROJECT_ROOT / "dbt_project" / "models")
            assert any((root / place).exists() for root in roots), (page.name, place)


def test_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in IMAGES.glob("*.png")}
    assert sizes
    assert max(sizes.values()) < 150_000, sizes
    assert sum(sizes.values()) < 1_000_000, sizes


def test_the_s3_policy_allows_what_the_client_calls_and_no_more() -> None:
    block = next(block for block in markdown.blocks(ENGINEERS, "json") if block.remark == "policy")
    allowed = set()
    for statement in json.loads(block.text)["Statement"]:
        actions = statement["Action"]
        allowed |= {actions} if isinstance(actions, str) else set(actions)
    code = (PROJECT_ROOT / "lakehouse" / "objectstore" / "s3.py").read_text(encoding="utf-8")
    called = set(re.findall(r"_client\.(\w+)\(", code))
    assert called <= ACTIONS.keys()
    needed = set().union(*(ACTIONS[call] for call in called))
    assert needed == {action for action in allowed if action.startswith("s3:")}


def test_the_marketplaces_files_are_named_as_their_mapping_says() -> None:
    from extractors.files.names import FileName

    remarks = [block.remark for block in markdown.blocks(ENGINEERS, "csv")]
    assert any(FileName("bestellungen_{date:%Y%m%d}.csv").matches(Path(r.split()[1].rstrip(",")).name) for r in remarks)
