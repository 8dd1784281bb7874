"""Faults, SOAP 1.2 and limits (BEHAVIOUR 2.2, RPC-50)."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree
from structlog.testing import capture_logs

from magento_soap.api.client import Client
from magento_soap.protocols.soap.endpoint import SoapEndpoint

from .wire import SOAP11, SOAP12, RecordingApi, api_fault, ask, envelope, fault, info

INVALID = (500, "Sender", "Invalid XML")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  ",
        b"hello",
        b'{"a":1}',
        b"<a",
        b"<a></b>",
        b"\n" + envelope(info()),
        b"\x1f\x8b\x08\x00garbage",
        envelope(info("<a>s</a><b>a&#1;b</b>")),
        envelope(info("<a>s</a><b>&nope;</b>")),
        envelope(info("<a>s</a><b>\xff</b>")).replace("ÿ".encode(), b"\xff"),
        envelope(info("<a>" * 300 + "</a>" * 300)),
        envelope(info()).replace(b"UTF-8", b"UTF-7"),
        envelope(info()).replace(b"UTF-8", b"bogus"),
        envelope(info()).decode().encode("cp500"),
        b"--x\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--x--",
    ],
    ids=str,
)
def test_what_is_no_xml(body: bytes) -> None:
    answer, api = ask(body)
    assert fault(answer) == INVALID
    assert api.asked == []


def test_little_of_what_was_sent_is_quoted() -> None:
    long = "x" * 5000
    text = f"Procedure '{'x' * 97}...' not present"
    assert fault(ask(envelope(f"<{long}/>"))[0]) == (500, "SOAP-ENV:Server", text)
    answer, _ = ask(envelope(info(f'<sessionId href="#{long}"/>')))
    text = f"SOAP-ERROR: Encoding: Unresolved reference '#{'x' * 96}...'"
    assert fault(answer) == (500, "SOAP-ENV:Server", text)


@pytest.mark.parametrize(
    ("doctype", "code", "text"),
    [
        ("<!DOCTYPE x>", "SOAP-ENV:Server", "DTD are not supported by SOAP"),
        (
            "<!-- <a> --><?x ?><!DOCTYPE x [<!ATTLIST a b CDATA 'c'>]>",
            "SOAP-ENV:Server",
            "DTD are not supported by SOAP",
        ),
        (
            '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
            "Sender",
            "Detected use of ENTITY in XML, disabled to prevent XXE/XEE attacks",
        ),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_refused(doctype: str, code: str, text: str, encoding: str) -> None:
    document = envelope(info()).decode().replace("?>\n", f"?>\n{doctype}").replace("UTF-8", encoding)
    assert fault(ask(document.encode(encoding))[0]) == (500, code, text)


def test_a_document_type_in_a_comment_is_only_text() -> None:
    _, api = ask(info("<a>s</a><b><![CDATA[<!DOCTYPE html>]]></b>"))
    assert api.asked[0][-1] == {"invoiceIncrementId": "<!DOCTYPE html>"}


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        ("", "SOAP-ENV:Client", 'looks like we got "Body" without function call'),
        ("<ns1:nope/>", "SOAP-ENV:Server", "Procedure 'nope' not present"),
        ("<ns1:call/>", "SOAP-ENV:Server", "Procedure 'call' not present"),
        ("<ns1:salesOrderInvoiceInfo/>", "SOAP-ENV:Client", "Missing parameter"),
        (info('<a>s</a><b href="#zz"/>'), "SOAP-ENV:Server", "SOAP-ERROR: Encoding: Unresolved reference '#zz'"),
        (info("<a>s</a><b><x/></b>"), "SOAP-ENV:Server", "SOAP-ERROR: Encoding: Violation of encoding rules"),
        (info("<a/>" * 1001), "SOAP-ENV:Client", "Error cannot find parameter"),
    ],
)
def test_faults_of_the_soap_layer(body: str, code: str, text: str) -> None:
    assert fault(ask(body)[0]) == (500, code, text)


def test_no_body() -> None:
    answer, _ = ask(f'<e:Envelope xmlns:e="{SOAP11}"></e:Envelope>'.encode())
    assert fault(answer) == (500, "SOAP-ENV:Client", "Body must be present in a SOAP envelope")


@pytest.mark.parametrize(
    "body",
    [b"<foo/>", b"<Envelope/>", b'<e:Envelope xmlns:e="http://example.com/"/>', b"<:foo/>", b"<foo:/>", b"<a:b:c/>"],
)
def test_an_unknown_version_is_answered_in_soap12(body: bytes) -> None:
    answer, _ = ask(body)
    assert fault(answer) == (500, "env:VersionMismatch", "Wrong Version")
    assert answer.content_type == "application/soap+xml; charset=utf-8"


def test_a_fault_of_the_api_is_http_200_with_its_bare_number() -> None:
    answer, _ = ask(info(), api_fault("100", "Requested <invoice> does not exist."))
    assert fault(answer) == (200, "100", "Requested <invoice> does not exist.")
    assert answer.content_type == "text/xml; charset=UTF-8"
    assert answer.body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope '
        'xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><SOAP-ENV:Fault><faultcode>100'
        "</faultcode><faultstring>Requested &lt;invoice&gt; does not exist.</faultstring></SOAP-ENV:Fault>"
        "</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
    )


def test_a_fault_without_text_stays_without() -> None:
    assert fault(ask(info(), api_fault("1", ""))[0]) == (200, "1", "")


def test_the_unexpected_is_logged_and_tells_nothing() -> None:
    error = RuntimeError("SELECT * FROM /etc/secret")
    with capture_logs() as logs:
        answer, _ = ask(info(), error)
    status, code, text = fault(answer)
    assert (status, code) == (500, "SOAP-ENV:Server")
    assert text.startswith("Internal Error. Please see log for details.")
    assert b"secret" not in answer.body
    (logged,) = logs
    assert logged["log_level"] == "error"
    assert "RuntimeError: SELECT * FROM /etc/secret" in logged["exception"]
    assert logged["reference"] == text.rpartition(" ")[2].rstrip(")")


def rows_that_break(error: Exception) -> Iterator[dict[str, str]]:
    yield {"increment_id": "1"}
    raise error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(RuntimeError("lost"), 500, "SOAP-ENV:Server"), (api_fault("1", "Internal Error."), 200, "1")],
)
def test_rows_that_break_off_become_a_fault(error: Exception, status: int, code: str) -> None:
    """A list may come from an iterator that fails after its first rows: nothing of it has been sent then."""
    answer, _ = ask("<ns1:salesOrderInvoiceList><a>s</a></ns1:salesOrderInvoiceList>", rows_that_break(error))
    assert fault(answer)[:2] == (status, code)


def test_an_answer_of_the_wrong_shape_becomes_a_fault() -> None:
    answer, _ = ask(info(), 5)
    assert fault(answer)[:2] == (500, "SOAP-ENV:Server")


class TestSoap12:
    """SOAP 1.2 requests are answered in 1.2, as text/xml."""

    def test_answer(self) -> None:
        answer, api = ask(envelope(info(), soap=SOAP12), {"increment_id": "1", "items": []})
        assert api.asked
        assert answer.content_type == "text/xml; charset=UTF-8"
        root = etree.fromstring(answer.body)
        assert root.tag == f"{{{SOAP12}}}Envelope"
        response = root[0][0]
        # PHP's client takes the first element called result, whatever its namespace.
        assert [e.tag for e in response] == ["result", "{http://www.w3.org/2003/05/soap-rpc}result"]
        assert response[-1].text == "result"
        assert response.findtext("result/increment_id") == "1"

    def test_fault_of_the_api(self) -> None:
        answer, _ = ask(envelope(info(), soap=SOAP12), api_fault("5", "Session expired."))
        assert fault(answer) == (200, "5", "Session expired.")

    @pytest.mark.parametrize(
        ("body", "attributes", "code", "text"),
        [
            ("<ns1:nope/>", "", "rpc:ProcedureNotPresent", "Procedure not present"),
            ("<ns1:login/>", "", "env:Sender", "Missing parameter"),
            (info("<a>s</a><b><x/></b>"), "", "env:Receiver", "SOAP-ERROR: Encoding: Violation of encoding rules"),
            (
                info(),
                'SOAP-ENV:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"',
                "env:Sender",
                "encodingStyle cannot be specified on the Envelope",
            ),
        ],
    )
    def test_faults_of_the_soap_layer(self, body: str, attributes: str, code: str, text: str) -> None:
        answer, _ = ask(envelope(body, soap=SOAP12, attributes=attributes))
        assert fault(answer) == (500, code, text)


class TestHttp:
    """What the WSGI callable makes of requests."""

    def request(self, body: bytes = b"", endpoint: SoapEndpoint | None = None, **environ: Any) -> tuple[Any, ...]:
        started: list[Any] = []
        base = {"REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        application = endpoint or SoapEndpoint(RecordingApi({}))
        sent = b"".join(application({**base, **environ}, lambda *args: started.append(args)))  # type: ignore[arg-type]
        return started[0][0], dict(started[0][1]), sent

    @pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS", "POST"])
    def test_without_a_body(self, method: str) -> None:
        status, headers, sent = self.request(REQUEST_METHOD=method)
        assert status == "500 Internal Server Error"
        assert headers == {"Content-Type": "text/xml; charset=utf-8", "Content-Length": str(len(sent))}
        assert b"<faultcode>Sender</faultcode><faultstring>Invalid XML" in sent

    def test_head_has_no_body(self) -> None:
        _, headers, sent = self.request(REQUEST_METHOD="HEAD")
        assert sent == b""
        assert int(headers["Content-Length"]) > 0

    @pytest.mark.parametrize("method", ["POST", "PUT"])
    @pytest.mark.parametrize(
        "content_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/related"]
    )
    def test_method_and_content_type_do_not_matter(self, method: str, content_type: str) -> None:
        status, headers, sent = self.request(envelope(info()), REQUEST_METHOD=method, CONTENT_TYPE=content_type)
        assert status == "200 OK"
        assert headers == {"Content-Type": "text/xml; charset=UTF-8", "Content-Length": str(len(sent))}

    def test_http_basic_reaches_the_api_ses_20(self) -> None:
        api = RecordingApi({})
        login = envelope("<ns1:login><a>u</a><b>k</b></ns1:login>")
        basic = {"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "Basic YXBpOmE6Yg=="}
        self.request(login, SoapEndpoint(api), **basic)
        assert api.asked[0][1] == Client("192.0.2.1", "api", "a:b")

    @pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Bearer x", "Basic YQ=="])
    def test_other_authorization_is_none(self, header: str) -> None:
        api = RecordingApi({})
        status, _, _ = self.request(envelope(info()), SoapEndpoint(api), HTTP_AUTHORIZATION=header)
        assert status == "200 OK"

    def test_a_body_beyond_the_limit(self) -> None:
        endpoint = SoapEndpoint(RecordingApi({}), max_body=1000)
        assert b"Request is too large" in self.request(b"<" + b"a" * 1000, endpoint)[2]

    def test_a_body_without_length_beyond_the_limit(self) -> None:
        endpoint = SoapEndpoint(RecordingApi({}), max_body=1000)
        chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
        assert b"Request is too large" in self.request(b"<" + b"a" * 1000, endpoint, **chunked)[2]
        assert self.request(envelope(info("<a/><b/>")), endpoint, **chunked)[0] == "200 OK"

    @pytest.mark.parametrize("length", ["-5", "abc", "99999"])
    def test_a_length_that_is_wrong(self, length: str) -> None:
        status, _, sent = self.request(envelope(info()), CONTENT_LENGTH=length)
        assert b"Fault" in sent or status == "200 OK"


@pytest.mark.parametrize(
    "body",
    [
        envelope(info("<a/>" * 300_000)),
        envelope(info("<a>s</a><b>" + "<!---->" * 300_000 + "</b>")),
        envelope(info("<a>s</a><b " + " ".join(f"a{i}='x'" for i in range(100_000)) + "></b>")),
        envelope(info("<a>s</a><b x='" + "y" * 7_000_000 + "'></b>")),
    ],
    ids=["elements", "comments", "attributes", "attribute"],
)
def test_hostile_documents_are_answered_soon(body: bytes) -> None:
    started = time.process_time()
    answer, _ = ask(body)
    assert answer.status[:3] in ("200", "500")
    assert time.process_time() - started < 5


def test_too_many_elements() -> None:
    assert fault(ask(info("<a/>" * 300_000))[0])[2] == "Request is too large"


def test_a_long_text_is_accepted() -> None:
    _, api = ask(info(f"<a>s</a><b>{'x' * 5_000_000}</b>"))
    assert len(api.asked[0][-1]["invoiceIncrementId"]) == 5_000_000
