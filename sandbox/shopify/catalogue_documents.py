"""Products, variants, stock, places, customers and discounts as documents of Shopify's schema."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import polars as pl

from sandbox.shopify.ledger import Ledger, Row
from sandbox.shopify.values import gid, instant, money, money_text

Document = dict[str, Any]


class CatalogueDocuments:
    """Writes what the shop sells, as it is at one instant.

    Args:
        ledger: The merchant's tables.
        now: The instant, naive UTC.
        lookup: Gives the document of another thing: kind and number.
    """

    def __init__(self, ledger: Ledger, now: datetime, lookup: Callable[[str, object], Document | None]) -> None:
        self._ledger = ledger
        self._now = now
        self._lookup = lookup
        self._currency: str = ledger.shop["currency"]

    @cached_property
    def updated(self) -> dict[int, datetime]:
        """When products were changed last: a price that changed does not count."""
        seen = self._ledger.product_changes.filter(pl.col("changed_at") <= self._now, "bumps_updated_at")
        return dict(seen.group_by("product_id").agg(pl.col("changed_at").max()).iter_rows())

    @cached_property
    def gone(self) -> frozenset[int]:
        """Products that were deleted."""
        seen = self._ledger.product_changes.filter(pl.col("changed_at") <= self._now, pl.col("kind") == "deleted")
        return frozenset(seen["product_id"])

    def has_product(self, number: int) -> bool:
        """Whether the product is there at that instant."""
        row = self._ledger.products.get(number)
        return row is not None and row["created_at"] <= self._now and number not in self.gone

    def has_variant(self, number: int) -> bool:
        """Whether the variant is there at that instant."""
        row = self._ledger.variants.get(number)
        return row is not None and row["created_at"] <= self._now and self.has_product(row["product_id"])

    def product_updated(self, number: int) -> datetime:
        """`updatedAt` of a product."""
        created: datetime = self._ledger.products[number]["created_at"]
        return max(created, self.updated.get(number, created))

    def variant_updated(self, number: int) -> datetime:
        """`updatedAt` of a variant: its price counts."""
        row = self._ledger.variants[number]
        prices = [price["valid_from"] for price in self._prices(number)]
        last: datetime = max([row["created_at"], self.product_updated(row["product_id"]), *prices])
        return last

    def product(self, number: int) -> Document:
        """A product."""
        row = self._ledger.products[number]
        retired = row["discontinued_at"] is not None and row["discontinued_at"] <= self._now
        variants = [one for one in self._ledger.variants_of[number] if self.has_variant(one)]
        category = self._ledger.categories[row["category_id"]]
        return {
            "__typename": "Product",
            "id": gid("Product", number),
            "legacyResourceId": str(number),
            "title": row["title_en"],
            "handle": "-".join(row["title_en"].lower().split()),
            "descriptionHtml": f"<p>{row['title_en']}</p>",
            "status": "ARCHIVED" if retired else "ACTIVE",
            "vendor": row["brand"],
            "productType": category["name_en"],
            "tags": [],
            "createdAt": instant(row["created_at"]),
            "updatedAt": instant(self.product_updated(number)),
            "publishedAt": instant(row["created_at"]),
            "isGiftCard": row["is_gift_card"],
            "hasVariantsThatRequiresComponents": row["is_bundle"],
            "category": self._category(category),
            "totalInventory": lambda _: sum(self._sellable(one) for one in variants),
            "variantsCount": {"count": len(variants), "precision": "EXACT"},
            "variants": lambda _: [self._lookup("ProductVariant", one) for one in variants],
        }

    def variant(self, number: int) -> Document:
        """A variant."""
        row = self._ledger.variants[number]
        product = self._ledger.products[row["product_id"]]
        price = self._prices(number)[-1] if self._prices(number) else None
        title = row["option_value"] or "Default Title"
        return {
            "__typename": "ProductVariant",
            "id": gid("ProductVariant", number),
            "legacyResourceId": str(number),
            "sku": row["sku"],
            "barcode": row["gtin"],
            "title": title,
            "displayName": f"{product['title_en']} - {title}",
            "price": money_text(price["price_minor"] if price else row["price_minor"], self._currency),
            "compareAtPrice": money_text(price["compare_at_minor"], self._currency) if price else None,
            "position": 1 + self._ledger.variants_of[row["product_id"]].index(number),
            "createdAt": instant(row["created_at"]),
            "updatedAt": instant(self.variant_updated(number)),
            "inventoryQuantity": lambda _: self._sellable(number),
            "requiresComponents": product["is_bundle"],
            "taxable": not product["is_gift_card"],
            "availableForSale": True,
            "selectedOptions": [{"name": row["option_name"] or "Title", "value": title}],
            "product": lambda _: self._lookup("Product", row["product_id"]),
            "inventoryItem": lambda _: self._lookup("InventoryItem", number),
        }

    def inventory_item(self, number: int) -> Document:
        """What lies on the shelf of a variant; it bears the variant's number."""
        row = self._ledger.variants[number]
        product = self._ledger.products[row["product_id"]]
        is_real = not (product["is_bundle"] or product["is_gift_card"])
        return {
            "__typename": "InventoryItem",
            "id": gid("InventoryItem", number),
            "legacyResourceId": str(number),
            "sku": row["sku"],
            "tracked": is_real,
            "requiresShipping": not product["is_gift_card"],
            "unitCost": money(row["cost_minor"], self._currency) if is_real else None,
            "createdAt": instant(row["created_at"]),
            "updatedAt": instant(max([row["created_at"], *self._counted_at(number)])),
            "countryCodeOfOrigin": None,
            "measurement": {
                "id": gid("InventoryItemMeasurement", number),
                "weight": {"unit": "GRAMS", "value": float(row["weight_g"])},
            },
            "inventoryLevels": lambda _: self._levels(number) if is_real else [],
            "variant": lambda _: self._lookup("ProductVariant", number),
            "variants": lambda _: [self._lookup("ProductVariant", number)],
        }

    def location(self, number: int) -> Document:
        """A place."""
        row = self._ledger.locations[number]
        made = instant(self._opened)
        return {
            "__typename": "Location",
            "id": gid("Location", number),
            "legacyResourceId": str(number),
            "name": row["name"],
            "isActive": True,
            "createdAt": made,
            "updatedAt": made,
            "fulfillsOnlineOrders": True,
            "isFulfillmentService": False,
            "address": {"countryCode": row["country"], "country": row["country"], "city": None},
        }

    def discount(self, number: int) -> Document:
        """A discount node."""
        row = self._ledger.promotions[number]
        status = "SCHEDULED" if row["starts_at"] > self._now else "ACTIVE"
        if row["ends_at"] is not None and row["ends_at"] <= self._now:
            status = "EXPIRED"
        if row["kind"] == "percentage":
            value: Document = {"__typename": "DiscountPercentage", "percentage": row["value"] / 100}
        else:
            amount = money(row["value"], self._currency)
            value = {"__typename": "DiscountAmount", "amount": amount, "appliesOnEachItem": False}
        used = sum(1 for one in self._ledger.order_rows.values() if row["code"] and one["discount_code"] == row["code"])
        facts: Document = {
            "title": row["title_en"],
            "summary": row["title_en"],
            "status": status,
            "createdAt": instant(row["starts_at"]),
            "updatedAt": instant(row["starts_at"]),
            "startsAt": instant(row["starts_at"]),
            "endsAt": instant(row["ends_at"]),
            "usageLimit": None,
            "asyncUsageCount": used,
            "appliesOncePerCustomer": False,
            "customerGets": {"value": value},
            "codesCount": {"count": 1, "precision": "EXACT"},
            "codes": [{"id": gid("DiscountRedeemCode", number), "code": row["code"], "asyncUsageCount": used}],
        }
        kind = "DiscountCodeBasic" if row["code"] else "DiscountAutomaticBasic"
        discount = {"__typename": kind, **facts}
        node = "DiscountCodeNode" if row["code"] else "DiscountAutomaticNode"
        return {
            "__typename": "DiscountNode",
            "id": gid(node, number),
            "discount": discount,
            "codeDiscount": discount,
        }

    @cached_property
    def _opened(self) -> datetime:
        first: date = self._ledger.stock_levels["date"].min()  # type: ignore[assignment]
        return datetime(first.year, first.month, first.day)  # noqa: DTZ001  the world's instants are naive UTC

    def _category(self, row: Row) -> Document:
        level = row["path_en"].count(">") + 1
        return {
            "id": gid("TaxonomyCategory", row["category_id"]),
            "name": row["name_en"],
            "fullName": row["path_en"],
            "level": level,
            "isLeaf": True,
            "isRoot": level == 1,
        }

    def _prices(self, number: int) -> list[Row]:
        return [one for one in self._ledger.prices.get(number, ()) if one["valid_from"] <= self._now]

    @cached_property
    def _stock(self) -> dict[int, list[Row]]:
        """The last count before the instant, by variant."""
        last = self._now.date() - timedelta(days=1)
        days = self._ledger.stock_levels.filter(pl.col("date") <= last)
        found: dict[int, list[Row]] = {}
        for row in days.filter(pl.col("date") == pl.col("date").max()).to_dicts():
            found.setdefault(row["variant_id"], []).append(row)
        return found

    def _counted_at(self, number: int) -> list[datetime]:
        days = [row["date"] + timedelta(days=1) for row in self._stock.get(number, ())]
        return [datetime(day.year, day.month, day.day) for day in days]  # noqa: DTZ001  naive UTC, as the world's

    def _sellable(self, number: int) -> int:
        return sum(row["on_hand"] - row["reserved"] for row in self._stock.get(number, ()))

    def _levels(self, number: int) -> list[Document]:
        return [self._level(row) for row in self._stock.get(number, ())]

    def _level(self, row: Row) -> Document:
        key = f"{row['location_id']}?inventory_item_id={row['variant_id']}"
        counted = instant(self._counted_at(row["variant_id"])[0])
        units = {
            "available": row["on_hand"] - row["reserved"],
            "on_hand": row["on_hand"],
            "committed": row["reserved"],
            "reserved": 0,
            "incoming": row["inbound"],
            "damaged": 0,
            "safety_stock": 0,
            "quality_control": 0,
        }

        def quantities(arguments: Document) -> list[Document]:
            return [
                {
                    "id": gid("InventoryQuantity", f"{key}&name={name}"),
                    "name": name,
                    "quantity": units[name],
                    "updatedAt": counted,
                }
                for name in arguments["names"]
                if name in units
            ]

        return {
            "__typename": "InventoryLevel",
            "id": gid("InventoryLevel", key),
            "createdAt": counted,
            "updatedAt": counted,
            "isActive": True,
            "item": lambda _: self._lookup("InventoryItem", row["variant_id"]),
            "location": lambda _: self._lookup("Location", row["location_id"]),
            "quantities": quantities,
        }
