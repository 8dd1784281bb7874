"""What the demo shop has sold.

Store 1 numbers its documents 1..., store 2 2...; the orders and invoices that Magento's API documentation names in its
examples exist here and are in the state that the examples need.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from magento_soap.sales.invoice import CANCELED, OPEN
from magento_soap.storage.schema.reference_rows import (
    Rows,
    config_rows,
    entity_type_id,
    reference_rows,
    store,
    store_group,
)

from .sales import Bill, Ledger, Line, Person, Product, Sale

SHOP_NAME = "Tea & Telephones"
STORE_NAMES = {
    1: "Main Website\nMain Website Store\nEnglish",
    2: "Main Website\nInternational Store\nInternational",
}
EURO, YEN = Decimal("0.9"), Decimal("150")

API_USER, READONLY_USER, API_KEY = "apiUser", "readonly", "apiKey"
READING = {
    "sales/order/invoice": "allow",
    "sales/order/invoice/info": "allow",
    **{f"sales/order/invoice/{act}": "deny" for act in ("create", "comment", "capture", "void", "cancel")},
}
WHOLESALE_ORDER, WHOLESALE_ITEM_ID = "200000009", 100

# -- products ----------------------------------------------------------------------------------------------------------

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
BANCHA = Product(16, "bancha-case", "番茶 Bancha, case of 12", Decimal(36), tax=Decimal(10), weight=Decimal("1.5"))


def _shirt(qty: int) -> Line:
    options: dict[str, Any] = {"attributes_info": [{"label": "Color", "value": "Red"}, {"label": "Size", "value": "M"}]}
    options |= {"simple_name": SHIRT_RED_M.name, "simple_sku": SHIRT_RED_M.sku}
    return Line(SHIRT, Decimal(qty), children=(Line(SHIRT_RED_M),), options=options)


def _bundle(product: Product, qty: int, *parts: Line, by_child: bool) -> Line:
    chosen = [{"title": part.product.name, "qty": int(part.qty), "price": float(part.product.price)} for part in parts]
    options = {"bundle_options": {1: {"option_id": 1, "label": "Parts", "value": chosen}}}
    return Line(product, Decimal(qty), children=parts, calculated_by_child=by_child, options=options)


def _tea_set(qty: int) -> Line:
    return _bundle(TEA_SET, qty, Line(TEAPOT), Line(CUP, Decimal(4)), by_child=True)


def _gift_box(qty: int) -> Line:
    return _bundle(GIFT_BOX, qty, Line(NOKIA), Line(SENCHA, Decimal(2)), by_child=False)


# -- people ------------------------------------------------------------------------------------------------------------

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

# -- when --------------------------------------------------------------------------------------------------------------


def _lock_order(number: str) -> datetime:
    """Store 2 was moved here from an older shop, with its orders of 2012."""
    place = int(number[1:])
    if number.startswith("2"):
        return datetime(2012, 3, 29, 8) + timedelta(hours=place)
    return datetime(2023, 1, 16, 10, 58) + timedelta(hours=3 * (place - 1))


def _invoiced(number: str) -> datetime:
    documented = {
        "100000001": datetime(2023, 1, 16, 11, 15, 30),
        "200000006": datetime(2012, 3, 30, 12, 2, 19),
    }
    place = int(number[1:])
    if number.startswith("2"):
        return documented.get(number) or datetime(2012, 3, 30, 9) + timedelta(minutes=30 * place)
    return documented.get(number) or datetime(2023, 1, 21, 9) + timedelta(hours=place)


def _bill(number: str, quantities: Mapping[str, int] | None = None, **more: Any) -> Bill:
    taken = None if quantities is None else {sku: Decimal(qty) for sku, qty in quantities.items()}
    return Bill(number, _invoiced(number), taken, **more)


def _sale(number: str, buyer: Person, *lines: Line, **more: Any) -> Sale:
    return Sale(number, _lock_order(number), buyer, lines, store_id=int(number[0]), **more)


def _gateway(number: str, buyer: Person, *lines: Line, **more: Any) -> Sale:
    return _sale(number, buyer, *lines, **{"state": "processing", "method": "demopay", "is_gateway": True, **more})


def _line(product: Product, qty: Decimal | int = 1, **more: Any) -> Line:
    return Line(product, Decimal(qty), **more)


# -- what was sold -----------------------------------------------------------------------------------------------------


def _sales() -> list[Sale]:
    free = {"shipping": Decimal(0)}
    return [
        # the documented orders and invoices: 100000001 and its invoice, then 200000002 with invoice 200000006
        _gateway(
            "100000001",
            JOHN,
            _line(TEST_PRODUCT, 4),
            shipping=Decimal(10),
            bills=(_bill("100000001", {"product123": 2}, comments=("Invoice created",)),),
        ),
        _sale("200000002", JOHN, _line(NOKIA, item_id=3), state="processing", bills=(_bill("200000006"),)),
        _sale("100000003", MARY, _line(NOKIA), _line(SENCHA, 3)),
        # multi-item, tax, discount
        _sale("100000002", JOHN, _line(NOKIA, 2), _line(RADIO), _line(CUP, 4), shipping_tax=Decimal(10)),
        _sale(
            "100000004",
            ANNA,
            _line(TEAPOT, 2, discount=Decimal(10)),
            _line(CUP, 6, discount=Decimal(10)),
            coupon="TEA10",
        ),
        _sale("200000001", MARY, _line(RADIO), _line(TEST_PRODUCT, 2), state="processing", bills=(_bill("200000001"),)),
        # two items with the documented ids, nothing invoiced yet
        _sale("200000008", ANNA, _line(TEST_PRODUCT, 3, item_id=15), _line(CUP, 2, item_id=16)),
        _sale("200000003", GUEST, _line(RADIO), state="complete", bills=(_bill("200000002"),), **free),
        _sale(
            "100000005",
            MARY,
            _line(TEAPOT),
            _line(SENCHA, 2),
            state="complete",
            bills=(_bill("100000002", comments=("Packed with care – go raibh maith agat!",)),),
        ),
        # second currency
        _sale(
            "100000006",
            ANNA,
            _line(TEAPOT, 3, discount=Decimal(5)),
            _line(SENCHA, 2),
            currency="EUR",
            rate=EURO,
            coupon="TEA5",
        ),
        _sale(
            "100000007",
            ANNA,
            _line(CUP, 12),
            currency="EUR",
            rate=EURO,
            state="processing",
            bills=(_bill("100000003"),),
        ),
        _sale(
            "200000004", ANNA, _line(TEAPOT), currency="EUR", rate=EURO, state="processing", bills=(_bill("200000003"),)
        ),
        _sale(
            "200000005",
            TARO,
            _line(SENCHA, 5),
            currency="JPY",
            rate=YEN,
            state="processing",
            bills=(_bill("200000004"),),
        ),
        # cannot be invoiced
        _sale("100000008", JOHN, _line(RADIO), state="holded"),
        _sale("100000009", JOHN, _line(TEST_PRODUCT), state="canceled"),
        _gateway("100000025", GUEST, _line(NOKIA), state="payment_review"),
        _sale("100000026", MARY, _line(RADIO), state="closed", bills=(_bill("100000010"),)),
        # waiting for payment, invoiceable all the same
        _sale("100000030", JOHN, _line(CUP, 2), state="pending_payment"),
        _sale("200000007", ANNA, _line(TEAPOT, 2), method="banktransfer"),
        # virtual goods
        _sale("100000010", GUEST, _line(EBOOK, 2)),
        _sale("100000011", GUEST, _line(EBOOK), state="complete", bills=(_bill("100000004"),)),
        # configurable products and bundles
        _sale("100000012", JOHN, _shirt(2)),
        _sale("100000013", JOHN, _shirt(1), _line(SENCHA), state="processing", bills=(_bill("100000005"),)),
        _sale("100000014", MARY, _tea_set(2), _gift_box(1)),
        _sale("100000015", MARY, _tea_set(1), state="complete", bills=(_bill("100000006"),)),
        # the gateway: authorized, open to be captured, open to be canceled, canceled, captured
        _gateway("100000016", JOHN, _line(TEST_PRODUCT, 2)),
        _gateway("100000017", MARY, _line(NOKIA), bills=(_bill("100000016", state=OPEN),)),
        _gateway("100000018", ANNA, _line(RADIO), bills=(_bill("100000013", state=OPEN),)),
        _gateway("100000028", JOHN, _line(CUP, 4), bills=(_bill("100000014", state=CANCELED),)),
        _gateway("100000029", GUEST, _line(TEAPOT, 2), bills=(_bill("100000015"),)),
        # partly invoiced
        _sale(
            "100000019",
            JOHN,
            _line(TEST_PRODUCT, 2, discount=Decimal(10)),
            _line(CUP, 10, discount=Decimal(10)),
            coupon="TEA10",
            state="processing",
            bills=(_bill("100000007", {"product123": 1, "cup": 6}),),
        ),
        _sale(
            "100000027",
            LAYLA,
            _line(COFFEE_CUP, 10),
            state="processing",
            bills=(
                _bill("100000011", {"finjan": 4}, comments=("شكراً لطلبك ☕",)),
                _bill("100000012", {"finjan": 5}),
            ),
        ),
        # nothing to pay
        _sale("100000020", JOHN, _line(STICKER), method="free", **free),
        # everyone's alphabet
        _sale(
            "100000021",
            TARO,
            _line(SENCHA, 2),
            state="processing",
            bills=(
                _bill("100000008", comments=("ありがとうございます 🍵", "Zweiter Kommentar: Grüße <b>&</b> bis bald")),
            ),
        ),
        # quantities with a fraction, fixed product taxes
        _sale("100000022", MARY, _line(RICE, Decimal("2.5"))),
        _sale("100000023", ANNA, _line(FRIDGE, 2)),
        _sale("100000024", ANNA, _line(FRIDGE), state="processing", bills=(_bill("100000009"),)),
        _sale(
            "200000006",
            ANNA,
            _line(CUP, 24),
            method="purchaseorder",
            po_number="PO-2012-17",
            state="processing",
            bills=(_bill("200000005"),),
        ),
        # enough to make a first invoice many times
        _sale(WHOLESALE_ORDER, TARO, _line(BANCHA, 500, item_id=WHOLESALE_ITEM_ID), shipping=Decimal(120)),
    ]


def demo_rows() -> Rows:
    """The rows of the whole demo shop, table by table, as ``magento-soap db load`` takes them."""
    ledger = Ledger(STORE_NAMES)
    sales = _sales()
    for sale in sales:
        ledger.enter(sale)
    rows = reference_rows(shop_name=SHOP_NAME)
    rows["core_store_group"].append(store_group(2, 1, "International Store", 2))
    rows["core_store"][1]["name"] = "English"
    rows["core_store"].append(store(2, "international", 2, "International"))
    for code, rate in (("EUR", EURO), ("JPY", YEN)):
        rows["directory_currency_rate"].append({"currency_from": "USD", "currency_to": code, "rate": f"{rate:.12f}"})
    config = next(row for row in rows["core_config_data"] if row["path"] == "currency/options/allow")
    config["value"] = "USD,EUR,JPY"
    more = config_rows({"payment/demopay/active": "1", "payment/checkmo/active": "1", "payment/free/active": "1"})
    first = len(rows["core_config_data"]) + 1
    rows["core_config_data"] += [{"config_id": number} | row for number, row in enumerate(more, start=first)]
    rows["eav_entity_store"] = _last_numbers(ledger.rows)
    rows["customer_entity"] = [_customer(person) for person in CUSTOMERS]
    return rows | _accounts() | ledger.rows


def _last_numbers(rows: Rows) -> list[dict[str, Any]]:
    """Where the numbering of orders and invoices stands in each store (DB-5)."""
    kinds = (("order", "sales_flat_order"), ("invoice", "sales_flat_invoice"))
    found = [
        {
            "entity_type_id": entity_type_id(kind),
            "store_id": store_id,
            "increment_prefix": str(store_id),
            "increment_last_id": max(row["increment_id"] for row in rows[table] if row["store_id"] == store_id),
        }
        for kind, table in kinds
        for store_id in STORE_NAMES
    ]
    return [{"entity_store_id": number} | row for number, row in enumerate(found, start=1)]


def _customer(person: Person) -> dict[str, Any]:
    return {
        "entity_id": person.customer_id,
        "entity_type_id": entity_type_id("customer"),
        "attribute_set_id": 0,
        "website_id": 1,
        "email": person.email,
        "group_id": 1,
        "store_id": 1,
        "created_at": "2012-03-01 08:00:00",
        "updated_at": "2012-03-01 08:00:00",
        "is_active": 1,
    }


def _accounts() -> Rows:
    """Two API users with the documentation's key: one may do everything, the other only look at invoices (SES-30)."""
    grants = (
        (API_USER, "All resources", {"all": "allow"}),
        (READONLY_USER, "Invoices, reading", READING),
    )
    rows: Rows = {"api_user": [], "api_role": [], "api_rule": []}
    for user_id, (username, role_name, rules) in enumerate(grants, start=1):
        rows["api_user"].append(
            {
                "user_id": user_id,
                "firstname": "Demo",
                "lastname": username,
                "email": f"{username.lower()}@example.com",
                "username": username,
                "api_key": _hash(API_KEY, salt=sha256(username.encode()).hexdigest()[:32]),
                "created": "2023-01-01 09:00:00",
                "modified": "2023-01-01 09:00:00",
                "lognum": 0,
                "reload_acl_flag": 0,
                "is_active": 1,
            }
        )
        rows["api_role"] += [
            _role(2 * user_id - 1, "G", role_name),
            _role(2 * user_id, "U", username) | {"parent_id": 2 * user_id - 1, "user_id": user_id},
        ]
        rows["api_rule"] += [
            {
                "rule_id": 10 * user_id + place,
                "role_id": 2 * user_id - 1,
                "resource_id": resource,
                "assert_id": 0,
                "role_type": "G",
                "api_permission": permission,
            }
            for place, (resource, permission) in enumerate(rules.items())
        ]
    return rows


def _role(role_id: int, role_type: str, name: str) -> dict[str, Any]:
    return {
        "role_id": role_id,
        "parent_id": 0,
        "tree_level": 1,
        "sort_order": 0,
        "role_type": role_type,
        "user_id": 0,
        "role_name": name,
    }


def _hash(api_key: str, salt: str) -> str:
    """Magento's own form, with a salt that never changes, so that the demo shop is the same everywhere (SES-5)."""
    return f"{sha256((salt + api_key).encode()).hexdigest()}:{salt}"
