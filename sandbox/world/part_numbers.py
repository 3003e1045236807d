"""The makers' part numbers (MPN) of what is sold: what platforms with a field for them tell, and rivals' pages too."""

from __future__ import annotations

from typing import Final

_BEGINNINGS: Final = {
    "Northlight": "NLH",
    "Fjordhem": "FJ",
    "Ashby & Lowe": "AL",
    "Kumo": "KM",
    "Maison Rivière": "MR",
    "Tidewell": "TW",
    "Grüner Tag": "GT",
    "O'Hara Mills": "OHM",
    "山里": "SL",
}


def part_number(brand: str, variant_id: int) -> str:
    """The number under which the maker of a brand knows a variant, such as `FJ-4821-07`.

    It follows from the brand and the variant, so that no table needs to hold it, and names one variant only.
    """
    beginning = _BEGINNINGS.get(brand, "".join(letter for letter in brand.upper() if letter.isalnum())[:3])
    shuffled = variant_id * 7_919 % 1_000_003
    return f"{beginning}-{shuffled // 100:04d}-{shuffled % 100:02d}"
