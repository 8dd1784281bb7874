"""The WSDLs of the stand-in, V2 and WS-I, with the names and in the form of Magento's own.

Types and operations are written down once; each style has its own templates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import quoteattr

CATEGORY = {"category_id": "int", "parent_id": "int", "name": "string", "position": "int", "level": "int"}
STRUCTS: Mapping[str, Mapping[str, str]] = {
    "associativeEntity": {"key": "string", "value": "string"},
    "complexFilter": {"key": "string", "value": "associativeEntity"},
    "filters": {"filter": "associativeArray?", "complex_filter": "complexFilterArray?"},
    "existsFaltureEntity": {"code": "string", "message": "string"},
    "apiEntity": {"title": "string", "name": "string", "aliases": "ArrayOfString", "methods": "ArrayOfApiMethods"},
    "apiMethodEntity": {"title": "string", "path": "string", "name": "string", "aliases": "ArrayOfString"},
    "catalogCategoryTree": {**CATEGORY, "children": "ArrayOfCatalogCategoryEntities"},
    "catalogCategoryEntity": {**CATEGORY, "is_active": "int", "children": "ArrayOfCatalogCategoryEntities"},
    "catalogProductEntity": {
        "product_id": "string",
        "sku": "string",
        "name": "string",
        "category_ids": "ArrayOfString",
    },
    "catalogProductCreateEntity": {"name": "string?", "price": "string?"},
    "olSupplierEntity": {"supplier_id": "int?", "email": "string?", "firstname": "string?"},
    "salesOrderInvoiceEntity": {"increment_id": "string?", "note": "string?"},
    "magentoInfoEntity": {"magento_version": "string", "magento_edition": "string"},
}
"""Members and their types; a question mark stands for one that is optional."""
ARRAYS: Mapping[str, str] = {
    "ArrayOfString": "string",
    "associativeArray": "associativeEntity",
    "complexFilterArray": "complexFilter",
    "ArrayOfExistsFaltures": "existsFaltureEntity",
    "ArrayOfApis": "apiEntity",
    "ArrayOfApiMethods": "apiMethodEntity",
    "ArrayOfCatalogCategoryEntities": "catalogCategoryEntity",
    "catalogProductEntityArray": "catalogProductEntity",
    "olSupplierEntityArray": "olSupplierEntity",
    "salesOrderInvoiceEntityArray": "salesOrderInvoiceEntity",
}
SESSION = {"sessionId": "string"}
OPERATIONS: Mapping[str, tuple[Mapping[str, str], str, str]] = {
    "endSession": (SESSION, "endSessionReturn", "boolean"),
    "login": ({"username": "string", "apiKey": "string"}, "loginReturn", "string"),
    "resources": (SESSION, "resourcesReturn", "ArrayOfApis"),
    "globalFaults": (SESSION, "globalFaultsReturn", "ArrayOfExistsFaltures"),
    "resourceFaults": ({"resourceName": "string", **SESSION}, "resourceFaultsReturn", "ArrayOfExistsFaltures"),
    "magentoInfo": (SESSION, "info", "magentoInfoEntity"),
    "catalogCategoryTree": ({**SESSION, "parentId": "string", "storeView": "string"}, "tree", "catalogCategoryTree"),
    "catalogProductList": (
        {**SESSION, "filters": "filters", "storeView": "string"},
        "storeView",
        "catalogProductEntityArray",
    ),
    "catalogProductInfo": ({**SESSION, "productId": "string"}, "info", "catalogProductEntity"),
    "catalogProductUpdate": (
        {**SESSION, "product": "string", "productData": "catalogProductCreateEntity"},
        "result",
        "boolean",
    ),
    "olSuppliersList": ({**SESSION, "filters": "filters"}, "storeView", "olSupplierEntityArray"),
    "olSuppliersInfo": ({**SESSION, "supplierId": "int"}, "info", "olSupplierEntity"),
    "olWebsitesList": (SESSION, "result", "ArrayOfString"),
    "salesOrderInvoiceList": ({**SESSION, "filters": "filters"}, "result", "salesOrderInvoiceEntityArray"),
    "salesOrderInvoiceInfo": (
        {**SESSION, "invoiceIncrementId": "string"},
        "result",
        "salesOrderInvoiceEntity",
    ),
}
"""Parts, the part of the response, and its type."""
V1_OPERATIONS: Mapping[str, tuple[Mapping[str, str], str, str]] = {
    "call": ({**SESSION, "resourcePath": "string", "args": "anyType"}, "callReturn", "anyType"),
    "multiCall": ({**SESSION, "calls": "FixedArray", "options": "anyType"}, "multiCallReturn", "FixedArray"),
    "endSession": OPERATIONS["endSession"],
    "login": OPERATIONS["login"],
    "resources": (SESSION, "resourcesReturn", "FixedArray"),
    "globalFaults": (SESSION, "globalFaultsReturn", "FixedArray"),
    "resourceFaults": ({"resourceName": "string", **SESSION}, "resourceFaultsReturn", "FixedArray"),
}
ONLY_WSI: Mapping[str, tuple[Mapping[str, str], str, str]] = {
    "call": ({**SESSION, "resourcePath": "string"}, "callReturn", "string"),
    "multiCall": (SESSION, "multiCallReturn", "string"),
}
SESSION_OPERATIONS = ("endSession", "login", "globalFaults", "resourceFaults", "call", "multiCall")
HTTP = "http://schemas.xmlsoap.org/soap/http"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"


def wsdl(style: str, address: str) -> str:
    """The WSDL of a style: v1, v2 or wsi."""
    match style:
        case "v1":
            return _rpc("Mage_Api_Model_Server_Handler", {}, {"FixedArray": "anyType"}, V1_OPERATIONS, address)
        case "v2":
            return _rpc("Mage_Api_Model_Server_V2_Handler", STRUCTS, ARRAYS, OPERATIONS, address)
        case _:
            return _wsi(address)


def _type(name: str) -> str:
    name = name.rstrip("?")
    return f"{'typens' if name in {*STRUCTS, *ARRAYS, 'FixedArray'} else 'xsd'}:{name}"


def _members(members: Mapping[str, str], prefix: str = "") -> str:
    return "".join(
        f'<{prefix}element name="{name}" type="{_type(of)}" minOccurs="{int(not of.endswith("?"))}"/>'
        for name, of in members.items()
    )


def _request(name: str) -> str:
    return name if name in SESSION_OPERATIONS else f"{name}Request"


def _rpc(
    handler: str,
    structs: Mapping[str, Mapping[str, str]],
    arrays: Mapping[str, str],
    all_operations: Mapping[str, tuple[Mapping[str, str], str, str]],
    address: str,
) -> str:
    body = f'<soap:body namespace="urn:Magento" use="encoded" encodingStyle="{ENCODING}"/>'
    types = [
        f'<complexType name="{name}"><all>{_members(members)}</all></complexType>' for name, members in structs.items()
    ]
    types += [
        f'<complexType name="{name}"><complexContent><restriction base="soapenc:Array"><attribute '
        f'ref="soapenc:arrayType" wsdl:arrayType="{_type(item)}[]"/></restriction></complexContent></complexType>'
        for name, item in arrays.items()
    ]
    messages, operations, bindings = [], [], []
    for name, (parts, result, returns) in all_operations.items():
        declared = "".join(f'<part name="{part}" type="{_type(of)}"/>' for part, of in parts.items())
        messages.append(
            f'<message name="{_request(name)}">{declared}</message><message name="{name}Response">'
            f'<part name="{result}" type="{_type(returns)}"/></message>'
        )
        operations.append(
            f'<operation name="{name}"><documentation>{name}</documentation><input message="typens:{_request(name)}"/>'
            f'<output message="typens:{name}Response"/></operation>'
        )
        bindings.append(
            f'<operation name="{name}"><soap:operation soapAction="urn:{handler}Action"/><input>{body}</input>'
            f"<output>{body}</output></operation>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns:typens="urn:Magento" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" '
        f'xmlns:soapenc="{ENCODING}" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" '
        'xmlns="http://schemas.xmlsoap.org/wsdl/" name="Magento" targetNamespace="urn:Magento"><types>'
        '<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:Magento">'
        f'<import namespace="{ENCODING}" schemaLocation="{ENCODING}"/>{"".join(types)}</schema></types>'
        f'{"".join(messages)}<portType name="{handler}PortType">{"".join(operations)}</portType>'
        f'<binding name="{handler}Binding" type="typens:{handler}PortType">'
        f'<soap:binding style="rpc" transport="{HTTP}"/>{"".join(bindings)}</binding><service name="MagentoService">'
        f'<port name="{handler}Port" binding="typens:{handler}Binding"><soap:address location={quoteattr(address)}/>'
        "</port></service></definitions>\n"
    )


def _wsi(address: str) -> str:
    def wrapper(name: str, members: str) -> str:
        return (
            f'<xsd:element name="{name}"><xsd:complexType><xsd:sequence>{members}</xsd:sequence></xsd:complexType>'
            "</xsd:element>"
        )

    def message(name: str) -> str:
        part = f'<wsdl:part name="parameters" element="typens:{name}Param"/>'
        return f'<wsdl:message name="{name}">{part}</wsdl:message>'

    handler = "Mage_Api_Model_Server_Wsi_Handler"
    body = '<soap:body use="literal"/>'
    types = [
        f'<xsd:complexType name="{name}"><xsd:sequence>{_members(members, "xsd:")}</xsd:sequence></xsd:complexType>'
        for name, members in STRUCTS.items()
    ]
    types += [
        f'<xsd:complexType name="{name}"><xsd:sequence><xsd:element minOccurs="0" maxOccurs="unbounded" '
        f'name="complexObjectArray" type="{_type(item)}"/></xsd:sequence></xsd:complexType>'
        for name, item in ARRAYS.items()
    ]
    messages: list[str] = []
    operations: Sequence[str] = [*ONLY_WSI, *OPERATIONS]
    for name, (parts, _, returns) in {**ONLY_WSI, **OPERATIONS}.items():
        types.append(wrapper(f"{_request(name)}Param", _members(_optional_filters(parts), "xsd:")))
        types.append(wrapper(f"{name}ResponseParam", _members({"result": returns}, "xsd:")))
        messages += [message(_request(name)), message(f"{name}Response")]
    port_type = "".join(
        f'<wsdl:operation name="{name}"><wsdl:documentation>{name}</wsdl:documentation><wsdl:input '
        f'message="typens:{_request(name)}"/><wsdl:output message="typens:{name}Response"/></wsdl:operation>'
        for name in operations
    )
    binding = "".join(
        f'<wsdl:operation name="{name}"><soap:operation soapAction=""/><wsdl:input>{body}</wsdl:input>'
        f"<wsdl:output>{body}</wsdl:output></wsdl:operation>"
        for name in operations
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<wsdl:definitions xmlns:typens="urn:Magento" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" '
        'xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" name="Magento" targetNamespace="urn:Magento"><wsdl:types>'
        f'<xsd:schema targetNamespace="urn:Magento">{"".join(types)}</xsd:schema></wsdl:types>{"".join(messages)}'
        f'<wsdl:portType name="{handler}PortType">{port_type}</wsdl:portType>'
        f'<wsdl:binding name="{handler}Binding" type="typens:{handler}PortType">'
        f'<soap:binding style="document" transport="{HTTP}"/>{binding}</wsdl:binding>'
        f'<wsdl:service name="MagentoService"><wsdl:port name="{handler}Port" binding="typens:{handler}Binding">'
        f"<soap:address location={quoteattr(address)}/></wsdl:port></wsdl:service></wsdl:definitions>\n"
    )


def _optional_filters(parts: Mapping[str, str]) -> Mapping[str, str]:
    return {name: f"{of}?" if name in ("filters", "storeView") else of for name, of in parts.items()}
