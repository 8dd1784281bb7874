"""docs/settings.md lists every setting with its default, and no other."""

from __future__ import annotations

import re
from typing import Any

from pydantic_core import PydanticUndefined

from magento_soap.settings import Settings

from .pages import pages, text_of

ROW = re.compile(r"^\| `(?P<name>\w+)` \| (?P<default>[^|]+) \|", re.MULTILINE)
VARIABLE = re.compile(r"\bMAGENTO_SOAP_(?!TEST_|REQUIRE_|CONFIG\b)([A-Z_]*[A-Z])\b")
IN_WORDS = {"workers": "one per processor", "allowed_hosts": "see below"}
"""Defaults that depend on the machine or on other settings."""


def documented() -> dict[str, str]:
    return {row["name"]: row["default"] for row in ROW.finditer(text_of("settings.md"))}


def shown(name: str, default: Any) -> str:
    if name in IN_WORDS:
        return IN_WORDS[name]
    if default is None or default in ((), [], {}, PydanticUndefined):
        return "none"
    if default == "":
        return "empty"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_every_setting_is_documented_and_no_other() -> None:
    assert set(documented()) == set(Settings.model_fields)


def test_the_defaults_are_those_of_the_code() -> None:
    defaults = {name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()}
    assert documented() == {name: shown(name, default) for name, default in defaults.items()}


def test_environment_variables_in_pages_are_settings() -> None:
    named = {name.lower() for page in pages() for name in VARIABLE.findall(page.read_text(encoding="utf-8"))}
    assert named
    assert named <= set(Settings.model_fields)
