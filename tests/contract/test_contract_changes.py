"""A changed WSDL is reported in words: what changed, and which clients that breaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from .contract_changes import changes, contract_of

WSDL = Path(__file__).parents[2] / "wsdl"
LINE = "\n          "


OPERATIONS = (WSDL / "v2.wsdl").read_text(encoding="utf-8").count("<soap:operation ")
STRUCTS = (WSDL / "v2.wsdl").read_text(encoding="utf-8").count("<all>")


def report(file: str, old: str, new: str, times: int | None = 1) -> list[str]:
    text = (WSDL / file).read_text(encoding="utf-8")
    assert times is None or text.count(old) == times, "the change would not be the one that is meant"
    return list(changes(contract_of(text.encode()), contract_of(text.replace(old, new).encode())))


def test_nothing_changed_nothing_said() -> None:
    assert report("v2.wsdl", "wsdl:service", "wsdl:service", 2) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "what", "whom"),
    [
        pytest.param(
            "v2.wsdl",
            '<wsdl:part name="apiKey" type="xsd:string"/>',
            '<wsdl:part name="password" type="xsd:string"/>',
            "message login: part apiKey became password.",
            ["by name", "zeep", "node soap", ".NET"],
            id="part renamed",
        ),
        pytest.param(
            "v2.wsdl",
            '<wsdl:part name="creditmemoData" type="typens:salesOrderCreditmemoData"/>',
            '<wsdl:part name="creditmemoData" type="xsd:anyType"/>',
            "message salesOrderCreditmemoCreateRequest: part creditmemoData: typens:salesOrderCreditmemoData became "
            "xsd:anyType.",
            ["typed stacks", "Axis", ".NET"],
            id="part retyped",
        ),
        pytest.param(
            "v2.wsdl",
            '<wsdl:part name="carrier" type="xsd:string"/>',
            "",
            "message salesOrderShipmentAddTrackRequest: part carrier is gone.",
            ["positional", "by name"],
            id="part dropped",
        ),
        pytest.param(
            "v2.wsdl",
            '<wsdl:part name="apiKey" type="xsd:string"/>',
            '<wsdl:part name="apiKey" type="xsd:string"/><wsdl:part name="token" type="xsd:string"/>',
            "message login: part token is new.",
            ["unless it is the last"],
            id="part added",
        ),
        pytest.param(
            "v2.wsdl",
            '<wsdl:part name="username" type="xsd:string"/>\n    <wsdl:part name="apiKey" type="xsd:string"/>',
            '<wsdl:part name="apiKey" type="xsd:string"/><wsdl:part name="username" type="xsd:string"/>',
            "message login: parts are in the order apiKey, username.",
            ["positional", "PHP", "zeep", "suds", "SOAP::Lite"],
            id="parts swapped",
        ),
        pytest.param(
            "v2.wsdl",
            '<element name="cybersource_token" type="xsd:string" minOccurs="0"/>',
            "",
            "type salesOrderCreditmemoEntity: member cybersource_token is gone.",
            ["Axis beans", "gSOAP structs"],
            id="member dropped",
        ),
        pytest.param(
            "v2.wsdl",
            f'<element name="code" type="xsd:string"/>{LINE}<element name="message" type="xsd:string"/>',
            '<element name="message" type="xsd:string"/><element name="code" type="xsd:string"/>',
            "type existsFaltureEntity: members are in the order message, code.",
            ["Axis beans", ".NET"],
            id="members swapped",
        ),
        pytest.param(
            "v2.wsdl",
            '<element name="qty" type="xsd:double"/>',
            '<element name="quantity" type="xsd:double"/>',
            "type orderItemIdQty: member qty became quantity.",
            ["Axis beans", ".NET classes"],
            id="member renamed",
        ),
        pytest.param(
            "v2.wsdl",
            '<element name="qty" type="xsd:double"/>',
            '<element name="qty" type="xsd:string"/>',
            "type orderItemIdQty: member qty: xsd:double became xsd:string.",
            ["typed stacks"],
            id="member retyped",
        ),
        pytest.param(
            "v2.wsdl",
            '<element name="qty" type="xsd:double"/>',
            '<element name="qty" type="xsd:double" minOccurs="0"/>',
            "type orderItemIdQty: member qty: required became optional.",
            ["null", "Axis", "gSOAP"],
            id="member optional",
        ),
        pytest.param(
            "v2.wsdl",
            'wsdl:arrayType="typens:orderItemIdQty[]"',
            'wsdl:arrayType="xsd:anyType[]"',
            "type orderItemIdQtyArray: typens:orderItemIdQty[] became xsd:anyType[].",
            ["arrays", "SoapVar"],
            id="array of another type",
        ),
        pytest.param(
            "v2.wsdl",
            '<complexType name="magentoInfoEntity">',
            '<complexType name="MagentoInfo">',
            "type magentoInfoEntity became MagentoInfo.",
            ["Axis beans", "classmap"],
            id="type renamed",
        ),
        pytest.param(
            "v2.wsdl",
            "<wsdl:documentation>Capture invoice</wsdl:documentation>",
            "<wsdl:documentation>Captures</wsdl:documentation>",
            "operation salesOrderInvoiceCapture: Capture invoice became Captures.",
            ["nobody"],
            id="documentation",
        ),
        pytest.param(
            "v2.wsdl",
            '<wsdl:input message="typens:salesOrderInvoiceVoidRequest"/>',
            '<wsdl:input message="typens:salesOrderInvoiceCancelRequest"/>',
            "operation salesOrderInvoiceVoid: salesOrderInvoiceVoidRequest became salesOrderInvoiceCancelRequest.",
            ["unless the other message has the same parts"],
            id="another message",
        ),
        pytest.param(
            "v2.wsdl",
            '<wsdl:output message="typens:loginResponse"/>',
            "",
            "operation login: loginResponse became nothing.",
            ["every client"],
            id="no answer any more",
        ),
        pytest.param(
            "v2-wsi.wsdl",
            '<wsdl:part name="parameters" element="typens:loginParam"/>',
            '<wsdl:part name="parameters" element="typens:endSessionParam"/>',
            "message login: part parameters: typens:loginParam became typens:endSessionParam.",
            ["typed stacks"],
            id="WS-I: another element",
        ),
        pytest.param(
            "v2-wsi.wsdl",
            '<element minOccurs="1" maxOccurs="1" name="carrier" type="xsd:string"/>',
            '<element minOccurs="0" maxOccurs="1" name="carrier" type="xsd:string"/>',
            "element salesOrderShipmentAddTrackRequestParam: child carrier: required became optional.",
            ["left out", ".NET"],
            id="WS-I: child optional",
        ),
        pytest.param(
            "v2-wsi.wsdl",
            '<element minOccurs="1" maxOccurs="1" name="apiKey" type="xsd:string"/>',
            '<element minOccurs="1" maxOccurs="1" name="key" type="xsd:string"/>',
            "element loginParam: child apiKey became key.",
            ["by name", "PHP"],
            id="WS-I: child renamed",
        ),
        pytest.param(
            "v2-wsi.wsdl",
            'maxOccurs="unbounded" name="complexObjectArray" type="typens:orderItemIdQty"',
            'maxOccurs="1" name="complexObjectArray" type="typens:orderItemIdQty"',
            "type orderItemIdQtyArray: member complexObjectArray: 0..unbounded became optional.",
            ["null"],
            id="WS-I: no array any more",
        ),
    ],
)
def test_a_change_is_named_with_whom_it_breaks(file: str, old: str, new: str, what: str, whom: list[str]) -> None:
    (sentence,) = report(file, old, new)
    assert sentence.startswith(f"{what} Breaks ")
    assert [client for client in whom if client not in sentence] == []


@pytest.mark.parametrize(
    ("old", "new", "times", "what", "whom"),
    [
        ("_V2_HandlerPortType", "PortType", 2, "portType", "svcutil (...PortTypeClient)"),
        ("_V2_HandlerBinding", "Binding", 2, "binding", "Axis (...BindingStub)"),
        ('"MagentoService"', '"ShopService"', 1, "service", "Axis (...ServiceLocator)"),
        ('_V2_HandlerPort"', 'Port"', 1, "port", "JAX-WS (get...Port)"),
        ("_V2_HandlerAction", "Action", OPERATIONS, "soapAction", "nobody here"),
        ('style="rpc"', 'style="document"', 1, "style", "everybody"),
        ('use="encoded"', 'use="literal"', 2 * OPERATIONS, "body", "everybody"),
        ("soap/http", "soap/smtp", 1, "transport", "everybody"),
        ("all>", "sequence>", 2 * STRUCTS, "group", "strict readers"),
    ],
)
def test_a_changed_name_breaks_what_was_generated_of_it(
    old: str, new: str, times: int | None, what: str, whom: str
) -> None:
    (sentence,) = report("v2.wsdl", old, new, times)
    assert sentence.startswith(f"{what} ")
    assert whom in sentence


def test_one_soap_action_of_many() -> None:
    wsdl = (WSDL / "v2.wsdl").read_text(encoding="utf-8")
    changed = wsdl.replace("urn:Mage_Api_Model_Server_V2_HandlerAction", "urn:Action", 1)
    (sentence,) = changes(contract_of(wsdl.encode()), contract_of(changed.encode()))
    assert "became 'urn:Action, urn:Mage_Api_Model_Server_V2_HandlerAction'" in sentence


def test_another_namespace_is_another_name_for_everything() -> None:
    (sentence, *_) = report("v2-wsi.wsdl", "urn:Magento", "urn:OpenMage", 3)
    assert sentence.startswith("namespace 'urn:Magento' became 'urn:OpenMage'. Breaks all typed stacks")


def test_an_operation_that_is_gone_takes_its_messages_along() -> None:
    contract = contract_of((WSDL / "v2.wsdl").read_bytes())
    less = {
        **contract,
        "operations": [entry for entry in contract["operations"] if entry[0] != "salesOrderInvoiceVoid"],
        "messages": {
            n: parts for n, parts in contract["messages"].items() if not n.startswith("salesOrderInvoiceVoid")
        },
    }
    assert [sentence.partition(". ")[0] for sentence in changes(contract, less)] == [
        "operation salesOrderInvoiceVoid is gone",
        "message salesOrderInvoiceVoidRequest is gone",
        "message salesOrderInvoiceVoidResponse is gone",
    ]
    assert "every client that calls it" in next(changes(contract, less))
    assert next(changes(less, contract)).startswith("operation salesOrderInvoiceVoid is new. Breaks nobody")


def test_declarations_in_another_order_break_nobody() -> None:
    contract = contract_of((WSDL / "v2-wsi.wsdl").read_bytes())
    for kind in ("messages", "types", "elements"):
        turned = {**contract, kind: dict(reversed(contract[kind].items()))}
        (sentence,) = changes(contract, turned)
        assert " are in the order " in sentence
        assert "Breaks nobody" in sentence
