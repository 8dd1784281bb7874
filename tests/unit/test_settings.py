"""Settings: where they come from, what is refused, and how it is said."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from magento_soap.settings import Settings, SettingsError, load_settings, unknown_variables


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(folder: Path, text: str, name: str = "magento-soap.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def problems(config: Path | None = None, environ: dict[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as raised:
        load_settings(config, environ or {})
    return raised.value.problems


def test_defaults_are_safe_and_local(elsewhere: Path) -> None:
    settings = load_settings(None, {})
    assert settings.database_url == "sqlite:///var/shop.sqlite"
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.trusted_proxies == ()
    assert settings.max_body_bytes == 8 * 1024 * 1024
    assert (settings.namespace, settings.fault_texts, settings.wsi) == ("urn:Magento", "documented", False)


def test_file_in_the_working_directory_is_read(elsewhere: Path) -> None:
    written(elsewhere, 'port = 9000\nallowed_hosts = ["shop.example"]\n[payment_methods]\nacme = "acme.pay:Gateway"\n')
    settings = load_settings(None, {})
    assert settings.port == 9000
    assert settings.allowed_hosts == ("shop.example",)
    assert settings.payment_methods == {"acme": "acme.pay:Gateway"}


def test_environment_wins_over_file(elsewhere: Path) -> None:
    file = written(elsewhere, 'port = 9000\nnamespace = "urn:OpenMage"\n', "other.toml")
    settings = load_settings(file, {"MAGENTO_SOAP_PORT": "9001"})
    assert settings.port == 9001
    assert settings.namespace == "urn:OpenMage"


def test_config_variable_names_the_file(elsewhere: Path) -> None:
    file = written(elsewhere, "port = 9002\n", "other.toml")
    assert load_settings(None, {"MAGENTO_SOAP_CONFIG": str(file)}).port == 9002


def test_lists_and_tables_in_the_environment(elsewhere: Path) -> None:
    settings = load_settings(
        None,
        {
            "MAGENTO_SOAP_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "MAGENTO_SOAP_ALLOWED_HOSTS": "a.example,b.example",
            "MAGENTO_SOAP_PAYMENT_METHODS": "acme=acme.pay:Gateway, other=entry",
        },
    )
    assert settings.trusted_proxies == (ip_network("10.0.0.0/8"), ip_network("::1/128"))
    assert settings.allowed_hosts == ("a.example", "b.example")
    assert settings.payment_methods == {"acme": "acme.pay:Gateway", "other": "entry"}


def test_empty_variables_count_as_not_set(elsewhere: Path) -> None:
    assert load_settings(None, {"MAGENTO_SOAP_PORT": ""}).port == 8080


def test_workers_get_exactly_the_same_settings(elsewhere: Path) -> None:
    settings = Settings(
        database_url="sqlite:////tmp/x.sqlite",
        table_prefix="shop_",
        wsi=True,
        trusted_proxies=("10.0.0.0/8",),  # type: ignore[arg-type]
        allowed_hosts=("a", ".b", "*"),
        base_url="https://shop.example/m1",
        payment_methods={"acme": "acme.pay:Gateway", "paypal_direct": "http"},
        http_gateway_url="https://pay.example/?shop=1,2",
        http_gateway_secret="sixteen, or more = good",
        http_gateway_signed_answers=False,
        smtp_security="starttls",
        smtp_password="a,b = 'c' #d",
        mail_templates=elsewhere,
    )
    written(elsewhere, 'read_database_url = "sqlite:///other.sqlite"\n')
    assert load_settings(None, settings.as_environment()) == settings


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1


def test_direct_construction_ignores_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAGENTO_SOAP_PORT", "9999")
    assert Settings().port == 8080


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("port", "70000", "1 to 65535"),
        ("port", "http", "1 to 65535"),
        ("table_prefix", "x'; drop", "lower-case letters, digits and underscores"),
        ("namespace", "urn:Other", "urn:Magento, urn:OpenMage or urn:Maho"),
        ("soapenc_import", "yes", "bare, location or none"),
        ("trusted_proxies", "10.0.0.1/8", "addresses or networks"),
        ("allowed_hosts", "shop.example:8080", "host names without ports"),
        ("base_url", "shop.example", "an http or https URL"),
        ("payment_methods", "acme", "method code = module:attribute"),
        ("payment_methods", "Acme=x:y", "method code = module:attribute"),
        ("database_url", "oracle://x", "SQLAlchemy URL"),
        ("database_url", "nonsense", "SQLAlchemy URL"),
        ("wsi", "perhaps", "true or false"),
        ("max_body_bytes", "3", "at least 1024"),
        ("http_gateway_url", "ftp://pay.example/", "an http or https URL"),
        ("http_gateway_url", "https:///pay", "an http or https URL"),
        ("http_gateway_url", "https://[::1", "an http or https URL"),
        ("http_gateway_secret", "too short", "at least 16 characters"),
        ("http_gateway_attempts", "0", "1 to 10"),
    ],
)
def test_a_wrong_value_is_one_line_with_setting_origin_and_what_is_allowed(
    elsewhere: Path, name: str, text: str, said: str
) -> None:
    variable = f"MAGENTO_SOAP_{name.upper()}"
    (line,) = problems(environ={variable: text})
    assert line.startswith(f"{name} (in {variable}): ")
    assert said in line.partition("Allowed: ")[2]


def test_every_wrong_setting_is_named_once(elsewhere: Path) -> None:
    file = written(elsewhere, 'port = 0\nwsi = "perhaps"\ntrusted_proxies = ["x", "y"]\n', "wrong.toml")
    lines = problems(file)
    assert [line.split(" ")[0] for line in lines] == ["port", "wsi", "trusted_proxies"]
    assert all("wrong.toml" in line for line in lines)


def test_unknown_key_in_the_file_is_an_error(elsewhere: Path) -> None:
    file = written(elsewhere, 'databse_url = "sqlite:///x"\n')
    (line,) = problems(file)
    assert line == f"databse_url (in {file}): unknown setting"


def test_a_password_in_a_wrong_url_is_not_shown(elsewhere: Path) -> None:
    (line,) = problems(environ={"MAGENTO_SOAP_DATABASE_URL": "oracle://me:secret@host/shop"})
    assert "secret" not in line


def test_what_may_hold_a_secret_is_not_shown() -> None:
    lines = problems(
        environ={"MAGENTO_SOAP_HTTP_GATEWAY_URL": "ftp://secret", "MAGENTO_SOAP_HTTP_GATEWAY_SECRET": "secret"}
    )
    assert not any("secret" in line.partition("): ")[2] for line in lines)
    settings = Settings(http_gateway_url="https://pay.example/token", http_gateway_secret="0123456789abcdef")
    assert "token" not in repr(settings)
    assert "0123456789abcdef" not in repr(settings)
    assert "tiger" not in repr(Settings(smtp_password="tiger"))


def test_a_dash_reads_no_file(elsewhere: Path) -> None:
    written(elsewhere, "port = 9000\n")
    assert load_settings(None, {"MAGENTO_SOAP_CONFIG": "-"}).port == 8080


def test_missing_and_broken_files(elsewhere: Path) -> None:
    assert problems(elsewhere / "none.toml") == (f"{elsewhere / 'none.toml'}: file not found",)
    (line,) = problems(written(elsewhere, "port ="))
    assert "cannot be read as TOML" in line


def test_unknown_variables_are_found() -> None:
    environ = {
        "MAGENTO_SOAP_PORT": "1",
        "MAGENTO_SOAP_POTR": "1",
        "MAGENTO_SOAP_CONFIG": "x",
        "MAGENTO_SOAP_TEST_MYSQL_URL": "x",
        "PATH": "x",
    }
    assert unknown_variables(environ) == ["MAGENTO_SOAP_POTR"]


def test_every_setting_is_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    missing = [name for name in Settings.model_fields if f"`{name}`" not in text]
    assert not missing
