"""zeep calls methods of both sides in one session. usage: zeep_client.py v1|v2|wsi http://127.0.0.1:8080"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zeep
from zeep.cache import InMemoryCache
from zeep.helpers import serialize_object

SCHEMA = Path(__file__).parents[3] / "examples" / "python" / "soap_encoding.xsd"
PATHS = {"v1": "soap", "v2": "v2_soap", "wsi": "v2_soap_wsi"}

style, url = sys.argv[1:]
cache = InMemoryCache()
cache.add("http://schemas.xmlsoap.org/soap/encoding/", SCHEMA.read_bytes())
client = zeep.Client(f"{url}/api/{PATHS[style]}/?wsdl", transport=zeep.Transport(cache=cache))
shop = client.service


def plain(value: Any) -> Any:
    """Maps and structs as dicts, arrays as lists, whatever the style."""
    if hasattr(value, "item"):
        value = value["item"]
    elif hasattr(value, "_value_1"):
        value = value["_value_1"] or []
    elif hasattr(value, "complexObjectArray"):
        value = value["complexObjectArray"]
    if isinstance(value, list):
        if value and hasattr(value[0], "key"):
            return {pair["key"]: plain(pair["value"]) for pair in value}
        return [plain(part) for part in value]
    if hasattr(value, "__values__"):
        return {name: plain(value[name]) for name in value}
    return serialize_object(value)


def call(path: str, operation: str, **parts: Any) -> Any:
    """Call a method in the way of the style."""
    if style == "v1":
        mapping = client.get_type("{http://xml.apache.org/xml-soap}Map")
        return plain(shop.call(session, path, mapping(item=[{"key": k, "value": v} for k, v in parts.items()])))
    return plain(getattr(shop, operation)(sessionId=session, **parts))


def tell(step: str, value: object) -> None:
    """Print what a step gave."""
    print(f"{step}={str(value).lower() if isinstance(value, bool) else value}")


def fault(call: Callable[[], object]) -> str:
    """Code and text of the fault that a call gives."""
    try:
        call()
    except zeep.exceptions.Fault as fault:
        return f"{fault.code} {fault.message}"
    return "no fault"


session = shop.login(username="apiUser", apiKey="apiKey")
everything: dict[str, Any] = {} if style == "v1" else {"filters": {}}  # zeep wants every part of V2
store = {"storeView": ""} if style == "v2" else {}
products = call("catalog_product.list", "catalogProductList", **everything, **store)
tell("products", " ".join(product["sku"] for product in products))
info = call("sales_order_invoice.info", "salesOrderInvoiceInfo", invoiceIncrementId="200000006")
tell("info", info["increment_id"])
tell("product", call("catalog_product.info", "catalogProductInfo", productId="1")["name"])
tell("categories", " ".join(products[0]["category_ids"]))
tell("suppliers", " ".join(each["email"] for each in call("ol_suppliers.list", "olSuppliersList", **everything)))
tell("websites", " ".join(call("ol_websites.list", "olWebsitesList")))
data: Any = "2" if style == "v1" else {"price": "2"}
tell("update", bool(call("catalog_product.update", "catalogProductUpdate", product="1", productData=data)))
tell("fault", fault(lambda: call("catalog_product.info", "catalogProductInfo", productId="99")))
nine = {"invoiceIncrementId": "9"}
tell("own_fault", fault(lambda: call("sales_order_invoice.info", "salesOrderInvoiceInfo", **nine)))
tell("magento", call("core_magento.info", "magentoInfo")["magento_version"])
shop.endSession(sessionId=session)
tell("after", fault(lambda: call("catalog_product.list", "catalogProductList", **everything, **store)))
