"""The WSDLs and their schemas before three judges: libxml2 (lxml), xmlschema and, where there is Java, Xerces.

The schemas of WSDL, of its SOAP binding and of SOAP's encoding are those that xmlschema brings along.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xmlschema
from lxml import etree

from magento_soap.protocols.soap import describe
from magento_soap.protocols.soap.contracts import Style
from tests.conftest import missing

from .contract_changes import W, X
from .wsi_client import body_of, demo_client

SCHEMAS = Path(xmlschema.__file__).parent / "schemas" / "WSDL"
ENCODING = SCHEMAS / "soap-encoding.xsd"
COMPILE = Path(__file__).with_name("CompileSchemas.java")
INVALID = 3


@pytest.fixture(scope="module", params=["v1", "v2", "wsi", "wsi-documented"])
def wsdl(request: pytest.FixtureRequest) -> bytes:
    style: Style = request.param
    return describe(style, "http://magentohost/api/")


@pytest.fixture(scope="module")
def of_wsdl() -> xmlschema.XMLSchema10:
    """WSDL's own schema together with that of its SOAP binding."""
    return xmlschema.XMLSchema10([str(SCHEMAS / "wsdl.xsd"), str(SCHEMAS / "wsdl-soap.xsd")])


def test_the_wsdl_is_valid(wsdl: bytes, of_wsdl: xmlschema.XMLSchema10) -> None:
    """R2028 and R2029 of the Basic Profile: valid against the schemas of WSDL and of its SOAP binding."""
    assert [error.reason for error in of_wsdl.iter_errors(wsdl.decode())] == []


def test_the_wsdl_is_valid_to_libxml2(wsdl: bytes) -> None:
    imports = "".join(
        f'<import namespace="{namespace}" schemaLocation="{(SCHEMAS / file).as_uri()}"/>'
        for namespace, file in ((W[1:-1], "wsdl.xsd"), (f"{W[1:-1]}soap/", "wsdl-soap.xsd"))
    )
    schema = etree.XMLSchema(etree.fromstring(f'<schema xmlns="{X[1:-1]}">{imports}</schema>'))
    schema.assertValid(etree.fromstring(wsdl))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('<wsdl:operation name="login">', "<wsdl:operation>", id="operation without a name"),
        pytest.param('transport="http', 'transfer="http', id="unknown attribute of soap:binding"),
        pytest.param('use="', 'use="un', id="use that does not exist"),
        pytest.param('<wsdl:message name="login">', '<wsdl:message name="log in">', id="name with a space"),
        pytest.param('<wsdl:message name="login">', '<wsdl:message name="loginResponse">', id="a name twice"),
    ],
)
def test_an_invalid_wsdl_is_noticed(wsdl: bytes, of_wsdl: xmlschema.XMLSchema10, old: str, new: str) -> None:
    assert old in wsdl.decode()
    assert not of_wsdl.is_valid(wsdl.decode().replace(old, new))


def test_soap_operation_must_come_first(of_wsdl: xmlschema.XMLSchema10) -> None:
    """Magento's WS-I document has it last in some operations."""
    root = etree.fromstring(describe("wsi", "http://magentohost/api/"))
    operation = root.find(f"{W}binding/{W}operation")
    assert operation is not None
    operation.append(operation[0])
    assert not of_wsdl.is_valid(etree.tostring(root, encoding="unicode"))


def schemas_of(wsdl: bytes) -> Iterator[bytes]:
    """The embedded schemas as documents of their own."""
    for schema in etree.fromstring(wsdl).iter(f"{X}schema"):
        yield etree.tostring(schema)


def located(schema: bytes) -> bytes:
    """The schema with a place for what it imports by namespace only."""
    root = etree.fromstring(schema)
    for imported in root.iter(f"{X}import"):
        assert imported.get("namespace") == "http://schemas.xmlsoap.org/soap/encoding/"
        imported.set("schemaLocation", ENCODING.as_uri())
    return etree.tostring(root)


def compiled_by_libxml2(schema: bytes, folder: Path) -> bool:
    try:
        etree.XMLSchema(etree.fromstring(located(schema)))
    except etree.XMLSchemaParseError:
        return False
    return True


def compiled_by_xmlschema(schema: bytes, folder: Path) -> bool:
    try:
        xmlschema.XMLSchema10(located(schema).decode())
    except xmlschema.XMLSchemaException:
        return False
    return True


def compiled_by_xerces(schema: bytes, folder: Path) -> bool:
    return xerces(schema, folder).returncode == 0


def xerces(schema: bytes, folder: Path, *documents: bytes) -> subprocess.CompletedProcess[str]:
    """What Xerces says of the schema, with that of SOAP's encoding beside it, and of documents."""
    if shutil.which("java") is None or shutil.which("javac") is None:
        missing("there is no Java development kit")
    (folder / "schema.xsd").write_bytes(schema)
    files = [folder / f"{number}.xml" for number in range(len(documents))]
    for file, document in zip(files, documents, strict=True):
        file.write_bytes(document)
    command = ["java", str(COMPILE), str(ENCODING), str(folder / "schema.xsd"), "--", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode in (0, INVALID), done.stderr
    return done


Compiler = Callable[[bytes, Path], bool]


@pytest.fixture(
    params=[compiled_by_libxml2, compiled_by_xmlschema, compiled_by_xerces], ids=lambda of: of.__name__[12:]
)
def compiles(request: pytest.FixtureRequest) -> Compiler:
    chosen: Compiler = request.param
    return chosen


def test_the_schemas_compile(wsdl: bytes, compiles: Compiler, tmp_path: Path) -> None:
    assert all(compiles(schema, tmp_path) for schema in schemas_of(wsdl))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param('type="typens:filters"', 'type="typens:filter"', id="a type that is not declared"),
        pytest.param('type="typens:filters"', 'type="soapenc:string"', id="a namespace that is not imported"),
        pytest.param('name="includeComment"', 'name="comment"', id="particles that are not unique"),
        pytest.param('<element name="loginParam">', '<element name="endSessionParam">', id="declared twice"),
        pytest.param(
            'minOccurs="1" maxOccurs="1" name="apiKey"', 'minOccurs="2" maxOccurs="1" name="apiKey"', id="2 of 1"
        ),
    ],
)
def test_a_wrong_schema_does_not_compile(compiles: Compiler, tmp_path: Path, old: str, new: str) -> None:
    (schema,) = schemas_of(describe("wsi", "http://magentohost/api/"))
    assert old in schema.decode()
    assert not compiles(schema.decode().replace(old, new).encode(), tmp_path)


@pytest.fixture(scope="module")
def answers(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, bytes]]:
    """Answers to all WS-I operations: the element that is expected, and the one that came."""
    shop = tmp_path_factory.mktemp("schemas") / "shop.sqlite"
    shutil.copy(demo_database, shop)
    with demo_client(shop) as client:
        return [(name, etree.tostring(body_of(answer))) for name, answer in client.answers()]


@pytest.fixture(scope="module")
def of_wsi() -> bytes:
    (schema,) = schemas_of(describe("wsi", "http://magentohost/api/"))
    return schema


def test_every_answer_is_an_instance_of_its_element(answers: list[tuple[str, bytes]], of_wsi: bytes) -> None:
    """R2712 of the Basic Profile: the child of the Body is an instance of the element that the message's part names."""
    schema = etree.XMLSchema(etree.fromstring(of_wsi))
    for name, answer in answers:
        element = etree.fromstring(answer)
        assert element.tag == f"{{urn:Magento}}{name}"
        schema.assertValid(element)
    declared = {e.get("name") for e in etree.fromstring(of_wsi).iterfind(f"{X}element")}
    expected = {name for name in declared if name and name.endswith("ResponseParam")}
    # No credit memo of this API is open, so canceling one is always a fault (D14).
    assert {name for name, _ in answers} == expected - {"salesOrderCreditmemoCancelResponseParam"}


def test_every_answer_is_valid_to_xerces(answers: list[tuple[str, bytes]], of_wsi: bytes, tmp_path: Path) -> None:
    done = xerces(of_wsi, tmp_path, *(answer for _, answer in answers))
    assert (done.returncode, done.stdout) == (0, "")
    wrong = answers[0][1].replace(b"<result>", b"<Result>").replace(b"</result>", b"</Result>")
    assert "Result" in xerces(of_wsi, tmp_path, wrong).stdout
