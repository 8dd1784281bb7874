"""docs/architecture/add-a-resource.md, followed to the letter: the resource is in every protocol and every WSDL."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .following import copy_of_the_program, follow, run
from .pages import ROOT, text_of

SCRIPT = """
import json, sys, xmlrpc.client
from werkzeug.test import Client

from docs.generate import application, method_table
from magento_soap.app import create_app
from magento_soap.settings import Settings

client = Client(create_app(Settings(database_url=sys.argv[1], cache_seconds=0)))
session = None
found = {}


def json_rpc(method, *params):
    return client.post("/api/jsonrpc", json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).json


def xml_rpc(method, *params):
    answer = client.post("/api/xmlrpc", data=xmlrpc.client.dumps(params, method, allow_none=True)).data
    return xmlrpc.client.loads(answer)[0][0]


def soap(path, call):
    envelope = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="urn:Magento" '
        'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:d="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:c="http://schemas.xmlsoap.org/soap/encoding/"><e:Body>{call}</e:Body></e:Envelope>'
    )
    return client.post(path, data=envelope, content_type="text/xml").text


session = json_rpc("login", "apiUser", "apiKey")["result"]
renamed = json_rpc("call", session, "website.rename", ["base", "Harbour"])["result"]
names = f"<sessionId>{session}</sessionId>"
path = '<resourcePath i:type="d:string">website.{}</resourcePath>'
print(json.dumps({
    "renamed": renamed,
    "JSON-RPC": json_rpc("website.info", session, "base")["result"],
    "JSON-RPC, list": json_rpc("call", session, "website.list", [{"code": "base"}])["result"],
    "JSON-RPC, fault": json_rpc("call", session, "website.info", ["none"])["error"],
    "XML-RPC": xml_rpc("call", session, "website.info", ["base"]),
    "V1": soap("/api/soap", f'<m:call>{names}{path.format("info")}<args>base</args></m:call>'),
    "V2": soap("/api/v2_soap", f"<m:websiteInfo>{names}<code>base</code></m:websiteInfo>"),
    "V2, list": soap("/api/v2_soap", f"<m:websiteList>{names}</m:websiteList>"),
    "V2, rename": soap(
        "/api/v2_soap",
        f"<m:websiteRename>{names}<code>base</code><name>Main</name></m:websiteRename>",
    ),
    "WS-I": soap(
        "/api/v2_soap_wsi",
        f"<m:websiteInfoRequestParam>{names}<code>base</code></m:websiteInfoRequestParam>",
    ),
    "resources": json_rpc("resources", session)["result"],
    "faults": json_rpc("resourceFaults", session, "website")["result"],
    "WSDLs": {path: client.get(path + "?wsdl").text for path in ("/api/v2_soap", "/api/v2_soap_wsi")},
    "table": method_table(application()),
}))
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program with the resource of the page."""
    folder = copy_of_the_program(tmp_path_factory.mktemp("program"))
    follow(text_of("architecture/add-a-resource.md"), folder)
    return folder


@pytest.fixture(scope="module")
def seen(program: Path, demo_database: Path) -> dict[str, Any]:
    """What clients see of it."""
    shutil.copy(demo_database, program / "shop.sqlite")
    return dict(json.loads(run(SCRIPT, program, f"sqlite:///{program / 'shop.sqlite'}")))


def test_every_protocol_has_it(seen: dict[str, Any]) -> None:
    website = {"website_id": "1", "code": "base", "name": "Harbour"}
    assert seen["renamed"] is True
    assert seen["JSON-RPC"]["name"] == "Harbour"
    assert seen["JSON-RPC, list"] == [website]
    assert seen["XML-RPC"]["name"] == "Harbour"
    for protocol in ("V1", "V2"):
        assert "Harbour</" in seen[protocol]
    assert "Harbour</name>" in seen["V2, list"]
    assert "true</result>" in seen["V2, rename"]
    assert "Main</name>" in seen["WS-I"]


def test_it_has_its_faults(seen: dict[str, Any]) -> None:
    assert seen["JSON-RPC, fault"]["data"]["faultCode"] == "100"
    assert seen["faults"][0] == {"code": "100", "message": "Requested website does not exist."}


def test_every_wsdl_describes_it(seen: dict[str, Any]) -> None:
    for wsdl in seen["WSDLs"].values():
        for operation in ("List", "Info", "Rename"):
            assert f'operation name="website{operation}">' in wsdl
        assert "websiteEntity" in wsdl


def test_the_command_writes_the_same_wsdls(program: Path, seen: dict[str, Any]) -> None:
    for contract in ("v2", "wsi", "wsi-documented"):
        command = [sys.executable, "-m", "magento_soap", "wsdl", contract]
        wsdl = subprocess.run(command, cwd=program, capture_output=True, text=True, check=True).stdout
        assert "websiteRename" in wsdl


def test_resources_lists_it(seen: dict[str, Any]) -> None:
    (resource,) = [each for each in seen["resources"] if each["name"] == "website"]
    assert [method["name"] for method in resource["methods"]] == ["list", "info", "rename"]


def test_the_documentation_gets_it(seen: dict[str, Any]) -> None:
    row = "| `website.rename` | `websiteRename` | `code`, `name` | `core/website/rename` |"
    assert row in seen["table"]


def test_the_code_of_the_page_passes_the_linters(program: Path) -> None:
    files = ["magento_soap/sales/websites.py", "magento_soap/api/methods/websites.py", "magento_soap/storage"]
    for command in (["check"], ["format", "--check"]):
        run_ruff = [sys.executable, "-m", "ruff", *command, "--config", str(ROOT / "pyproject.toml"), *files]
        result = subprocess.run(run_ruff, cwd=program, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
