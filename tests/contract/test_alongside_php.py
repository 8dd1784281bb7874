"""The samples of docs/alongside-php.md for web servers: which URL goes where, and what PHP is told about the client."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from magento_soap.settings import load_settings

SAMPLES = Path(__file__).parents[2] / "examples" / "alongside-php"
NGINX_PARAMETERS = Path("/etc/nginx/fastcgi_params")
APACHE_MODULES = Path("/usr/lib/apache2/modules")
MODULES = (
    *("mpm_event", "authz_core", "dir", "env", "headers", "proxy", "proxy_fcgi", "proxy_http", "remoteip", "rewrite"),
    *("setenvif", "socache_shmcb", "ssl"),
)
HTACCESS = """
DirectoryIndex index.php
RewriteEngine on
RewriteRule ^api/rest api.php?type=rest [QSA,L]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule .* index.php [L]
"""
"""What Magento's own file does with URLs, as far as it matters here."""


class Php(socketserver.StreamRequestHandler):
    """Answers a FastCGI request with its parameters, as JSON."""

    BEGIN, END, PARAMETERS, INPUT, OUTPUT = 1, 3, 4, 5, 6

    def handle(self) -> None:
        encoded = b""
        while header := self.rfile.read(8):
            content = self.rfile.read(int.from_bytes(header[4:6], "big"))
            self.rfile.read(header[6])
            if header[1] == self.PARAMETERS:
                encoded += content
            elif header[1] == self.INPUT and not content:
                break
        parameters = dict(self._pairs(encoded))
        body = json.dumps({"pool": self.server.server_address, **parameters}).encode()
        answer = b"Content-Type: application/json\r\n\r\n" + body
        self.wfile.write(self._record(self.OUTPUT, answer) + self._record(self.OUTPUT, b""))
        self.wfile.write(self._record(self.END, bytes(8)))

    @staticmethod
    def _pairs(encoded: bytes) -> Iterator[tuple[str, str]]:
        at = 0
        while at < len(encoded):
            sizes = []
            for _ in range(2):
                wide = encoded[at] >= 0x80
                sizes.append(int.from_bytes(encoded[at : at + 4], "big") & 0x7FFFFFFF if wide else encoded[at])
                at += 4 if wide else 1
            name, value = encoded[at : at + sizes[0]], encoded[at + sizes[0] : at + sum(sizes)]
            yield name.decode(), value.decode()
            at += sum(sizes)

    @staticmethod
    def _record(kind: int, content: bytes) -> bytes:
        return bytes([1, kind, 0, 1]) + len(content).to_bytes(2, "big") + bytes(2) + content


class MagentoSoap(BaseHTTPRequestHandler):
    """Answers with the target and the headers of a request, as JSON."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps({"target": self.path, **{name.lower(): value for name, value in self.headers.items()}})
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class PhpServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def nginx(folder: Path, sample: str) -> list[str]:
    """The command that runs nginx with a sample."""
    command = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if command is None or not NGINX_PARAMETERS.exists():
        pytest.skip("there is no nginx command")
    shutil.copy(NGINX_PARAMETERS, folder / "fastcgi_params")
    temporary = "".join(f"{name}_temp_path {name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "server.conf").write_text(
        f"{user} pid pid; error_log stderr; daemon off; events {{}}\nhttp {{ access_log off; {temporary} {sample} }}\n",
        encoding="utf-8",
    )
    return [command, "-p", str(folder), "-c", str(folder / "server.conf")]


def apache(folder: Path, sample: str) -> list[str]:
    """The command that runs Apache with a sample."""
    command = shutil.which("apache2", path=f"{os.environ['PATH']}:/usr/sbin")
    if command is None or not APACHE_MODULES.exists():
        pytest.skip("there is no apache2 command")
    modules = "".join(f"LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so\n" for name in MODULES)
    port = re.findall(r"VirtualHost \*:(\d+)", sample)[0]
    (folder / "server.conf").write_text(
        f"ServerName localhost\nServerRoot {folder}\nPidFile {folder}/pid\nErrorLog /dev/stderr\n{modules}"
        f"User www-data\nGroup www-data\nDefaultRuntimeDir {folder}\nListen 127.0.0.1:{port}\n{sample}\n",
        encoding="utf-8",
    )
    return [command, "-f", str(folder / "server.conf"), "-DFOREGROUND"]


class Sites:
    """A running web server: the public one, and the one for magento-soap only."""

    def __init__(self, public: int, internal: int, folder: Path) -> None:
        self._public = f"https://127.0.0.1:{public}"
        self._internal = f"http://127.0.0.1:{internal}"
        self._certificate = folder / "ca.pem"

    def public(self, path: str, host: str) -> dict[str, Any]:
        """What a client gets that sends headers it should not."""
        forged = {
            "X-Forwarded-For": "192.0.2.66",
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Proto": "ftp",
            "X-Forwarded-Prefix": "/evil",
            "Proxy": "http://evil.example",
        }
        return self._answer(self._public + path, {"Host": host, **forged})

    def internal(self, path: str, **headers: str) -> dict[str, Any]:
        """What magento-soap gets that forwards a call."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._answer(self._internal + path, {"Host": "shop.example", **named})

    def _answer(self, url: str, headers: Mapping[str, str]) -> dict[str, Any]:
        session = requests.Session()
        session.trust_env = False
        response = session.get(url, headers=dict(headers), verify=str(self._certificate), timeout=10)
        return response.json() if response.status_code == 200 else {"status": response.status_code}


@contextmanager
def running(sample: str) -> Iterator[Sites]:
    """Run a sample with ports, files and backends of its own."""
    text = (SAMPLES / f"{sample}.conf").read_text(encoding="utf-8")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)  # for the web server's user
        for name in ("index.php", "api.php", "get.php", "var/secret.txt"):
            (folder / "shop" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "shop" / name).touch()
        (folder / "shop" / ".htaccess").write_text(HTACCESS, encoding="utf-8")
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(folder / "ca.pem"))
        certificate = authority.issue_cert("127.0.0.1")
        certificate.cert_chain_pems[0].write_to_path(str(folder / "site.pem"))
        certificate.private_key_pem.write_to_path(str(folder / "site.key"))
        soap = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), MagentoSoap))
        backends: list[socketserver.BaseServer] = [soap]
        for pool in ("shop", "shop-api"):
            backends.append(stack.enter_context(PhpServer(str(folder / f"{pool}.sock"), Php)))
            (folder / f"{pool}.sock").chmod(0o777)
        for backend in backends:
            threading.Thread(target=backend.serve_forever, args=[0.05], daemon=True).start()
            stack.callback(backend.shutdown)

        public, internal = free_port(), free_port()
        for pattern, replacement in {
            r"/etc/ssl/certs/[\w.]+\.pem": f"{folder}/site.pem",
            r"/etc/ssl/private/[\w.]+\.key": f"{folder}/site.key",
            r"/var/www/shop": f"{folder}/shop",
            r"/run/php/": f"{folder}/",
            r"listen 443": f"listen 127.0.0.1:{public}",
            r"\*:443": f"*:{public}",
            r"127\.0\.0\.1:8080": f"127.0.0.1:{soap.server_address[1]}",
            r"127\.0\.0\.1:8081": f"127.0.0.1:{internal}",
        }.items():
            text = re.sub(pattern, replacement, text)
        command = (nginx if sample.startswith("nginx") else apache)(folder, text)
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=30, check=False)
        assert checked.returncode == 0, checked.stderr
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        stack.callback(process.wait, 30)
        stack.callback(process.terminate)
        deadline = time.monotonic() + 20
        for port in (public, internal):
            while True:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                output = (folder / "log").read_text(encoding="utf-8")
                assert process.poll() is None, output
                assert time.monotonic() < deadline, output
                time.sleep(0.05)
        yield Sites(public, internal, folder)


@pytest.fixture(scope="module")
def samples() -> Iterator[Callable[[str], Sites]]:
    """Runs each sample once."""
    with ExitStack() as stack:
        yield cache(lambda sample: stack.enter_context(running(sample)))


@pytest.fixture(params=["nginx", "apache"])
def own_host(request: pytest.FixtureRequest, samples: Callable[[str], Sites]) -> Sites:
    """The API at a host of its own."""
    return samples(f"{request.param}-own-host")


@pytest.fixture(params=["nginx", "apache"])
def by_url(request: pytest.FixtureRequest, samples: Callable[[str], Sites]) -> Sites:
    """The API below the shop's host."""
    return samples(f"{request.param}-by-url")


@pytest.fixture(params=sorted(file.stem for file in SAMPLES.glob("*.conf")))
def sites(request: pytest.FixtureRequest, samples: Callable[[str], Sites]) -> Sites:
    """Every sample in turn."""
    return samples(request.param)


def assert_forwarded_as_it_was(seen: dict[str, Any], host: str) -> None:
    """That magento-soap learns how the client reached the site, and nothing that the client made up."""
    assert seen["host"] == host
    assert (seen["x-forwarded-for"], seen["x-forwarded-host"]) == ("127.0.0.1", host)
    assert seen["x-forwarded-proto"] == "https"
    assert seen.get("x-forwarded-prefix", "") == ""


@pytest.mark.parametrize(
    "path", ["/api/v2_soap/?wsdl=1&x=%26", "/index.php/api/xmlrpc", "/api.php?type=soap", "/rest/V1/x"]
)
def test_a_host_of_its_own_sends_everything_here(own_host: Sites, path: str) -> None:
    seen = own_host.public(path, "api.shop.example")
    assert seen["target"] == path
    assert_forwarded_as_it_was(seen, "api.shop.example")


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v2_soap/?wsdl=1&x=%26", "/api/index/index", "/index.php/api/soap", "/api/jsonrpc"]
)
def test_urls_of_the_api_come_here(by_url: Sites, path: str) -> None:
    seen = by_url.public(path, "shop.example")
    assert seen["target"] == path
    assert_forwarded_as_it_was(seen, "shop.example")


@pytest.mark.parametrize(
    ("path", "script"),
    [
        ("/", "/index.php"),
        ("/checkout/cart/?a=b", "/index.php"),
        ("/apiary", "/index.php"),
        ("/index.php/admin", "/index.php"),
        ("/api.php?type=soap", "/api.php"),
        ("/api/rest/orders?page=2", "/api.php"),
    ],
)
def test_everything_else_stays_with_php(by_url: Sites, path: str, script: str) -> None:
    seen = by_url.public(path, "shop.example")
    assert seen["pool"].endswith("/shop.sock")
    assert seen["SCRIPT_NAME"] == script
    assert seen["SCRIPT_FILENAME"].endswith(f"/shop{script}")
    assert seen["REQUEST_URI"] == path
    assert "type=rest" in seen["QUERY_STRING"] or not path.startswith("/api/rest")


@pytest.mark.parametrize(
    ("path", "script"),
    [
        ("/api/v2_soap/?wsdl=1", "/index.php"),
        ("/index.php/api/soap/", "/index.php"),
        ("/api.php?type=soap", "/api.php"),
    ],
)
def test_php_gets_what_is_forwarded(sites: Sites, path: str, script: str) -> None:
    seen = sites.internal(path, X_Forwarded_For="192.0.2.7", Proxy="http://evil.example")
    assert seen["pool"].endswith("/shop-api.sock")
    assert (seen["SCRIPT_NAME"], seen["REQUEST_URI"], seen["HTTPS"]) == (script, path, "on")
    assert seen["SCRIPT_FILENAME"].endswith(f"/shop{script}")
    assert seen["HTTP_HOST"] == "shop.example"
    assert seen["REMOTE_ADDR"] == "192.0.2.7"
    assert seen.get("HTTP_PROXY", "") == ""


@pytest.mark.parametrize("file", sorted(SAMPLES.glob("*.toml")), ids=lambda file: file.stem)
def test_the_settings_are_valid_and_lead_to_the_internal_site(file: Path) -> None:
    settings = load_settings(file, {})
    assert settings.upstream_url == "http://127.0.0.1:8081"
    assert settings.upstream_host_header == "shop.example"
    for server in ("nginx", "apache"):
        sample = (SAMPLES / f"{server}-{file.stem}.conf").read_text(encoding="utf-8")
        assert f"127.0.0.1:{settings.port}" in sample
        assert "127.0.0.1:8081" in sample
        assert settings.base_url is not None
        assert f"{settings.base_url.removeprefix('https://')}" in sample
