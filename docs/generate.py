"""Writes what the documentation takes from the code: ``make docs``.

``docs/coverage.md`` is generated as a whole. Other pages have sections between ``<!-- generated: NAME -->`` and
``<!-- end -->``, one for each entry of ``SECTIONS``. Everything comes from the application as it is wired: methods and
faults from the registry, operations from the WSDLs and from ``system.listMethods``, REST from its description. A test
fails when a page is not up to date (``tests/documentation/test_generated.py``).
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import xmlrpc.client
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree
from werkzeug.test import Client

from magento_soap.api.faults import GLOBAL_FAULTS
from magento_soap.api.resources import Method, Registry, Resource
from magento_soap.app import create_app, create_registry, open_database
from magento_soap.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs"
TESTS = ("contract", "interop", "attack", "unit")

PROTOCOLS = ("V1", "V2", "WS-I", "XML-RPC", "JSON-RPC", "REST")
WSDLS = {"V1": "/api/soap", "V2": "/api/v2_soap", "WS-I": "/api/v2_soap_wsi"}
BY_PATH = ("V1", "XML-RPC", "JSON-RPC")
"""The protocols in which ``call`` takes the path of a method."""
RECORDINGS = {
    "V1": ("v1", "v1-strings"),
    "V2": ("v2",),
    "WS-I": ("wsi",),
    "XML-RPC": ("xmlrpc", "xmlrpc-strings"),
    "JSON-RPC": ("jsonrpc",),
}
REST_SCHEMA = "/rest/all/schema?services=salesInvoiceOrderV1"


@dataclass(frozen=True)
class Application:
    """What is served: the registry, and the names that each protocol knows (REST: ``POST /path``)."""

    registry: Registry
    operations: Mapping[str, Sequence[str]]

    def methods(self) -> Iterable[tuple[Resource, Method]]:
        """Every method with its resource, in the order of the registry."""
        return ((resource, method) for resource in self.registry for method in resource.methods.values())

    def own_operations(self) -> list[str]:
        """The operations of the protocols themselves, such as ``login``: V1's, which has all of them."""
        return [name for name in self.operations["V1"] if name not in ("call", "multiCall")] + ["call", "multiCall"]


def application() -> Application:
    """The application on a database that is never connected, with Maho's namespace: its WSDLs have all operations."""
    settings = Settings(namespace="urn:Maho", database_url="sqlite:///unused.sqlite")
    client = Client(create_app(settings))
    operations = {protocol: _wsdl_operations(client, path) for protocol, path in WSDLS.items()}
    operations["XML-RPC"] = _xmlrpc_operations(client)
    operations["JSON-RPC"] = [name for name in operations["V1"] if _is_in_jsonrpc(client, name)]
    paths = json.loads(client.get(REST_SCHEMA).data)["paths"]
    operations["REST"] = [f"{verb.upper()} /rest{path}" for path, verbs in paths.items() for verb in verbs]
    return Application(create_registry(settings, open_database(settings)), operations)


def _wsdl_operations(client: Client, path: str) -> list[str]:
    document = etree.fromstring(client.get(f"{path}?wsdl").data)
    (port_type,) = document.iter("{*}portType")
    return [str(operation.get("name")) for operation in port_type.iter("{*}operation")]


def _xmlrpc_operations(client: Client) -> list[str]:
    answer = client.post("/api/xmlrpc", data=xmlrpc.client.dumps((), "system.listMethods"))
    ((names,), _) = xmlrpc.client.loads(answer.data)
    return [str(name) for name in names]  # type: ignore[union-attr]  # listMethods answers with an array


def _is_in_jsonrpc(client: Client, name: str) -> bool:
    """A parameter that no operation has is -32602 for one that exists, before anything else happens."""
    call = {"jsonrpc": "2.0", "id": 1, "method": name, "params": {"no such parameter": 1}}
    return bool(json.loads(client.post("/api/jsonrpc", json=call).data)["error"]["code"] == -32602)


def operation_of(resource: Resource, method: Method) -> str:
    """What V2 and WS-I call a method: ``sales_order_invoice.addComment`` is ``salesOrderInvoiceAddComment``.

    Resources that begin with ``core_`` lose that: ``core_magento.info`` is ``magentoInfo``. Those of ``customer`` have
    it twice: ``customer.list`` is ``customerCustomerList``.
    """
    name = "customer_customer" if resource.name == "customer" else resource.name.removeprefix("core_")
    first, *others = [*name.split("_"), method.name]
    return first + "".join(word[:1].upper() + word[1:] for word in others)


# Sections of pages


def method_table(served: Application) -> str:
    """Every method: what V2 calls it, its parameters, the right that a role needs, and its faults."""
    rows = [
        (
            f"`{resource.name}.{method.name}`",
            f"`{operation_of(resource, method)}`",
            ", ".join(f"`{p.name}`" if p.required else f"`{p.name}`?" for p in method.parameters),
            f"`{method.acl}`",
            _faults_of(method),
            method.title,
        )
        for resource, method in served.methods()
    ]
    return _table(("method", "V2 and WS-I", "parameters", "access right", "faults", "title"), rows)


def _faults_of(method: Method) -> str:
    """The faults that the docstring of a handler names: "...; faults 100, 104."."""
    found = re.search(r"\bfaults? ([\d, ]*\d)", method.handler.__doc__ or "")
    return found[1] if found else ""


def fault_table(served: Application) -> str:
    """Every fault of the API and of each resource, with the texts of both values of ``fault_texts``."""
    rows = [(f.code, f"`{f.name}`", f.message, f.message) for f in GLOBAL_FAULTS.values()]
    other_texts = create_registry(*_settings_and_database(fault_texts="openmage"))
    for resource in served.registry:
        texts = other_texts.resource(resource.name)
        rows += [
            (f.code, f"`{f.name}`", f.message, texts.faults[f.name].message if texts else f.message)
            for f in resource.faults.values()
        ]
    return _table(("code", "name", "text", 'text with `fault_texts = "openmage"`'), rows)


def _settings_and_database(**settings: Any) -> tuple[Settings, Any]:
    chosen = Settings(database_url="sqlite:///unused.sqlite", **settings)
    return chosen, open_database(chosen)


SECTIONS: Mapping[str, Callable[[Application], str]] = {"methods": method_table, "faults": fault_table}
MARKED = re.compile(r"(?P<begin><!-- generated: (?P<name>\w+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)


def with_sections(page: str, served: Application) -> str:
    """The text of a page with its marked sections made anew. Raises KeyError for a section that nothing makes."""
    return MARKED.sub(lambda found: f"{found['begin']}\n{SECTIONS[found['name']](served)}\n{found['end']}", page)


# coverage.md


def coverage(served: Application) -> str:
    """The page ``coverage.md``: method by protocol, how often each was recorded, and the tests that call it."""
    recorded = _recorded_calls()
    sources = _test_sources()
    rows = []
    for resource, method in served.methods():
        path, operation = f"{resource.name}.{method.name}", operation_of(resource, method)
        names = [operation, *(f"{name}.{method.name}" for name in (resource.name, *resource.aliases))]
        cells = [
            _cell(
                protocol in BY_PATH or operation in served.operations[protocol],
                sum(recorded[protocol, name] for name in names),
            )
            for protocol in PROTOCOLS[:-1]
        ]
        rows.append((f"`{path}`", *cells, "", _tested_by(sources, (path, operation))))
    for name in served.own_operations():
        cells = [_cell(name in served.operations[p], recorded[p, name]) for p in PROTOCOLS[:-1]]
        rows.append((f"`{name}`", *cells, "", _tested_by(sources, (f'"{name}"', f".{name}("))))
    for name in served.operations["REST"]:
        last = name.removesuffix("/{id}").rpartition("/")[2]
        rows.append((f"`{name}`", *[""] * 5, "yes", _tested_by(sources, (f"/{last}",))))
    return COVERAGE.format(table=_table(("method", *PROTOCOLS, "tests"), rows))


COVERAGE = """# Coverage

Generated by `make docs`. A number says how many recorded calls of a Magento the answers are compared with; "yes" means
that the method is served and no recording calls it. The last column names the folders of `tests/` whose tests call the
method.

{table}"""


def _cell(is_served: bool, recorded: int) -> str:
    if not is_served:
        return ""
    return str(recorded) if recorded else "yes"


def _recorded_calls() -> Counter[tuple[str, str]]:
    """How many recorded requests call an operation or the path of a method, by protocol."""
    calls: Counter[tuple[str, str]] = Counter()
    for protocol, kinds in RECORDINGS.items():
        for kind in kinds:
            with gzip.open(ROOT / "tests" / "conformance" / "recordings" / f"{kind}.jsonl.gz", "rt") as scenarios:
                for scenario in scenarios:
                    for step in json.loads(scenario)["steps"]:
                        calls.update((protocol, name) for name in _names_in(protocol, _body(step["request"])))
    return calls


def _body(request: Mapping[str, Any]) -> str:
    body = str(request["body"])
    encoded = body.removeprefix("base64:")
    return body if body == encoded else b64decode(encoded).decode("utf-8", "replace")


PATH = re.compile(r"[\">](\w+\.\w+)[<\"]")
CALLS = {
    "XML-RPC": re.compile(r"<methodName>\s*([\w.]+)"),
    "JSON-RPC": re.compile(r"\"method\":\s*\"([\w.]+)\""),
}
IN_SOAP = re.compile(r"<(?:[\w-]+:)?Body[^>]*>\s*<(?:[\w-]+:)?(\w+)")


def _names_in(protocol: str, body: str) -> set[str]:
    names = set(CALLS.get(protocol, IN_SOAP).findall(body))
    if protocol in BY_PATH:
        return names | set(PATH.findall(body))
    return {re.sub(r"(Request)?Param$", "", name) for name in names}


def _test_sources() -> dict[str, list[str]]:
    """The text of every test and of every client of the interop matrix, by folder of ``tests/``."""
    endings = {".py", ".php", ".mjs", ".pl", ".cpp", ".java", ".cs"}
    return {
        folder: [
            file.read_text(encoding="utf-8")
            for file in sorted((ROOT / "tests" / folder).rglob("*"))
            if file.suffix in endings and "node_modules" not in file.parts
        ]
        for folder in TESTS
    }


def _tested_by(sources: Mapping[str, Sequence[str]], names: Sequence[str]) -> str:
    return ", ".join(
        folder for folder, texts in sources.items() if any(name in text for text in texts for name in names)
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    line, *lines = ["".join(f"| {cell} " if cell else "| " for cell in cells) + "|\n" for cells in (head, *rows)]
    return "".join([line, "|---" * len(head) + "|\n", *lines])


def generated_pages() -> dict[Path, str]:
    """What each generated page, and each page with generated sections, has to say."""
    served = application()
    pages = {PAGES / "coverage.md": coverage(served)}
    for page in sorted(PAGES.rglob("*.md")):
        text = page.read_text(encoding="utf-8")
        if MARKED.search(text):
            pages[page] = with_sections(text, served)
    return pages


def main() -> None:
    """Write the pages, and name those that changed."""
    for page, text in generated_pages().items():
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{page.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
