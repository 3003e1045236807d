"""The words that names are made of, English beside Chinese."""

from __future__ import annotations

from typing import Final, NamedTuple


class Kind(NamedTuple):
    """A category at the lower level of the tree.

    Attributes:
        name_en: English name.
        name_zh: Chinese name.
        season: Which yearly curve its demand follows, a key of `seasons.CURVES`.
        price: A usual price in pence, with tax.
        weight_g: A usual weight.
        option: What its variants differ by: colour, size, scent or nothing.
        nouns: What the things are called, English and Chinese.
    """

    name_en: str
    name_zh: str
    season: str
    price: int
    weight_g: int
    option: str
    nouns: tuple[tuple[str, str], ...]


DEPARTMENTS: Final[dict[tuple[str, str], tuple[Kind, ...]]] = {
    ("Kitchen & Dining", "厨房餐饮"): (
        Kind(
            "Mugs & Cups",
            "杯具",
            "winter",
            1299,
            380,
            "colour",
            (("Mug", "马克杯"), ("Espresso Cup", "浓缩咖啡杯"), ("Travel Mug", "随行杯")),
        ),
        Kind(
            "Bakeware",
            "烘焙用具",
            "winter",
            1899,
            900,
            "size",
            (("Loaf Tin", "吐司模"), ("Pie Dish", "派盘"), ("Cake Tin", "蛋糕模")),
        ),
        Kind(
            "Food Storage",
            "食品储存",
            "flat",
            1499,
            600,
            "size",
            (("Storage Jar", "储物罐"), ("Bread Bin", "面包箱"), ("Lunch Box", "便当盒")),
        ),
        Kind(
            "Tableware",
            "餐具",
            "gift",
            2499,
            800,
            "colour",
            (("Dinner Plate", "餐盘"), ("Bowl", "碗"), ("Cutlery Set", "餐具套装")),
        ),
        Kind(
            "Coffee & Tea",
            "咖啡与茶",
            "winter",
            2999,
            750,
            "colour",
            (("Teapot", "茶壶"), ("Cafetière", "法压壶"), ("Tea Caddy", "茶叶罐")),
        ),
    ),
    ("Living Room", "客厅"): (
        Kind(
            "Cushions",
            "抱枕",
            "flat",
            2199,
            500,
            "colour",
            (("Cushion", "抱枕"), ("Cushion Cover", "抱枕套"), ("Floor Cushion", "地垫")),
        ),
        Kind("Throws", "盖毯", "winter", 3999, 1200, "colour", (("Throw", "盖毯"), ("Knitted Blanket", "针织毯"))),
        Kind(
            "Candles",
            "香薰蜡烛",
            "gift",
            1699,
            420,
            "scent",
            (("Scented Candle", "香薰蜡烛"), ("Pillar Candle", "柱形蜡烛"), ("Tea Lights", "茶蜡")),
        ),
        Kind("Vases", "花瓶", "spring", 2799, 1100, "size", (("Vase", "花瓶"), ("Bud Vase", "小花瓶"))),
        Kind(
            "Wall Art",
            "装饰画",
            "flat",
            3499,
            900,
            "size",
            (("Print", "装饰画"), ("Wall Clock", "挂钟"), ("Mirror", "镜子")),
        ),
    ),
    ("Bedroom & Bath", "卧室与浴室"): (
        Kind(
            "Bedding",
            "床上用品",
            "flat",
            4999,
            1600,
            "size",
            (("Duvet Cover Set", "被套套装"), ("Fitted Sheet", "床笠")),
        ),
        Kind("Pillows", "枕头", "flat", 2699, 900, "none", (("Pillow", "枕头"), ("Bolster", "长枕"))),
        Kind(
            "Towels",
            "毛巾",
            "summer",
            1799,
            550,
            "colour",
            (("Bath Towel", "浴巾"), ("Hand Towel", "毛巾"), ("Beach Towel", "沙滩巾")),
        ),
        Kind("Lamps", "灯具", "winter", 4499, 1800, "colour", (("Table Lamp", "台灯"), ("Bedside Light", "床头灯"))),
        Kind(
            "Bath Accessories",
            "浴室配件",
            "flat",
            1399,
            450,
            "colour",
            (("Soap Dish", "皂盒"), ("Toothbrush Holder", "牙刷架")),
        ),
    ),
    ("Garden", "花园"): (
        Kind(
            "Planters",
            "花盆",
            "spring",
            2299,
            1900,
            "size",
            (("Plant Pot", "花盆"), ("Hanging Planter", "吊盆"), ("Window Box", "窗台花箱")),
        ),
        Kind(
            "Outdoor Lighting",
            "户外照明",
            "summer",
            2899,
            800,
            "none",
            (("Solar Lantern", "太阳能灯笼"), ("String Lights", "串灯")),
        ),
        Kind(
            "Garden Tools",
            "园艺工具",
            "spring",
            1599,
            700,
            "none",
            (("Trowel", "移植铲"), ("Secateurs", "修枝剪"), ("Watering Can", "浇水壶")),
        ),
    ),
    ("Stationery & Kids", "文具与儿童"): (
        Kind(
            "Notebooks",
            "笔记本",
            "school",
            999,
            300,
            "colour",
            (("Notebook", "笔记本"), ("Diary", "日记本"), ("Sketchbook", "速写本")),
        ),
        Kind(
            "Desk Organisers",
            "桌面收纳",
            "school",
            1999,
            850,
            "colour",
            (("Pen Pot", "笔筒"), ("Letter Tray", "文件盘")),
        ),
        Kind(
            "Wooden Toys",
            "木制玩具",
            "gift",
            2199,
            700,
            "none",
            (("Stacking Rings", "叠叠乐"), ("Building Blocks", "积木"), ("Puzzle", "拼图")),
        ),
    ),
    ("Gifts & Celebrations", "礼品与节庆"): (
        Kind(
            "Christmas Decorations",
            "圣诞装饰",
            "christmas",
            1199,
            250,
            "colour",
            (("Bauble Set", "圣诞球套装"), ("Wreath", "花环"), ("Stocking", "圣诞袜")),
        ),
        Kind(
            "New Year Gifts", "新年礼品", "lunar", 1899, 350, "none", (("Lantern", "灯笼"), ("Tea Gift Box", "茶礼盒"))
        ),
        Kind(
            "Gift Wrap",
            "礼品包装",
            "christmas",
            599,
            200,
            "colour",
            (("Wrapping Paper", "包装纸"), ("Gift Bag", "礼品袋")),
        ),
        Kind("Gift Sets", "礼品套装", "gift", 3999, 1500, "none", (("Gift Set", "礼品套装"), ("Hamper", "礼篮"))),
    ),
}
GIFT_CARDS: Final = ("Gift Cards", "礼品卡")
STYLES: Final = (
    ("Scandi", "北欧风"), ("Vintage", "复古"), ("Ribbed", "条纹"), ("Speckled", "斑点"), ("Hand-Painted", "手绘"),
    ("Botanical", "植物图案"), ("Coastal", "海岸风"), ("Minimal", "极简"), ("Checked", "格纹"), ("Rustic", "乡村风"),
    ("Reclaimed", "再生"), ("Everyday", "日常"), ("Heritage", "经典"), ("Terrazzo", "水磨石"), ("Nordic", "北地"),
    ("Meadow", "草甸"),
)  # fmt: skip
MATERIALS: Final = (
    ("Stoneware", "炻器"), ("Oak", "橡木"), ("Linen", "亚麻"), ("Glass", "玻璃"), ("Cotton", "纯棉"), ("Brass", "黄铜"),
    ("Bamboo", "竹制"), ("Enamel", "珐琅"), ("Wool", "羊毛"), ("Porcelain", "瓷"), ("Recycled", "环保"),
    ("Felt", "毛毡"),
)  # fmt: skip
BRANDS: Final = (
    "Northlight", "Fjordhem", "Ashby & Lowe", "Kumo", "Maison Rivière", "Tidewell", "Grüner Tag",
    "O'Hara Mills", "山里",
)  # fmt: skip
OPTIONS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "colour": ("Colour", ("Sage", "Charcoal", "Oat", "Terracotta", "Midnight Blue", "Blush")),
    "size": ("Size", ("Small", "Medium", "Large", "Extra Large")),
    "scent": ("Scent", ("Fig & Cassis", "Sea Salt", "Cedar", "Orange Blossom")),
}
# Titles that trip careless readers: quotation marks, commas, an emoji, Chinese, blanks, a formula, a very long one.
AWKWARD: Final = (
    'Picture Ledge 24" x 4", White', "Salt, Pepper & Vinegar Set; 3 pieces", "Happy Birthday Candle 🎂🕯️",
    "福字剪纸 Lucky Paper Cut", "=SUM of Parts Puzzle", "Candle Snuffer 'Old Joe'", "  Linen Napkin  (set of 4) ",
    "Soap Dish \\ Sponge Rest", "Mug “World’s Okayest Dad” – 350 ml", "NULL Doormat", "Café Crème Bowl ½ Litre €",
    "Modular Shelf System, " + "Extra Wide Oak Boards and Matching Book Ends with Adjustable Brackets, " * 6 + "Oak",
)  # fmt: skip
FIRST_NAMES: Final = {
    "GB": ("Olivia", "Noah", "Amelia", "George", "Isla", "Arthur", "Priya", "Mohammed", "Siân", "Zoë"),
    "DE": ("Emma", "Jürgen", "Lena", "Paul", "Sophie", "Björn", "Anke", "Felix"),
    "JP": ("陽菜", "蓮", "結衣", "大翔", "さくら", "健太"),
    "US": ("Liam", "Ava", "Ethan", "Mia", "José", "Harper"),
    "FR": ("Léa", "Hugo", "Chloé", "Jules", "Anaïs"),
    "IE": ("Aoife", "Conor", "Saoirse", "Seán"),
}
LAST_NAMES: Final = {
    "GB": ("Smith", "Jones", "Patel", "O'Connor", "Williams", "Brown", "Khan", "Taylor-Green", "Evans", "Null"),
    "DE": ("Müller", "Schmidt", "Weiß", "Fischer", "von der Heide", "Krämer"),
    "JP": ("佐藤", "鈴木", "高橋", "田中", "渡辺", "伊藤"),
    "US": ("Johnson", "García", "Miller", "Davis", "Nguyen"),
    "FR": ("Martin", "Lefèvre", "Dubois", "d'Aubigné"),
    "IE": ("Murphy", "Kelly", "Ó Briain", "Walsh"),
}
STREETS: Final = {
    "GB": ("High Street", "Station Road", "Church Lane", "Victoria Road", "Mill Lane"),
    "DE": ("Hauptstraße", "Gartenweg", "Bahnhofstraße", "Lindenallee"),
    "JP": ("丁目", "番町", "本町"),
    "US": ("Main St", "Oak Ave", "Maple Dr"),
    "FR": ("rue de la Paix", "avenue Foch", "place de l'Église"),
    "IE": ("O'Connell Street", "Shop Street", "Patrick Street"),
}
# City and the beginning of its postcodes.
CITIES: Final = {
    "GB": (("London", "SE1"), ("Manchester", "M4"), ("Bristol", "BS6"), ("Leeds", "LS2"), ("Edinburgh", "EH3")),
    "DE": (("Berlin", "101"), ("München", "803"), ("Köln", "506"), ("Dresden", "010")),
    "JP": (("東京都渋谷区", "150-0"), ("大阪市北区", "530-0"), ("札幌市中央区", "060-0")),
    "US": (("New York", "100"), ("Austin", "787"), ("Boston", "021")),
    "FR": (("Paris", "750"), ("Lyon", "690"), ("Bordeaux", "330")),
    "IE": (("Dublin", "D02 "), ("Cork", "T12 "), ("Galway", "H91 ")),
}
