"""What product pages tell machines in JSON-LD: as the vocabulary wants it, and as some shops really write it."""

from __future__ import annotations

import json
from typing import Any, Final

from sandbox.storefronts.model import Shop
from sandbox.storefronts.views import View

_NEW, _REFURBISHED = "https://schema.org/NewCondition", "https://schema.org/RefurbishedCondition"
_COMMENT: Final = "/* Produktdaten für Google */"


def clean(view: View, shop: Shop, base: str) -> str:
    """A product with its offer, a group with its variants, or a product with the offers of several sellers."""
    told: dict[str, Any] = {
        "@type": "ProductGroup" if view["variants"] else "Product",
        "@id": f"{base}{view['url']}#product",
        "name": view["title"],
        "image": [base + view["image"]],
        "description": view["description"],
        "url": base + view["url"],
        "category": f"{view['department']} > {view['category']}",
    }
    if view["brand"]:
        told["brand"] = {"@type": "Brand", "name": view["brand"]}
    if view["variants"]:
        told |= {
            "productGroupID": str(view["number"]),
            "hasVariant": [_variant(one, view, shop) for one in view["variants"]],
        }
    else:
        told |= _codes(view)
        told["offers"] = _sellers(view, shop) if len(view["sellers"]) > 1 else _offer(view, view, shop)
    if view["review_count"]:
        told["aggregateRating"] = _rating(view)
    department = base + view["department_url"]
    crumbs = [(shop.title, base), (view["department"], department), (view["category"], f"{department}#c"),
              (view["title"], "")]  # fmt: skip
    trail = [{"@type": "ListItem", "position": n, "name": name, **({"item": url} if url else {})}
             for n, (name, url) in enumerate(crumbs, 1)]  # fmt: skip
    others = [{"@type": "Product", "name": one["title"], "url": base + one["url"],
               "offers": {"@type": "Offer", "price": one["price"], "priceCurrency": shop.currency}}
              for one in view["related"]]  # fmt: skip
    told["isRelatedTo"] = others
    graph = [{"@type": "Organization", "name": shop.title, "url": base},
             {"@type": "BreadcrumbList", "itemListElement": trail}, told]  # fmt: skip
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False, indent=1)
    return text.replace("</", "<\\/")


def _codes(view: View) -> dict[str, Any]:
    told = {"sku": view["sku"], "gtin13": view["gtin"], "mpn": view["mpn"]}
    return {name: code for name, code in told.items() if code}


def _variant(one: View, view: View, shop: Shop) -> dict[str, Any]:
    name = f"{view['title']} – {one['option']}"
    return {"@type": "Product", "name": name, **_codes(one), "offers": _offer(one, view, shop)}


def _offer(one: View, view: View, shop: Shop) -> dict[str, Any]:
    told: dict[str, Any] = {
        "@type": "Offer",
        "price": one["price"],
        "priceCurrency": shop.currency,
        "availability": f"https://schema.org/{one['schema_availability']}",
        "itemCondition": _REFURBISHED if view["condition"] == "refurbished" else _NEW,
    }
    if one["list_price"]:
        told["priceSpecification"] = {
            "@type": "UnitPriceSpecification",
            "priceType": "https://schema.org/StrikethroughPrice",
            "price": one["list_price"],
            "priceCurrency": shop.currency,
        }
    if one["seller"]:
        told["seller"] = {"@type": "Organization", "name": one["seller"]}
    return told


def _sellers(view: View, shop: Shop) -> dict[str, Any]:
    prices = sorted((one["price"] for one in view["sellers"]), key=float)
    return {
        "@type": "AggregateOffer",
        "lowPrice": prices[0],
        "highPrice": prices[-1],
        "offerCount": len(prices),
        "priceCurrency": shop.currency,
        "offers": [_offer(one, view, shop) for one in view["sellers"]],
    }


def _rating(view: View) -> dict[str, Any]:
    return {"@type": "AggregateRating", "ratingValue": str(view["rating"]), "reviewCount": view["review_count"]}


def dirty(view: View, shop: Shop, base: str) -> str:
    """The same from a template that nobody validated: comments, trailing commas, raw line breaks."""
    text = view["description"].replace(". ", ".\n\t", 1)  # control characters, which JSON strings must not hold
    name = view["title"].replace("&", "&amp;")
    lines = ["{", '  "@context": "http://schema.org/",', '  "@type": "Product",', f'  "name": "{name}",', _COMMENT,
             f'  "image": "{base}{view["image"]}",', f'  "description": "{text}",']  # fmt: skip
    if view["brand"]:
        lines.append(f'  "brand": {{"@type": "Brand", "name": "{view["brand"]}",}},')
    if not view["variants"]:
        lines += [f'  "{key}": "{view[field]}",' for key, field in (("sku", "sku"), ("gtin", "gtin"), ("mpn", "mpn"))
                  if view[field]]  # fmt: skip
    if view["review_count"]:
        rating = str(view["rating"]).replace(".", ",")
        lines += ['  "aggregateRating": {', '    "@type": "AggregateRating",', f'    "ratingValue": "{rating}",',
                  f'    "reviewCount": "{view["review_count"]}",', "  },"]  # fmt: skip
    lines += _dirty_offers(view, shop)
    return "\n".join([*lines, "}"])


def _dirty_offers(view: View, shop: Shop) -> list[str]:
    condition = _REFURBISHED if view["condition"] == "refurbished" else _NEW
    if view["variants"]:
        prices = sorted((one["price"] for one in view["variants"]), key=float)
        lines = ['  "offers": {', '    "@type": "AggregateOffer",', f'    "lowPrice": "{_comma(prices[0])}",',
                 f'    "highPrice": "{_comma(prices[-1])}",', f'    "priceCurrency": "{shop.currency}",',
                 '    "offers": [']  # fmt: skip
        for one in view["variants"]:
            gtin = f'"gtin13": "{one["gtin"]}", ' if one["gtin"] else ""
            lines.append(
                f'      {{"@type": "Offer", "sku": "{one["sku"]}", {gtin}"name": "{one["option"]}",'
                f' "price": "{_comma(one["price"])}", "priceCurrency": "{shop.currency}",'
                f' "availability": "http://schema.org/{one["schema_availability"]}"}},'
            )
        return [*lines, "    ],", "  },"]
    return ['  "offers": {', '    "@type": "Offer",', f'    "price": "{_comma(view["price"])}",',
            f'    "priceCurrency": "{shop.currency}",  // immer EUR', f'    "itemCondition": "{condition}",',
            f'    "availability": "http://schema.org/{view["schema_availability"]}",', "  },"]  # fmt: skip


def _comma(price: str) -> str:
    return price.replace(".", ",")
