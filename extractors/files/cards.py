"""Card numbers are refused before anything of their file is stored.

Landing stores bytes as they came, for good. A card number that a buyer typed into a note would then lie in
the raw zone, in its backups, and, were its row quarantined, in the quarantine too. So this is the one look
that comes before landing: in memory, and only for this. A file in which a number is found is refused whole,
with its row and column named and the number not; the person who dropped it removes the number and drops it
again. Quarantining the row would not help, since the bytes would be landed with it.

Order, item and tracking numbers may look like card numbers: one in ten passes the check digit. Columns that
feed a `…_ref` field are therefore not looked at, nor those a layout lists in `not_card_numbers`.
"""

from __future__ import annotations

import json
import re

import polars as pl

from extractors.files.paths import leaves, text_at
from extractors.files.texttable import ELEMENT, RECORD, ROW, TextTable
from lakehouse.errors import ContractError

# 13 to 19 digits in one run, or in the groups printed on cards; not part of a longer number, a code or an amount.
_GROUPED = r"[0-9]{4}([ -])[0-9]{4}[ -][0-9]{4}[ -][0-9]{1,4}(?:[ -][0-9]{1,3})?|[0-9]{4}[ -][0-9]{6}[ -][0-9]{4,5}"
_CANDIDATE = rf"(?:^|[^0-9A-Za-z.-])(?:[0-9]{{13,19}}|{_GROUPED})(?:$|[^0-9A-Za-z-])"
_FIND = re.compile(rf"(?<![0-9A-Za-z.-])(?:[0-9]{{13,19}}|{_GROUPED})(?![0-9A-Za-z-]|\.[0-9])", re.ASCII)
# Issuers' prefixes and lengths (ISO/IEC 7812): Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay.
_ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[689]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12,15}|62\d{14,17}",
    re.ASCII,
)
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    total = sum(_DOUBLED[int(d)] if place % 2 else int(d) for place, d in enumerate(reversed(digits)))
    return total % 10 == 0


def holds_card_number(text: str) -> bool:
    """Whether a text contains what is, by prefix, length and check digit, a card number."""
    for match in _FIND.finditer(text):
        digits = re.sub(r"[ -]", "", match[0])
        if _ISSUED.fullmatch(digits) and luhn(digits):
            return True
    return False


def refuse_cards(name: str, table: TextTable, *, exempt: frozenset[str]) -> None:
    """Refuses a file in which a card number stands.

    Args:
        name: The file's name.
        table: Its records.
        exempt: Vendor columns (of open records: paths) whose long numbers are identifiers.

    Raises:
        ContractError: Naming the first row and column; never the number.
    """
    if table.is_open:
        _refuse_in_records(name, table.frame.filter(pl.col(ELEMENT) == 0), exempt)
    for column in [] if table.is_open else table.columns:
        if column in exempt:
            continue
        suspects = table.frame.filter(pl.col(column).str.contains(_CANDIDATE)).select(ROW, column)
        for row, text in suspects.iter_rows():
            if holds_card_number(text):
                raise _refused(name, f"row {row}, column {column}", column)
    for row, _, text in table.broken:
        if holds_card_number(text):
            raise _refused(name, f"row {row}, which is damaged", None)


def _refuse_in_records(name: str, frame: pl.DataFrame, exempt: frozenset[str]) -> None:
    """Looks into all of each record, whatever the mapping uses of it."""
    identifiers = {path for path in exempt if "[" not in path}
    suspects = frame.filter(pl.col(RECORD).str.contains(_CANDIDATE)).select(ROW, RECORD)
    for row, text in suspects.iter_rows():
        if not holds_card_number(text):  # cheaper than to take the record apart
            continue
        record = json.loads(text, parse_int=str, parse_float=str)
        named = {text_at(record, path) for path in exempt}
        for path, leaf in leaves(record):
            if path not in identifiers and leaf not in named and holds_card_number(leaf):
                raise _refused(name, f"row {row}, {path}", path)


def _refused(name: str, place: str, column: str | None) -> ContractError:
    exempt = f" If {column} holds identifiers, list it in the layout's `not_card_numbers`." if column else ""
    return ContractError(
        f"{name} holds a card number ({place}); nothing of it was stored.",
        remedy=f"Remove the number from the file and drop it again.{exempt}",
    )
