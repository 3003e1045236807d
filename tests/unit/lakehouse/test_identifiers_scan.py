"""The scan for what names a customer finds it, wherever it stands."""

from __future__ import annotations

from tests.support.identifiers import found_in_bytes

_PLANTED = ["ann@shop.example", "Zoë Müller", "12 Mill Lane"]


def test_a_text_is_found_across_pieces_and_whatever_its_case() -> None:
    filling = b"\x00" * ((1 << 20) - 4)
    assert found_in_bytes(filling + b"ANN@shop.example" + filling, _PLANTED) == ["ANN@shop.example"]
    assert found_in_bytes(b"x" + "Zoë Müller".encode() + b"y", _PLANTED) != []


def test_nothing_is_found_where_nothing_stands() -> None:
    assert found_in_bytes(b"\xff\xfe 12 Mill Road, ann at shop" * 1000, _PLANTED) == []
