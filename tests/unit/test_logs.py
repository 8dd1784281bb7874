"""Logs never carry keys, session ids or passwords."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

from magento_soap import logs

SESSION = "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def _restored() -> object:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()


def test_secrets_are_blank_in_structured_and_in_plain_logs(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", "json")
    structlog.get_logger("a").warning("login failed", username="apiUser", api_key="apiKey7")
    structlog.get_logger("a").warning(f"call with {SESSION} and {SESSION * 2}")
    logging.getLogger("b").error("cannot reach %s", "mysql+pymysql://shop:pa55word@db.example/magento")
    try:
        raise ValueError(f"bad session {SESSION}")
    except ValueError:
        logging.getLogger("b").exception("unexpected")
    written = capsys.readouterr().err
    events = [json.loads(line) for line in written.splitlines()]
    assert [event["event"] for event in events] == [
        "login failed",
        "call with *** and ***",
        "cannot reach mysql+pymysql://shop:***@db.example/magento",
        "unexpected",
    ]
    assert events[0]["username"] == "apiUser"
    for secret in ("apiKey7", SESSION, "pa55word"):
        assert secret not in written


def test_less_urgent_logs_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("error", "console")
    structlog.get_logger("a").warning("not written")
    structlog.get_logger("a").error("written")
    assert "not written" not in capsys.readouterr().err
