"""Documents that PHP reads although a strict parser would not: namespaces that are not declared, encodings, NULs."""

from __future__ import annotations

import time
from typing import Any
from xml.parsers import expat

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from spyne.model.fault import Fault

from magento_soap.api.client import Client
from magento_soap.protocols.soap import parsing
from magento_soap.protocols.soap.contracts import Style
from magento_soap.protocols.soap.endpoint import SoapEndpoint
from magento_soap.protocols.soap.parsing import _Vocabulary, parse

from .wire import SOAP11, RecordingApi, arguments, ask, envelope, fault, info, without_structs

INVALID = (500, "Sender", "Invalid XML")
DTD = (500, "SOAP-ENV:Server", "DTD are not supported by SOAP")
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def bare(call: str, attributes: str = "") -> bytes:
    """An envelope that declares nothing but its own prefix."""
    return (
        f'<SOAP-ENV:Envelope xmlns:SOAP-ENV="{SOAP11}" {attributes}><SOAP-ENV:Body>{call}</SOAP-ENV:Body>'
        "</SOAP-ENV:Envelope>"
    ).encode()


def asked(style: Style, body: bytes) -> tuple[Any, ...]:
    """What the API was asked for a body."""
    api = RecordingApi([] if b"List" in body else "id")
    answer = SoapEndpoint(api, style=style).answer(body, Client())
    assert api.asked, answer.body.decode()
    return tuple(map(without_structs, api.asked[0]))


class TestNamespaces:
    """The document is well-formed; only its prefixes are not declared, or its namespaces are not URIs."""

    @pytest.mark.parametrize("style", ["v2", "wsi"])
    @pytest.mark.parametrize(
        "call",
        [
            "<mag:salesOrderInvoiceInfo>{}</mag:salesOrderInvoiceInfo>",
            '<urn:salesOrderInvoiceInfo xmlns:urn="urn: Magento">{}</urn:salesOrderInvoiceInfo>',
            '<urn:salesOrderInvoiceInfo xmlns:urn="{{urn}}Magento">{}</urn:salesOrderInvoiceInfo>',
            '<urn:salesOrderInvoiceInfo xmlns:urn="Magento">{}</urn:salesOrderInvoiceInfo>',
            '<anything:salesOrderInvoiceInfo xmlns:xml="urn:x">{}</anything:salesOrderInvoiceInfo>',
            "<ns1:salesOrderInvoiceInfoRequestParam>{}</ns1:salesOrderInvoiceInfoRequestParam>",
        ],
    )
    @pytest.mark.parametrize(
        "inside",
        [
            "<sessionId>s</sessionId><invoiceIncrementId>1</invoiceIncrementId>",
            '<sessionId xsi:type="xsd:string">s</sessionId><mag:invoiceIncrementId xsi:type="xsd:string">1'
            "</mag:invoiceIncrementId>",
            '<typens:sessionId x:y="1" y:id="2" z:href="3">s</typens:sessionId><invoiceIncrementId z:="2">1'
            "</invoiceIncrementId>",
        ],
    )
    def test_calls_are_found(self, style: Style, call: str, inside: str) -> None:
        expected = ("call", "s", "sales_order_invoice.info", {"invoiceIncrementId": "1"})
        assert asked(style, bare(call.format(inside))) == expected

    @pytest.mark.parametrize(
        ("args", "value"),
        [
            ('<args xsi:type="ns2:Map"><item><key>state</key><value>3</value></item></args>', {"state": "3"}),
            ('<args xsi:type="apachesoap:Map"><item><key>a</key><value>3</value></item></args>', {"a": "3"}),
            ('<args SOAP-ENC:arrayType="xsd:ur-type[1]" xsi:type="SOAP-ENC:Array"><item>7</item></args>', ["7"]),
            ('<args soapenc:arrayType="xsd:string[1]"><item>7</item></args>', ["7"]),
            ('<args xsi:nil="true"/>', None),
            ('<args xsi:type="xsd:boolean">false</args>', False),
            ('<args xsi:type="xsd:base64Binary">w6k=</args>', "é"),
            # A number keeps its zeros: PHP takes a type whose prefix is not declared for none.
            ('<args xsi:type="xsd:int">007</args>', "007"),
            ('<args xsi:type="xsd:int">INV-7</args>', "INV-7"),
            ("<args><a:b>1</a:b><c:d>2</c:d></args>", ("struct", {"b": "1", "d": "2"})),
        ],
    )
    @pytest.mark.parametrize("declared", ["", XSI], ids=["nothing declared", "xsi declared"])
    def test_prefixes_mean_what_they_usually_do(self, args: str, value: Any, declared: str) -> None:
        body = bare(f"<mag:call><sessionId>s</sessionId><resourcePath>p</resourcePath>{args}</mag:call>", declared)
        assert asked("v1", body) == ("call", "s", "p", value)

    def test_types_of_the_service_by_their_usual_prefix(self) -> None:
        filters = (
            '<filters xsi:type="ns1:filters"><filter SOAP-ENC:arrayType="ns1:associativeEntity[1]">'
            '<item xsi:type="ns1:associativeEntity"><key>state</key><value>3</value></item></filter></filters>'
        )
        body = bare(f"<salesOrderInvoiceList><sessionId>s</sessionId>{filters}</salesOrderInvoiceList>")
        state = ("struct", {"key": "state", "value": "3"})
        assert without_structs(arguments(body)) == {"filters": ("struct", {"filter": [state]})}

    def test_a_declared_prefix_keeps_its_meaning(self) -> None:
        other = '<args xmlns:ns2="urn:other" xsi:type="ns2:Map"><item>1</item></args>'
        body = bare(f"<mag:call><sessionId>s</sessionId><resourcePath>p</resourcePath>{other}</mag:call>", XSI)
        assert asked("v1", body)[-1] == ("struct", {"item": "1"})

    @pytest.mark.parametrize("prefix", ["soapenv", "SOAP-ENV", "soap", "s11"])
    def test_the_envelope(self, prefix: str) -> None:
        body = f"<{prefix}:Envelope><{prefix}:Body>{info()}</{prefix}:Body></{prefix}:Envelope>".encode()
        if prefix == "s11":
            assert fault(ask(body)[0]) == (500, "env:VersionMismatch", "Wrong Version")
        else:
            assert arguments(body) == {"invoiceIncrementId": "1"}

    def test_references(self) -> None:
        call = '<mag:salesOrderInvoiceList><sessionId>s</sessionId><filters href="#f"/></mag:salesOrderInvoiceList>'
        target = '<multiRef id="f"><filter><i><key>state</key><value>3</value></i></filter></multiRef>'
        state = ("struct", {"key": "state", "value": "3"})
        assert without_structs(arguments(bare(call + target))) == {"filters": ("struct", {"filter": [state]})}

    @pytest.mark.parametrize("attributes", ["", XSI])
    @pytest.mark.parametrize(
        ("whole", "part"),
        [
            ("</SOAP-ENV:Envelope>", "</SOAP-ENV:Envelope>junk"),
            ("</SOAP-ENV:Envelope>", "</SOAP-ENV:Envelope><a/>"),
            ("</SOAP-ENV:Envelope>", "</SOAP-ENV:Envelope"),
            ("</SOAP-ENV:Envelope>", ""),
            ("</mag:salesOrderInvoiceInfo>", "</salesOrderInvoiceInfo>"),
            ("</mag:salesOrderInvoiceInfo>", "</other:salesOrderInvoiceInfo>"),
            ("</mag:salesOrderInvoiceInfo>", ""),
            (">1<", ">&nope;<"),
            (">1<", ">&<"),
            (">1<", ">\x01<"),
            (">1<", ">]]><"),
            ("<b>", "<b a=1>"),
            ("<b>", "<b a='1' a='2'>"),
            ("<b>", "<b x:a='1' x:a='2'>"),
            ("<b>", "<b a='<'>"),
            ("<b>", "<b xmlns:p='u' xmlns:p='v'>"),
            ("<b>", "<!-- -- --><b>"),
        ],
    )
    def test_what_is_not_well_formed_is_refused(self, whole: str, part: str, attributes: str) -> None:
        text = bare("<mag:salesOrderInvoiceInfo><a>s</a><b>1</b></mag:salesOrderInvoiceInfo>", attributes).decode()
        assert whole in text
        answer, api = ask(text.replace(whole, part).encode())
        assert fault(answer) == INVALID
        assert not api.asked

    def test_earlier_documents_do_not_matter(self) -> None:
        """libxml keeps its errors in one place for a thread."""
        undeclared = bare("<mag:salesOrderInvoiceInfo><a>s</a><b>1</b></mag:salesOrderInvoiceInfo>")
        for body in (b"<a><b></a>", undeclared.replace(b"</a>", b""), undeclared, b"<a>", undeclared):
            answer, api = ask(body)
            assert bool(api.asked) == (body == undeclared), answer.body.decode()

    def test_an_error_behind_many_others_is_seen(self) -> None:
        """libxml tells a hundred errors of a document and no more."""
        many = '<b x:y="1">1</b>' * 300
        deep = "<a>" * 300 + "</a>" * 300
        for each in (many, many.replace("x:y", "y:")):
            for wrong in ("<c>", "</c>", "&nope;", deep):
                body = bare(f"<mag:salesOrderInvoiceInfo>{each}{wrong}</mag:salesOrderInvoiceInfo>")
                assert fault(ask(body)[0]) == INVALID

    @pytest.mark.parametrize(
        ("declaration", "inside", "accepted"),
        [
            ("<?xml version='1.0'?>", '<b xml:space="x">1</b>', True),
            ("<?xml version='1.0'?>", '<b xml:id="a:b">1</b>', True),
            ("<?xml version='1.0'?>", "<?xmlx y?><b>1</b>", True),
            ("<?xml version='1.1'?>", "<b>1</b>", True),
            ("<?xml version='9.0'?>", "<b>1</b>", False),
        ],
    )
    @pytest.mark.parametrize("prefix", ["mag:", ""])
    def test_it_is_read_as_if_it_were_declared(
        self, declaration: str, inside: str, accepted: bool, prefix: str
    ) -> None:
        """Of warnings nothing depends; version 9.0 is none that libxml knows."""
        call = f"<{prefix}salesOrderInvoiceInfo><a>s</a>{inside}</{prefix}salesOrderInvoiceInfo>"
        answer, api = ask(declaration.encode() + bare(call), {})
        assert bool(api.asked) == accepted, answer.body.decode()

    def test_what_a_parser_cuts_without_a_word_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Silent(etree.XMLParser):
            error_log: Any = ()

        monkeypatch.setattr(
            parsing, "_parser", lambda *_, recover=False: Silent(recover=True) if recover else etree.XMLParser()
        )
        assert parse(b"<x:a><b/></x:a>", 1000).root.tag == "{x}a"
        with pytest.raises(Fault, match="Invalid XML"):
            parse(b"<x:a>" + b"<b>" * 300 + b"</b>" * 300 + b"</x:a>", 1000)

    def test_a_namespace_without_scheme_costs_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(parsing, "_without_namespaces")
        assert parse(b'<a xmlns="Magento"/>', 10).root.tag == "{Magento}a"

    def test_a_document_with_many_undeclared_prefixes_takes_about_as_long_as_any(self) -> None:
        def took(prefixes: str) -> float:
            many = '<x:a x:b="1"/>' * 45_000
            body = bare(f"<mag:salesOrderInvoiceInfo>{many}</mag:salesOrderInvoiceInfo>", prefixes)
            seconds = []
            for _ in range(3):
                started = time.process_time()
                assert "cannot find parameter" in fault(ask(body)[0])[2]
                seconds.append(time.process_time() - started)
            return min(seconds)

        assert took("") < 8 * took('xmlns:mag="urn:Magento" xmlns:x="urn:x"') + 0.2

    def test_very_many_prefixes_are_refused(self) -> None:
        many = "".join(f"<x{i}:a/>" for i in range(50_000))
        started = time.process_time()
        assert fault(ask(bare(f"<mag:salesOrderInvoiceInfo>{many}</mag:salesOrderInvoiceInfo>"))[0]) == INVALID
        assert time.process_time() - started < 5

    @pytest.mark.parametrize(
        "doctype",
        [
            "<!DOCTYPE x>",
            "<!DOCTYPE x [<!ATTLIST a b CDATA 'c'>]>",
            "<!-- <a> --><?x <b> ?>\n<!DOCTYPE x>",
            "<!--> <a> --><!DOCTYPE x>",
            "<?x:y <b> ?><!DOCTYPE x>",
        ],
    )
    def test_a_dtd_is_refused_there_too(self, doctype: str) -> None:
        body = doctype.encode() + bare("<mag:salesOrderInvoiceInfo><a>s</a><b>1</b></mag:salesOrderInvoiceInfo>")
        assert fault(ask(body)[0]) == DTD


def tagged(name: str, attributes: list[tuple[str, str]], parts: list[str], end: str) -> str:
    written = "".join(f' {attribute}="{value}"' for attribute, value in attributes)
    return f"<{name}{written}>{''.join(parts)}</{end or name}>"


NAMES = st.sampled_from(["a", "b", "x:a", "y:a", "a:b:c", ":a", "a:", "x:1", "xmlns", "é"])
ATTRIBUTES = st.lists(
    st.tuples(
        NAMES | st.sampled_from(["xmlns:x", "xmlns:y", "xmlns:x y", "xsi:type", "xmlns:xml", "xml:space", "xml:id"]),
        st.sampled_from(["", "urn:x", "urn: x", "x y", "&amp;", "&#10;", "&x;", "<", "http://www.w3.org/2000/xmlns/"]),
    ),
    max_size=3,
)
ELEMENTS = st.recursive(
    st.sampled_from(["", "t", "&lt;", "]]>", "<![CDATA[<x:y>]]>", "<!-- <x:a> -->", "<?x:y z?>", "&#1;", "\x01", "<"]),
    lambda inner: st.builds(
        tagged, NAMES, ATTRIBUTES, st.lists(inner, max_size=3), st.just("") | st.just("") | st.just("") | NAMES
    ),
    max_leaves=8,
)


def well_formed(body: bytes) -> bool:
    """Whether expat, which is not told of namespaces, reads a document."""
    try:
        expat.ParserCreate().Parse(body, True)
    except expat.ExpatError:
        return False
    return True


@settings(max_examples=600, deadline=None)
@given(ELEMENTS, st.sampled_from(["", "", "", "junk", "\n", "<a/>", "<!-- x -->", "\0", "\0\0\n"]))
@example("<x:a>", "")
@example('<a xmlns:p="u" xmlns:q="u" p:x="1" q:x="2"/>', "")
@example('<a x:y="1" z:y="2"/>', "")
@example('<x:a xmlns:x="">t</x:a>', "\0")
@example('<a xmlns:y="" xmlns="u" xmlns:y="urn:x"></a>', "")
@example('<a xmlns:y="" xmlns="u"/>', "junk")
def test_what_is_well_formed_without_namespaces_is_read_and_nothing_else(content: str, behind: str) -> None:
    body = (content + behind).encode()
    document_itself = body.rstrip(b"\0 \n")
    try:
        root = parse(body, 100_000).root
    except Fault:
        assert not well_formed(document_itself)
        return
    assert well_formed(document_itself)
    seen: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: seen.append(name)
    parser.Parse(document_itself, True)
    assert len(seen) == sum(1 for _ in root.iter())


class TestEncodings:
    """What PHP reads with iconv is transcoded before anything looks at the markup."""

    @pytest.mark.parametrize(
        ("declared", "codec"),
        [
            *((name, name) for name in ("cp850", "cp437", "cp866", "iso-8859-15", "koi8-r", "gb18030", "euc-jp")),
            ("ISO_8859-1", "latin-1"),
            ("iso88591", "latin-1"),
            ("macintosh", "mac-roman"),
            ("x-mac-roman", "mac-roman"),
            ("windows-31j", "cp932"),
            ("x-sjis", "cp932"),
            ("TIS-620", "tis-620"),
            ("windows-874", "cp874"),
            ("utf_8", "utf-8"),
            ("UTF8", "utf-8"),
            ("ISO-2022-JP", "iso-2022-jp"),
            ("windows1252", "cp1252"),
            ("cp-1252", "cp1252"),
            ("KOI8U", "koi8-u"),
            ("BIG-5", "big5"),
            ("GB_2312-80", "gb2312"),
            ("ANSI_X3.4-1968", "ascii"),
        ],
    )
    @pytest.mark.parametrize("call", [info("<a>s</a><b>{}</b>"), info("<x:a>s</x:a><b>{}</b>")], ids=["", "prefixes"])
    def test_declared(self, declared: str, codec: str, call: str) -> None:
        samples = ("Müller", "Жук", "請求書", "日本", "ไทย", "plain")
        sample = next(text for text in samples if text.encode(codec, "ignore").decode(codec) == text)
        text = envelope(call.format(sample)).decode().replace('encoding="UTF-8"', f"encoding='{declared}'")
        assert arguments(text.encode(codec)) == {"invoiceIncrementId": sample}

    @pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
    @pytest.mark.parametrize("call", [info("<a>s</a><b>ü𝄞</b>"), info("<x:a>s</x:a><b>ü𝄞</b>")], ids=["", "prefixes"])
    @pytest.mark.parametrize("declared", ["UTF-8", "utf-16"])
    def test_seen_by_the_first_bytes(self, codec: str, call: str, declared: str) -> None:
        text = envelope(call).decode().replace("UTF-8", declared)
        assert arguments(text.encode(codec)) == {"invoiceIncrementId": "ü𝄞"}

    @pytest.mark.parametrize(
        ("declared", "codec"),
        [
            ("UTF-7", "utf-7"),
            ("hz-gb-2312", "hz"),
            ("cp037", "ascii"),
            ("EBCDIC-CP-BE", "cp500"),
            ("IBM1047", "ascii"),
            ("ISO646-DE", "ascii"),
            ("punycode", "ascii"),
            ("unicode_escape", "ascii"),
            ("rot13", "ascii"),
            ("zlib", "ascii"),
            ("idna", "ascii"),
            ("os.path", "ascii"),
            ("bogus", "ascii"),
            ("x" * 5000, "ascii"),
        ],
    )
    def test_refused(self, declared: str, codec: str) -> None:
        text = envelope(info("<a>s</a><b>1</b>")).decode().replace("UTF-8", declared)
        answer, api = ask(text.encode(codec))
        assert fault(answer) == INVALID
        assert not api.asked

    @pytest.mark.parametrize("declared", ["cp850", "windows-31j", "utf_8", "utf-16"])
    def test_bytes_that_are_not_of_the_encoding(self, declared: str) -> None:
        body = envelope(info("<a>s</a><b>?</b>")).replace(b"UTF-8", declared.encode())
        if declared == "cp850":
            body = body.replace(b"?<", b"\xff\x00<")
        elif declared == "utf-16":
            body = body.decode().encode("utf-16-le") + b"\x00\xd8"
        else:
            body = body.replace(b"?<", b"\x81\xff<")
        assert fault(ask(body)[0]) == INVALID

    @pytest.mark.parametrize("codec", ["utf-16", "utf-16-be", "utf-32", "cp850", "iso-2022-jp"])
    def test_no_encoding_hides_a_dtd(self, codec: str) -> None:
        """Half a character can look like the end of a comment: U+3E2D and U+2D2D are ``-``, ``>`` in UTF-16."""
        hiding = "<!-- \u2d2d\u3e3e\u3c61 -->" if codec.startswith("utf") else "<!-- -->"
        text = envelope(info()).decode().replace("?>\n", f"?>{hiding}<!DOCTYPE x [<!ATTLIST x y CDATA 'z'>]>")
        assert fault(ask(text.replace("UTF-8", codec.removesuffix("-be")).encode(codec))[0]) == DTD


@pytest.mark.parametrize("before", ["<!--> <a> -->", "<!---> <a> -->", "<?x <a> ?>"])
def test_entities_are_seen_behind_comments(before: str) -> None:
    body = f'{before}<!DOCTYPE x [<!ENTITY a "b">]><x/>'.encode()
    assert "ENTITY" in fault(ask(body)[0])[2]


def test_the_parser_is_asked_for_a_dtd_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the first look at the bytes may miss one day."""
    monkeypatch.setattr(parsing, "_has_doctype", lambda markup: False)
    body = envelope(info()).replace(b"?>\n", b"?><!DOCTYPE x>")
    assert fault(ask(body)[0]) == DTD
    assert fault(ask(body.replace(b"ns1:", b"mag:"))[0]) == DTD


@pytest.mark.parametrize("behind", [b"\0", b"\n\0", b"\0\0\0", b"\0\r\n", b" \n"])
@pytest.mark.parametrize("call", [info(), info("<x:a>s</x:a><b>1</b>")])
def test_nuls_behind_the_document(behind: bytes, call: str) -> None:
    assert arguments(envelope(call).rstrip() + behind) == {"invoiceIncrementId": "1"}
    utf16 = envelope(call).decode().replace("UTF-8", "utf-16").encode("utf-16")
    assert arguments(utf16 + behind.decode().encode("utf-16-le")) == {"invoiceIncrementId": "1"}


@pytest.mark.parametrize(
    "body",
    [
        envelope(info()).replace(b">s<", b">\0s<"),
        envelope(info()).replace(b"<ns1", b"\0<ns1"),
        envelope(info()) + b"\0junk",
        b"\0" + envelope(info()),
    ],
)
def test_other_nuls_are_not_xml(body: bytes) -> None:
    assert fault(ask(body)[0]) == INVALID


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("\n  <![CDATA[1]]>\n  ", "1"),
        ("\n<![CDATA[ 1 ]]>", " 1 "),
        ("<![CDATA[1]]>\n", "1"),
        (" <![CDATA[1]]> <![CDATA[2]]> ", "12"),
        (" <![CDATA[]]> ", ""),
        (" <!-- <![CDATA[x]]> --> <![CDATA[1]]>", "1"),
        ("<![CDATA[<![CDATA[ 1]]>", "<![CDATA[ 1"),
        ("a <![CDATA[b]]>", "a b"),
        (" 1 ", " 1 "),
    ],
)
@pytest.mark.parametrize("call", ["<a>s</a><b>{}</b>", "<x:a>s</x:a><x:b>{}</x:b>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp850"])
def test_white_space_around_cdata_is_none_of_the_value(sent: str, read: str, call: str, encoding: str) -> None:
    text = envelope(info(call.format(sent))).decode().replace("UTF-8", encoding)
    assert arguments(text.encode(encoding)) == {"invoiceIncrementId": read}


def test_much_cdata_is_read_soon() -> None:
    declarations = " ".join(f"xmlns:n{i}='u'" for i in range(20_000))
    body = bare(info("<a> <![CDATA[x]]> </a>" * 35_000).replace("ns1:", ""), declarations)
    started = time.process_time()
    assert "cannot find parameter" in fault(ask(body)[0])[2]
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("document", "at_root"),
    [
        ('<a xmlns:p="u"><p:b/></a>', True),
        ('<a xmlns="u" xmlns:p="u"><p:b/></a>', True),
        ("<a><b/></a>", True),
        ('<a xmlns:p="u"><p:b xmlns:p="v"/></a>', False),
        ('<a><p:b xmlns:p="v"/></a>', False),
        ('<a><q:b/><p:b xmlns:p="v"/></a>', False),  # one is missing, and would be declared at the root
    ],
)
def test_where_namespaces_are_declared(document: str, at_root: bool) -> None:
    for encoding in ("utf-8", "utf-16"):
        assert parse(document.encode(encoding), 10).all_declared_at_root is at_root


def test_elements_and_attributes_are_counted_before_they_are_made() -> None:
    for content in ("<a>" + "<b/>" * 9 + "</a>", "<a " + " ".join(f"x{n}='1'" for n in range(9)) + "/>"):
        for encoding in ("utf-8", "utf-16", "cp850"):
            body = f'<?xml version="1.0" encoding="{encoding}"?>{content}'.encode(encoding)
            assert parse(body, 13).root.tag == "a"
            with pytest.raises(Fault, match="too large"):
                parse(body, 9)
    text = "<a>" + "x = 1;" * 1000 + "</a>"
    assert parse(text.encode(), 1).root.text == "x = 1;" * 1000


@pytest.mark.parametrize("character", ["\U0001f600", "&#128512;"])
def test_characters_that_make_a_text_wide_have_a_limit_of_their_own(character: str) -> None:
    assert parse(f"<a>{character * 300_000}</a>".encode(), 10).root.text == "\U0001f600" * 300_000
    with pytest.raises(Fault, match="too large"):
        parse(f"<a>{character}{'x' * 4_200_000}</a>".encode(), 10)


KNOWN_MARKUP = [
    b"<a>x</a>",
    b"<a b='1'>\n                 <c/></a>",
    b"<?xml version='1.0'?><a xmlns:b='urn:b'><b:c>&amp;</b:c></a>",
    "<a>ü&lt;</a>".encode(),
]
NEW_MARKUP = [
    b"<new>x</new>",
    b"<a new='1'/>",
    b"<a b='1'>\n                  <c/></a>",
    b"<a xmlns:b='urn:new'/>",
    b"<a>&new;</a>",
    b"<?new?><a/>",
    b"<!-- ' --><a b='>' new=''>x</a>",
    b"<a b='>' new=''/>",
    b"<a b='<new'/>",
    b"<a b='&new;'/>",
    b"<a>x<![CDATA[ > ]]><new/></a>",
    b"<a><new",
]


def test_a_vocabulary_that_is_full_covers_nothing_new(monkeypatch: pytest.MonkeyPatch) -> None:
    vocabulary = _Vocabulary()
    assert all(vocabulary.covers(markup) for markup in KNOWN_MARKUP)
    monkeypatch.setattr(_Vocabulary, "_MAX_BYTES", 0)
    assert all(vocabulary.covers(markup) for markup in KNOWN_MARKUP)
    assert vocabulary.covers(b"<a>another text</a>")
    assert not any(vocabulary.covers(markup) for markup in NEW_MARKUP)


def test_a_document_that_is_not_covered_is_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Vocabulary, "covers", lambda *_: False)
    assert parse(b"<x:a>t</x:a>", 10).root.text == "t"
    with pytest.raises(Fault, match="Invalid XML"):
        parse(b"<a>", 10)


def test_etree_is_not_told_of_anything_outside() -> None:
    with pytest.raises(Fault):
        parse(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x"><b:a/>', 10)
    assert isinstance(parse(b"<b:a/>", 10).root, etree._Element)
