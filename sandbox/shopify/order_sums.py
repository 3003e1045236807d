"""What an order's lines come to at an instant, in Shopify's terms.

Shopify counts a line three ways: `quantity` with units that were removed by an edit or refunded, `currentQuantity`
without both. Totals "before returns" are read here as those over `quantity`; what a line is discounted and taxed
is told for `quantity` too. The world tells discounts and taxes for what the edit left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sandbox.shopify.ledger import Row
from sandbox.shopify.values import scaled


@dataclass(frozen=True)
class Line:
    """A line at an instant, in minor units of the shop's currency.

    Attributes:
        row: The world's row.
        quantity: Units ordered, those removed later included.
        kept: Units that the edit left.
        refunded: Units refunded so far.
        discount: Discount on `quantity`.
        tax: Tax on `quantity`.
        kept_discount: Discount on `kept`.
        kept_tax: Tax on `kept`.
    """

    row: Row
    quantity: int
    kept: int
    refunded: int
    discount: int
    tax: int
    kept_discount: int
    kept_tax: int

    @property
    def price(self) -> int:
        """Price of a unit before discounts."""
        return int(self.row["unit_price_minor"])

    @property
    def current(self) -> int:
        """Units neither removed nor refunded."""
        return max(0, self.kept - self.refunded)


@dataclass(frozen=True)
class Sums:
    """An order at an instant."""

    order: Row
    now: datetime
    rows: Sequence[Row]
    refunds: Sequence[Row]
    refund_lines: Mapping[int, Sequence[Row]]

    @cached_property
    def is_edited(self) -> bool:
        """Whether the edit has happened."""
        return self.order["edited_at"] is not None and self.order["edited_at"] <= self.now

    @cached_property
    def lines(self) -> list[Line]:
        """Lines that are not shipping."""
        refunded: dict[int, int] = defaultdict(int)
        for refund in self.refunds:
            for row in self.refund_lines.get(refund["refund_id"], ()):
                refunded[row["line_no"]] += row["quantity"]
        return [self._line(row, refunded[row["line_no"]]) for row in self._visible if row["kind"] != "shipping"]

    @cached_property
    def shipping(self) -> list[Row]:
        """Shipping lines."""
        return [row for row in self._visible if row["kind"] == "shipping"]

    @cached_property
    def shipping_tax(self) -> int:
        """Tax on the shipping."""
        return sum(row["tax_minor"] for row in self.shipping)

    @cached_property
    def discount(self) -> int:
        """All discounts, on removed units too."""
        removed = sum(line.discount - line.kept_discount for line in self.lines)
        if self.is_edited:
            return int(self.order["discount_minor"]) + removed
        gross = sum(line.quantity * line.price for line in self.lines)
        return int(gross - self.order["original_subtotal_minor"])

    @cached_property
    def subtotal(self) -> int:
        """Goods after discounts, removed units included."""
        return sum(line.quantity * line.price for line in self.lines) - self.discount

    @cached_property
    def tax(self) -> int:
        """All taxes, those on removed units included."""
        return sum(line.tax for line in self.lines) + self.shipping_tax

    @cached_property
    def total(self) -> int:
        """Total before returns, removed units included."""
        added = 0 if self.order["taxes_included"] else self.tax
        return int(self.subtotal + self.order["shipping_minor"] + added)

    @cached_property
    def refunded(self) -> int:
        """Money given back."""
        return sum(row["amount_minor"] for row in self.refunds)

    @cached_property
    def kept_total(self) -> int:
        """Total after the edit, before refunds."""
        return int(self.order["total_minor"] if self.is_edited else self.order["original_total_minor"])

    @cached_property
    def current_total(self) -> int:
        """Total after the edit and after what refunds took back."""
        back = 0
        for refund in self.refunds:
            rows = self.refund_lines.get(refund["refund_id"], ())
            is_goodwill = not rows and not refund["shipping_minor"]
            back += 0 if is_goodwill else refund["amount_minor"]
        return self.kept_total - back

    @property
    def _visible(self) -> list[Row]:
        return [row for row in self.rows if row["added_at"] <= self.now]

    def _line(self, row: Row, refunded: int) -> Line:
        quantity, after = row["quantity"], row["current_quantity"]
        if not after:  # all units removed: the world keeps no discount, and the tax before the edit
            discount, tax = 0, row["original_tax_minor"]
        else:
            discount = scaled(row["discount_minor"], quantity, after)
            tax = row["tax_minor"] if after == quantity else scaled(row["tax_minor"], quantity, after)
        if not self.is_edited:
            return Line(row, quantity, quantity, refunded, discount, tax, discount, tax)
        return Line(row, quantity, after, refunded, discount, tax, row["discount_minor"], row["tax_minor"])
