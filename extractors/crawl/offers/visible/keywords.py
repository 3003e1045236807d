"""Keys of embedded state, by what they hold."""

from __future__ import annotations

from extractors.crawl.offers.visible.marks import names

# Keys in plain lower case, the surer first.
PRICE = names(
    "saleprice finalprice currentprice specialprice sellingprice discountedprice discountprice offerprice "
    "promoprice nowprice ourprice activeprice actualprice priceincents pricecents currentpricevalue "
    "pricevalue priceamount productprice productunitprice prodprice itemprice unitprice price prices pricing "
    "priceinfo pricewithtax priceinclvat grossprice lowestprice minprice pricemin lowprice centamount"
)
LIST = names(
    "listprice originalprice oldprice wasprice compareatprice regularprice rrp msrp retailprice strikeprice "
    "strikethroughprice fullprice pricebeforediscount recommendedretailprice undiscountedprice previousprice "
    "baseprice listpricevalue"
)
WITHIN = names(
    "final finalprice promo promotion current currentprice sale saleprice special now selling discounted "
    "offer value amount price numeric rawvalue priceasnumber centamount minprice min low formatted "
    "formattedprice display text base regular regularprice list original"
)
WITHIN_LIST = names(
    "list listprice base original originalprice was old regular regularprice rrp compareat strikethrough previous"
)
NAME = ["name", "productname", "itemname", "title", "producttitle", "displayname", "productdisplayname", "itemtitle"]
SKU = names(
    "sku productsku itemsku skuid variantsku articlenumber partnumber stylenumber productcode code asin "
    "productid itemid id"
)
CURRENCY = ["currency", "currencycode", "pricecurrency", "currencyiso", "isocurrency", "currencyisocode"]
BRAND = ["brand", "brandname", "productbrand", "itembrand", "vendor", "manufacturer", "manufacturername"]
CATEGORY = ["category", "productcategory", "itemcategory", "categorypath", "breadcrumb"]
STOCK = names(
    "availability stockstatus availabilitystatus instock isinstock available isavailable soldout issoldout "
    "outofstock isoutofstock stock inventorystatus"
)
RATING = ["ratingvalue", "averagerating", "avgrating", "averageoverallrating", "rating", "reviewrating"]
REVIEWS = [
    "reviewcount",
    "reviewscount",
    "numberofreviews",
    "numreviews",
    "totalreviews",
    "totalreviewcount",
    "ratingcount",
]
GTIN = ["gtin13", "gtin", "ean", "upc", "gtin12", "gtin14", "barcode", "ean13"]
