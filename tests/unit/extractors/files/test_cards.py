"""Card numbers: found where they are, not seen where they are not, and never repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.files.cards import holds_card_number, luhn
from lakehouse.errors import ContractError
from tests.support import exports

# Test numbers that the schemes and payment processors publish for trying out; none is issued to anybody.
_NUMBERS = [
    "4111111111111111",
    "4012888888881881",
    "4222222222222",
    "5555555555554444",
    "5105105105105100",
    "2223003122003222",
    "378282246310005",
    "371449635398431",
    "30569309025904",
    "38520000023237",
    "6011111111111117",
    "6011000990139424",
    "3530111333300000",
    "3566002020360505",
    "6200000000000005",
]


@pytest.mark.parametrize("number", _NUMBERS)
def test_published_test_numbers_are_found(number: str) -> None:
    assert luhn(number)
    assert holds_card_number(number)
    assert holds_card_number(f"card: {number}, thanks")
    if len(number) == 16:
        groups = [number[start : start + 4] for start in range(0, 16, 4)]
        assert holds_card_number(" ".join(groups))
        assert holds_card_number("pay with " + "-".join(groups) + ".")
    changed = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert not holds_card_number(changed)


@given(st.integers(0, 10**15))
def test_luhn_catches_every_single_changed_digit(number: int) -> None:
    base = str(number)
    check = next(digit for digit in "0123456789" if luhn(base + digit))
    whole = base + check
    for place, digit in enumerate(whole):
        other = str((int(digit) + 1) % 10)
        assert not luhn(whole[:place] + other + whole[place + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "9780306406157",  # an ISBN: passes no issuer's prefix
        "94346081062455520153111",  # a tracking number of 23 digits
        "AB4111111111111111",  # part of a code
        "4111111111111111X",
        "39598033719608.0000",  # an amount
        "058-3563777-5518068",  # an Amazon order
        "2011-12-09 12:50:00",
        "4111 1111",
    ],
)
def test_what_is_none_is_not_taken_for_one(text: str) -> None:
    assert not holds_card_number(text)


def test_a_file_with_one_is_refused_naming_row_and_column_but_not_the_number() -> None:
    rows = [exports.ROWS[0], [*exports.ROWS[1][:-1], "charge 4111 1111 1111 1111 please"]]
    with pytest.raises(ContractError, match=r"export\.csv holds a card number \(row 2, column Notiz\)") as error:
        exports.parse(exports.mapping(), exports.csv_text(rows).encode())
    assert "1111" not in str(error.value)


def test_references_and_declared_columns_may_look_like_one() -> None:
    rows = [["4111111111111111", "5555555555554444", *exports.ROWS[0][2:-1], "6011111111111117"]]
    parsed = exports.parse(exports.mapping(not_card_numbers="Notiz"), exports.csv_text(rows).encode())
    assert parsed.rows["order_ref"].to_list() == ["4111111111111111"]


def test_a_damaged_line_is_searched_too() -> None:
    text = exports.csv_text() + "1,4111111111111111,x\n"
    with pytest.raises(ContractError, match="row 4, which is damaged"):
        exports.parse(exports.mapping(), text.encode())
