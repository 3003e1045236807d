"""Small product pages without any product markup, one for each way that shops write a price.

Each has what a reader sees: the price, what it is set against, and whether it can be bought.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Case:
    """A page's body and what a reader of it would say.

    Attributes:
        name: The pattern that it shows.
        body: HTML inside `<body>`.
        price: The price; none where the page does not tell one.
        against: The price it is set against.
        availability: Whether it can be bought.
        title: The product's title.
    """

    name: str
    body: str
    price: str | None
    against: str | None = None
    availability: str | None = "in_stock"
    title: str = "Oak Shelf Kestrel"

    @property
    def amount(self) -> Decimal | None:
        """The price as an amount."""
        return None if self.price is None else Decimal(self.price)

    @property
    def list_amount(self) -> Decimal | None:
        """What it is set against, as an amount."""
        return None if self.against is None else Decimal(self.against)

    @property
    def html(self) -> str:
        """The whole page."""
        return f"<html><head><title>{self.title} | Some Shop</title></head><body>{self.body}</body></html>"


_H1 = "<h1>Oak Shelf Kestrel</h1>"
_BUY = "<button>Add to cart</button>"


def _cards(sign: str, *prices: str, box: str = "card", name: str = "grid") -> str:
    cards = "".join(
        f'<div class="{box}"><a href="/{p}"><img src="x.jpg">Other</a><b>{sign}{p}</b></div>' for p in prices
    )
    return f'<div class="{name}">{cards}</div>'


CASES = (
    Case(
        "struck price in del, price of now in ins",
        f'{_H1}<p class="price"><del>£12.00</del> <ins>£9.50</ins></p>{_BUY}',
        "9.50",
        "12.00",
    ),
    Case(
        "labels in table cells tell the old price, the price and the saving",
        f"{_H1}<table><tr><td>List Price:</td><td>$99.95</td></tr><tr><td>Price:</td><td>$79.95</td></tr>"
        f"<tr><td>You Save:</td><td>$20.00 (20%)</td></tr></table>{_BUY}",
        "79.95",
        "99.95",
    ),
    Case(
        "whole and cents in elements of their own, read aloud in another",
        f'{_H1}<span class="price"><span class="offscreen">32,99€</span><span aria-hidden="true"><span>32<span>,</span>'
        '</span><span class="price-fraction">99</span><span>€</span></span></span>'
        f"<button>In den Warenkorb</button>",
        "32.99",
    ),
    Case(
        "cents in superscript",
        f'{_H1}<div class="price">$<strong>299</strong><sup>.99</sup></div>{_BUY}',
        "299.99",
    ),
    Case(
        "the currency between whole and cents",
        f'{_H1}<div class="price"><span>79</span><sup>€99</sup></div><p>ou 4x 20,46 €</p>'
        "<button>Ajouter au panier</button>",
        "79.99",
    ),
    Case(
        "currency in an element of its own, far from names that mean anything",
        f'<div class="a1">{_H1}<div class="a2"><span>$</span><span>49</span><span>.00</span></div>{_BUY}</div>',
        "49.00",
    ),
    Case(
        "two amounts side by side without a sign which is which: the lower one",
        f'{_H1}<div class="x4"><span>€ 199,00</span> <span>€ 119,00</span> <span>-40%</span></div>'
        "<button>Aggiungi al carrello</button><div>Spedizione gratuita da € 50</div>",
        "119.00",
        "199.00",
    ),
    Case(
        "`regular` is the price of now where nothing is reduced",
        f'{_H1}<div class="price-box"><span class="regular-price">$31.00</span></div>{_BUY}',
        "31.00",
    ),
    Case(
        "`regular` is the old price where something lower stands beside it",
        f'{_H1}<div class="prices"><span class="regular-price">$31.00</span><span class="sale-price">$21.00'
        f"</span></div>{_BUY}",
        "21.00",
        "31.00",
    ),
    Case(
        "instalments, delivery and a warranty are no prices of it",
        f"{_H1}<p>$479.99</p><p>or $41/mo. for 12 months</p><p>Shipping: $14.00</p><p>Add a 2-year plan for $29.99</p>"
        f"<p>Free delivery over $35</p>{_BUY}",
        "479.99",
    ),
    Case(
        "a price per kilogram stands beside the price",
        f'{_H1}<div class="price">8,90 € *</div><div class="price-unit">0.75 Liter (11,87 € / 1 Liter)</div>'
        "<p>inkl. MwSt. zzgl. 4,90 € Versand</p><button>In den Warenkorb</button>",
        "8.90",
    ),
    Case(
        "a table of quantities",
        f'{_H1}<p>£14.40 <small>inc. VAT</small></p><p>£12.00 <small>ex. VAT</small></p><table class="qty-breaks">'
        f"<tr><td>5+</td><td>£11.40</td></tr><tr><td>10+</td><td>£10.80</td></tr></table>{_BUY}",
        "14.40",
    ),
    Case(
        "cart, menu and footer show amounts as well",
        '<header><a href="/cart" class="minicart">Cart $0.00</a><nav><a href="/a">Under $20</a></nav></header>'
        f'<main>{_H1}<div class="price">$63.00</div>{_BUY}</main><footer>Gift cards from $10</footer>',
        "63.00",
    ),
    Case(
        "a heading over other products",
        f"<div>{_H1}<p>$54.00</p>{_BUY}<h3>You may also like</h3><p>Lamp</p><p>$14.00</p></div>",
        "54.00",
    ),
    Case(
        "cards of other products are no price where it has none",
        f"{_H1}<p>Sorry, this item is no longer available.</p>{_cards('£', '19.00', '29.00', '39.00')}",
        None,
        availability="out_of_stock",
    ),
    Case(
        "a page that lists products has no price",
        "<h1>Shelves</h1><ul>"
        + "".join(
            f'<li><a href="/{n}">Shelf {n}</a><span class="price">${20 + n}.00</span>{_BUY}</li>' for n in range(8)
        )
        + "</ul>",
        None,
        availability=None,
        title="Shelves",
    ),
    Case(
        "price on request",
        f'{_H1}<p class="price">Price on request</p>{_cards("$", "4,500", "9,500", "2,500")}',
        None,
        availability=None,
    ),
    Case(
        "prices that are not shown",
        f'<div style="display:none"><div class="price">$19.99</div></div>{_H1}<div class="prices">'
        '<span class="special-price" style="display:none">$299.00</span><span class="price">$349.00</span></div>'
        f'<p class="hidden">Sold out</p>{_BUY}',
        "349.00",
    ),
    Case(
        "a page made of tables, without a heading, without a name",
        "<table><tr><td><font size=5><b>Oak Shelf Kestrel</b></font></td></tr><tr><td>Gewicht 12,5 kg<br>"
        "<font>Preis: 1.249,00 &euro;</font><br><small>inkl. MwSt., zzgl. 6,90 &euro; Versand</small>"
        '<form><input type=submit value="in den Warenkorb"></form></td></tr></table>'
        "<table><tr><td><a href=1>Dübel</a></td><td>29,00 &euro;</td></tr><tr><td><a href=2>Leim</a></td>"
        "<td>9,50 &euro;</td></tr><tr><td><a href=3>Öl</a></td><td>14,50 &euro;</td></tr></table>",
        "1249.00",
    ),
    Case(
        "sold out in one size only",
        f"{_H1}<p>39,95 EUR</p><ul class='sizes'><li>XS</li><li>S Agotado</li></ul><button>Añadir a la cesta</button>",
        "39.95",
    ),
    Case(
        "an amount shown though it is sold out",
        f"{_H1}<p class='price'>$32.00</p><p>sold out</p><button disabled>Sold out</button>",
        "32.00",
        availability="out_of_stock",
    ),
    Case(
        "in Japanese: maker's price, price with tax, points, and from where delivery is free",
        "<h1>国産 黒豆茶 60包</h1><p>メーカー希望小売価格 4,980円</p><p>価格 <b>2,980円</b> (税込) 送料無料</p>"
        "<p>27ポイント</p><button>かごに追加</button><p>3,980円以上で送料無料</p>",
        "2980",
        "4980",
        title="国産 黒豆茶 60包",
    ),
    Case(
        "in Chinese: price and price of the promotion",
        "<h1>夏季冰丝休闲裤男士</h1><dl><dt>价格</dt><dd><em>¥</em><span>299.00</span></dd></dl><dl><dt>促销价</dt><dd><em>¥</em>"
        "<span>129.00</span></dd></dl><dl><dt>运费</dt><dd>快递: 10.00</dd></dl><a class='btn' href='#'>加入购物车</a>",
        "129.00",
        "299.00",
        title="夏季冰丝休闲裤男士",
    ),
    Case(
        "in Russian, thousands parted by a blank",
        "<h1>Чайник Бош</h1><div><span>2 990 ₽</span><span>4 490 ₽</span></div><p>от 299 ₽ / мес в рассрочку</p>"
        "<button>Добавить в корзину</button>",
        "2990",
        "4490",
        title="Чайник Бош",
    ),
    Case(
        "in Czech: with and without tax, no cents, no currency",
        "<h1>Sluchátka Kos</h1><table><tr><td>Cena</td><td class='price'>6 490,-</td></tr><tr><td>Cena bez DPH</td>"
        "<td class='price'>5 364,-</td></tr></table><p>Skladem</p><a class='btn buy' href='#'>Koupit</a>",
        "6490",
        title="Sluchátka Kos",
    ),
    Case(
        "in Swedish: the ordinary price",
        "<h1>Cykelhjälm Ärla</h1><div class='pris'><span>799 kr</span> <span>Ord. pris 999 kr</span></div>"
        "<p>I lager</p><a class='btn kop' href='#'>Köp</a><p>Fri frakt över 499 kr</p>",
        "799",
        "999",
        title="Cykelhjälm Ärla",
    ),
    Case(
        "in Indian groups of digits",
        f"{_H1}<div><div>₹1,29,999</div><div>₹1,49,999</div><div>13% off</div></div><button>BUY NOW</button>",
        "129999",
        "149999",
    ),
    Case(
        "amounts that are only mentioned",
        f"{_H1}<p>As seen on TV! Save up to $100 a year.</p><a href='/order' class='btn'>Order now</a>"
        "<p>Over $2,000,000 sold. Win a $500 gift card!</p>",
        None,
    ),
    Case(
        "the price on the button",
        f"{_H1}<p>Hand made in the north of the country.</p><button>Add to cart — $25.00</button>",
        "25.00",
    ),
    Case(
        "other sellers below",
        f"{_H1}<p>£16.99</p><p>Only 2 left</p>{_BUY}<h2>Other sellers</h2><table><tr><td>£29.99</td>"
        "<td>Sold out</td></tr><tr><td>£14.99</td><td>Sold out</td></tr></table>",
        "16.99",
        availability="limited",
    ),
)
