"""WS-I's Basic Profile 1.1: the description of the WS-I endpoint and what it sends keep the rules, one test for each.

Each rule is also shown a document that breaks it.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from lxml import etree
from werkzeug.test import TestResponse

from magento_soap.protocols.soap import SoapEndpoint
from tests.unit.protocols.soap.wire import RecordingApi

from . import basic_profile as rules
from .basic_profile import DESCRIPTION, ENVELOPE, SOAP, Rule
from .contract_changes import S
from .wsi_client import body_of, demo_client


def number(rule: Rule) -> str:
    return rule.__name__.upper()


@pytest.fixture(scope="module")
def wsdl() -> bytes:
    return SoapEndpoint(RecordingApi(), style="wsi").wsdl("http://magentohost/api/v2_soap_wsi/")


@pytest.mark.parametrize("rule", DESCRIPTION, ids=number)
def test_the_description(wsdl: bytes, rule: Rule) -> None:
    assert list(rule(etree.fromstring(wsdl))) == []


BODY = '<soap:body use="literal"/>'
PART = '<wsdl:part name="parameters" element="typens:loginParam"/>'
RESULT = '<wsdl:part name="parameters" element="typens:loginResponseParam"/>'
OPERATION = '<wsdl:operation name="login">\n      '
FIRST_TYPE = '<complexType name="associativeEntity">'
BROKEN_DESCRIPTIONS: Mapping[Rule, Mapping[str, str]] = {
    rules.r2001: {"<wsdl:types>": '<wsdl:import namespace="urn:x" location="x.xsd"/><wsdl:types>'},
    rules.r2003: {"<wsdl:types>": '<wsdl:types><xsd:import namespace="urn:x"/>'},
    rules.r2004: {FIRST_TYPE: f'<import namespace="urn:x" schemaLocation="x.wsdl"/>{FIRST_TYPE}'},
    rules.r2023: {"<wsdl:types>": '<wsdl:message name="early"/><wsdl:types>'},
    rules.r2026: {"<soap:binding ": '<soap:binding wsdl:required="true" '},
    rules.r2030: {"</wsdl:portType>": "<wsdl:documentation/></wsdl:portType>"},
    rules.r2101: {PART: '<wsdl:part name="parameters" element="soapenc:string"/>'},
    rules.r2102: {'type="typens:filters"': 'type="soapenc:string"'},
    rules.r2105: {'XMLSchema" targetNamespace="urn:Magento"': 'XMLSchema"'},
    rules.r2110: {FIRST_TYPE: f'<complexType name="A"><restriction base="soapenc:Array"/></complexType>{FIRST_TYPE}'},
    rules.r2111: {FIRST_TYPE: f'<attribute wsdl:arrayType="xsd:string[]"/>{FIRST_TYPE}'},
    rules.r2112: {'<element name="loginParam">': '<element name="ArrayOfLogins">'},
    rules.r2201: {BODY: '<soap:body use="literal" parts="parameters others"/>'},
    rules.r2204: {PART: '<wsdl:part name="parameters" type="xsd:string"/>'},
    rules.r2205: {BODY: f'{BODY}<soap:header use="literal" message="typens:login" part="other"/>'},
    rules.r2206: {PART: '<wsdl:part name="parameters" element="typens:filters"/>'},
    rules.r2209: {BODY: '<soap:body use="literal" parts=""/>'},
    rules.r2210: {PART: PART + PART.replace("parameters", "others")},
    rules.r2303: {'<wsdl:input message="typens:login"/>': ""},
    rules.r2304: {OPERATION: OPERATION.replace("login", "resources")},
    rules.r2305: {
        RESULT: RESULT + RESULT.replace("parameters", "others"),
        OPERATION: OPERATION.replace(">", ' parameterOrder="">'),
    },
    rules.r2306: {PART: PART.replace("/>", ' type="xsd:string"/>')},
    rules.r2401: {'<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>': ""},
    rules.r2701: {' transport="http://schemas.xmlsoap.org/soap/http"': ""},
    rules.r2702: {"soap/http": "soap/smtp"},
    rules.r2705: {'style="document"': 'style="rpc"'},
    rules.r2706: {BODY: '<soap:body use="encoded"/>'},
    rules.r2710: {PART: '<wsdl:part name="parameters" element="typens:endSessionParam"/>'},
    rules.r2711: {"</wsdl:port>": '</wsdl:port><soap:address location="http://magentohost/api/v2_soap_wsi/"/>'},
    rules.r2716: {BODY: '<soap:body use="literal" namespace="urn:Magento"/>'},
    rules.r2718: {f"{OPERATION}<soap:": f"{OPERATION.replace('login', 'logon')}<soap:"},
    rules.r2720: {BODY: f'{BODY}<soap:header use="literal" message="typens:login"/>'},
    rules.r2721: {BODY: f'{BODY}<soap:fault use="literal"/>'},
    rules.r2723: {BODY: f'{BODY}<soap:fault name="fault" use="encoded"/>'},
    rules.r2749: {BODY: f'{BODY}<soap:header use="literal" message="typens:login" parts="parameters"/>'},
    rules.r2754: {
        f"<wsdl:output>\n        {BODY}\n      </wsdl:output>": f"<wsdl:output>{BODY}</wsdl:output>"
        '<wsdl:fault name="fault"><soap:fault name="error" use="literal"/></wsdl:fault>'
    },
    rules.r2801: {
        '<schema xmlns="http://www.w3.org/2001/XMLSchema"': '<schema xmlns="http://www.w3.org/1999/XMLSchema"'
    },
    rules.r4003: {'encoding="UTF-8"': 'encoding="ISO-8859-1"'},
    rules.r4004: {'<?xml version="1.0"': '<?xml version="1.1"'},
    rules.r5001: {'location="http://magentohost': 'location="mailto:magentohost'},
}


def broken(document: bytes, replacements: Mapping[str, str]) -> etree._Element:
    """The document with each first occurrence replaced."""
    text = document.decode()
    for old, new in replacements.items():
        assert old in text
        text = text.replace(old, new, 1)
    return etree.fromstring(text.encode(), etree.XMLParser(recover=False))


@pytest.mark.parametrize("rule", DESCRIPTION, ids=number)
def test_a_broken_description_is_noticed(wsdl: bytes, rule: Rule) -> None:
    assert list(rule(broken(wsdl, BROKEN_DESCRIPTIONS[rule]))) != []


@pytest.fixture(scope="module")
def shop(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("profile") / "shop.sqlite"
    shutil.copy(demo_database, path)
    return path


@pytest.fixture(scope="module")
def faults(shop: Path) -> dict[str, TestResponse]:
    with demo_client(shop) as client:
        return dict(client.faults())


@pytest.fixture(scope="module")
def answers(shop: Path, faults: dict[str, TestResponse]) -> list[TestResponse]:
    with demo_client(shop) as client:
        return [answer for _, answer in client.answers()]


@pytest.mark.parametrize("rule", ENVELOPE, ids=number)
def test_every_envelope(answers: list[TestResponse], faults: dict[str, TestResponse], rule: Rule) -> None:
    for answer in (*answers, *faults.values()):
        assert list(rule(etree.fromstring(answer.data))) == [], answer.text


CHILD = "<ns1:loginResponseParam>"
BROKEN_ENVELOPES: Mapping[Rule, Mapping[str, str]] = {
    rules.r1005: {"<SOAP-ENV:Body>": '<SOAP-ENV:Body SOAP-ENV:encodingStyle="urn:x">'},
    rules.r1006: {CHILD: '<ns1:loginResponseParam SOAP-ENV:encodingStyle="urn:x">'},
    rules.r1008: {"<SOAP-ENV:Envelope": "<!DOCTYPE x><SOAP-ENV:Envelope"},
    rules.r1009: {CHILD: f"{CHILD}<?php echo 1 ?>"},
    rules.r1011: {"</SOAP-ENV:Body>": "</SOAP-ENV:Body><ns1:trailer/>"},
    rules.r1012: {'encoding="UTF-8"': 'encoding="ISO-8859-1"'},
    rules.r1014: {CHILD: "<loginResponseParam>", CHILD.replace("<", "</"): "</loginResponseParam>"},
    rules.r1032: {"<SOAP-ENV:Body>": '<SOAP-ENV:Body SOAP-ENV:actor="urn:x">'},
    rules.r2113: {
        "<result>": '<result xmlns:e="http://schemas.xmlsoap.org/soap/encoding/" e:arrayType="xsd:string[1]">'
    },
    rules.r9980: {"<SOAP-ENV:Body>": "<SOAP-ENV:Main>", "</SOAP-ENV:Body>": "</SOAP-ENV:Main>"},
    rules.r9981: {"</SOAP-ENV:Body>": "<ns1:more/></SOAP-ENV:Body>"},
}
BROKEN_FAULTS: Mapping[Rule, Mapping[str, str]] = {
    rules.r1000: {"</SOAP-ENV:Fault>": "<reason/></SOAP-ENV:Fault>"},
    rules.r1001: {"</SOAP-ENV:Fault>": "<SOAP-ENV:detail/></SOAP-ENV:Fault>"},
    rules.r1031: {"<faultcode>2<": "<faultcode>SOAP-ENV:Client.Authentication<"},
}


@pytest.mark.parametrize("rule", ENVELOPE, ids=number)
def test_a_broken_envelope_is_noticed(answers: list[TestResponse], faults: dict[str, TestResponse], rule: Rule) -> None:
    fault = BROKEN_FAULTS.get(rule)
    document = broken(answers[0].data, BROKEN_ENVELOPES[rule]) if fault is None else broken(faults["2"].data, fault)
    assert list(rule(document)) != []


# HTTP


def test_r1124_r1111_answers_are_200(answers: list[TestResponse]) -> None:
    """R1124: success is a status of 2xx; R1111, SHOULD: an envelope that is no fault comes with 200."""
    assert {answer.status for answer in answers} == {"200 OK"}


def test_r1018_the_media_type_says_the_encoding(answers: list[TestResponse], faults: dict[str, TestResponse]) -> None:
    """R1018 (Basic Profile 1.0, of which the Simple SOAP Binding Profile took it over): charset in Content-Type."""
    for answer in (*answers, *faults.values()):
        assert answer.mimetype == "text/xml"
        assert answer.mimetype_params["charset"].lower() == "utf-8"


def test_r1126_faults_are_500_where_the_profile_is_asked_for(shop: Path) -> None:
    """R1126: an envelope with a Fault comes with 500. The setting ``wsi_fault_status`` asks for it."""
    with demo_client(shop, wsi_fault_status="basic-profile") as client:
        assert {answer.status_code for _, answer in client.faults()} == {500}
        assert client.ask("magentoInfoRequestParam").status_code == 200


def test_r1126_is_not_kept_by_default(faults: dict[str, TestResponse]) -> None:
    """Magento sends the API's faults with 200, and so does this server unless it is told otherwise.

    Faults of the SOAP layer come with 500 from both.
    """
    assert {code: answer.status_code for code, answer in faults.items()} == {
        **{"100": 200, "2": 200, "5": 200},
        **{"Server": 500, "Client": 500, "Sender": 500},
    }


def test_r1125_is_not_kept(faults: dict[str, TestResponse]) -> None:
    """R1125 wants 4xx for a request of the wrong format. As from PHP it is a Fault, and R1126 wants 500 for that."""
    assert faults["Sender"].status_code == 500
    assert body_of(faults["Sender"]).findtext("faultstring") == "Invalid XML"


def test_r1004_is_not_followed_by_faults_of_the_api(faults: dict[str, TestResponse]) -> None:
    """R1004, SHOULD: a fault code is one of SOAP's or a qualified name. Magento's are bare, and clients read them."""
    codes = {kind: body_of(answer).findtext("faultcode") for kind, answer in faults.items()}
    assert codes == {
        **{"100": "100", "2": "2", "5": "5"},
        **{"Server": "SOAP-ENV:Server", "Client": "SOAP-ENV:Client", "Sender": "Sender"},
    }


def test_r2745_the_empty_soap_action_is_described_and_understood(wsdl: bytes, shop: Path) -> None:
    """R2745: where soapAction is empty, requests carry ``SOAPAction: ""`` (R2744 speaks of others).

    R1127: the server does not rely on it.
    """
    assert {operation.get("soapAction") for operation in etree.fromstring(wsdl).iter(f"{S}operation")} == {""}
    with demo_client(shop) as client:
        call = f"<m:magentoInfoRequestParam><sessionId>{client.session}</sessionId></m:magentoInfoRequestParam>"
        for action in ('""', '"urn:Mage_Api_Model_Server_V2_HandlerAction"', "not quoted"):
            assert body_of(client.post(call, {"SOAPAction": action})).tag == "{urn:Magento}magentoInfoResponseParam"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_r4001_a_byte_order_mark_is_accepted(shop: Path, encoding: str) -> None:
    """R4001 (Basic Profile 1.0): a receiver accepts a byte order mark; R1012: UTF-8 and UTF-16."""
    envelope = f'<e:Envelope xmlns:e="{SOAP[1:-1]}"><e:Body/></e:Envelope>'
    with demo_client(shop) as client:
        assert body_of(client.send(envelope.encode(encoding), {})).tag == "{urn:Magento}startSessionResponseParam"


def test_r1015_an_envelope_of_another_namespace_is_refused(shop: Path) -> None:
    """R1015: a Fault for an Envelope that is not SOAP 1.1's. SOAP 1.2 is spoken here as well, beyond the profile."""
    with demo_client(shop) as client:
        answer = client.send(b'<e:Envelope xmlns:e="urn:x"><e:Body/></e:Envelope>', {})
        assert answer.status_code == 500
        assert "VersionMismatch" in answer.text
        soap12 = "http://www.w3.org/2003/05/soap-envelope"
        assert client.send(f'<e:Envelope xmlns:e="{soap12}"><e:Body/></e:Envelope>'.encode(), {}).status_code == 200


def test_r1027_is_not_kept(shop: Path) -> None:
    """R1027 wants a MustUnderstand fault for headers that nobody here understands. They are ignored."""
    header = '<e:Header><m:transaction e:mustUnderstand="1"/></e:Header>'
    envelope = f'<e:Envelope xmlns:e="{SOAP[1:-1]}" xmlns:m="urn:x">{header}<e:Body/></e:Envelope>'
    with demo_client(shop) as client:
        assert body_of(client.send(envelope.encode(), {})).tag == "{urn:Magento}startSessionResponseParam"
