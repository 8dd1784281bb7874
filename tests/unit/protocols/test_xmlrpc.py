"""XML-RPC: what is read, what is refused and how, and what is written (RPC-30..34)."""

from __future__ import annotations

import base64
import xmlrpc.client
from datetime import datetime
from typing import Any
from xmlrpc.client import Binary, Fault

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client as Http

from magento_soap.api.client import Client
from magento_soap.api.faults import ApiFault
from magento_soap.api.faults import Fault as TableEntry
from magento_soap.api.values import Struct, Value
from magento_soap.protocols.xmlrpc import MAX_DEPTH, XmlRpcEndpoint, document, parse, plain
from tests.unit.protocols.soap.wire import RecordingApi

SESSION = "1" * 32
NOT_FOUND = TableEntry("100", "not_exists", "Requested invoice does not exist.")


class Api(RecordingApi):
    """Answers every question with ``answer`` (or raises it) as it is, and keeps what was asked, but not the client."""

    def login(self, client: Client, username: Value, api_key: Value) -> Any:
        return self._answer("login", username, api_key)

    def start_session(self) -> Any:
        return self._answer("startSession")

    def end_session(self, session_id: Value) -> Any:
        return self._answer("endSession", session_id)

    def call(self, client: Client, session_id: Value, path: Value, args: Value, *, typed: bool = False) -> Any:
        assert not typed
        return super().call(client, session_id, path, args)

    def multi_call(
        self, client: Client, session_id: Value, calls: Value, options: Value, *, typed: bool = False
    ) -> Any:
        assert not typed
        return super().multi_call(client, session_id, calls, options)


def answer_to(body: bytes, api: Api | None = None, client: Client | None = None, **options: Any) -> Any:
    """The decoded answer to the bytes of a request. Raises Fault."""
    ((result,), _) = xmlrpc.client.loads(XmlRpcEndpoint(api or Api(), **options).answer(body, client or Client()))
    return result


def call(method: str, *params: Any, api: Api | None = None, client: Client | None = None) -> Any:
    return answer_to(xmlrpc.client.dumps(params, method, allow_none=True).encode(), api, client)


def request(*values: str, method: str = "call") -> bytes:
    """A request whose parameters are the given ``<value>`` elements, written out."""
    params = "".join(f"<param>{value}</param>" for value in values)
    return f"<methodCall><methodName>{method}</methodName><params>{params}</params></methodCall>".encode()


def fault_of(body: bytes, **options: Any) -> Fault:
    with pytest.raises(Fault) as caught:
        answer_to(body, **options)
    return caught.value


def read(value: str) -> Value:
    """A ``<value>`` element as the API gets it."""
    _, (sent,) = parse(request(value))
    return plain(sent)


@pytest.mark.parametrize(
    ("method", "params", "asked"),
    [
        ("login", ["apiUser", "apiKey"], ("login", "apiUser", "apiKey")),
        ("login", ["apiUser"], ("login", "apiUser", None)),
        ("startSession", [], ("startSession",)),
        ("endSession", [SESSION], ("endSession", SESSION)),
        ("endSession", [""], ("endSession", "")),
        ("call", [SESSION, "a.b"], ("call", SESSION, "a.b", [])),
        ("call", [SESSION, "a.b", [1, {"15": "2"}]], ("call", SESSION, "a.b", [1, {"15": "2"}])),
        ("multiCall", [SESSION, [["a.b", ["1"]], "c.d"]], ("multiCall", SESSION, [["a.b", ["1"]], "c.d"], None)),
        ("multiCall", [SESSION, [], [1]], ("multiCall", SESSION, [], [1])),
        ("resources", [SESSION], ("resources", SESSION)),
        ("resourceFaults", [SESSION, "order"], ("resourceFaults", SESSION, "order")),
        ("globalFaults", [], ("globalFaults",)),
        ("globalFaults", [SESSION], ("globalFaults",)),
    ],
)
def test_the_methods(method: str, params: list[Any], asked: tuple[Any, ...]) -> None:
    """RPC-30, API-60"""
    api = Api()
    assert call(method, *params, api=api) is True
    assert api.asked == [asked]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("login", []),
        ("login", ["u", None]),
        ("login", ["u", 5]),
        ("login", ["u", "k", "x"]),
        ("login", [Binary(b"u"), "k"]),
        ("startSession", ["x"]),
        ("endSession", []),
        ("endSession", [None]),
        ("call", [SESSION]),
        ("call", [1, "a.b"]),
        ("call", [None, "a.b"]),
        ("call", [SESSION, None, []]),
        ("call", [SESSION, "a.b", None]),
        ("call", [SESSION, "a.b", "100000001"]),
        ("call", [SESSION, "a.b", 100000001]),
        ("call", [SESSION, "a.b", {"invoiceIncrementId": "100000001"}]),
        ("call", [SESSION, "a.b", [], []]),
        ("multiCall", [SESSION, {}]),
        ("multiCall", [SESSION, [], {"break": 1}]),
        ("multiCall", [SESSION, [], None]),
        ("resources", []),
        ("resourceFaults", [SESSION]),
        ("resourceFaults", [SESSION, 1]),
        ("system.listMethods", [1]),
        ("system.multicall", ["x"]),
    ],
)
def test_other_parameters_do_not_match_the_signature(method: str, params: list[Any]) -> None:
    """RPC-32"""
    api = Api()
    with pytest.raises(Fault) as caught:
        call(method, *params, api=api)
    assert (caught.value.faultCode, caught.value.faultString) == (623, "Calling parameters do not match signature")
    assert api.asked == []


@pytest.mark.parametrize("method", ["Login", "LOGIN", "sales_order_invoice.list", "login ", "nope", "__call__"])
def test_unknown_methods_and_the_case_of_known_ones(method: str) -> None:
    """RPC-34"""
    fault = fault_of(request(method=method))
    assert (fault.faultCode, fault.faultString) == (620, f'Method "{method}" does not exist')


@pytest.mark.parametrize(
    ("method", "quoted"), [("x" * 5000, f"{'x' * 97}..."), (["a", None], "Array"), ({"a": True}, "Array"), (True, "1")]
)
def test_little_of_what_was_sent_is_quoted_and_in_nobodys_programming_language(method: Any, quoted: str) -> None:
    (result,) = call("system.multicall", [{"methodName": method, "params": []}])
    assert result == {"faultCode": 620, "faultString": f'Method "{quoted}" does not exist'}


def test_a_nil_session_needs_basic_credentials() -> None:
    """SES-20, RPC-32"""
    api = Api()
    basic = Client("", "apiUser", "apiKey")
    assert call("call", None, "a.b", ["1"], api=api, client=basic) is True
    assert api.asked == [("call", None, "a.b", ["1"])]
    with pytest.raises(Fault, match="623"):
        call("call", SESSION, None, api=api, client=basic)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<value>text</value>", "text"),
        ("<value> a\n b </value>", " a\n b "),
        ("<value/>", ""),
        ("<value><string/></value>", ""),
        ("<value>\n<string><![CDATA[<b>&]]></string>\n</value>", "<b>&"),
        ("<value><string>a<!-- no -->b&#233;</string></value>", "abé"),
        ("<value><int>-5</int></value>", -5),
        ("<value><i4>5</i4></value>", 5),
        ("<value><i8>5000000000</i8></value>", 5_000_000_000),
        ("<value><ex:i8>5000000000</ex:i8></value>", 5_000_000_000),
        ("<value><double>1.5</double></value>", 1.5),
        ("<value><boolean>1</boolean></value>", True),
        ("<value><boolean>0</boolean></value>", False),
        ("<value><nil/></value>", None),
        ("<value><ex:nil/></value>", None),
        ('<value><e:nil xmlns:e="http://ws.apache.org/xmlrpc/namespaces/extensions"/></value>', None),
        ("<value><base64>MTAwMDAw\nMDA3</base64></value>", "100000007"),
        ("<value><base64>/w==</base64></value>", "\ufffd"),
        ("<value><dateTime.iso8601>20240101T00:00:00</dateTime.iso8601></value>", "20240101T00:00:00"),
        ("<value><array><data/></array></value>", []),
        ("<value><array><data><value>1</value><value><nil/></value></data></array></value>", ["1", None]),
        ("<value><struct/></value>", {}),
        ("<value><struct><member><name>15</name><value><int>1</int></value></member></struct></value>", {"15": 1}),
        ("<value><struct><member><name/><value/></member></struct></value>", {"": ""}),
    ],
)
def test_every_kind_of_value(value: str, expected: Value) -> None:
    """RPC-33"""
    got = read(value)
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize(
    "value",
    [
        "<value><foo>1</foo></value>",
        "<value><int>abc</int></value>",
        "<value><int/></value>",
        "<value><double>x</double></value>",
        "<value><ex:bigdecimal>1</ex:bigdecimal></value>",
        "<value><value/></value>",
        "<value><boolean>yes</boolean></value>",
        "<value><base64>é</base64></value>",
        "<value><string>1</string><string>2</string></value>",
        "<value><string><int>1</int></string></value>",
        "<value><array/></value>",
        "<value><array><value>1</value></array></value>",
        "<value><array><data><string>1</string></data></array></value>",
        "<value><struct><value>1</value></struct></value>",
        "<value><struct><member><name>a</name></member><member><name>b</name></member></struct></value>",
        "<value><struct><member><value>1</value><name>a</name></member></struct></value>",
        "<value><data/></value>",
        "<value><member><name>a</name><value>1</value></member></value>",
        "<value><methodName>login</methodName></value>",
        "<value><fault/></value>",
    ],
)
def test_what_is_no_value(value: str) -> None:
    fault = fault_of(request("<value>x</value>", "<value>a.b</value>", value))
    assert (fault.faultCode, fault.faultString) == (636, "Error creating xmlrpc value")


XXE = "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><methodCall><methodName>&e;</methodName></methodCall>"
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><methodCall><methodName>&b;</methodName></methodCall>'


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", 630),
        (b"garbage", 632),
        (b'{"jsonrpc": "2.0"}', 632),
        (b"   ", 632),
        (b"<methodCall/>", 632),
        (b"<methodCall><params/></methodCall>", 632),
        (b"<methodCall><methodName/></methodCall>", 632),
        (b"<methodCall><params/><methodName>login</methodName></methodCall>", 632),
        (b"<methodCall><methodName>login</methodName><methodName>call</methodName></methodCall>", 632),
        (b"<methodResponse><params/></methodResponse>", 632),
        (b"<html><body>hello</body></html>", 632),
        (b"<methodCall><methodName>login</methodName><params><param/></params></methodCall>", 633),
        (b"<methodCall><methodName>login</methodName><params><value/></params></methodCall>", 636),
        (b"<methodCall><methodName>login</methodName>", 631),
        (b"<methodCall><methodName>login</methodCall>", 631),
        (b"<methodCall><methodName>&nbsp;</methodName></methodCall>", 631),
        (b"<methodCall><methodName>\xff</methodName></methodCall>", 631),
        (b"<methodCall><methodName>\x01</methodName></methodCall>", 631),
        (b"<methodCall><methodName>login</methodName></methodCall><more/>", 631),
        (b'<?xml version="1.0" encoding="nonsense"?><methodCall/>', 631),
        (b'<?xml version="1.0" encoding="big5"?><methodCall/>', 631),
        (b'<?xml version="1.0" encoding="base64"?><methodCall/>', 631),
        (b"<!DOCTYPE x><methodCall><methodName>startSession</methodName></methodCall>", 631),
        (XXE.encode(), 631),
        (XXE.encode("utf-16"), 631),
        (LAUGHS.encode(), 631),
    ],
)
def test_what_is_no_request(body: bytes, code: int) -> None:
    """RPC-34"""
    assert fault_of(body).faultCode == code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_the_document_says_how_it_is_encoded(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{declared}"?>' + request("<value>Grüße</value>", method="x").decode()
    assert parse(text.encode(encoding)) == ("x", ("Grüße",))


def test_size_depth_and_number_of_elements_are_bounded() -> None:
    open_, close = "<value><array><data>", "</data></array></value>"
    assert len(str(read(open_ * 80 + close * 80))) == 160
    for depth in (MAX_DEPTH // 3 + 1, 50_000):
        assert fault_of(request(open_ * depth + close * depth)).faultCode == 630
    many = request(open_ + "<value/>" * 1000 + close)
    assert fault_of(many).faultCode == 623
    assert fault_of(many, max_elements=1000).faultCode == 630
    answer = Http(XmlRpcEndpoint(Api(), max_body=50)).post("/", data=b"<methodCall>" + b" " * 50)
    assert answer.status_code == 200
    with pytest.raises(Fault, match=r"630.*too large"):
        xmlrpc.client.loads(answer.get_data())


@pytest.mark.parametrize("number", ["1e999", "-1e999", "inf", "nan", "1" * 5000])
def test_numbers_are_finite(number: str) -> None:
    for type_ in ("double", "float"):
        assert fault_of(request(f"<value><{type_}>{number}</{type_}></value>")).faultCode == 636


def test_integers_have_few_digits() -> None:
    assert fault_of(request(f"<value><int>{'1' * 100_000}</int></value>")).faultCode == 636


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_tags_are_bounded_in_any_encoding(encoding: str) -> None:
    attributes = " ".join(f'a{number}=""' for number in range(60_000))
    tag = f'<?xml version="1.0" encoding="{encoding}"?>'.encode("utf-16" if encoding == "utf-16" else "ascii")
    codec = "utf-16-le" if encoding == "utf-16" else encoding
    content = f"<methodCall {attributes}><methodName>x</methodName></methodCall>"
    assert fault_of(tag + content.encode(codec)).faultCode == 630
    long_text = f"<methodCall><methodName>{'x' * 300_000}</methodName></methodCall>"
    assert parse(tag + long_text.encode(codec)) == ("x" * 300_000, ())


def test_over_http() -> None:
    """RPC-31: always HTTP 200 and text/xml; SES-20: HTTP Basic."""
    api = Api("sent")
    http = Http(XmlRpcEndpoint(api))
    nil = request("<value><nil/></value>", "<value>a.b</value>")
    credentials = base64.b64encode(b"apiUser:apiKey").decode()
    answer = http.post("/", data=nil, headers={"Authorization": f"Basic {credentials}"})
    assert (answer.status_code, answer.content_type) == (200, "text/xml; charset=UTF-8")
    assert xmlrpc.client.loads(answer.get_data()) == (("sent",), None)
    for refused in (http.post("/", data=nil), http.get("/"), http.post("/", data=b"")):
        assert (refused.status_code, refused.content_type) == (200, "text/xml; charset=UTF-8")
        with pytest.raises(Fault):
            xmlrpc.client.loads(refused.get_data())
    assert http.head("/").get_data() == b""


def test_faults_of_the_api_keep_their_number() -> None:
    """RPC-31"""
    with pytest.raises(Fault) as caught:
        call("call", SESSION, "a.b", api=Api(ApiFault(NOT_FOUND, "<gone> & away")))
    assert (caught.value.faultCode, caught.value.faultString) == (100, "<gone> & away")


def test_what_nobody_foresaw_is_a_reference_to_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """BUG-6: from the API, from its rows, from the writer."""

    def rows() -> Any:
        yield {"invoice_id": "1"}
        raise RuntimeError("secret detail")

    for answer in (RuntimeError("secret detail"), rows(), object()):
        with pytest.raises(Fault) as caught:
            call("call", SESSION, "a.b", api=Api(answer))
        assert caught.value.faultCode == 1
        text, _, reference = caught.value.faultString.partition(" (reference ")
        assert text == "Internal Error. Please see log for details."
        assert len(reference.removesuffix(")")) == 8
        assert reference.removesuffix(")") in capsys.readouterr().out


def test_what_is_written() -> None:
    """RPC-33"""
    written = document([None, "", "1", True, {}, [], Struct(a=[{"b": "2.5000"}])]).decode()
    assert "".join(written.split("\n")) == (
        '<?xml version="1.0" encoding="UTF-8"?><methodResponse><params><param><value><array><data>'
        "<value><nil/></value><value><string></string></value><value><string>1</string></value>"
        "<value><boolean>1</boolean></value><value><struct></struct></value>"
        "<value><array><data></data></array></value>"
        "<value><struct><member><name>a</name><value><array><data><value><struct><member><name>b</name>"
        "<value><string>2.5000</string></value></member></struct></value></data></array></value></member></struct>"
        "</value></data></array></value></param></params></methodResponse>"
    )
    assert call("call", SESSION, "a.b", api=Api(iter([{"a": "1"}, {"a": "2"}]))) == [{"a": "1"}, {"a": "2"}]


def test_characters_that_xml_cannot_carry() -> None:
    """API-45, BUG-33"""
    awkward = {"a\x01b": "a\x00b\x1fc\ud83dd\uffffe\r\nf\tg<&>"}
    assert call("call", SESSION, "a.b", api=Api(awkward)) == {"a&#1;b": "a&#0;b&#31;c\ufffdd&#65535;e\r\nf\tg<&>"}


def test_the_system_methods_describe_the_others() -> None:
    """RPC-30"""
    names = call("system.listMethods")
    assert names[:4] == ["system.listMethods", "system.methodHelp", "system.methodSignature", "system.multicall"]
    assert {"startSession", "endSession", "login", "call", "multiCall"} < set(names)
    assert {"resources", "resourceFaults", "globalFaults"} < set(names)
    assert all(call("system.methodHelp", name) and call("system.methodSignature", name) for name in names)
    assert call("system.methodHelp", "call") == "Call resource functionality"
    assert call("system.methodSignature", "call") == [
        {"returnType": "struct", "parameters": ["string", "string"]},
        {"returnType": "struct", "parameters": ["string", "string", "array"]},
    ]
    for method in ("system.methodHelp", "system.methodSignature"):
        with pytest.raises(Fault, match="620"):
            call(method, "nope")


def test_system_multicall() -> None:
    """RPC-30: results in lists of their own, faults in place of results, no recursion (605)"""
    api = Api("done")
    calls = [
        {"methodName": "call", "params": [SESSION, "a.b", ["1"]]},
        {"methodName": "call", "params": [SESSION]},
        {"methodName": "nope", "params": []},
        {"methodName": "system.multicall", "params": [[]]},
        {"methodName": "login"},
        {"params": []},
        "call",
        {"methodName": "startSession", "params": []},
    ]
    results = call("system.multicall", calls, api=api)
    assert results[0] == results[7] == ["done"]
    assert [result["faultCode"] for result in results[1:7]] == [623, 620, 605, 601, 620, 601]
    assert all(set(result) == {"faultCode", "faultString"} for result in results[1:7])
    assert api.asked == [("call", SESSION, "a.b", ["1"]), ("startSession",)]
    failed = call("system.multicall", calls[:1], api=Api(ApiFault(NOT_FOUND)))
    assert failed == [{"faultCode": 100, "faultString": NOT_FOUND.message}]
    with pytest.raises(Fault, match="1000"):
        call("system.multicall", calls[:1] * 1001)


CHARACTERS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**31), 2**31 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | CHARACTERS
)
JSON_LIKE = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(CHARACTERS, inner, max_size=4), max_leaves=20
)


@given(JSON_LIKE)
def test_any_value_survives_the_way_in_and_the_way_out(value: Any) -> None:
    """RPC-33: what the standard library writes is read here, and what is written here the library reads"""
    api = Api(value)
    assert call("call", SESSION, "a.b", [value], api=api) == value
    assert api.asked == [("call", SESSION, "a.b", [value])]


@given(st.binary(max_size=200) | st.text().map(lambda text: request(f"<value>{text}</value>")))
def test_any_bytes_get_an_orderly_answer(body: bytes) -> None:
    with pytest.raises(Fault) as caught:
        answer_to(body)
    assert caught.value.faultCode in {620, 623, 630, 631, 632, 633, 636}


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), st.binary())
def test_times_and_binary_data_arrive_as_text(moment: datetime, data: bytes) -> None:
    api = Api()
    call("call", SESSION, "a.b", [moment, Binary(data)], api=api)
    ((_, _, _, args),) = api.asked
    assert args == [f"{moment:%Y%m%dT%H:%M:%S}", data.decode("utf-8", "replace")]
