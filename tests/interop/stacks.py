"""The stacks: what each needs on the machine, how its clients are made and run, and what they see in their own way."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from tests.conftest import php_speaks_soap

from .life import SAYING_YES

HERE = Path(__file__).parent
JARS = [
    Path(f"/usr/share/java/{name}.jar")
    for name in ("axis", "axis-jaxrpc", "axis-saaj", "commons-discovery", "commons-logging", "wsdl4j")
]
BUILDING_SECONDS = 300

Endpoint: TypeAlias = Literal["V1", "V2", "WS-I", "XML-RPC"]
ENDPOINTS: tuple[Endpoint, ...] = ("V1", "V2", "WS-I", "XML-RPC")
PATHS: Mapping[Endpoint, str] = {"V1": "soap", "V2": "v2_soap", "WS-I": "v2_soap_wsi", "XML-RPC": "xmlrpc"}

Make: TypeAlias = Callable[[str, Path], list[str]]
"""Makes a client for that WSDL, a URL or file, in that empty folder; gives the command, which wants the shop's URL."""

ONE = dict.fromkeys(SAYING_YES, "1")
"""WS-I's answers where V2 says true: declared as text, as on every Magento."""
NO_PARTS = {"start_session": "invalid message definition for rpc style binding"}
"""The npm package refuses to send an operation without parts."""
NO_NAMESPACE = {
    "fault": '"":100 Requested shipment does not exists.',
    "after": '"":5 Session expired. Try to relogin.',
}
"""gSOAP shows that fault codes of the API are in no namespace."""


@dataclass(frozen=True)
class Client:
    """A client of one endpoint; ``sees`` are the steps that this stack decodes or does otherwise.

    ``generated``: its source is compiled with code that was generated from the WSDL.
    """

    make: Make
    sees: Mapping[str, str] = field(default_factory=dict)
    generated: bool = False


@dataclass(frozen=True)
class Stack:
    """A stack; ``lacks`` says what the machine has not got of it, or nothing.

    ``cannot`` are the endpoints of the kind it speaks that it cannot use, and why; ``test_limits.py`` shows each.
    ``everywhere``: cheap enough to be there wherever nothing may be skipped.
    """

    name: str
    clients: Mapping[Endpoint, Client]
    lacks: Callable[[], str]
    cannot: Mapping[Endpoint, str] = field(default_factory=dict)
    everywhere: bool = True


def _script(*command: str) -> Make:
    """A client that is run as it is; the last word is its file."""
    return lambda wsdl, folder: [*command[:-1], str(HERE / command[-1])]


def _python(path: str) -> Make:
    return _script(sys.executable, path)


def _ksoap2(endpoint: Endpoint) -> Make:
    return lambda url, folder: [sys.executable, str(HERE / "ksoap2" / "life.py"), endpoint]


def _php_soap12(path: str) -> Make:
    """The client of SOAP 1.1 but for the version."""

    def make(url: str, folder: Path) -> list[str]:
        source = (HERE / path).read_text(encoding="utf-8")
        option = "'cache_wsdl' => WSDL_CACHE_NONE"
        assert option in source
        (folder / "client.php").write_text(source.replace(option, f"'soap_version' => SOAP_1_2, {option}"), "utf-8")
        return ["php", str(folder / "client.php")]

    return make


def _build(folder: Path, *command: str) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=BUILDING_SECONDS, errors="replace", check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"


def _gsoap(source: str) -> Make:
    def make(wsdl: str, folder: Path) -> list[str]:
        _build(folder, "wsdl2h", "-o", "shop.h", wsdl)
        _build(folder, "soapcpp2", "-j", "-C", "-x", "shop.h")
        (proxy,) = folder.glob("soap*Proxy.cpp")
        sources = ["soapC.cpp", proxy.name, str(HERE / "gsoap" / source)]
        _build(folder, "g++", "-O0", "-I.", "-o", "client", *sources, "-lgsoap++")
        return [str(folder / "client")]

    return make


def axis(source: Path) -> Make:
    """A client in Java with Axis's generated classes; its class is named like its file."""

    def make(wsdl: str, folder: Path) -> list[str]:
        classes = ":".join(map(str, [*JARS, folder]))
        _build(folder, "java", "-cp", classes, "org.apache.axis.wsdl.WSDL2Java", "-o", str(folder), wsdl)
        sources = [*map(str, folder.rglob("*.java")), str(source)]
        _build(folder, "javac", "-nowarn", "-encoding", "UTF-8", "-cp", classes, "-d", str(folder), *sources)
        return ["java", "-cp", classes, source.stem]

    return make


def mono(source: Path) -> Make:
    """A client in C# with the class that Mono's wsdl.exe generates."""

    def make(wsdl: str, folder: Path) -> list[str]:
        _build(folder, "wsdl", "-out:shop.cs", wsdl)
        _build(folder, "mcs", "-out:client.exe", "-r:System.Web.Services", "shop.cs", str(source))
        return ["mono", str(folder / "client.exe")]

    return make


def _mono_is_here() -> str:
    return "" if all(map(shutil.which, ("mono", "mcs", "wsdl"))) else "there is no Mono with mcs and wsdl"


def _gsoap_is_here() -> str:
    if all(map(shutil.which, ("wsdl2h", "soapcpp2", "g++"))) and Path("/usr/include/stdsoap2.h").exists():
        return ""
    return "there is no gSOAP with its headers, or no g++"


def _module(name: str) -> Callable[[], str]:
    return lambda: "" if importlib.util.find_spec(name) else f"there is no Python package {name}"


def _php() -> str:
    return "" if php_speaks_soap() else "there is no php command with ext-soap"


def _node() -> str:
    if shutil.which("node") and (HERE / "node" / "node_modules" / "soap").is_dir():
        return ""
    return "there is no node, or npm ci was not run in tests/interop/node"


def _perl() -> str:
    command = ["perl", "-MSOAP::Lite", "-e", "1"]
    found = shutil.which("perl") and subprocess.run(command, capture_output=True, check=False).returncode == 0
    return "" if found else "there is no perl with SOAP::Lite"


def _axis_is_here() -> str:
    if shutil.which("javac") and all(jar.exists() for jar in JARS):
        return ""
    return "there is no javac, or no Axis in /usr/share/java"


STACKS = (
    Stack(
        "PHP SoapClient",
        {
            "V1": Client(_script("php", "php/v1.php")),
            "V2": Client(_script("php", "php/v2.php")),
            "WS-I": Client(_script("php", "php/wsi.php"), ONE),
        },
        _php,
    ),
    Stack(
        "PHP SoapClient, SOAP 1.2",
        {
            "V1": Client(_php_soap12("php/v1.php")),
            "V2": Client(_php_soap12("php/v2.php")),
            "WS-I": Client(_php_soap12("php/wsi.php"), ONE),
        },
        _php,
    ),
    Stack(
        "zeep",
        {
            "V1": Client(_python("zeep/v1.py")),
            "V2": Client(_python("zeep/v2.py")),
            "WS-I": Client(_python("zeep/wsi.py"), ONE),
        },
        _module("zeep"),
    ),
    Stack(
        "suds-community",
        {
            "V1": Client(_python("suds/v1.py")),
            "V2": Client(_python("suds/v2.py")),
            "WS-I": Client(_python("suds/wsi.py"), ONE),
        },
        _module("suds"),
    ),
    Stack(
        "node soap",
        {
            "V1": Client(_script("node", "node/v1.mjs"), NO_PARTS),
            "V2": Client(_script("node", "node/v2.mjs"), NO_PARTS),
            "WS-I": Client(_script("node", "node/wsi.mjs"), ONE),
        },
        _node,
    ),
    Stack(
        "Perl SOAP::Lite",
        {
            # true is 1 in Perl
            "V1": Client(_script("perl", "perl/v1.pl"), {**ONE, "end_session": "1"}),
            "V2": Client(_script("perl", "perl/v2.pl"), {**ONE, "end_session": "1"}),
            "WS-I": Client(_script("perl", "perl/wsi.pl"), ONE),
        },
        _perl,
        everywhere=False,
    ),
    Stack(
        "gSOAP",
        {
            "V1": Client(_gsoap("v1.cpp"), {"after": NO_NAMESPACE["after"]}, generated=True),
            "V2": Client(_gsoap("v2.cpp"), NO_NAMESPACE, generated=True),
            "WS-I": Client(_gsoap("wsi.cpp"), {**ONE, **NO_NAMESPACE}, generated=True),
        },
        _gsoap_is_here,
        everywhere=False,
    ),
    Stack(
        "Java Axis 1.4",
        {
            "V1": Client(axis(HERE / "axis" / "V1.java"), generated=True),
            "V2": Client(axis(HERE / "axis" / "V2.java"), generated=True),
            "WS-I": Client(axis(HERE / "axis" / "Wsi.java"), ONE, generated=True),
        },
        _axis_is_here,
        everywhere=False,
    ),
    Stack(
        "Mono",
        {
            "V2": Client(mono(HERE / "mono" / "V2.cs"), generated=True),
            "WS-I": Client(mono(HERE / "mono" / "Wsi.cs"), ONE, generated=True),
        },
        _mono_is_here,
        everywhere=False,
    ),
    Stack(
        "kSOAP2",  # its envelopes: the library is in no index that this project installs from
        {
            "V1": Client(_ksoap2("V1")),
            "V2": Client(_ksoap2("V2")),
            "WS-I": Client(_ksoap2("WS-I"), ONE),
        },
        lambda: "",
    ),
    Stack("Python xmlrpc", {"XML-RPC": Client(_python("xmlrpc/life.py"))}, lambda: ""),
    Stack(
        "magento1-client",
        {"XML-RPC": Client(_python("magento1_client/life.py"))},
        _module("magento"),
        cannot={"V1": "suds refuses its lists before anything is sent"},
    ),
)
