"""Every endpoint is generated from the registry: a resource that is added there can be called through all of them."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from werkzeug.test import Client

from magento_soap import app
from magento_soap.api.arguments import Parameter
from magento_soap.api.faults import ApiFault, Fault, FaultTable
from magento_soap.api.resources import Method, Registry, Resource, methods
from magento_soap.api.values import Value
from magento_soap.demo import demo_rows
from magento_soap.protocols.soap.references import References
from magento_soap.protocols.soap.untyped_reader import read_any
from magento_soap.protocols.soap.writer import SOAP11, AnyWriter
from magento_soap.settings import Settings
from magento_soap.storage import Database
from tests.unit.protocols.soap.wire import envelope

BROKEN = Fault("100", "broken", "The toy is broken.")


def wind_up(toy: Value, turns: Value) -> dict[str, Any]:
    """A toy's only trick."""
    if toy == "broken":
        raise ApiFault(BROKEN)
    return {"toy": toy, "turns": turns, "worn": None}


TOYS = Resource(
    name="toy_box",
    title="Toys",
    acl="toys",
    aliases=("toys",),
    methods=methods(
        Method(
            "windUp", "Wind up", "toys/wind", (Parameter("toy", required=True), Parameter("turns", default=1)), wind_up
        )
    ),
    faults=FaultTable(BROKEN),
)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """The whole server in process, its registry with one more resource than usual."""
    registry_of = app.create_registry
    monkeypatch.setattr(app, "create_registry", lambda *args: Registry(*registry_of(*args), TOYS))
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'shop.sqlite'}")
    database = Database(settings.database_url)
    database.create()
    database.load(demo_rows())
    yield Client(app.create_app(settings, database))
    database.close()


Ask = Callable[..., Any]


def soap_v1(shop: Client) -> Ask:
    """Calls operations of SOAP V1; a fault is given back as its code and text."""

    def ask(operation: str, *arguments: Value) -> Any:
        parts: list[str] = []
        for argument in arguments:
            AnyWriter(SOAP11).write("part", argument, parts.append)
        answer = shop.post("/api/soap/", data=envelope(f"<ns1:{operation}>{''.join(parts)}</ns1:{operation}>"))
        (result,) = etree.fromstring(answer.data)[0]
        if result.tag.endswith("Fault"):
            return result.findtext("faultcode"), result.findtext("faultstring")
        return read_any(result[0], References(result))

    return ask


def xml_rpc(shop: Client) -> Ask:
    """Calls methods of XML-RPC."""

    def ask(method: str, *arguments: Value) -> Any:
        body = xmlrpc.client.dumps(arguments, method, allow_none=True)
        try:
            return xmlrpc.client.loads(shop.post("/api/xmlrpc", data=body).text)[0][0]
        except xmlrpc.client.Fault as fault:
            return str(fault.faultCode), fault.faultString

    return ask


def json_rpc(shop: Client) -> Ask:
    """Calls methods of JSON-RPC."""

    def ask(method: str, *arguments: Value) -> Any:
        body = {"jsonrpc": "2.0", "method": method, "params": arguments, "id": 1}
        answer = shop.post("/api/jsonrpc", json=body).get_json()
        if "error" in answer:
            return answer["error"]["data"]["faultCode"], answer["error"]["message"]
        return answer["result"]

    return ask


ENDPOINTS = {"SOAP V1": soap_v1, "XML-RPC": xml_rpc, "JSON-RPC": json_rpc}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_new_resource_appears_at_every_endpoint(shop: Client, endpoint: str) -> None:
    ask = ENDPOINTS[endpoint](shop)
    session = ask("login", "apiUser", "apiKey")
    wound = {"toy": "mouse", "turns": "3", "worn": None}
    assert ask("call", session, "toy_box.windUp", ["mouse", "3"]) == wound
    if endpoint != "XML-RPC":  # whose arguments are an array by their position
        assert ask("call", session, "toys.windUp", {"turns": "3", "toy": "mouse"}) == wound
    assert ask("call", session, "toy_box.windUp", ["broken"]) == ("100", "The toy is broken.")
    assert ask("call", session, "toy_box.windUp", [])[0] == "6"
    assert ask("call", session, "toy_box.nope", [])[0] == "3"
    assert ask("multiCall", session, [["toys.windUp", ["mouse", "3"]], ["toys.nope"]])[0] == wound
    (described,) = [resource for resource in ask("resources", session) if resource["name"] == "toy_box"]
    assert [method["path"] for method in described["methods"]] == ["toy_box.windUp"]
    assert ask("resourceFaults", session, "toys") == [{"code": "100", "message": "The toy is broken."}]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_a_new_resource_is_closed_to_whom_it_was_not_opened(shop: Client, endpoint: str) -> None:
    ask = ENDPOINTS[endpoint](shop)
    session = ask("login", "readonly", "apiKey")
    assert ask("call", session, "toy_box.windUp", ["mouse"]) == ("2", "Access denied.")
    assert [r["name"] for r in ask("resources", session) if r["name"] == "toy_box"] == []
