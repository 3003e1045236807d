"""The data dictionary: every table and column of marts and reports, in both languages, on one page."""

from __future__ import annotations

import json
import re

from ecomops import dictionary
from lakehouse.dictionary import chinese, tables, untranslated


def test_every_word_has_a_chinese_one() -> None:
    missing = untranslated()
    assert not missing, f"{len(missing)} to translate in docs/dictionary.zh-CN.csv, first: {missing[:5]}"


def test_chinese_is_chinese() -> None:
    odd = [text for text, told in chinese().items() if not re.search("[\u4e00-\u9fff]", told)]
    assert not odd


def test_every_table_says_what_it_is_and_whose() -> None:
    found = tables()
    assert len({table.name for table in found}) == len(found) > 50
    for table in found:
        assert table.english, table.name
        assert table.owner, table.name
        assert table.key or not table.columns, table.name
        for column in table.columns:
            assert column.english, f"{table.name}.{column.name}"
            assert column.data_type, f"{table.name}.{column.name}"
            assert column.privacy, f"{table.name}.{column.name}"


def test_the_page_holds_everything_and_asks_for_nothing() -> None:
    page = dictionary.render()
    data = json.loads(page.split('type="application/json">')[1].split("</script>")[0])
    assert {table["name"] for table in data["tables"]} == {table.name for table in tables()}
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)
