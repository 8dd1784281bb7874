"""suds calls methods of both sides in one session. usage: suds_client.py v1|v2|wsi http://127.0.0.1:8080"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import suds
from suds.client import Client

PATHS = {"v1": "soap", "v2": "v2_soap", "wsi": "v2_soap_wsi"}

style, url = sys.argv[1:]
client = Client(f"{url}/api/{PATHS[style]}/?wsdl", cache=None)
shop = client.service


def plain(value: Any) -> Any:
    """Maps and structs as dicts, arrays as lists, whatever the style."""
    if isinstance(value, list):
        return [plain(part) for part in value]
    if not isinstance(value, suds.sudsobject.Object):
        return value
    if type(value).__name__ == "Map":
        return {pair.key: plain(pair.value) for pair in getattr(value, "item", [])}
    for wrapper in ("item", "complexObjectArray"):
        if hasattr(value, wrapper):
            return plain(getattr(value, wrapper))
    return {name: plain(member) for name, member in value}


def call(path: str, operation: str, **parts: Any) -> Any:
    """Call a method in the way of the style."""
    if style != "v1":
        return plain(getattr(shop, operation)(sessionId=session, **parts))
    arguments = client.factory.create("{http://xml.apache.org/xml-soap}Map")
    for key, value in parts.items():
        item = client.factory.create("{http://xml.apache.org/xml-soap}mapItem")
        item.key, item.value = key, value
        arguments.item.append(item)
    return plain(shop.call(session, path, arguments))


def tell(step: str, value: object) -> None:
    """Print what a step gave."""
    print(f"{step}={str(value).lower() if isinstance(value, bool) else value}")


def fault(call: Callable[[], object]) -> str:
    """Code and text of the fault that a call gives."""
    try:
        call()
    except suds.WebFault as fault:
        return f"{fault.fault.faultcode} {fault.fault.faultstring}"
    return "no fault"


session = shop.login(username="apiUser", apiKey="apiKey")
products = call("catalog_product.list", "catalogProductList")
tell("products", " ".join(product["sku"] for product in products))
info = call("sales_order_invoice.info", "salesOrderInvoiceInfo", invoiceIncrementId="200000006")
tell("info", info["increment_id"])
tell("product", call("catalog_product.info", "catalogProductInfo", productId="1")["name"])
tell("categories", " ".join(products[0]["category_ids"]))
tell("suppliers", " ".join(each["email"] for each in call("ol_suppliers.list", "olSuppliersList")))
tell("websites", " ".join(call("ol_websites.list", "olWebsitesList")))
data: Any = "2" if style == "v1" else {"price": "2"}
tell("update", bool(call("catalog_product.update", "catalogProductUpdate", product="1", productData=data)))
tell("fault", fault(lambda: call("catalog_product.info", "catalogProductInfo", productId="99")))
nine = {"invoiceIncrementId": "9"}
tell("own_fault", fault(lambda: call("sales_order_invoice.info", "salesOrderInvoiceInfo", **nine)))
tell("magento", call("core_magento.info", "magentoInfo")["magento_version"])
shop.endSession(sessionId=session)
tell("after", fault(lambda: call("catalog_product.list", "catalogProductList")))
