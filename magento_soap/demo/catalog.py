"""What the demo shop sells, and to whom."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from magento_soap.sales.money import ZERO


@dataclass(frozen=True)
class Product:
    """A product: ``price`` in the base currency, ``tax`` in percent, ``fee`` a fixed product tax per unit."""

    product_id: int
    sku: str
    name: str
    price: Decimal
    tax: Decimal = ZERO
    fee: Decimal = ZERO
    type: str = "simple"
    weight: Decimal = Decimal(1)
    cost: Decimal | None = None
    is_qty_decimal: bool = False
    stock: Decimal = Decimal(1000)  # before anything of it was sold

    @property
    def is_composite(self) -> bool:
        """Whether its parts are what is in stock."""
        return self.type in ("bundle", "configurable")

    @property
    def is_virtual(self) -> bool:
        """Whether there is nothing to ship."""
        return self.type in ("virtual", "downloadable")


@dataclass(frozen=True)
class Person:
    """A customer or guest with one address; guests have no ``customer_id``."""

    firstname: str
    lastname: str
    email: str
    street: str
    city: str
    postcode: str
    country_id: str
    region: str | None = None
    telephone: str = "555-0100"
    company: str | None = None
    middlename: str | None = None
    customer_id: int | None = None

    @property
    def name(self) -> str:
        """First, middle and last name."""
        return " ".join(part for part in (self.firstname, self.middlename, self.lastname) if part)


NOKIA = Product(1, "n2610-slider", "Nokia 2610 Phone", Decimal("379.98"), weight=Decimal(2))
TEST_PRODUCT = Product(2, "product123", "Test Product", Decimal(70))
RADIO = Product(3, "wt-pair", "Walkie-Talkie Pair", Decimal("339.99"), weight=Decimal("1.2"))
TEAPOT = Product(4, "kanne-gruen", "Teekanne »Grün« für Genießer", Decimal("24.90"), tax=Decimal(19), cost=Decimal(11))
SENCHA = Product(5, "sencha-100", "煎茶 八女産 100g", Decimal("12.34"), tax=Decimal("8.25"), weight=Decimal("0.1"))
RICE = Product(6, "rice-bulk", "Loose basmati rice, per kg", Decimal("4.20"), tax=Decimal(5), is_qty_decimal=True)
EBOOK = Product(7, "ebook-orders", "E-book: Ordering Things", Decimal("49.99"), type="downloadable", weight=Decimal(0))
SHIRT = Product(8, "shirt", "Tea Shirt", Decimal(20), tax=Decimal("8.25"), type="configurable", weight=Decimal("0.2"))
SHIRT_RED_M = Product(9, "shirt-red-m", "Tea Shirt, red, M", Decimal(20), weight=Decimal("0.2"))
TEA_SET = Product(10, "tea-set", "Tea Set, your choice", Decimal(0), type="bundle")
CUP = Product(11, "cup", "Cup", Decimal("6.50"), tax=Decimal(10), weight=Decimal("0.3"), cost=Decimal("2.25"))
GIFT_BOX = Product(12, "gift-box", "Gift Box", Decimal(107), tax=Decimal("8.25"), type="bundle")
FRIDGE = Product(13, "fridge", "Small Fridge", Decimal(199), tax=Decimal(10), fee=Decimal("1.50"), weight=Decimal(18))
STICKER = Product(14, "sticker", "Sticker, free", Decimal(0), weight=Decimal("0.01"))
COFFEE_CUP = Product(15, "finjan", "فنجان قهوة", Decimal("8.40"), tax=Decimal(5), weight=Decimal("0.2"))
BANCHA = Product(
    16,
    "bancha-case",
    "番茶 Bancha, case of 12",
    Decimal(36),
    tax=Decimal(10),
    weight=Decimal("1.5"),
    stock=Decimal(20000),
)
PRODUCTS = (
    *(NOKIA, TEST_PRODUCT, RADIO, TEAPOT, SENCHA, RICE, EBOOK, SHIRT, SHIRT_RED_M, TEA_SET, CUP, GIFT_BOX, FRIDGE),
    *(STICKER, COFFEE_CUP, BANCHA),
)

COUPONS = {"TEA5": Decimal(5), "TEA10": Decimal(10)}  # percent by code

JOHN = Person(
    "John",
    "Doe",
    "john.doe@example.com",
    "123 Main St",
    "Anytown",
    "12345",
    "US",
    "California",
    "555-123-4567",
    customer_id=1,
)
ANNA = Person(
    "Anna",
    "Groß-Käßbohrer",
    "anna@example.de",
    "Lange Straße 7",
    "Köln",
    "50667",
    "DE",
    company="Tee & Söhne",
    customer_id=2,
)
LAYLA = Person(
    "ليلى",
    "الحداد",
    "layla@example.org",
    "شارع الحمراء 12",
    "بيروت",
    "1103",
    "LB",
    telephone="+961 1 555 010",
    customer_id=3,
)
MARY = Person(
    "Mary", "O’Neill", "mary@example.ie", "5 Quay St\nFlat 2", "Galway", "H91", "IE", middlename="Jane", customer_id=4
)
TARO = Person("太郎", "山田", "taro@example.jp", "千代田1-1", "東京", "100-0001", "JP", "東京都")
GUEST = Person("Grace", "Hopper", "grace@example.com", "1 Harbor Rd", "Arlington", "22201", "US", "Virginia")
CUSTOMERS = (JOHN, ANNA, LAYLA, MARY)
