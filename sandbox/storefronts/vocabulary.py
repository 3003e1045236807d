"""How shops call what the merchant sells, in their languages: German and French beside the world's own words."""

from __future__ import annotations

from typing import Final

from sandbox.world.words import DEPARTMENTS, MATERIALS, OPTIONS, STYLES

Glossary = dict[str, str]
"""Words of one language by the merchant's English ones."""

_STYLES_DE: Final = (
    "skandinavisch", "im Vintage-Look", "gerippt", "gesprenkelt", "handbemalt", "mit Blättermotiv", "maritim",
    "schlicht", "kariert", "rustikal", "aus Altmaterial", "für jeden Tag", "traditionell", "Terrazzo-Optik", "nordisch",
    "mit Wiesenblumen",
)  # fmt: skip
_STYLES_FR: Final = (
    "scandinave", "vintage", "côtelé", "moucheté", "peint à la main", "à motif botanique", "bord de mer", "épuré",
    "à carreaux", "rustique", "récupéré", "du quotidien", "d'antan", "terrazzo", "nordique", "fleurs des prés",
)  # fmt: skip
_MATERIALS_DE: Final = (
    "Steinzeug", "Eiche", "Leinen", "Glas", "Baumwolle", "Messing", "Bambus", "Emaille", "Wolle", "Porzellan",
    "Recyclingmaterial", "Filz",
)  # fmt: skip
_MATERIALS_FR: Final = (
    "grès", "chêne", "lin", "verre", "coton", "laiton", "bambou", "émail", "laine", "porcelaine", "matière recyclée",
    "feutre",
)  # fmt: skip
_NOUNS: Final[dict[str, tuple[str, str]]] = {
    "Mug": ("Becher", "Mug"), "Espresso Cup": ("Espressotasse", "Tasse à espresso"),
    "Travel Mug": ("Thermobecher", "Mug de voyage"), "Loaf Tin": ("Kastenform", "Moule à cake"),
    "Pie Dish": ("Pieform", "Plat à tarte"), "Cake Tin": ("Springform", "Moule à gâteau"),
    "Storage Jar": ("Vorratsglas", "Bocal de conservation"), "Bread Bin": ("Brotkasten", "Boîte à pain"),
    "Lunch Box": ("Brotdose", "Boîte à déjeuner"), "Dinner Plate": ("Speiseteller", "Assiette plate"),
    "Bowl": ("Schale", "Bol"), "Cutlery Set": ("Besteckset", "Ménagère"), "Teapot": ("Teekanne", "Théière"),
    "Cafetière": ("Kaffeebereiter", "Cafetière à piston"), "Tea Caddy": ("Teedose", "Boîte à thé"),
    "Cushion": ("Kissen", "Coussin"), "Cushion Cover": ("Kissenbezug", "Housse de coussin"),
    "Floor Cushion": ("Bodenkissen", "Coussin de sol"), "Throw": ("Überwurf", "Jeté"),
    "Knitted Blanket": ("Strickdecke", "Plaid tricoté"), "Scented Candle": ("Duftkerze", "Bougie parfumée"),
    "Pillar Candle": ("Stumpenkerze", "Bougie pilier"), "Tea Lights": ("Teelichter", "Bougies chauffe-plat"),
    "Vase": ("Vase", "Vase"), "Bud Vase": ("Knospenvase", "Soliflore"), "Print": ("Kunstdruck", "Affiche"),
    "Wall Clock": ("Wanduhr", "Horloge murale"), "Mirror": ("Spiegel", "Miroir"),
    "Duvet Cover Set": ("Bettwäsche-Set", "Parure de lit"), "Fitted Sheet": ("Spannbettlaken", "Drap-housse"),
    "Pillow": ("Kopfkissen", "Oreiller"), "Bolster": ("Nackenrolle", "Traversin"),
    "Bath Towel": ("Badetuch", "Drap de bain"), "Hand Towel": ("Handtuch", "Essuie-mains"),
    "Beach Towel": ("Strandtuch", "Serviette de plage"), "Table Lamp": ("Tischleuchte", "Lampe de table"),
    "Bedside Light": ("Nachttischlampe", "Lampe de chevet"), "Soap Dish": ("Seifenschale", "Porte-savon"),
    "Toothbrush Holder": ("Zahnputzbecher", "Porte-brosses à dents"), "Plant Pot": ("Blumentopf", "Cache-pot"),
    "Hanging Planter": ("Blumenampel", "Suspension pour plante"), "Window Box": ("Balkonkasten", "Jardinière"),
    "Solar Lantern": ("Solarlaterne", "Lanterne solaire"), "String Lights": ("Lichterkette", "Guirlande lumineuse"),
    "Trowel": ("Pflanzkelle", "Transplantoir"), "Secateurs": ("Gartenschere", "Sécateur"),
    "Watering Can": ("Gießkanne", "Arrosoir"), "Notebook": ("Notizbuch", "Carnet"), "Diary": ("Kalender", "Agenda"),
    "Sketchbook": ("Skizzenbuch", "Carnet de croquis"), "Pen Pot": ("Stiftebecher", "Pot à crayons"),
    "Letter Tray": ("Briefablage", "Bac à courrier"), "Stacking Rings": ("Stapelringe", "Anneaux à empiler"),
    "Building Blocks": ("Bauklötze", "Cubes de construction"), "Puzzle": ("Puzzle", "Puzzle"),
    "Bauble Set": ("Christbaumkugel-Set", "Coffret de boules de Noël"), "Wreath": ("Kranz", "Couronne"),
    "Stocking": ("Nikolausstiefel", "Chaussette de Noël"), "Lantern": ("Laterne", "Lanterne"),
    "Tea Gift Box": ("Tee-Geschenkbox", "Coffret de thé"), "Wrapping Paper": ("Geschenkpapier", "Papier cadeau"),
    "Gift Bag": ("Geschenktüte", "Sac cadeau"), "Gift Set": ("Geschenkset", "Coffret cadeau"),
    "Hamper": ("Präsentkorb", "Panier garni"),
}  # fmt: skip
# German, French, Chinese of what variants differ by.
_OPTIONS: Final[dict[str, tuple[str, str, str]]] = {
    "Sage": ("Salbei", "sauge", "鼠尾草绿"), "Charcoal": ("Anthrazit", "anthracite", "炭灰"),
    "Oat": ("Hafer", "avoine", "燕麦色"), "Terracotta": ("Terrakotta", "terre cuite", "赤陶色"),
    "Midnight Blue": ("Nachtblau", "bleu nuit", "午夜蓝"), "Blush": ("Altrosa", "rose poudré", "腮红粉"),
    "Small": ("klein", "petit", "小号"), "Medium": ("mittel", "moyen", "中号"), "Large": ("groß", "grand", "大号"),
    "Extra Large": ("extragroß", "très grand", "特大号"),
    "Fig & Cassis": ("Feige & Cassis", "figue et cassis", "无花果黑加仑"),
    "Sea Salt": ("Meersalz", "sel marin", "海盐"),
    "Cedar": ("Zeder", "cèdre", "雪松"), "Orange Blossom": ("Orangenblüte", "fleur d'oranger", "橙花"),
}  # fmt: skip
# German and French names of the merchant's categories and their departments.
_CATEGORIES: Final[dict[str, tuple[str, str]]] = {
    "Kitchen & Dining": ("Küche & Essen", "Cuisine et table"), "Mugs & Cups": ("Tassen & Becher", "Mugs et tasses"),
    "Bakeware": ("Backformen", "Moules"), "Food Storage": ("Vorrat", "Conservation"),
    "Tableware": ("Geschirr", "Vaisselle"), "Coffee & Tea": ("Kaffee & Tee", "Café et thé"),
    "Living Room": ("Wohnen", "Salon"), "Cushions": ("Kissen", "Coussins"), "Throws": ("Decken", "Plaids"),
    "Candles": ("Kerzen", "Bougies"), "Vases": ("Vasen", "Vases"), "Wall Art": ("Wanddeko", "Déco murale"),
    "Bedroom & Bath": ("Schlafen & Bad", "Chambre et bain"), "Bedding": ("Bettwäsche", "Linge de lit"),
    "Pillows": ("Kopfkissen", "Oreillers"), "Towels": ("Handtücher", "Serviettes"), "Lamps": ("Leuchten", "Lampes"),
    "Bath Accessories": ("Badaccessoires", "Accessoires de bain"), "Garden": ("Garten", "Jardin"),
    "Planters": ("Pflanzgefäße", "Pots et jardinières"), "Outdoor Lighting": ("Außenlicht", "Éclairage extérieur"),
    "Garden Tools": ("Gartengeräte", "Outils de jardin"),
    "Stationery & Kids": ("Papier & Kinder", "Papeterie et enfants"),
    "Notebooks": ("Notizbücher", "Carnets"), "Desk Organisers": ("Schreibtisch", "Bureau"),
    "Wooden Toys": ("Holzspielzeug", "Jouets en bois"),
    "Gifts & Celebrations": ("Geschenke & Feste", "Cadeaux et fêtes"),
    "Christmas Decorations": ("Weihnachtsdeko", "Décorations de Noël"), "New Year Gifts": ("Neujahr", "Nouvel An"),
    "Gift Wrap": ("Verpackung", "Emballages cadeaux"), "Gift Sets": ("Geschenksets", "Coffrets"),
}  # fmt: skip


def glossary(language: str) -> Glossary:
    """Words of a language (`en`, `de`, `fr`, `zh`) for styles, materials, nouns, options and categories."""
    kinds = [kind for found in DEPARTMENTS.values() for kind in found]
    english = {
        **{style: style for style, _ in STYLES},
        **{material: material for material, _ in MATERIALS},
        **{noun: noun for kind in kinds for noun, _ in kind.nouns},
        **{value: value for _, values in OPTIONS.values() for value in values},
        **{name: name for name in _CATEGORIES},
    }
    if language == "en":
        return english
    if language == "zh":
        return {
            **dict(STYLES),
            **dict(MATERIALS),
            **{noun: local for kind in kinds for noun, local in kind.nouns},
            **{word: local[2] for word, local in _OPTIONS.items()},
            **dict(DEPARTMENTS.keys()),
            **{kind.name_en: kind.name_zh for kind in kinds},
        }
    place = ("de", "fr").index(language)
    styles, materials = (_STYLES_DE, _STYLES_FR)[place], (_MATERIALS_DE, _MATERIALS_FR)[place]
    return {
        **{style: local for (style, _), local in zip(STYLES, styles, strict=True)},
        **{material: local for (material, _), local in zip(MATERIALS, materials, strict=True)},
        **{word: local[place] for word, local in (_NOUNS | _CATEGORIES).items()},
        **{word: local[place] for word, local in _OPTIONS.items()},
    }
