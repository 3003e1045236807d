"""What each sign of an amount weighs: one table, each weight with its reason.

They were set by hand on pages of many kinds of shops. An amount's sum is turned into a confidence by how far it lies
above what a chance amount reaches, and above the runner-up.
"""

from __future__ import annotations

WEIGHTS: dict[str, float] = {
    "named_price": 2.2,  # class or id of it or its near boxes names a price: the commonest sign there is
    "named_current": 0.8,  # … and names the price of now
    "named_old": -2.6,  # … or the old one
    "named_maybe_old": -0.25,  # `regular-price` is the price of now as long as nothing is reduced
    "named_saving": -3.0,  # the saving is no price
    "named_unit": -2.2,  # per kilogram or litre
    "named_product": 0.5,  # stands in a box named after the product
    "named_option": -1.0,  # a choice, or a row of a quantity table
    "struck": -3.2,  # crossed out
    "says_old": -2.6,  # "was", "UVP", "statt" before it
    "says_now": 0.7,  # "now", "price", "only" before it
    "says_reduced": 0.9,  # "sale price", "now only": lower than the usual one
    "says_saving": -3.0,  # "you save" before it, "off" behind it
    "says_unit": -2.2,  # "/ kg" behind it, a bracket before it
    "says_shipping": -2.8,  # "free delivery over" before it
    "says_finance": -2.8,  # "per month" behind it
    "says_from": -0.3,  # "from": the lowest of several, still the best there is
    "says_about": -1.2,  # "approximately", or in brackets: the amount in another currency, or of another quantity
    "says_total": -1.5,  # a total of the cart
    "says_conditional": -1.6,  # "members", "wholesale", "with card", "paid in advance": not what everybody pays
    "says_net": -1.2,  # without tax: consumers pay the other one
    "shipping_box": -2.5,  # inside a box about delivery
    "finance_box": -2.5,
    "related_box": -3.2,  # inside a box of other products
    "cart_box": -3.0,
    "chrome_box": -2.6,  # navigation, footer, dialogs
    "review_box": -1.8,
    "prose_box": -1.0,  # descriptions mention amounts
    "hidden": -1.8,  # not shown
    "offscreen": -0.1,  # read aloud: repeats what is shown
    "in_link": -1.2,  # a link leads to another product
    "no_currency": -0.9,  # a bare number
    "whole_text": 0.9,  # its element holds nothing else
    "in_sentence": -0.9,  # one amount in a sentence
    "listed": -3.6,  # a box with a link that is repeated with other amounts: a list of products
    "below_related": -3.0,  # under a heading such as "You may also like"
    "listed_often": -2.0,  # … four times and more: surely
    "repeated": -0.7,  # repeated boxes without links: variants, quantities, instalments
    "mentioned": -1.8,  # inside other words, without a name or a label that says "price"
    "emphasis": 0.4,  # in bold or a heading
    "near_title": 1.6,  # right behind the title, fading with distance
    "before_title": -1.0,  # above the title: seldom the product's
    "near_buy": 1.4,  # close to the control that buys
    "in_box": 1.2,  # inside the smallest box that holds title and control
    "first": 0.5,  # the first good amount behind the title
    "again": 0.25,  # for each doubling of how often the page shows the same amount
    "higher_of_pair": -2.2,  # `regular`, `original` and a lower amount beside it: reduced
    "beside_old": 0.8,  # without a mark of its own, beside a higher one that is crossed out or called the old one
    "is_difference": -0.9,  # the smaller of two amounts that add up to a third beside them is what is saved
    "lower_of_pair": 0.5,  # of two amounts side by side without other signs, the lower is the reduced one
}
THRESHOLD = 2.0  # sums below this are reached by amounts that are no price of this product
