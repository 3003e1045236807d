"""What shops say around their goods, in their languages, and how they write money."""

from __future__ import annotations

from typing import Final

from sandbox.storefronts.model import Shop

SCHEMA_AVAILABILITY: Final = {
    "in_stock": "InStock",
    "limited": "LimitedAvailability",
    "out_of_stock": "OutOfStock",
    "backorder": "BackOrder",
}
_EN: Final = {
    "home": "Home", "all": "All products", "basket": "Basket", "add": "Add to basket", "search": "Search",
    "in_stock": "In stock", "limited": "Only 3 left", "out_of_stock": "Out of stock",
    "backorder": "Back order: sent in 2–3 weeks", "related": "You may also like", "reviews": "Customer reviews",
    "description": "Description", "brand": "Brand", "mpn": "Model number", "sku": "Product code",
    "gtin": "Barcode (EAN)",
    "was": "RRP", "save": "You save", "next": "Next", "previous": "Previous", "sort": "Sort by", "delivery": "Delivery",
    "returns": "Returns", "contact": "Contact", "privacy": "Privacy", "new": "New", "used": "Refurbished",
    "sellers": "Other sellers", "sold_by": "Sold by", "choose": "Choose an option", "page": "Page",
    "tax": "Price includes VAT. Free delivery over £50.", "filter": "Filter", "condition": "Condition",
    "ref_new": "New", "ref_refurbished": "Refurbished, 12 months warranty", "newsletter": "Join our newsletter",
    "missing": "Sorry, there is no such page here any more.",
    "text": "{title}. Well made, and made to be used every day. A good present, too; sent without plastic.",
}  # fmt: skip
_DE: Final = {
    "home": "Startseite", "all": "Alle Artikel", "basket": "Warenkorb", "add": "In den Warenkorb", "search": "Suchen",
    "in_stock": "Sofort lieferbar", "limited": "Nur noch wenige auf Lager", "out_of_stock": "Derzeit ausverkauft",
    "backorder": "Lieferbar in 2–3 Wochen", "related": "Das könnte Ihnen auch gefallen", "reviews": "Bewertungen",
    "description": "Beschreibung", "brand": "Marke", "mpn": "Herstellernummer", "sku": "Artikel-Nr.", "gtin": "EAN",
    "was": "UVP", "save": "Sie sparen", "next": "Weiter", "previous": "Zurück", "sort": "Sortieren",
    "delivery": "Versand",
    "returns": "Widerruf", "contact": "Kontakt", "privacy": "Datenschutz", "new": "Neu", "used": "Generalüberholt",
    "sellers": "Weitere Anbieter", "sold_by": "Verkauf durch", "choose": "Bitte wählen", "page": "Seite",
    "tax": "inkl. 19 % MwSt. zzgl. Versandkosten", "filter": "Filtern", "condition": "Zustand",
    "ref_new": "Neu", "ref_refurbished": "Generalüberholt, 12 Monate Gewährleistung", "newsletter": "Newsletter",
    "missing": "Diese Seite gibt es leider nicht mehr.",
    "text": "{title}. Solide verarbeitet und für jeden Tag gemacht. Auch ein schönes Geschenk; Versand ohne Plastik.",
}  # fmt: skip
_FR: Final = {
    "home": "Accueil", "all": "Tous les produits", "basket": "Panier", "add": "Ajouter au panier",
    "search": "Rechercher",
    "in_stock": "En stock", "limited": "Plus que 3 en stock", "out_of_stock": "Rupture de stock",
    "backorder": "Sur commande : expédié sous 2 à 3 semaines", "related": "Vous aimerez aussi",
    "reviews": "Avis clients",
    "description": "Description", "brand": "Marque", "mpn": "Référence fabricant", "sku": "Réf.", "gtin": "Code EAN",
    "was": "Prix conseillé", "save": "Vous économisez", "next": "Suivant", "previous": "Précédent", "sort": "Trier par",
    "delivery": "Livraison", "returns": "Retours", "contact": "Contact", "privacy": "Vie privée", "new": "Neuf",
    "used": "Reconditionné", "sellers": "Autres vendeurs", "sold_by": "Vendu par", "choose": "Choisissez",
    "page": "Page",
    "tax": "Prix TTC. Livraison offerte dès 60 €.", "filter": "Filtrer", "condition": "État",
    "ref_new": "Neuf", "ref_refurbished": "Reconditionné, garanti 12 mois", "newsletter": "Notre lettre",
    "missing": "Cette page n'existe plus.",
    "text": "{title}. Un bel objet bien fait, pensé pour tous les jours. Une idée de cadeau, expédiée sans plastique.",
}  # fmt: skip
_ZH: Final = {
    "home": "首页", "all": "全部商品", "basket": "购物车", "add": "加入购物车", "search": "搜索", "in_stock": "有货",
    "limited": "仅剩3件", "out_of_stock": "暂时缺货", "backorder": "预订：2至3周发货", "related": "看了又看",
    "reviews": "商品评价",
    "description": "商品详情", "brand": "品牌", "mpn": "型号", "sku": "商品编号", "gtin": "条形码", "was": "原价",
    "save": "立省",
    "next": "下一页", "previous": "上一页", "sort": "排序", "delivery": "配送", "returns": "退换",
    "contact": "联系我们",
    "privacy": "隐私", "new": "全新", "used": "官翻", "sellers": "其他卖家", "sold_by": "卖家", "choose": "请选择",
    "page": "页",
    "tax": "满199元包邮", "filter": "筛选", "condition": "成色", "ref_new": "全新",
    "ref_refurbished": "官方翻新，质保一年",
    "newsletter": "订阅", "missing": "您访问的页面不存在。",
    "text": "{title}。做工扎实，日常耐用，送礼自用皆宜，环保包装发货。",
}  # fmt: skip
_PHRASES: Final = {"en": _EN, "de": _DE, "fr": _FR, "zh": _ZH}
REVIEWS: Final = {
    "en": (("Margaret", "Lovely thing, just as pictured."), ("Tom W.", "Good, though the box was dented."),
           ("Aisha", "Bought a second one for my sister for £5 less in the sale.")),
    "de": (("Jürgen", "Sehr schön, schnelle Lieferung."), ("Anke", "Gut verarbeitet, Farbe etwas dunkler."),
           ("Felix", "Im Angebot für 5 € weniger gekauft.")),
    "fr": (("Chloé", "Très joli, conforme à la photo."), ("Hugo", "Bonne qualité, emballage abîmé."),
           ("Anaïs", "Je l'ai trouvé 5 € moins cher pendant les soldes.")),
    "zh": (("王**", "很漂亮，和图片一样。"), ("李**", "质量不错，包装有点压坏了。"), ("陈**", "活动时买便宜了20元。")),
}  # fmt: skip


def phrases(shop: Shop) -> dict[str, str]:
    """The shop's words for its pages."""
    return _PHRASES[shop.words]


def decimal(minor: int) -> str:
    """Hundredths as decimal text, for machines: 123456 is `1234.56`."""
    return f"{minor // 100}.{minor % 100:02d}"


def money(minor: int, shop: Shop) -> str:
    """An amount as the shop's customers read it."""
    whole, part = f"{minor // 100:,}", f"{minor % 100:02d}"
    if shop.currency == "CNY":
        return f"¥{minor // 100}.{part}"
    if shop.words == "de":
        return f"{whole.replace(',', '.')},{part} €"
    if shop.words == "fr":
        return f"{whole.replace(',', chr(0x202F))},{part}\u00a0€"
    return f"£{whole}.{part}"
