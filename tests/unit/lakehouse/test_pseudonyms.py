"""The same person under the same key, nobody's number, and two sources' numbers apart."""

from __future__ import annotations

import hashlib
import hmac

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from lakehouse.pseudonyms import key_fingerprint, pseudonym, pseudonymise
from lakehouse.settings import Settings
from lakehouse.warehouse import build

KEY = b"key"
_TEXT = st.text(st.characters(exclude_characters="\x1f", exclude_categories=["Cs"]), max_size=20)


def test_it_is_hmac_sha256_within_a_domain() -> None:
    assert pseudonym(KEY, "shop", "17850") == hmac.new(KEY, b"shop\x1f17850", hashlib.sha256).hexdigest()[:20]


@given(_TEXT, _TEXT, _TEXT, _TEXT)
def test_another_domain_or_value_is_another_pseudonym(domain: str, value: str, domain_2: str, value_2: str) -> None:
    same = (domain, value) == (domain_2, value_2)
    assert (pseudonym(KEY, domain, value) == pseudonym(KEY, domain_2, value_2)) == same


def test_another_key_is_another_pseudonym_and_another_fingerprint() -> None:
    assert pseudonym(KEY, "shop", "17850") != pseudonym(b"other", "shop", "17850")
    assert key_fingerprint(KEY) != key_fingerprint(b"other")
    assert "key" not in key_fingerprint(KEY)


@pytest.mark.parametrize("values", [["1", "2", "1", None, "", "Ü"], [None, None], []])
def test_a_column_becomes_that_of_its_values(values: list[str | None]) -> None:
    frame = pl.DataFrame({"ref": values}, schema={"ref": pl.String})
    found = pseudonymise(frame, "ref", key=KEY, domain="shop")
    assert found.to_list() == [None if value is None else pseudonym(KEY, "shop", value) for value in values]
    assert found.dtype == pl.String


def test_another_key_or_zone_or_currency_is_another_build(settings: Settings) -> None:
    """Or pseudonyms of two keys, or days of two zones, would stand side by side in an extended warehouse."""

    def digest(**changes: object) -> str:
        changed = settings.model_copy(update=changes)
        return build._digest(changed, changed.pseudonym_secret())

    one = digest(pseudonym_key=SecretStr("one"))
    assert one == digest(pseudonym_key=SecretStr("one"))
    others = {
        digest(pseudonym_key=SecretStr("other")),
        digest(pseudonym_key=SecretStr("one"), shop_time_zone="Asia/Tokyo"),
        digest(pseudonym_key=SecretStr("one"), shop_currency="JPY"),
    }
    assert len(others | {one}) == 4
