"""The made-up assortment of a gift wholesaler: codes, names, prices, and how well each thing sells when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PRICES = np.array([0.42, 0.65, 0.85, 1.25, 1.65, 2.1, 2.55, 2.95, 3.75, 4.25, 4.95, 5.95, 7.95, 9.95, 12.75, 14.95])
COLOURS = ("RED", "PINK", "BLUE", "GREEN", "IVORY", "BLACK", "YELLOW", "LILAC")
PATTERNS = (
    "GINGHAM", "DAISY CHAIN", "SAILING BOAT", "COUNTRY ROSE", "TOADSTOOL", "HARLEQUIN", "PAISLEY", "BUTTERFLY",
    "SWALLOW", "CHERRY", "STARRY", "LEAF PRINT", "ENAMEL", "RUSTIC", "VINTAGE LETTER", "OWL", "FEATHER",
    "CIRCUS TENT", "WOODLAND", "STRIPED", "LACE", "TARTAN", "BUNTING", "KEEPSAKE",
)  # fmt: skip
# Noun, its place in the price list, and the pack that shops buy it in.
NOUNS = (
    ("TEA TOWEL", 6, 12), ("MUG", 4, 12), ("LUNCH BOX", 4, 10), ("CANDLE HOLDER", 3, 12),
    ("CUSHION COVER", 8, 6), ("DOORSTOP", 9, 4), ("WALL CLOCK", 12, 2), ("PHOTO FRAME", 7, 6),
    ("COOKIE TIN", 10, 6), ("JAM JAR LABELS", 1, 24), ("GIFT WRAP", 0, 25), ("PARTY CANDLES", 2, 12),
    ("NOTEBOOK", 2, 12), ("PENCIL SET", 1, 24), ("STICKER SHEET", 1, 24), ("TRINKET DISH", 5, 8),
    ("TEAPOT", 12, 2), ("CAKE STAND", 14, 1), ("PLACE MAT", 6, 8), ("EGG CUP", 3, 12),
    ("HOT WATER BOTTLE", 10, 4), ("STORAGE BAG", 5, 10), ("CHILDS APRON", 5, 8), ("KEY RING", 2, 12),
    ("BATH SOAP", 2, 12), ("FABRIC HEART", 3, 12), ("LETTER RACK", 8, 4), ("METAL SIGN", 5, 12),
    ("WICKER BASKET", 11, 3), ("PLANT POT", 4, 8), ("GARLAND", 7, 6), ("NAPKIN PACK", 2, 12),
    ("CAKE CASES", 0, 24), ("SEWING KIT", 3, 12), ("MAGNET SET", 4, 12), ("WATERING CAN", 9, 4),
    ("RECIPE TIN", 12, 2), ("DRAWER KNOB", 3, 12), ("LAMP SHADE", 13, 2), ("COASTER SET", 7, 6),
)  # fmt: skip
CHRISTMAS_NOUNS = (("CHRISTMAS BAUBLE", 3, 12), ("ADVENT CALENDAR", 8, 4), ("CHRISTMAS STOCKING", 6, 6))
# Names that trip careless readers: separators, quotation marks, a character outside ASCII, blanks inside.
AWKWARD = (
    'RECORD CASE 7" SINGLES ', "SET/3 TINS, TEA,COFFEE AND SUGAR", "£1 SAVINGS TIN", "BOX OF  6 ASSORTED CRACKERS",
    " HERB MARKER ROSEMARY", "PARTY SIGN,CAKES THIS WAY",
)  # fmt: skip

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Catalogue:
    """One entry a product in every array.

    Attributes:
        codes: Five digits, with a letter where colours of one thing share the digits.
        titles: Names as printed, blanks at their ends included.
        prices: Index into `PRICES`.
        packs: How many make a pack.
        families: Number of the family of things bought together.
        is_christmas: Whether it is bought for Christmas.
    """

    codes: npt.NDArray[np.str_]
    titles: npt.NDArray[np.str_]
    prices: Integers
    packs: Integers
    families: Integers
    is_christmas: Flags

    def __len__(self) -> int:
        return len(self.codes)


def make_catalogue(rng: np.random.Generator, products: int) -> Catalogue:
    """So many products, most of them in families of one to four colours.

    Raises:
        ValueError: If more products are asked for than there are names.
    """
    nouns = NOUNS + CHRISTMAS_NOUNS
    names = [(pattern, noun) for pattern in PATTERNS for noun in nouns]
    if not len(AWKWARD) < products <= len(names):
        raise ValueError(f"There are names for {len(AWKWARD) + 1} to {len(names)} products, not for {products}.")
    rows: list[tuple[str, str, int, int, int]] = []
    numbers = rng.choice(np.arange(20_000, 90_000), size=len(names), replace=False)
    for family, name in enumerate(rng.permutation(len(names))):
        pattern, (noun, price, pack) = names[name]
        colours = rng.choice(COLOURS, size=int(rng.choice(4, p=[0.55, 0.2, 0.15, 0.1])) + 1, replace=False)
        shares_digits = len(colours) > 1 and rng.random() < 0.6
        for place, colour in enumerate(colours):
            code = f"{numbers[family]}{'ABCD'[place]}" if shares_digits else f"{numbers[family] + place}"
            rows.append((code, f"{colour} {pattern} {noun}", price, pack, family))
        if len(rows) >= products:
            break
    return _arrays(rng, rows[:products])


def _arrays(rng: np.random.Generator, rows: list[tuple[str, str, int, int, int]]) -> Catalogue:
    codes, titles, prices, packs, families = zip(*rows, strict=True)
    titled = np.array(titles, dtype="U60")
    titled[: len(AWKWARD)] = AWKWARD
    blank = rng.random(len(rows)) < 0.2
    titled[blank] = np.char.add(titled[blank], " ")
    return Catalogue(
        codes=_distinct(codes),
        titles=titled,
        prices=np.array(prices, dtype=np.int64),
        packs=np.array(packs, dtype=np.int64),
        families=np.array(families, dtype=np.int64),
        is_christmas=np.char.find(titled, "CHRISTMAS") >= 0,
    )


def _distinct(codes: tuple[str, ...]) -> npt.NDArray[np.str_]:
    """The codes, with the few that met by counting on moved to a range of their own."""
    seen: set[str] = set()
    fixed = []
    for place, code in enumerate(codes):
        fixed.append(code if code not in seen else f"{90_000 + place}")
        seen.add(fixed[-1])
    return np.array(fixed, dtype="U12")


def weekly_weights(rng: np.random.Generator, catalogue: Catalogue, months: Integers) -> Floats:
    """How likely a line is to be which product, week by week.

    A few things sell much and most sell little; a seventh is sold in some weeks only, a tenth begins and a
    tenth ends on the way; Christmas things sell from September to December.

    Args:
        rng: Source of chance.
        catalogue: The products.
        months: The month, 1 to 12, in which each week begins.

    Returns:
        Weeks × products; every row adds up to one.
    """
    weeks, products = len(months), len(catalogue)
    weights = np.tile(rng.lognormal(0.0, 1.1, products), (weeks, 1))
    festive = np.array([0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.1, 0.5, 2.0, 4.0, 6.0, 5.0])[months - 1]
    weights = np.where(catalogue.is_christmas, weights * festive[:, None], weights)
    fate = rng.random(products)
    week = np.arange(weeks)[:, None]
    change = rng.integers(weeks // 5, max(weeks * 4 // 5, weeks // 5 + 1), products)
    intermittent = (fate < 1 / 7) & (rng.random((weeks, products)) < 0.75)
    begins_later = (fate >= 0.80) & (fate < 0.90) & (week < change)
    has_ended = (fate >= 0.90) & (week >= change)
    weights = np.where(intermittent | begins_later | has_ended, 0.0, weights) + 1e-12
    normal: Floats = weights / weights.sum(axis=1, keepdims=True)
    return normal
