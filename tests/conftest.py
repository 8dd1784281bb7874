"""Databases to test on: SQLite always, MariaDB or MySQL and PostgreSQL where a server is named in the environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import NoReturn

import hypothesis
import pytest
import sqlalchemy
from sqlalchemy.engine import make_url

from magento_soap.demo import demo_rows
from magento_soap.storage import Database

SERVERS = {"mysql": "MAGENTO_SOAP_TEST_MYSQL_URL", "postgresql": "MAGENTO_SOAP_TEST_POSTGRESQL_URL"}
DIALECTS = [
    pytest.param("sqlite"),
    pytest.param("mysql", marks=pytest.mark.mariadb),
    pytest.param("postgresql", marks=pytest.mark.postgresql),
]

ORIGINAL_V2_WSDL = "MAGENTO_SOAP_TEST_ORIGINAL_V2_WSDL"
ORIGINAL_WSI_WSDL = "MAGENTO_SOAP_TEST_ORIGINAL_WSI_WSDL"
"""The environment variables that name files with the V2 and the WS-I WSDL of a Magento, all its operations in it."""

EXTERNAL = ("mariadb", "postgresql", "php", "interop")
"""The markers of tests that `make test` leaves to `make test-all`."""

NewDatabase = Callable[[str], str]

# How long an example takes says more about the machine than about the code; health checks measure time as well.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

REQUIRE_ALL = "MAGENTO_SOAP_REQUIRE_ALL"


def missing(what: str) -> NoReturn:
    """Skip the test for want of something; fail it where nothing may be skipped."""
    if os.environ.get(REQUIRE_ALL):
        pytest.fail(f"{what}, and {REQUIRE_ALL} is set", pytrace=False)
    pytest.skip(what)


def original_v2_wsdl() -> bytes:
    """The V2 WSDL of a Magento. Skips the test when the environment names none."""
    return _original_wsdl(ORIGINAL_V2_WSDL)


def original_wsi_wsdl() -> bytes:
    """The WS-I WSDL of a Magento. Skips the test when the environment names none."""
    return _original_wsdl(ORIGINAL_WSI_WSDL)


def _original_wsdl(variable: str) -> bytes:
    file = os.environ.get(variable)
    if not file:
        pytest.skip(f"{variable} is not set")
    return Path(file).read_bytes()


@cache
def php_speaks_soap() -> bool:
    """Whether there is a php command with ext-soap."""
    if shutil.which("php") is None:
        return False
    modules = subprocess.run(["php", "-m"], capture_output=True, text=True, check=False).stdout
    return "soap" in modules.lower().split()


@pytest.hookimpl(tryfirst=True)  # before pytest selects by marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that need more than this environment as ``external``."""
    for item in items:
        if any(item.get_closest_marker(name) for name in EXTERNAL):
            item.add_marker("external")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Tests marked ``php`` need it."""
    if item.get_closest_marker("php") and not php_speaks_soap():
        missing("there is no php command with ext-soap")


@contextmanager
def empty_database(dialect: str, directory: Path) -> Iterator[str]:
    """The URL of a new, empty database, which is dropped in the end. Skips the test when there is no server for it."""
    name = f"magento_soap_test_{uuid.uuid4().hex[:12]}"
    if dialect == "sqlite":
        yield f"sqlite:///{directory / name}.sqlite"
        return
    server = os.environ.get(SERVERS[dialect])
    if not server:
        missing(f"{SERVERS[dialect]} is not set")
    url = make_url(server)
    administration = url.set(database="postgres") if dialect == "postgresql" else url
    engine = sqlalchemy.create_engine(administration, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            force = " WITH (FORCE)" if dialect == "postgresql" else ""
            connection.exec_driver_sql(f"DROP DATABASE {name}{force}")
        engine.dispose()


@pytest.fixture(scope="session", params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Each database in turn: sqlite, mysql, postgresql."""
    return str(request.param)


@pytest.fixture
def database_url(dialect: str, tmp_path: Path) -> Iterator[str]:
    """A fresh, empty database of each dialect."""
    with empty_database(dialect, tmp_path) as url:
        yield url


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewDatabase]:
    """Makes empty databases of a dialect that live as long as the test session."""
    with ExitStack() as databases:
        yield lambda dialect: databases.enter_context(empty_database(dialect, tmp_path_factory.mktemp("database")))


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo shop that nobody has used yet, to be copied."""
    path = tmp_path_factory.mktemp("demo") / "shop.sqlite"
    database = Database(f"sqlite:///{path}")
    database.create()
    database.load(demo_rows())
    database.close()
    return path
