"""What shops write beside prices, on buttons and about stock, in the languages that occur in practice.

Every pattern is meant for a short stretch of text in lower case. Languages are mixed on purpose: a page's language is
often unknown, and no word here means the opposite in another language.
"""

from __future__ import annotations

import re


def _words(*alternatives: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), flags)


# What a button says that puts the product into the cart.
BUY = _words(
    r"add (?:\w+ ){0,2}to (?:my |your |shopping )?(?:cart|basket|bag|trolley|order|box)|\badd[- ]to[- ](?:cart|bag)",
    r"\bbuy (?:it )?now|\bbuy\b(?! with| together| again)|\border now|\bpurchase|\bship it\b|\bget it now|\badd item",
    r"in den (?:waren|einkaufs)(?:korb|wagen)|(?:jetzt|sofort)[- ]?kaufen|\bin den korb|zum warenkorb|"
    r"in die (?:einkaufstasche|tasche)",
    r"ajouter (?:\w+ ){0,2}au panier|ajouter à mon panier|\bacheter|mettre dans (?:le|mon) panier|j'achète",
    r"aggiungi (?:al|alla|a)|\bacquista|metti nel carrello|compra (?:ora|subito)",
    r"añadir (?:a|al)|agregar (?:a|al)|comprar|\bcompra\b|adicionar (?:ao|à)|\bpôr no|a la cesta|anadir al",
    r"in (?:de |het )?winkel(?:wagen|mand|mandje)|in mijn winkelwagen|\bbestellen?\b|toevoegen aan|in winkelwagen",
    r"(?:læg|legg|lägg) (?:\w+ )?i |\bköp\b|\bkjøp\b|\bkøb\b|i varukorg|i kurven|i handlekurv|"
    r"lisää ostoskoriin|\bosta\b",
    r"do koszyka|dodaj do|\bkup (?:teraz|now)|\bkup\b|do košíku|do košíka|přidat do|vložit do|\bkoupit|"
    r"\bkúpiť|pridať do",
    r"kosárba|megveszem|adaug[aă] (?:în|in)|cumpăr|dodaj u|u košaricu|u korpu|v košarico|kupi\b",
    r"в корзину|купить|добавить в|заказать|оформить заказ|в кошик|купити|до кошика|добави в|купи\b|поръчай|"
    r"в количката",
    r"sepete ekle|satın al|hemen al|προσθήκη στο|αγορά|στο καλάθι|הוסף לסל|הוספה לסל|קנה עכשיו|أضف إلى|اضف|شراء|أضف",
    r"カートに(?:入れる|追加)|かごに|買い物かご|ご?購入(?:手続き|する)?|注文する|加入购物车|加入購物車|"
    r"立即购买|立即購買|放入购物车|購買|购买|放入購物車|直接購買",
    r"장바구니|바로구매|구매하기|장바구니 담기|thêm vào giỏ|mua ngay|mua hàng|beli sekarang|tambah(?:kan)? ke|"
    r"masukkan ke|"
    r"หยิบใส่|ใส่ตะกร้า|ซื้อ(?:เลย|สินค้า|ทันที)?",
)
NOT_BUY = _words(
    r"wish ?list|compare|favou?rit|merk(?:zettel|liste)|liste d|envie|desider|deseos|\blist\b|gift ?card|sample|quote"
    r"|registry|お気に入り|收藏|избран|сравн|all \d|both|selected|together|protection|warranty|alle \d"
)

# Before or on an amount: the price it is set against.
OLD = _words(
    r"\bwas\b:?|\brrp\b|\bmsrp\b|\bsrp\b|\breg(?:ular|\.)?(?: price)?\s?:?\s?$|\blist(?: price)?\s?:|"
    r"\bold price|original(?:ly| price)|"
    r"\bretail(?: price)?\s?:|compare(?:d)? (?:at|to)|\bbefore\b|previous(?:ly)?|\bvalue\b\s?:?|typical price|"
    r"after (?:the )?(?:event|sale|promotion) price|"
    r"\bnormally\b",
    r"\bstatt\b|\buvp\b|\bunverb|vorher|bisher|alter preis|früher|ursprünglich|listenpreis|streichpreis|\bavp\b",
    r"au lieu de|prix (?:conseillé|barré|d'origine|public|initial|de comparaison)|ancien prix|\bavant\b|\bpvc\b",
    r"\bantes\b|precio (?:anterior|original|recomendado|de lista|habitual|normal)|\bpvpr\b|p\.?v\.?p\.? recom|"
    r"\bde\s?:\s?$|\bde\s(?:r\$)?\s?$",
    r"invece di|prezzo (?:consigliato|precedente|originale|di listino|iniziale)|\bprima\b|listino|anziché|"
    r"preço (?:anterior|original|antigo)",
    r"\bvan\b\s*:?$|adviesprijs|\bwas\b|\bvoor\s?heen|oude prijs|\bord\.?\s?pris|\bförut|tidligere|\bfør\b|"
    r"\bveil|rek\.? ?pris|norm(?:al)?pris|ovh\b",
    r"cena (?:regularna|przed|katalogowa|detaliczna)|najni[zż]sza cena|p[uů]vodní|b[eě]žná cena|p[oô]vodná|"
    r"\beredeti|régi ár|\bpreț vechi|\bprp\b|vanha hinta|norm\.",
    r"старая цена|\bбыло\b|прежняя|раньше|вместо|стара ціна|eski fiyat|liste fiyat|πλτ|αρχική|מחיר קודם|在来価格",
    r"定価|通常価格|メーカー希望|参考価格|標準価格|当店通常|元値|原价|市场价|原價|市價|建議售價|定價|吊牌价|"
    r"划线价|정가|시중가|소비자가|giá (?:gốc|cũ|niêm yết|"
    r"thị trường)|ราคาปกติ",
)
# A label that is nothing else, behind an amount in its own element.
OLD_ALONE = _words(
    r"^\(?(?:(?:regular|old|original|list|retail|previous) price|rrp|msrp|was|uvp|(?:alter|regulärer) preis|"
    r"prix (?:conseillé|normal|initial|barré)|precio (?:habitual|normal|anterior)|prezzo (?:regolare|di listino)|"
    r"normale prijs|adviesprijs|ord(?:inarie|\.) pris|cena regularna|běžná cena|старая цена|定価|通常価格)\)?$"
)
# Before an amount: the price of now.
NOW = _words(
    r"\bnow\b|\bour price|\bsale(?: price)?\b|\bspecial(?: price)?\b|\bdeal(?: price)?\b|\byour price|"
    r"\bprice\b|\bonly\b|today|you pay|buy (?:it )?now|offer price|current price|\bfinal\b|clearance",
    r"\bpreis\b|\bjetzt\b|\bnur\b|aktionspreis|unser preis|angebot|\bneu(?:er)? preis|prix\b|maintenant|"
    r"notre prix|prix (?:promo|soldé|spécial)",
    r"\bprecio\b|\bahora\b|oferta|\bpor\b|nuestro|\bprezzo\b|\bora\b|\bpreço\b|\bprijs\b|\bnu\b|onze prijs|"
    r"\bpris\b|cena\b|\bhinta\b|\bнаша цена|\bцена\b|\bціна\b|fiyat|\bár\b|akciós|τιμή",
    r"価格|販売価格|税込|特価|セール|现价|价格|售价|促销价|特价|售價|特價|優惠價|판매가|할인가|giá\b|ราคา",
)
# Before an amount: a price that is lower than the usual one.
REDUCED = _words(
    r"\bnow\b|\bsale(?: price)?\b|special price|deal price|your price|offer price|promo|clearance|reduced to|"
    r"jetzt|aktionspreis|angebotspreis|sonderpreis|promotion|soldé|prix spécial|\boferta|ahora|por solo|"
    r"offerta|\bora\b|nu voor|actieprijs|erbjudande|kampanj|tilbud|promocyjna|akční|akciós|акци|со скидкой|"
    r"indirimli|特価|セール|促销价|特价|特價|優惠價|活动价|券后|秒杀价|할인가|쿠폰가|giá khuyến mãi"
)
SAVING = _words(
    r"\bsav(?:e|ing|ings)\b|you save|\boff\b\s*$|discount\s*:?|\bless\b|spar(?:en|st|t)\b|ersparnis|gespart|"
    r"\brabatt\b|économi|remise|soit -|ahorr|descuento|desconto|risparmi|sconto\s*:?\s?$|bespaar|korting|"
    r"\bspar\b|oszcz|rabat\b|ušetř|úspora|megtakar|economise|скидка|экономия|выгода|kazan|indirim"
    r"|お得|引き|割引|节省|立减|优惠券|省\s?$|折抵|現折|coupon|cashback|할인\s?$|tiết kiệm|points?\b|reward|"
    r"earn\b|gutschein"
)
SAVING_BEHIND = _words(
    r"^\s?\)?\s?(?:off\b|gift ?cards?|vouchers?|coupons?|prize|saving|discount|sparen|gespart|günstiger|"
    r"d'économie|de remise|de descuento|di sconto|"
    r"korting|引き|割引|OFF|rabatt\b|points?\b|ポイント|pts\b|cash ?back|in rewards?|credit)"
)
UNIT_BEHIND = _words(
    r"^\s?\)?\s?(?:/|per\b|pro\b|por\b|par\b|al\b|je\b|a\b|за)\s?(?:\d+[.,]?\d*\s?)?(?:k?g|gr|kilo\w*|"
    r"kilogram\w*|m?l|cl|dl|l[it]t(?:er|re|ro|r)s?|lit[rż]\w*|oz|fl|lb|lbs|pound|ounce|count|ct|m2|m²|qm|sq|m|"
    r"meter|metre|metro|cm|ft|yd|unit(?!ed)|sheet|wash|tablet|100\w*|1000\w*|кг|л|шт)\b",
    r"^\s?\(?(?:grundpreis)",
)
UNIT_BEFORE = _words(
    r"\(\s?$|\bgrundpreis|unit price|\d\s?(?:k?g|m?l|개|매|ml)\s?(?:당|あたり|当たり)\s?$|price per|"
    r"\bper\s?\d*\s?(?:k?g|ml|l|oz)\b\s?[:=]?\s?$|\d\s?(?:k?g|m?l|cl|liter|litre|stück|kg)\s?=\s?$|prix (?:au|"
    r"à l)|precio por|1 ?(?:kg|l) ?[=:]\s?$"
)
# A shop's own thresholds and costs of delivery.
SHIPPING = _words(
    r"shipping|delivery|postage|\bp&p|\bp\+p|\bfreight|free (?:uk|us|returns|ground)|orders? (?:over|above|"
    r"of)|spend|over\s?$|versand|lieferung|liefer|zustell|bestellwert|ab einem|\bab\s?$(?<=bestellung ab )",
    r"livraison|frais de port|dès\s?$|à partir de\s?$(?<=livraison à partir de )|env[ií]o|gastos|"
    r"a partir de\s?$(?<=gratis a partir de )|spedizion|consegna|a partire da\s?$(?<=gratuita a partire da )|"
    r"frete|verzend|bezorg|vanaf\s?$|fraktfri|\bfrakt|\bfragt|levering|leverans",
    r"dostaw|wysyłk|doprav|doručen|szállít|livrare|доставк|kargo|送料|配送|運費|运费|包邮|満|免運|배송|"
    r"vận chuyển|\bspend\b|"
    r"zzgl\.?\s*$|\+\s*$|\bplus\s*$",
)
# Behind an amount that is what delivery costs, or what must be spent for it.
SHIPPING_BEHIND = _words(
    r"^\W*(?:(?:standard|flat|express|uk|us|eu|free)\s)?(?:shipping|delivery|postage|p&p|versand|lieferung|"
    r"frais de port|de frais|livraison"
    r"|spedizion|\w*versand(?!ko)|de env[ií]o|gastos|frakt|fragt|verzend|wysyłk|dostaw|doprav|доставк|送料|以上|满|"
    r"起送|運費|运费|배송)",
    r"^\W*(?:or more|and over|and up|\+\s?orders|orders?\b|purchase|minimum|bestellwert|einkauf|d'achat|"
    r"di spesa|o más|of meer|eller mer|und mehr)",
)
FINANCE = _words(
    r"interest|install?ments?|monthly|per month|\bmonths?\b(?! (?:warranty|guarantee|old))|payments? of|"
    r"\bpay(?:ments)?\b(?! now)|klarna|afterpay|affirm|clearpay|zip\b|sezzle|laybuy|as low as|finance|apr\b|"
    r"lease|deposit|\bemi\b|weekly|fortnight|or \d+ x",
    r"raten|monat|finanzier|mensualit|par mois|en \d+ fois|\d\s?x\s+(?:de\s)?[^\w]{0,3}$|cuotas?|meses|"
    r"mensual|al mese|rate\b|parcela|sem juros|\d+x\b(?: de)?|per maand|månad|mnd|md\.|mies|splátk|měsíc|"
    r"ratal|rata\b|в месяц|рассрочк|кредит|taksit|分割|月々|期|每月|分期|개월|trả góp|/tháng|at checkout",
)
FINANCE_BEHIND = _words(
    r"^\s?\*?\s?(?:/|per\b|a\b|pro\b|par\b|al\b|por\b|im\b|/\s?)\s?(?:mo\b|mth|month|monat|mois|mes\b|mese|"
    r"mês|maand|månad|mnd|mies|měs|мес|月|week|year|jahr|yr|kk\b|kuukau|måned)|^\s?(?:monthly|mtl|mensile|mensuel|/月|"
    r"x\s?\d+\s(?:months|meses|mois)|in \d+ (?:installments|payments)|sem juros|sin inter)"
)
FROM = _words(
    r"(?:\bfrom|\bab|à partir de|dès|desde|a partir de|a partire da|\bda|vanaf|fra|från|od|от|от|starting at|"
    r"as low as|起)\s?:?\s?$"
)
RANGE_GAP = re.compile(r"^\s?(?:-|–|—|~|〜|～|to|bis|à|a|до|tot|til|till|hasta|do)\s?$", re.IGNORECASE)
# A heading over other products, on a line of its own.
RELATED = _words(
    r"related (?:products|items)|you (?:may|might) (?:also )?(?:like|love|need|be interested)|also (?:bought|"
    r"viewed|like|available|recommended)|similar (?:products|items|styles|listings)|other sellers|"
    r"more buying choices|compare (?:other )?offers|recommended|recommendations|frequently bought|"
    r"customers who|recently viewed|more (?:like this|from|to (?:consider|love|explore))|other products|"
    r"goes (?:well )?with|pairs? with|complete (?:the|your) look|style (?:it )?with|accessories$|sponsored|"
    r"people also|best ?sellers?$|featured products|trending|compare (?:with )?similar",
    r"ähnliche (?:artikel|produkte)|(?:weitere|andere) (?:anbieter|verkäufer|angebote)|das könnte (?:ihnen|"
    r"dir)|kunden (?:kauften|haben|die)|kauften auch|zubehör\W*$|passend(?:e|es) (?:zubehör|produkte|dazu)|"
    r"zuletzt (?:angesehen|gesehen)|weitere (?:artikel|produkte)|empfehlung|wird oft zusammen|bestseller$",
    r"produits? (?:similaires?|associés?|complémentaires?|de la même)|vous aimerez|autres (?:produits|"
    r"vendeurs|offres)|altri venditori|otros vendedores|les clients ayant|vu récemment|prodotti (?:correlati|"
    r"simili|consigliati)|potrebbe(?:ro)? (?:anche )?(?:interessarti|piacerti)|visti di recente|"
    r"productos (?:relacionados|similares|recomendados)|también te (?:puede|podría)|te puede interesar|"
    r"quienes (?:compraron|vieron)|produtos (?:relacionados|similares|semelhantes)|quem (?:viu|comprou)|"
    r"você também|aproveite também",
    r"gerelateerde|anderen (?:bekeken|kochten)|ook interessant|vergelijkbare|relaterade|andra (?:köpte|"
    r"kunder)|liknande|relaterede|lignende|andre (?:kjøpte|købte)|produkty (?:powiązane|podobne|související)|"
    r"podobne|inni (?:kupili|klienci)|související|podobné|hasonló|kapcsolódó|produse similare|povezani|slični|"
    r"похожие|с этим товаром|рекомендуем|вместе с|сопутствующие|аксессуары$|вы смотрели|схожі|benzer|"
    r"birlikte al|ilgili ürün|σχετικά προϊόντα|παρόμοια",
    r"関連商品|おすすめ|この商品を(?:見|買|チェック)|こちらもおすすめ|最近チェック|一緒に購入|ランキング|"
    r"相关(?:商品|产品)|相關商品|推荐|推薦|猜你喜欢|看了又看|为你推荐|人气|熱銷|热销|"
    r"함께 (?:본|구매)|추천 상품|연관 상품|sản phẩm (?:liên quan|tương tự|khác)|produk (?:terkait|serupa)|"
    r"สินค้าที่เกี่ยวข้อง|สินค้าแนะนำ",
    flags=re.IGNORECASE | re.MULTILINE,
)

ABOUT = _words(r"\bapprox|\bca\.|≈|\babout\b|equivalent|\bcirca\b|environ|entspricht|convert")
# Before or behind an amount that only some pay: members, resellers, holders of a card, or who pays in advance.
CONDITIONAL = _words(
    r"members?(?:hip)?\b(?! reviews?)|\bclub\b|subscri(?:be|ption)|trade (?:price|account)|wholesale|resellers?|"
    r"with (?:(?:our|store|the|your|a) )?card|loyalty|student|mitglied|kundenkarte|fidélité|fedeltà|"
    r"händlerpreis|vorkasse|vorauszahlung|überweisung|"
    r"\babonn|adh[eé]rent|avec la carte|par virement|soci[oa]?s\b|con tarjeta|transferencia|mayorista|por mayor|"
    r"con la (?:carta|tessera)|\bleden(?:prijs)?\b|klantenkaart|medlem|stamkund|jäsen|hurtow|klubow|klubov|"
    r"velkoobchod|nagyker|törzsvásárló",
    r"оптов|\bоптом\b|по карте|для членов|havale|\btoptan|à vista|boleto|\bno pix\b|会員|カード入会|会员|會員|批发|"
    r"批發|회원가|thành viên|สมาชิก",
)
CONDITIONAL_BEHIND = _words(
    r"^\W*(?:(?:for|with|as a|pour les|für|per i|para) )?(?:members?\b|subscribers|mitglieder|adhérents|socios|"
    r"soci\b|medlemmar|à vista|no boleto|no pix|с картой|по карте|会員)"
)
TOTAL = _words(
    r"sub-?total|\btotal\b|summe|zwischensumme|totale|итого|合計|小计|总计|razem|celkem|in your (?:cart|bag|"
    r"basket)|cart \("
)
WITHOUT_TAX = _words(
    r"ex(?:cl)?\.?(?:uding|usive)?\.?\s?(?:of )?(?:vat|tax|gst|btw|moms|mva|iva|tva|mwst|ust)|\b(?:vat|tax|"
    r"gst) ex|\bnetto\b|\bnet price|zzgl\.?\s?(?:\d+\s?%\s?)?(?:der |ges\. |gesetzl\. )?(?:mwst|ust)|exkl|"
    r"\bht\b|h\.t\.|hors tax|sin iva|\+\s?iva|iva escl|iva esclusa|sem iva|bez dph|\bbez vat|без ндс|税抜|税別|"
    r"不含税|未稅|alv 0|äfa|fără tva|excl\. btw|ohne mwst|plus (?:vat|tax|gst)|\+ ?vat|vergi hariç|kdv hariç|"
    r"\+ ?kdv"
)
WITH_TAX = _words(
    r"inc(?:l)?\.?(?:uding|usive|ludes)?\.?\s?(?:of )?(?:all )?(?:\d+\s?%\s?)?(?:vat|tax(?:es)?|gst|btw|moms|"
    r"mva|iva|tva|mwst|ust)|\b(?:vat|tax|gst) inc|\bbrutto|inkl|\bttc\b|t\.t\.c|toutes taxes|iva incl|con iva|"
    r"iva comp|com iva|s dph|vč\. ?dph|včetně dph|с ндс|税込|含税|含稅|sis\. ?alv|áfával|cu tva|incl\. btw|z vat|"
    r"kdv dahil|부가세 포함|enthält \d+\s?%|all taxes"
)

OUT_OF_STOCK = _words(
    r"out[- ]of[- ]stock|sold[- ]?out|(?:currently|temporarily|is|are|item|product) (?:un|not )available|"
    r"unavailable|not in stock|no longer (?:available|in stock|for sale)|\boos\b|no stock|"
    r"not available(?! (?:in|for|at))|(?<![\d.,])0 in stock|"
    r"\b(?:stock|lager(?:bestand)?|voorraad)\s?[:：]\s?0(?![\d.,])|"
    r"this item has sold|(?-i:\bSOLD\b(?! (?:BY|IN|OUT|AS)))|bidding (?:has )?ended|listing (?:was|has) ended|"
    r"nicht (?:auf lager|lieferbar|verf[uü]gbar|vorr[aä]tig|mehr)|ausverkauft|vergriffen|derzeit nicht",
    r"rupture|plus en stock|[eé]puis[eé]|indisponible|plus disponible|non disponible|no disponible|agotad|"
    r"sin (?:stock|existencias)|fuera de (?:stock|existencias)|no hay stock|esaurit|prodotto terminat|"
    r"non (?:è )?(?:più )?(?:al momento )?disponibil|"
    r"esgotado|indispon[ií]ve|sem estoque|fora de estoque|produto indispon",
    r"uitverkocht|niet (?:op voorraad|leverbaar|beschikbaar)|tijdelijk niet|slut(?:såld)?(?: i lager)?\b|"
    r"ej i lager|ikke på lager|udsolgt|utsolgt|loppu(?:nut|unmyyty)?\b|ei varastossa|ei saatavilla",
    r"niedost[eę]pn|brak (?:w magazynie|towaru|na stanie)|wyprzedan|vyprod[aá]n|nen[ií] (?:skladem|"
    r"na sklad[eě])|nie je skladom|nedostupn|elfogyott|nincs (?:raktáron|készleten)|nem (?:rendelhető|kapható|"
    r"elérhető)|stoc epuizat|indisponibil|nu este [iî]n stoc|rasprodan|nije dostup|ni na zalogi|nema na",
    r"нет в (?:наличии|продаже)|распродан|нет на складе|отсутствует|закончился|товар закончил|"
    r"немає в наявності|няма наличност|изчерпан|не е наличен|t[uü]kendi|stokta yok|stok yok|εξαντλ|"
    r"μη διαθέσιμο|אזל|לא במלאי|المخزون نفذ|غير متوفر|نفد|نفذ",
    r"在庫切れ|品切れ|売り?切れ|完売|在庫なし|在庫がありません|入荷待ち|販売(?:を)?終了|取り扱いを終了|缺货|"
    r"缺貨|已售罄|售罄|售完|无货|無貨|無庫存|暂无库存|补货中|補貨中|下架|已抢光|"
    r"품절|일시품절|매진|재고 없음|hết hàng|tạm hết|stok habis|habis terjual|สินค้าหมด|หมด(?:ชั่วคราว|สต็อก)",
)
NOTIFY = _words(
    r"(?:notify|email|e-mail|let|text|alert) me (?:when|know|if|once)|notify me\b|"
    r"back[- ]in[- ]stock (?:notif|alert)|get notified|join (?:the )?wait ?list|stock (?:alert|notification)|"
    r"request stock",
    r"benachrichtig\w+ (?:sie )?mich|erinnern sie mich|prévenez[- ]moi|m'alerter|être (?:alerté|averti)|"
    r"av[ií]s[ae](?:me|rme)|notificarme|avvisami|avvertimi|avise[- ]me|mail mij|houd mij op de hoogte|"
    r"powiadom|hl[ií]dat|értesít|сообщить о (?:поступлении|наличии)|уведомить|再入荷(?:通知|のお知らせ|"
    r"お知らせ)|入荷お知らせ|"
    r"到货通知|到貨通知|貨到通知|재입고 알림|gelince haber|bevaka|meddela mig|notifică",
)
IN_STOCK = _words(
    r"\bin[- ]stock|(?<!not )(?<!un)\bavailable (?:now|online|immediately|to order|for|from)|"
    r"\bavailability\s?:?\s?(?:in stock|available|yes)|ready to ship|ships (?:within|in|today|same|from)|"
    r"usually (?:ships|dispatched)|dispatche[ds] (?:within|today|in)|\bavailable\b\s?$|items? (?:left|"
    r"available)",
    r"(?<!nicht )auf lager|sofort (?:liefer|verf|ab lager)|(?<!nicht )\blieferbar|vorr[aä]tig|"
    r"(?<!nicht )verf[uü]gbar|lieferzeit|ab lager|en stock|(?<!plus )(?<!non )\bdisponible|(?<!in)disponibil|"
    r"disponibilit[aà]\s?:?\s?(?:imm|s[iì])|en existencia|hay stock|em estoque|(?<!in)dispon[ií]vel|"
    r"a magazzino|(?<!niet )op voorraad|direct leverbaar|(?<!niet )leverbaar|i lager|p[aå] lager|varastossa|"
    r"saatavilla|skladem|skladom|na sklad[eě]|dost[eę]pn[yae]|w magazynie|na stanie|wysyłka w|raktáron|"
    r"készleten|[iî]n stoc|na zalogi|na stanju|na lageru",
    r"(?<!нет )в наличии|есть на складе|(?<!не )на складе|є в наявності|в наявності|в наличност|"
    r"stokta(?! yok)|stokta var|άμεσα διαθέσιμο|διαθέσιμο|במלאי|متوفر|在庫あり|在庫有|即納|即日発送|残り\s?\d|"
    r"有货|有貨|现货|現貨|"
    r"库存\s?[:：]?\s?\d|有現貨|재고 있음|còn hàng|tersedia|มีสินค้า|พร้อมส่ง",
)
LIMITED = _words(
    r"only \d+ (?:\w+ )?(?:left|remaining|available|in stock)|\blow (?:in )?stock|limited (?:stock|"
    r"availability|quantit)|last (?:one|few|item|piece|chance)|almost (?:gone|sold)|few left|hurry",
    r"nur noch (?:\d+|wenige)|wenige (?:exemplare|st[uü]ck)|letzte[sn]? (?:st[uü]ck|exemplar)|"
    r"geringer bestand|plus que \d+|derniers? (?:articles|exemplaires?|pièces?)|(?:últim|"
    r"ultim)[ao]s? (?:unidad|pez|disponib|artic)|solo \d+ (?:disponib|rimast|unidades)|apenas \d+|"
    r"nog (?:maar )?(?:\d+|enkele)|laatste|ostatni|posledn[ií]|utolsó|ultimele|мало|осталось|заканчивается|"
    r"son \d+|残り(?:わずか|\d)|僅か|仅剩|僅剩|库存紧张",
)
PREORDER = _words(
    r"pre-?order|vorbestell|pr[eé]-?commande|pre-?(?:compra|ordina|reserva|venda)|reserva(?:r)? ahora|prenota|"
    r"förboka|forudbestil|forhåndsbestill|przedsprzeda|p[rř]edobjedn|el[oő]rendel|precomand|предзаказ|"
    r"передзамовлення|ön sipariş|予約(?!状況)|预订|預購|预售|預訂|예약 ?(?:구매|판매)|đặt trước|coming soon|"
    r"available (?:on|"
    r"from) \w+ \d"
)
BACKORDER = _words(
    r"back-?order(?!s? not)|on (?:back )?order\b|made to order|special order|nachbestellt|auf bestellung|"
    r"sur commande|bajo pedido|por encargo|su ordinazione|op bestelling|beställningsvara|bestillingsvare|"
    r"na zam[oó]wienie|na objedn[aá]vku|rendelésre|la comand[aă]|под заказ|取り寄せ|お取寄せ"
)
DISCONTINUED = _words(
    r"discontinued|no longer (?:made|produced|sold)|end of (?:life|line)|nicht mehr (?:hergestellt|erhältlich|"
    r"lieferbar)|eingestellt(?:es)? produkt|n'est plus (?:commercialisé|fabriqu)|descatalogad|"
    r"fuori produzione|uit (?:het )?assortiment|utgått|udgået|utgått|wycofan|снят с производства|廃番|生産終了|停产|"
    r"停產|단종"
)

SKU_LABEL = _words(
    r"(?<![a-z])sku\b|\bcod\.\s?art\.?|\bstock (?:code|no|number|id)|"
    r"\b(?:item|product|prod\.?|article|art\.?|catalog(?:ue)?|cat\.?|"
    r"part|order|style|web|tcin|dpci|shop|reference|listing|lot|merchandise|internet|store)\s?(?:#|no\b\.?|"
    r"nr\b\.?|num(?:ber)?|code|id\b|ref(?:erence)?)",
    r"\bitem\s?(?=:)|\bitem\s?\n?\s?(?=\d{5,})|\bstyle\s?(?=:|\d)|\bref(?:erence)?\b\.?\s?(?=[:#])|\bref\.\s?ª|"
    r"\bcode\s?(?=:)|\basin\b|\bmodel\s?(?=:)|\bmodel (?:no|number|#)|artikel-?\s?(?:nr|nummer|num)|"
    r"\bartikel\s(?=\d{4})|"
    r"\bart\.?\s?-?\s?(?:nr|n[°º]|no)\b|best(?:ell)?\.?-?\s?(?:nr|nummer)|produkt-?\s?(?:nr|nummer|code|id)|\bnr kat|"
    r"\bnum[eé]ro (?:d'article|de produit)|r[eé]f(?:[eé]rence)?\b|code (?:article|produit|prodotto)|"
    r"c[oó]d(?:igo|ice|\.)?(?: (?:de |do |del |di )?(?:produ[ck]t[oe]?|prodotto|art[ií]culo|articolo|barras|"
    r"item))?\s?(?=[:.#])",
    r"referencia|refer[eê]ncia|riferimento|articolo\s?(?=[:#])|(?:product|artikel|bestel)(?:nummer|code)|"
    r"varenr|varenummer|art\.?nr|artnr|tuote(?:numero|koodi|nro)|\bk[oó]d(?: (?:produktu|towaru|zbo[zž][ií]|"
    r"v[yý]robku|tovaru))?\s?(?=[:.])|katalogov[eé] [cč][ií]slo|indeks|symbol\s?(?=:)|cikksz[aá]m|cod produs|šifra|"
    r"артикул|\bарт\.|код(?: товара|"
    r" товару)?\s?(?=[:\n ])|номер товара|[uü]r[uü]n kodu|stok kodu|κωδικ[όο][ςσ]|מק\"?ט",
    r"商品(?:番号|コード|编号|編號|貨號|货号)|品番|型番|管理番号|货号|貨號|产品编号|款号|品號|商品編號|"
    r"상품(?:번호|코드)|제품번호|mã (?:sp|sản phẩm|hàng)|รหัสสินค้า",
)
"""Names of the shop's own number."""
MPN_LABEL = _words(
    r"\bmpn\b|manufacturer'?s? (?:part|product|item|ref|code|model|sku)\w*(?: (?:no\.?|number|#))?|"
    r"\bmfr?g?\.?\s?(?:part|#|no|model|code|sku)|hersteller(?:artikel)?-?\s?(?:nr|nummer)|model (?:no|number|"
    r"#)|\bmodel\s?(?=:)|part (?:no|number|#)|vendor (?:code|sku|part)|modell(?:nummer|-?nr)|メーカー型番|"
    r"型番|型号|型號|"
    r"r[eé]f(?:[eé]rence|\.)? (?:du )?(?:fabricant|constructeur)|referencia (?:del )?fabricante|"
    r"codice (?:del )?produttore|numéro de modèle|número de modelo|numero (?:di )?modello|kod producenta"
)
GTIN_LABEL = _words(
    r"\bean\b|\bgtin|\bupc\b|\bisbn|\bbarcode|strichcode|code[- ]barres|c[oó]digo de barras|\bjan\b|штрих|"
    r"条形?码|條碼|條形碼|バーコード"
)
BRAND_LABEL = _words(
    r"^\W*(?:brand|manufacturer|maker|made by|marke|hersteller|marque|fabricant|marca|fabricante|produttore|"
    r"merk|fabrikant|varem[aæ]rke|m[aä]rke|merkki|valmistaja|producent|zna[cč]ka|v[yý]robce|výrobca|"
    r"gy[aá]rt[oó]|m[aá]rka|brend|бренд|производитель|виробник|marka|üretici|μάρκα|ブランド|メーカー|品牌|"
    r"제조사|브랜드|"
    r"thương hiệu)\W*$"
)
SELLER = _words(
    r"\b(?:(?:(?:ships|dispatched|shipped) from and )?sold(?: and (?:shipped|fulfilled|delivered))? by|"
    r"shipped and sold by"
    r"|verkauf(?:t)? (?:und versand )?durch|vendu(?: et expédié)? par|venduto(?: e spedito)? da|"
    r"vendido (?:y enviado )?por"
    r"|verkoop door|verkocht door|säljs av|selges av|sælges af|(?:seller|verkäufer|vendeur|venditore|vendedor|"
    r"verkoper"
    r"|sprzedawca|prodejce|продавец|販売元|出品者|卖家|賣家|판매자|"
    r"satıcı)\s?[:：])\s?[:：]?\s*(?P<name>[^\n|,;()]{2,50})"
)
PRICE_ON_REQUEST = _words(
    r"price (?:on|upon) (?:request|application)|call for (?:price|pricing|quote)|\bp\.?o\.?a\.?\b|"
    r"request (?:a )?(?:quote|price)|contact us for (?:a )?(?:price|pricing|quote)|preis auf anfrage|"
    r"prix sur (?:demande|devis)|precio a consultar|consultar precio|preço sob consulta|pris på förfrågan|"
    r"pris på forespørsel|hinta pyydettäessä|fiyat (?:sorunuz|için)|ár érdeklődésre|"
    r"prezzo su richiesta|prijs op aanvraag|cena na (?:dotaz|zapytanie|"
    r"vyžádání)|цена по запросу|価格(?:は)?お問い合わせ|面议|詢價|询价"
)
