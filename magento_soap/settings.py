"""Settings: from ``MAGENTO_SOAP_*`` environment variables and a TOML file.

Environment wins over file, file wins over default. ``docs/settings.md`` explains each setting.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    DirectoryPath,
    Field,
    FilePath,
    IPvAnyNetwork,
    StringConstraints,
    ValidationError,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from magento_soap.server.host_names import base_url, host_and_port, host_pattern

PREFIX = "MAGENTO_SOAP_"
DEFAULT_FILE = Path("magento-soap.toml")
NO_FILE = "-"
_OTHER_VARIABLES = ("CONFIG", "REQUIRE_ALL")  # variables of ours that are not settings; the tests use TEST_*


class SettingsError(Exception):
    """Invalid settings; ``problems`` has one line for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


def _database_url(text: str) -> str:
    try:
        backend = make_url(text).get_backend_name()
    except (ArgumentError, ValueError):
        raise ValueError("not a database URL") from None  # the text may contain a password
    if backend not in ("sqlite", "mysql", "mariadb", "postgresql"):
        raise ValueError(f"unknown database {backend!r}")
    return text


def _http_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("not an http or https URL")  # the text may contain a token
    return text


def _host_header(text: str) -> str:
    host_and_port(text)
    return text


def _parse_list(value: object) -> object:
    """Parse a list from an environment variable: ``a,b,c``."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _parse_table(value: object) -> object:
    """Parse a table from an environment variable: ``key=value,key=value``."""
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    if any(not equals for _, equals, _ in pairs):
        raise ValueError("expected code=module:attribute, separated by commas")
    return {key.strip(): target.strip() for key, _, target in pairs}


DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
BaseUrl = Annotated[str, AfterValidator(base_url)]
HostPattern = Annotated[str, AfterValidator(host_pattern)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
HostHeader = Annotated[str, AfterValidator(_host_header)]
PatternList = Annotated[
    tuple[Annotated[str, StringConstraints(pattern=r"^[\w.*?-]+$")], ...], NoDecode, BeforeValidator(_parse_list)
]
MethodCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
MethodTarget = Annotated[str, StringConstraints(pattern=r"^[\w.-]+(:[\w.]+)?$")]


CarrierCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,32}$")]


def _processors() -> int:
    return os.cpu_count() or 1


class Settings(BaseSettings):
    """All settings. ``Settings(...)`` reads neither the environment nor a file; ``load_settings`` does."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix=PREFIX)

    database_url: DatabaseUrl = Field(
        default="sqlite:///var/shop.sqlite",
        description="a SQLAlchemy URL: sqlite:///file, mysql+pymysql://..., mysql+mysqldb://... or postgresql+psycopg://...",
    )
    read_database_url: DatabaseUrl | None = Field(default=None, description="a database URL of a replica, or nothing")
    statement_timeout_seconds: float = Field(
        default=10, gt=0, le=3600, description="seconds, more than 0, at most 3600"
    )
    sqlite_synchronous: Literal["full", "normal"] = Field(default="full", description="full or normal")
    table_prefix: str = Field(
        default="", pattern=r"^[a-z0-9_]*$", description="lower-case letters, digits and underscores"
    )

    lock_wait_seconds: int = Field(default=3, ge=1, le=60, description="seconds, 1 to 60")

    host: str = Field(default="127.0.0.1", min_length=1, description="an address to listen on")
    port: int = Field(default=8080, ge=1, le=65535, description="a port number, 1 to 65535")
    workers: int = Field(default_factory=_processors, ge=1, le=512, description="a number of processes, 1 to 512")
    threads: int = Field(default=4, ge=1, le=512, description="a number of threads per process, 1 to 512")

    worker_memory_mb: int = Field(default=512, ge=64, description="megabytes, at least 64")

    customer_secrets: bool = Field(default=False, description="true or false")

    wsi: bool = Field(default=False, description="true or false")
    wsi_wsdl: Literal["documented", "magento"] = Field(default="documented", description="documented or magento")
    wsi_fault_status: Literal["magento", "basic-profile"] = Field(
        default="magento", description="magento or basic-profile"
    )
    namespace: Literal["urn:Magento", "urn:OpenMage", "urn:Maho"] = Field(
        default="urn:Magento", description="urn:Magento, urn:OpenMage or urn:Maho"
    )
    soapenc_import: Literal["bare", "location", "none"] = Field(default="bare", description="bare, location or none")
    tracking_carriers: dict[CarrierCode, str] = Field(
        default_factory=dict, description="titles by carrier code (lower-case letters, digits, underscores)"
    )

    fault_texts: Literal["documented", "openmage"] = Field(default="documented", description="documented or openmage")
    json_strings: bool = Field(default=False, description="true or false")

    base_url: BaseUrl | None = Field(
        default=None, description="an http or https URL such as https://api.shop.example, without query"
    )
    allowed_hosts: Annotated[tuple[HostPattern, ...], NoDecode, BeforeValidator(_parse_list)] = Field(
        default=(), description="a list of host names without ports, or of .domains, or * for any"
    )
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode, BeforeValidator(_parse_list)] = Field(
        default=(), description="a list of addresses or networks such as 10.0.0.0/8"
    )
    max_body_bytes: int = Field(default=8 * 1024 * 1024, ge=1024, description="a number of bytes, at least 1024")
    max_connections: int = Field(default=1000, ge=16, le=100_000, description="a number per process, 16 to 100000")
    max_connections_per_address: int = Field(
        default=200, ge=8, le=100_000, description="a number per process, 8 to 100000"
    )
    header_timeout_seconds: float = Field(default=10, gt=0, le=600, description="seconds, more than 0, at most 600")
    transfer_timeout_seconds: float = Field(default=10, gt=0, le=600, description="seconds, more than 0, at most 600")
    min_bytes_per_second: int = Field(default=1024, ge=1, description="a number of bytes, at least 1")
    keep_alive_seconds: float = Field(default=15, gt=0, le=600, description="seconds, more than 0, at most 600")

    upstream_url: BaseUrl | None = Field(
        default=None, description="an http or https URL such as http://php-shop.internal/, without query, or nothing"
    )
    upstream_timeout_seconds: float = Field(default=60, gt=0, le=3600, description="seconds, more than 0, at most 3600")
    upstream_ca: FilePath | None = Field(default=None, description="a PEM file that exists, or nothing")
    upstream_host_header: HostHeader | None = Field(default=None, description="a host name, with or without a port")
    upstream_methods: PatternList = Field(default=(), description="a list of patterns such as sales_order_creditmemo.*")
    upstream_excluded_methods: PatternList = Field(
        default=(), description="a list of patterns such as catalog_*.delete"
    )
    upstream_connections: int = Field(default=16, ge=1, le=512, description="a number per process, 1 to 512")
    upstream_max_response_bytes: int = Field(
        default=64 * 1024 * 1024, ge=1024, description="a number of bytes, at least 1024"
    )
    upstream_wsdl_seconds: float = Field(default=300, gt=0, le=86400, description="seconds, more than 0, at most 86400")
    upstream_shadow_percent: float = Field(default=0, ge=0, le=100, description="a percentage, 0 to 100")

    session_touch_seconds: int = Field(default=60, ge=0, le=600, description="seconds, 0 to 600")
    cache_seconds: int = Field(default=5, ge=0, le=3600, description="seconds, 0 to 3600")
    login_attempts: int = Field(default=10, ge=0, description="a number of failures; 0 sets no limit")
    login_window_seconds: int = Field(default=300, ge=1, description="seconds, at least 1")

    payment_methods: Annotated[dict[MethodCode, MethodTarget], NoDecode, BeforeValidator(_parse_table)] = Field(
        default_factory=dict, description="a table of method code = module:attribute or entry point name"
    )
    http_gateway_url: HttpUrl | None = Field(default=None, repr=False, description="an http or https URL, or nothing")
    http_gateway_secret: str | None = Field(
        default=None, min_length=16, repr=False, description="a text of at least 16 characters"
    )
    http_gateway_timeout_seconds: int = Field(default=8, ge=1, le=120, description="seconds, 1 to 120")
    http_gateway_attempts: int = Field(default=3, ge=1, le=10, description="a number of attempts, 1 to 10")
    http_gateway_signed_answers: bool = Field(default=True, description="true or false")

    extensions: MethodTarget | None = Field(default=None, description="module:attribute")
    payment_lease_seconds: int = Field(default=30, ge=1, le=3600, description="seconds, 1 to 3600")
    idempotency_hours: float = Field(default=24, gt=0, le=8760, description="hours, more than 0, at most 8760")

    smtp_host: str = Field(default="localhost", min_length=1, description="the name or address of a mail server")
    smtp_port: int = Field(default=25, ge=1, le=65535, description="a port number, 1 to 65535")
    smtp_security: Literal["none", "starttls", "tls"] = Field(default="none", description="none, starttls or tls")
    smtp_username: str | None = Field(default=None, description="a user name, or nothing")
    smtp_password: str = Field(default="", repr=False, description="a password")
    smtp_timeout_seconds: int = Field(default=30, ge=1, le=300, description="seconds, 1 to 300")
    mail_attempts: int = Field(default=16, ge=1, le=100, description="a number of attempts, 1 to 100")
    mail_templates: DirectoryPath | None = Field(default=None, description="a folder that exists, or nothing")
    mail_keep_days: int = Field(default=90, ge=0, le=36500, description="days; 0 keeps mails forever")

    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug, info, warning or error"
    )
    log_format: Literal["console", "json"] = Field(default="console", description="console or json")

    @classmethod
    def settings_customise_sources(cls, *_: Any, **sources: Any) -> tuple[Any, ...]:
        """Use arguments only, because ``load_settings`` reads environment and file."""
        return (sources["init_settings"],)

    def as_environment(self) -> dict[str, str]:
        """The settings as environment variables, for worker processes. They disable the settings file."""
        written = {PREFIX + "CONFIG": NO_FILE}
        for name, value in self.model_dump(mode="json").items():
            if isinstance(value, dict):
                text = ",".join(f"{key}={target}" for key, target in value.items())
            elif isinstance(value, list):
                text = ",".join(value)
            else:
                text = "" if value is None else str(value)
            if text:
                written[PREFIX + name.upper()] = text
        return written


def load_settings(config: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Load settings from the TOML file, overridden by ``environ`` (by default the environment of the process).

    The file is ``config``, else the one that ``MAGENTO_SOAP_CONFIG`` names (``-`` for none), else ``magento-soap.toml``
    in the working directory if it exists. Raises SettingsError for invalid settings and for a file that cannot be read.
    """
    environ = os.environ if environ is None else environ
    file = config or Path(environ.get(PREFIX + "CONFIG") or DEFAULT_FILE)
    from_file: dict[str, Any] = {}
    if file.is_file():
        try:
            from_file = TomlConfigSettingsSource(Settings, file)()
        except (ValueError, OSError) as error:  # ValueError: not TOML, or not UTF-8
            raise SettingsError([f"{file}: cannot be read as TOML: {error}"]) from None
    elif file != DEFAULT_FILE and str(file) != NO_FILE:
        raise SettingsError([f"{file}: file not found"])

    from_environment = _from_environment(environ)
    try:
        return Settings.model_validate({**from_file, **from_environment})
    except ValidationError as error:
        raise SettingsError(_explain(error, from_environment, file)) from None


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Variables with our prefix that are not settings, most likely because of a typo."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {PREFIX + name for name in _OTHER_VARIABLES}
    return sorted(
        name
        for name in environ
        if name.upper().startswith(PREFIX)
        and name.upper() not in known
        and not name.upper().startswith(PREFIX + "TEST_")
    )


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): text for name, text in environ.items() if text}
    return source()


def _explain(error: ValidationError, from_environment: Mapping[str, Any], file: Path) -> list[str]:
    """One line per problem: the setting, its origin, what is wrong, and what is allowed."""
    lines: dict[str, str] = {}
    for problem in error.errors(include_url=False):
        name = str(problem["loc"][0])
        origin = PREFIX + name.upper() if name in from_environment else str(file)
        field = Settings.model_fields.get(name)
        if field is None:
            lines.setdefault(name, f"{name} (in {origin}): unknown setting")
            continue
        reason = problem["msg"].removeprefix("Value error, ")
        lines.setdefault(name, f"{name} (in {origin}): {reason}. Allowed: {field.description}.")
    return list(lines.values())
