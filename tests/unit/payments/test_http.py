"""The HTTP gateway against a real HTTP server that answers well, badly, twice or not at all."""

from __future__ import annotations

import gzip
import json
import logging
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import phpserialize
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magento_soap.payments.http import GatewayFailure, HttpGateway, NoAnswer
from magento_soap.sales.errors import GatewayNotReached, PaymentError
from magento_soap.sales.payment import GatewayRequest, GatewayResult, Payment
from tests.conftest import missing

from .http_provider import (
    SECRET,
    Provider,
    Reply,
    breaks_off,
    dribbles_body,
    dribbles_headers,
    hangs_up,
    providing,
    says,
    says_nothing,
    sign,
)

KEY = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
REQUEST = GatewayRequest(
    order_increment_id="100000016",
    invoice_increment_id="100000018",
    payment=Payment(1, "paypal_direct"),
    base_amount=Decimal("145"),
    base_currency_code="USD",
    parent_txn_id="auth-100000016",
    idempotency_key=KEY,
)
COMPRESSED = gzip.compress(b'{"status": "captured"}')
CAPTURED = says({"status": "captured", "transaction_id": "T-1"})


@pytest.fixture(scope="module")
def listening() -> Iterator[Provider]:
    with providing() as provider:
        yield provider


@pytest.fixture
def provider(listening: Provider) -> Provider:
    listening.replies_with(CAPTURED)
    return listening


def gateway_of(provider: Provider, **more: Any) -> HttpGateway:
    chosen = {"code": "paypal_direct", "url": provider.url, "secret": SECRET, "first_pause_seconds": 0.01, **more}
    return HttpGateway(**chosen)


# -- what is asked -----------------------------------------------------------------------------------------------------


def test_a_capture_is_one_signed_request(provider: Provider) -> None:
    before = int(time.time())
    result = gateway_of(provider).capture(REQUEST)
    assert result == GatewayResult(txn_id="T-1")
    (received,) = provider.received
    assert received.path == "/pay?shop=1"
    assert received.said == {
        "action": "capture",
        "method": "paypal_direct",
        "order": "100000016",
        "invoice": "100000018",
        "amount": "145.0000",
        "currency": "USD",
        "parent_transaction": "auth-100000016",
        "idempotency_key": KEY,
    }
    assert received.headers["content-type"] == "application/json"
    assert received.headers["idempotency-key"] == KEY
    timestamp = received.headers["x-magento-soap-timestamp"]
    assert before <= int(timestamp) <= time.time()
    assert received.headers["x-magento-soap-signature"] == sign(timestamp, received.body)


def test_a_void_of_everything_that_is_known_to_be_left(provider: Provider) -> None:
    provider.replies_with(says({"status": "voided", "transaction_id": "V-1", "close_authorization": True}))
    result = gateway_of(provider).void(replace(REQUEST, base_amount=None, invoice_increment_id=None))
    assert result == GatewayResult(txn_id="V-1", close_parent=True)
    assert provider.received[0].said["action"] == "void"
    assert provider.received[0].said["amount"] is None
    assert provider.received[0].said["invoice"] is None


def test_without_an_idempotency_key_nothing_is_asked(provider: Provider) -> None:
    with pytest.raises(ValueError, match="idempotency key"):
        gateway_of(provider).capture(replace(REQUEST, idempotency_key=""))
    assert not provider.received


TEXTS = st.text(min_size=1, max_size=40)


@given(
    asked=st.builds(
        GatewayRequest,
        order_increment_id=TEXTS,
        invoice_increment_id=st.none() | TEXTS,
        payment=st.just(REQUEST.payment),
        base_amount=st.none() | st.decimals(min_value=0, max_value=10**8, places=4),
        base_currency_code=st.none() | st.just("EUR"),
        parent_txn_id=st.none() | TEXTS,
        idempotency_key=st.uuids().map(str),
    ),
    secret=st.text(st.characters(codec="utf-8"), min_size=16, max_size=40),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_signature_is_that_of_exactly_the_bytes_sent(
    provider: Provider, asked: GatewayRequest, secret: str
) -> None:
    provider.replies_with(says({"status": "captured"}, secret=secret))
    gateway_of(provider, secret=secret).capture(asked)
    (received,) = provider.received
    timestamp, signed = (received.headers[f"x-magento-soap-{name}"] for name in ("timestamp", "signature"))
    assert signed == sign(timestamp, received.body, secret)
    assert signed != sign(timestamp, received.body + b" ", secret)
    assert signed != sign(str(int(timestamp) + 1), received.body, secret)
    said = received.said
    assert said["order"] == asked.order_increment_id
    assert said["parent_transaction"] == asked.parent_txn_id
    assert said["idempotency_key"] == asked.idempotency_key
    assert (None if said["amount"] is None else Decimal(said["amount"])) == asked.base_amount


# -- decisions ---------------------------------------------------------------------------------------------------------


def test_everything_that_an_answer_may_say(provider: Provider) -> None:
    details = {"risk": 0.5, "avs": "Y", "three_ds": {"version": 2}, "retried": False}
    said = {
        "status": "captured",
        "transaction_id": "T-9",
        "message": "All\tgood.\nReally \x00 ☕ ",
        "close_authorization": False,
        "is_fraud": True,
        "details": details,
        "not known": [1],
    }
    provider.replies_with(says(said))
    result = gateway_of(provider).capture(REQUEST)
    assert result.additional_information is not None
    assert result == GatewayResult(
        txn_id="T-9",
        close_parent=False,
        is_fraud=True,
        message="All good. Really ☕",
        additional_information=result.additional_information,
    )
    kept = phpserialize.loads(phpserialize.dumps(result.additional_information), decode_strings=True)
    assert kept == {  # where Magento's admin panel looks for it
        "raw_details_info": {"risk": "0.5", "avs": "Y", "three_ds": '{"version": 2}', "retried": "false"}
    }


def test_pending(provider: Provider) -> None:
    provider.replies_with(says({"status": "pending", "transaction_id": "T-1", "is_fraud": True}))
    result = gateway_of(provider).capture(REQUEST)
    assert (result.is_pending, result.is_fraud, result.txn_id) == (True, True, "T-1")


@pytest.mark.parametrize("status", [200, 402, 409, 422])
def test_a_decline_is_a_refusal_in_the_gateways_words(provider: Provider, status: int) -> None:
    provider.replies_with(says({"status": "declined", "message": " Card\nexpired. "}, status))
    with pytest.raises(PaymentError, match=r"^Card expired\.$"):
        gateway_of(provider).capture(REQUEST)
    assert len(provider.received) == 1


@pytest.mark.parametrize(
    ("message", "expected"),
    [(None, "The payment was declined."), (" \n\x07", "The payment was declined."), ("x" * 5000, "x" * 200)],
)
def test_clients_see_one_short_line(provider: Provider, message: str | None, expected: str) -> None:
    provider.replies_with(says({"status": "declined", "message": message}))
    with pytest.raises(PaymentError) as refused:
        gateway_of(provider).void(REQUEST)
    assert str(refused.value) == expected


# -- what decides nothing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(says(b"<html>Welcome</html>"), id="HTML"),
        pytest.param(says(b""), id="nothing"),
        pytest.param(says(b"\xff\xfe\x00"), id="bytes"),
        pytest.param(says([]), id="a list"),
        pytest.param(says({}), id="no status"),
        pytest.param(says({"status": "ok"}), id="unknown status"),
        pytest.param(says({"status": "voided"}), id="the answer to something else"),
        pytest.param(says({"status": "captured", "transaction_id": 7}), id="a number for a text"),
        pytest.param(says({"status": "captured", "is_fraud": "no"}), id="a text for a flag"),
        pytest.param(says({"status": "captured", "transaction_id": ""}), id="an empty id"),
        pytest.param(says({"status": "captured", "transaction_id": "x" * 101}), id="an id too long for its column"),
        pytest.param(says({"status": "captured", "transaction_id": "a\x00b"}), id="an id with a NUL"),
        pytest.param(says({"status": "captured", "details": ["a"]}), id="details without names"),
        pytest.param(says(b'{"status": "captured"' + b" " * 20_000 + b"}"), id="too long"),
        pytest.param(
            says(b'{"status": "captured", "details": ' + b"[" * 9000 + b"]" * 9000 + b"}"), id="too long, deep"
        ),
        pytest.param(says(b"[" * 16_000), id="deep"),
        pytest.param(says(COMPRESSED, headers={"Content-Encoding": "gzip"}), id="compressed, unasked"),
        pytest.param(says({"status": "captured"}, 402), id="captured, and payment required"),
        pytest.param(says({"status": "captured"}, 422), id="captured, and not processable"),
        pytest.param(says({}, 402), id="402 without a word"),
        pytest.param(says({}, 422), id="422 without a word"),
        pytest.param(says({"status": "declined"}, 400), id="400"),
        pytest.param(says({"status": "declined"}, 401), id="401"),
        pytest.param(says({"status": "declined"}, 404), id="404"),
        pytest.param(says({"status": "captured"}, secret=None), id="not signed"),
        pytest.param(says({"status": "declined"}, secret=None), id="a decline, not signed"),
        pytest.param(says({"status": "captured"}, secret="another secret"), id="signed by somebody else"),
    ],
)
def test_after_an_invalid_answer_the_outcome_is_unknown(provider: Provider, reply: Reply) -> None:
    provider.replies_with(reply)
    with pytest.raises(GatewayFailure) as failed:
        gateway_of(provider).capture(REQUEST)
    assert not isinstance(failed.value, NoAnswer)
    assert len(provider.received) == 1  # it would say so again
    assert provider.url not in str(failed.value)
    assert SECRET not in str(failed.value)


@given(
    said=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
        st.fixed_dictionaries(
            {"status": st.sampled_from(["captured", "pending", "voided", "declined", "CAPTURED"])},
            optional={
                "transaction_id": st.text(max_size=120) | st.integers(),
                "message": st.none() | st.text() | st.lists(st.text()),
                "close_authorization": st.none() | st.booleans() | st.integers(),
                "details": st.dictionaries(st.text(), st.floats() | st.text() | st.lists(st.integers())),
            },
        ).map(lambda value: json.dumps(value).encode()),
    )
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_answered_is_a_decision_or_a_failure(provider: Provider, said: bytes) -> None:
    provider.replies_with(says(said))
    try:
        result = gateway_of(provider, attempts=1).capture(REQUEST)
    except PaymentError:
        assert json.loads(said)["status"] == "declined"
    except GatewayFailure:
        pass
    else:
        assert json.loads(said)["status"] == ("pending" if result.is_pending else "captured")
        assert result.message is None or result.message.isprintable()
        assert phpserialize.dumps(result.additional_information)


def test_a_redirect_is_not_followed(provider: Provider) -> None:
    for status in (301, 302, 303, 307, 308):
        provider.replies_with(says({"status": "captured"}, status, headers={"Location": provider.url}))
        with pytest.raises(GatewayFailure, match=str(status)):
            gateway_of(provider).capture(REQUEST)
        assert len(provider.received) == 1


def test_answers_need_no_signature_where_the_shop_says_so(provider: Provider) -> None:
    relaxed = gateway_of(provider, signed_answers=False)
    provider.replies_with(says({"status": "captured", "transaction_id": "T-2"}, secret=None))
    assert relaxed.capture(REQUEST).txn_id == "T-2"
    provider.replies_with(says({"status": "captured"}, secret="another secret"))
    with pytest.raises(GatewayFailure, match="the signature of the answer is missing or wrong"):
        relaxed.capture(REQUEST)


def test_the_answer_to_another_request_does_not_count(provider: Provider) -> None:
    body = b'{"status": "captured"}'
    replayed = says(body, secret=None, headers={"X-Magento-Soap-Signature": sign("another key", body)})
    provider.replies_with(replayed)
    with pytest.raises(GatewayFailure, match="the signature of the answer is missing or wrong"):
        gateway_of(provider).capture(REQUEST)


# -- asking again ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(says(b"<html>Oops</html>", 500, secret=None), id="500"),
        pytest.param(says(b"", 503, secret=None), id="503"),
        pytest.param(says(b"", 429, secret=None), id="429"),
        pytest.param(says(b"", 409, secret=None), id="still working on it"),
        pytest.param(says({"status": "captured"}, 500), id="an answer, but 500"),
        pytest.param(hangs_up, id="drops the connection"),
        pytest.param(breaks_off, id="breaks off within the answer"),
    ],
)
def test_it_is_asked_again_with_the_same_key_and_the_same_bytes(provider: Provider, failure: Reply) -> None:
    provider.replies_with(failure, CAPTURED)
    assert gateway_of(provider).capture(REQUEST).txn_id == "T-1"
    first, second = provider.received
    assert first.body == second.body
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"] == KEY
    assert second.headers["x-magento-soap-signature"] == sign(second.headers["x-magento-soap-timestamp"], second.body)


@pytest.mark.parametrize("attempts", [1, 3])
def test_the_number_of_attempts_is_limited(provider: Provider, attempts: int) -> None:
    provider.replies_with(hangs_up)
    with pytest.raises(NoAnswer) as failed:
        gateway_of(provider, attempts=attempts).capture(REQUEST)
    assert len(provider.received) == attempts
    assert not isinstance(failed.value, GatewayNotReached)


@pytest.mark.parametrize("reply", [says_nothing, dribbles_headers, dribbles_body])
def test_the_whole_answer_has_to_come_in_time(reply: Reply) -> None:
    with providing() as slow:
        slow.replies_with(reply)
        gateway = gateway_of(slow, timeout_seconds=1, attempts=1)
        begun = time.monotonic()
        with pytest.raises(NoAnswer):
            gateway.capture(REQUEST)
        assert 1 <= time.monotonic() - begun < gateway.longest_seconds + 5
        assert len(slow.received) == 1


def test_a_lost_answer_is_given_again() -> None:
    with providing() as slow:
        slow.replies_with(says_nothing, says({"status": "captured", "transaction_id": "T-1"}))
        assert gateway_of(slow, timeout_seconds=3).capture(REQUEST).txn_id == "T-1"
        assert len(slow.received) == 2


def test_a_gateway_that_refuses_connections_was_not_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/secret-path"
    gateway = HttpGateway("paypal_direct", url, SECRET, first_pause_seconds=0.01)
    with pytest.raises(GatewayNotReached) as failed:
        gateway.capture(REQUEST)
    assert "secret-path" not in str(failed.value)


def test_after_a_lost_answer_a_failed_connection_leaves_the_outcome_unknown() -> None:
    with providing() as provider:
        closed = []

        def dies(exchange: Any) -> None:
            provider.socket.close()
            closed.append(True)
            hangs_up(exchange)

        provider.replies_with(dies)
        with pytest.raises(NoAnswer) as failed:
            gateway_of(provider, attempts=2).capture(REQUEST)
    assert closed
    assert not isinstance(failed.value, GatewayNotReached)


@pytest.mark.parametrize("url", ["https://pay.example:port/", "https://pay.example/\x00"])
def test_an_invalid_url_is_reported_at_once(url: str) -> None:
    with pytest.raises(httpx.InvalidURL):
        HttpGateway("paypal_direct", url, SECRET)


# -- secrecy -----------------------------------------------------------------------------------------------------------


def test_neither_url_nor_secret_is_shown_or_logged(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    gateway = gateway_of(provider, attempts=2)
    provider.replies_with(hangs_up)
    with caplog.at_level(logging.INFO), pytest.raises(NoAnswer):
        gateway.capture(REQUEST)
    assert "no answer" in caplog.text  # the second attempt is logged
    for text in (caplog.text, repr(gateway)):
        assert "shop=1" not in text
        assert SECRET not in text


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody vouches for, with its key."""
    if shutil.which("openssl") is None:
        missing("there is no openssl command")
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(file), "-out", "-", *subject]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    file.write_text(file.read_text() + made.stdout)
    return file


def test_an_untrusted_certificate_is_refused_before_anything_is_sent(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with providing(context) as provider:
        provider.replies_with(CAPTURED)
        url = provider.url.replace("http:", "https:")
        with pytest.raises(GatewayNotReached):
            gateway_of(provider, url=url, attempts=1).capture(REQUEST)
        assert not provider.received
        known = ssl.create_default_context(cafile=str(certificate))
        assert gateway_of(provider, url=url, tls=known).capture(REQUEST).txn_id == "T-1"


def test_proxies_of_the_environment_are_not_used(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert gateway_of(provider).capture(REQUEST).txn_id == "T-1"


# -- abilities ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "is_gateway", "capture", "partial", "void"),
    [
        ("paypal_direct", True, True, True, True),
        ("verisign", True, True, True, True),
        ("authorizenet", True, True, False, True),
        ("authorizenet_directpost", True, True, False, True),
        ("paypal_express", False, True, True, False),  # not per invoice
        ("paypal_billing_agreement", False, True, True, True),
        ("paypal_standard", False, False, False, False),
        ("acme", True, True, True, True),
    ],
)
def test_abilities_are_those_of_magentos_methods(
    code: str, is_gateway: bool, capture: bool, partial: bool, void: bool
) -> None:
    method = HttpGateway(code, "http://127.0.0.1/", SECRET)
    declared = (method.is_gateway, method.can_capture, method.can_capture_partial, method.can_void)
    assert declared == (is_gateway, capture, partial, void)
    assert method.is_idempotent
