"""Documents that are small on the wire and large, or slow, when they are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xmlrpc.client import dumps, loads

import pytest

from .target import INVOICE, MEGABYTE, Cost, Target, envelope

ENCODING = 'xmlns:c="http://schemas.xmlsoap.org/soap/encoding/"'
TYPES = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:x="http://www.w3.org/2001/XMLSchema"'
MAX_BODY = 8 * MEGABYTE
SLACK = 24 * MEGABYTE
"""What an allocator may keep of memory that was given back."""


def numbered(form: str, number: int) -> str:
    """The form ``number`` times, with the number in the place of each ``@``."""
    return "".join(form.replace("@", str(n)) for n in range(number))


def call(args: str, attributes: str = "") -> bytes:
    """A V1 call with these arguments."""
    body = f"<call><sessionId>SESSION</sessionId><resourcePath>sales_order_invoice.info</resourcePath>{args}</call>"
    return envelope(body, f"{ENCODING} {TYPES} {attributes}")


def references_to_one_text() -> bytes:
    items, text = '<a href="#t"/>' * 33_000, "x" * 490_000
    return call(f'<args>{items}</args><t id="t">{text}</t>')


def references_in_a_lattice() -> bytes:
    """Each level holds the next one ten times."""
    levels = "".join(f'<l id="l{n}">' + f'<a href="#l{n + 1}"/>' * 10 + "</l>" for n in range(40))
    return call(f'<args href="#l0"/>{levels}<l id="l40">x</l>')


def references_to_one_filter() -> bytes:
    """The same for a declared type, whose member is long."""
    items, key = '<item href="#t"/>' * 20_000, "x" * 200_000
    return envelope(
        f"<salesOrderInvoiceList><sessionId>SESSION</sessionId><filters><filter>{items}</filter></filters>"
        f'</salesOrderInvoiceList><t id="t"><key>{key}</key><value>1</value></t>'
    )


def arrays_of_many_dimensions() -> bytes:
    size = ",".join(["1"] * 100)
    return call(f'<args c:arrayType="x:string[{size}]">{"<a/>" * 19_000}</args>')


def arrays_of_few_but_long_dimensions() -> bytes:
    items = numbered('<a c:position="[@,@,@,@,@,@,@,@]"/>', 49_000)
    return call(f'<args c:arrayType="x:string[,,,,,,,]">{items}</args>')


def declarations_around_typed_elements() -> bytes:
    declarations = numbered('xmlns:p@="u" ', 9_000)
    return call("<args>" + '<a i:type="x:string"/>' * 12_000 + "</args>", declarations)


def declarations_in_depth() -> bytes:
    depth, each = 120, 70
    opening = "".join("<d " + numbered(f'xmlns:p{level}_@="u" ', each) + ">" for level in range(depth))
    return call("<args>" + opening + '<a i:type="x:string"/>' * 12_000 + "</d>" * depth + "</args>")


def attributes_on_one_element() -> bytes:
    return call("<args " + numbered('a@="" ', 600_000) + "/>")


def attributes_on_many_elements() -> bytes:
    return call("<args>" + ("<a " + numbered('a@="" ', 9) + "/>") * 85_000 + "</args>")


def elements() -> bytes:
    return call(f"<args>{'<a></a>' * 99_000}</args>")


def undeclared_prefixes() -> bytes:
    return call(f"<args>{numbered('<p@:a/>', 90_000)}</args>")


def one_text() -> bytes:
    return call(f"<args>{'x' * (MAX_BODY - 3000)}</args>")


def jsonrpc(args: str) -> bytes:
    """A JSON-RPC call with these arguments."""
    params = f'["SESSION","sales_order_invoice.info",{args}]'
    return f'{{"jsonrpc":"2.0","id":1,"method":"call","params":{params}}}'.encode()


def filled(item: str, size: int = MAX_BODY - 200) -> str:
    """As many items as there is room for."""
    return ",".join([item] * (size // (len(item) + 1)))


def json_batch() -> bytes:
    return f"[{filled('0')}]".encode()


def rest_lists() -> bytes:
    return f'{{"items":[{filled("[]")}]}}'.encode()


def xmlrpc(params: str) -> bytes:
    """An XML-RPC call with these parameters behind session and path."""
    path = "<param><value>SESSION</value></param><param><value>sales_order_invoice.info</value></param>"
    head = "<?xml version='1.0'?><methodCall><methodName>call</methodName><params>"
    return f"{head}{path}{params}</params></methodCall>".encode()


def xmlrpc_items(item: str, number: int) -> bytes:
    return xmlrpc(f"<param><value><array><data>{item * number}</data></array></value></param>")


SOAP, XMLRPC, JSONRPC, REST = "/api/v2_soap", "/api/xmlrpc", "/api/jsonrpc", "/rest/V1/integration/admin/token"
V1 = "/api/soap"
DOCUMENTS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "references to one text": (V1, references_to_one_text),
    "references in a lattice": (V1, references_in_a_lattice),
    "references to one filter": (SOAP, references_to_one_filter),
    "arrays of many dimensions": (V1, arrays_of_many_dimensions),
    "arrays of long dimensions": (V1, arrays_of_few_but_long_dimensions),
    "declarations around typed elements": (V1, declarations_around_typed_elements),
    "declarations in depth": (V1, declarations_in_depth),
    "attributes on one element": (V1, attributes_on_one_element),
    "attributes on many elements": (V1, attributes_on_many_elements),
    "elements": (V1, elements),
    "undeclared prefixes": (V1, undeclared_prefixes),
    "one text": (V1, one_text),
    "JSON lists": (JSONRPC, lambda: jsonrpc(f"[{filled('[]')}]")),
    "JSON objects": (JSONRPC, lambda: jsonrpc("[" + filled('{"":[]}') + "]")),
    "JSON members": (JSONRPC, lambda: jsonrpc("{" + numbered('"@":0,', 650_000) + '"":0}')),
    "JSON batch": (JSONRPC, json_batch),
    "JSON depth": (JSONRPC, lambda: b"[" * MAX_BODY),
    "JSON depth, closed": (JSONRPC, lambda: jsonrpc("[" * 900 + "]" * 900)),
    "JSON integer": (JSONRPC, lambda: jsonrpc("1" * (MAX_BODY - 200))),
    "JSON float": (JSONRPC, lambda: jsonrpc("1." + "1" * (MAX_BODY - 200))),
    "JSON text": (JSONRPC, lambda: jsonrpc('"' + "x" * (MAX_BODY - 200) + '"')),
    "JSON escapes": (JSONRPC, lambda: jsonrpc('"' + "\\ud83d\\ude00" * (MAX_BODY // 12 - 20) + '"')),
    "REST lists": (REST, rest_lists),
    "XML-RPC values": (XMLRPC, lambda: xmlrpc_items("<value/>", 99_000)),
    "XML-RPC structs": (XMLRPC, lambda: xmlrpc_items("<value><struct/></value>", 49_000)),
    "XML-RPC attributes": (XMLRPC, lambda: xmlrpc("<param " + numbered('a@="" ', 600_000) + "/>")),
    "XML-RPC integer": (XMLRPC, lambda: xmlrpc(f"<param><value><int>{'1' * 7_000_000}</int></value></param>")),
    "XML-RPC double": (XMLRPC, lambda: xmlrpc(f"<param><value><double>{'1' * 7_000_000}</double></value></param>")),
    "XML-RPC name": (XMLRPC, lambda: xmlrpc(f"<param><{'x' * 7_000_000}/></param>")),
    "XML-RPC depth": (XMLRPC, lambda: xmlrpc("<param><value><array><data>" * 300_000)),
    "XML-RPC text": (XMLRPC, lambda: xmlrpc(f"<param><value>{'x' * 8_000_000}</value></param>")),
}


def new_names(request: int, number: int) -> bytes:
    """A document with names of 60 characters that no other request has."""
    form = f"<r{request}_@_{'x' * 50}/>"
    return call(f"<args>{numbered(form, number)}</args>")


def within_bounds(cost: Cost) -> None:
    assert cost.processor < 2
    assert cost.memory < 64 * MEGABYTE
    assert cost.left_over < 64 * MEGABYTE
    assert cost.longest_wait < 0.2


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_costs_little_however_it_is_made(shop: Target, name: str) -> None:
    path, build = DOCUMENTS[name]
    body = build().replace(b"SESSION", shop.session().encode())
    assert len(body) <= MAX_BODY
    with shop.attacked() as cost:
        shop.post(path, body)
    within_bounds(cost)


@pytest.mark.parametrize(("requests", "number"), [(16, 60_000), (1000, 800)], ids=["large", "small"])
def test_names_are_forgotten(shop: Target, requests: int, number: int) -> None:
    for request in range(16):
        shop.post(V1, new_names(request, number))  # what an allocator keeps for the next request is no leak
    with shop.attacked() as cost:
        for request in range(16, 16 + requests):
            shop.post(V1, new_names(request, number))
    assert cost.left_over < SLACK
    assert cost.memory < 64 * MEGABYTE
    assert cost.longest_wait < 0.2


LIST = "sales_order_invoice.list"


def many_lists(session: str) -> dict[str, tuple[str, bytes]]:
    """A request for a thousand lists of everything, in each way to put it."""
    calls: list[Any] = [[LIST, []]] * 1000
    batch = [{"jsonrpc": "2.0", "id": 1, "method": LIST, "params": [session]}] * 1000
    entries = [{"methodName": "call", "params": [session, LIST]}] * 1000
    items = f'<item c:arrayType="x:string[1]"><a>{LIST}</a></item>' * 1000
    return {
        "multiCall in SOAP": (
            V1,
            envelope(
                f"<multiCall><sessionId>{session}</sessionId><calls>{items}</calls></multiCall>", f"{ENCODING} {TYPES}"
            ),
        ),
        "multiCall in XML-RPC": (XMLRPC, dumps((session, calls), "multiCall").encode()),
        "system.multicall": (XMLRPC, dumps((entries,), "system.multicall").encode()),
        "multiCall in JSON-RPC": (
            JSONRPC,
            json.dumps({"jsonrpc": "2.0", "id": 1, "method": "multiCall", "params": [session, calls]}).encode(),
        ),
        "batch": (JSONRPC, json.dumps(batch).encode()),
    }


@pytest.mark.parametrize("name", list(many_lists("")))
def test_a_thousand_lists_do_not_fill_the_memory(shop: Target, name: str) -> None:
    path, body = many_lists(shop.session())[name]
    with shop.attacked() as cost:
        _, answer = shop.post(path, body)
    within_bounds(cost)
    assert b"too large; call again" in answer


def test_a_thousand_invoices_are_answered(shop: Target) -> None:
    calls = [["sales_order_invoice.info", [INVOICE]]] * 1000
    (results,), _ = loads(shop.post(XMLRPC, dumps((shop.session(), calls), "multiCall").encode())[1])
    assert isinstance(results, list)
    assert {result["increment_id"] for result in results} == {INVOICE}
