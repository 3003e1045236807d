"""How a shop writes a product's name: the same words in another order, shortened, stuffed, or in its language."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from sandbox.storefronts.model import Shop
from sandbox.storefronts.vocabulary import Glossary
from sandbox.world.words import MATERIALS, STYLES

_SHORTER: Final = {
    "Stoneware": "Stnwr", "Recycled": "Recyc.", "Hand-Painted": "Hand Ptd", "Porcelain": "Porc.",
    "Everyday": "Evryday", "Botanical": "Botan.", "Heritage": "Hrtge", "Cotton": "Cttn", "Minimal": "Min.",
}  # fmt: skip
_GIFT_WORDS: Final = (
    "Gift Idea for Her", "Home Decor", "New Home Gift", "Modern Farmhouse", "Housewarming Present", "Cosy Home",
)  # fmt: skip


@dataclass(frozen=True)
class Name:
    """The parts of a product's name, in the merchant's English."""

    style: str
    material: str
    noun: str

    @classmethod
    def of(cls, title: str) -> Name | None:
        """The parts of a title that is made of a style, a material and a noun; None for any other."""
        for style, _ in STYLES:
            for material, _ in MATERIALS:
                beginning = f"{style} {material} "
                if title.startswith(beginning):
                    return cls(style, material, title.removeprefix(beginning))
        return None

    @property
    def english(self) -> str:
        """The title again."""
        return f"{self.style} {self.material} {self.noun}"


def in_words_of(shop: Shop, words: Glossary, name: Name, option: str, brand: str, chance: random.Random) -> str:
    """The name as the shop writes it; each shop has its habits, and slips now and then.

    Args:
        shop: Whose page.
        words: Its glossary.
        name: What it is.
        option: Colour, size or scent, in the shop's words; empty for none.
        brand: Who makes it.
        chance: Decides the slips.
    """
    style, material, noun = words[name.style], words[name.material], words.get(name.noun, name.noun)
    if shop.words == "de":
        joined = f"{noun} {material} {style}" if chance.random() < 0.5 else f"{noun} aus {material}, {style}"
        return _dashed(f"{brand} {joined}", option, ", ")
    if shop.words == "fr":
        return _dashed(f"{noun} {style} en {material}, {brand}", option, " – ")
    if shop.words == "zh":
        return f"{brand} {style}{material}{noun}{' ' + option if option else ''} {chance.choice(_ZH_TAILS)}".strip()
    return _english(shop.look, name, option, brand, chance)


_ZH_TAILS: Final = ("", "家用", "ins风", "送礼佳品", "包邮", "高颜值", "")


def _english(look: str, name: Name, option: str, brand: str, chance: random.Random) -> str:
    style, material, noun = name.style, name.material, name.noun
    if look == "cupboard":
        return f"{noun} - {style} {material}{f' ({option})' if option else ''}"
    if look == "pennyworth":
        style, material = _SHORTER.get(style, style), _SHORTER.get(material, material)
        return f"{brand.upper()} {noun} {material} {style}{' ' + option if option else ''}"
    if look == "bazaar":
        full = f"{brand} {name.english}{f' in {option}' if option else ''}"
        return f"{full} | {chance.choice(_GIFT_WORDS)}" if chance.random() < 0.6 else full
    return _dashed(f"{brand} {name.english}" if chance.random() < 0.5 else name.english, option, " – ")


def _dashed(text: str, option: str, dash: str) -> str:
    return f"{text}{dash}{option}" if option else text


MULTIPACK: Final = {"en": "{} – Pack of 6", "de": "{}, 6er-Set", "fr": "Lot de 6 : {}", "zh": "{} 6件装"}
REFURBISHED: Final = {
    "en": "{} (Refurbished)", "de": "{} – generalüberholt", "fr": "{} – reconditionné", "zh": "【官翻】{}",
}  # fmt: skip
OTHER_COLOURS: Final[dict[str, tuple[str, ...]]] = {
    "en": ("Teal", "Mustard", "Ivory"), "de": ("Petrol", "Senfgelb", "Elfenbein"),
    "fr": ("bleu canard", "moutarde", "ivoire"), "zh": ("孔雀蓝", "芥末黄", "象牙白"),
}  # fmt: skip
OTHER_SIZES: Final[dict[str, tuple[str, ...]]] = {
    "en": ("Mini", "XXL"), "de": ("mini", "XXL"), "fr": ("mini", "XXL"), "zh": ("迷你号", "加特大号"),
}  # fmt: skip
OTHER_SCENTS: Final[dict[str, tuple[str, ...]]] = {
    "en": ("Vanilla", "Rose"), "de": ("Vanille", "Rose"), "fr": ("vanille", "rose"), "zh": ("香草", "玫瑰"),
}  # fmt: skip
OTHER_BRANDS: Final = (
    "Marlowe & Finch", "Hearthstone", "Lumo", "Pebble Lane", "Nordvik", "Casa Azul", "Weststadt", "青木",
)  # fmt: skip
# What shops sell that the merchant does not: English, German, French, Chinese, a price in pence, category.
OWN: Final[tuple[tuple[str, str, str, str, int, str], ...]] = (
    ("Cast Iron Trivet", "Topfuntersetzer Gusseisen", "Dessous-de-plat en fonte", "铸铁隔热垫", 1450, "Tableware"),
    ("Beeswax Wraps, Set of 3", "Bienenwachstücher, 3er-Set", "Emballages à la cire d'abeille, x3", "蜂蜡布3片装", 1295,
     "Food Storage"),
    ("Copper Balloon Whisk", "Schneebesen Kupfer", "Fouet ballon en cuivre", "铜制打蛋器", 1150, "Bakeware"),
    ("Marble Rolling Pin", "Nudelholz Marmor", "Rouleau à pâtisserie en marbre", "大理石擀面杖", 2400, "Bakeware"),
    ("Jute Doormat 60 x 40 cm", "Fußmatte Jute 60 x 40 cm", "Paillasson en jute 60 x 40 cm", "黄麻门垫60x40", 1999,
     "Throws"),
    ("Sheepskin Rug", "Lammfell", "Peau de mouton", "羊皮地毯", 6900, "Throws"),
    ("Reed Diffuser Green Fig", "Raumduft grüne Feige", "Diffuseur figue verte", "绿无花果藤条香薰", 2250, "Candles"),
    ("Wax Melts Winter Spice", "Duftwachs Wintergewürz", "Fondants parfumés épices d'hiver", "冬日香料蜡片", 850,
     "Candles"),
    ("Pampas Grass Bunch", "Pampasgras-Bund", "Botte d'herbe de la pampa", "蒲苇干花束", 1800, "Vases"),
    ("Picture Frame A4", "Bilderrahmen A4", "Cadre photo A4", "A4相框", 1600, "Wall Art"),
    ("Hook Rail, Five Hooks", "Hakenleiste mit fünf Haken", "Patère à cinq crochets", "五钩挂衣架", 2900, "Wall Art"),
    ("Mattress Topper Double", "Matratzenauflage 140 x 200", "Surmatelas 140 x 200", "双人床垫", 8900, "Bedding"),
    ("Silk Eye Mask", "Schlafmaske Seide", "Masque de nuit en soie", "真丝眼罩", 1750, "Pillows"),
    ("Waffle Bathrobe", "Waffelpikee-Bademantel", "Peignoir nid d'abeille", "华夫格浴袍", 4500, "Towels"),
    ("LED Bulb E27 Warm White", "LED-Lampe E27 warmweiß", "Ampoule LED E27 blanc chaud", "E27暖白LED灯泡", 650,
    "Lamps"),
    ("Wooden Bath Bridge", "Badewannenbrett Holz", "Pont de baignoire en bois", "木制浴缸架", 3400, "Bath Accessories"),
    ("Bird Feeder", "Futterhaus", "Mangeoire à oiseaux", "喂鸟器", 1950, "Planters"),
    ("Fire Pit 60 cm", "Feuerschale 60 cm", "Brasero 60 cm", "60厘米火盆", 9900, "Outdoor Lighting"),
    ("Kneeling Pad", "Kniekissen", "Coussin de jardinage", "园艺跪垫", 1250, "Garden Tools"),
    ("Fountain Pen Medium", "Füllfederhalter M", "Stylo-plume moyen", "中号钢笔", 3200, "Notebooks"),
    ("Washi Tape Set", "Washi-Tape-Set", "Lot de rubans washi", "和纸胶带套装", 750, "Gift Wrap"),
    ("Cork Pinboard", "Korkpinnwand", "Tableau en liège", "软木板", 1850, "Desk Organisers"),
    ("Balance Bike", "Laufrad", "Draisienne", "儿童平衡车", 5900, "Wooden Toys"),
    ("Advent Calendar House", "Adventskalender Haus", "Calendrier de l'Avent maison", "圣诞倒数日历屋", 3600,
     "Christmas Decorations"),
)  # fmt: skip
