"""The HTTP gateway: sends captures and voids to a URL of the shop, where a bridge talks to any payment provider.

Each capture or void is one signed JSON request with one JSON answer; ``docs/payments.md`` describes them. If no answer
can be read, the outcome is unknown: the same request is sent again with the same idempotency key, a few times at most,
and then a GatewayFailure is raised.

``HttpGateway._ask`` builds the request and interprets the ``Answer``; ``_answer`` repeats; ``_exchange`` and ``_post``
send; ``_read`` and ``_verified`` check what comes back.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import ssl
import time
from dataclasses import dataclass, field
from typing import Annotated, Literal

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue, StringConstraints, ValidationError
from tenacity import Retrying, before_sleep_log, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from magento_soap import __version__
from magento_soap.sales.errors import GatewayNotReached, PaymentError
from magento_soap.sales.payment import CAPTURE, VOID, GatewayRequest, GatewayResult

from .abilities import abilities_of

log = logging.getLogger(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)  # otherwise it logs the URL, which may contain a token

TIMESTAMP_HEADER = "X-Magento-Soap-Timestamp"
SIGNATURE_HEADER = "X-Magento-Soap-Signature"
MAX_ANSWER_BYTES = 16 * 1024
MAX_MESSAGE = 200  # characters
MAX_PAUSE_SECONDS = 2.0
RAW_DETAILS = "raw_details_info"  # the key under which Magento's admin panel finds a transaction's details
DECLINED = "The payment was declined."

BUSY = (408, 425, 429)  # HTTP statuses, besides 5xx, after which the request is sent again
CONFLICT = 409  # the bridge is still working on the first request with this key
DECLINING = (402, CONFLICT, 422)
FITTING = {CAPTURE: ("captured", "pending", "declined"), VOID: ("voided", "declined")}


class GatewayFailure(Exception):
    """The outcome is unknown, and money may have moved. The text is for the log."""


class NoAnswer(GatewayFailure):
    """No readable answer came back; asking again may help."""


class GatewayUnreachable(NoAnswer):
    """There was no connection, so this request did not reach the gateway."""


class Answer(BaseModel):
    """The JSON body of an answer."""

    model_config = ConfigDict(strict=True, frozen=True)

    status: Literal["captured", "voided", "pending", "declined"]
    transaction_id: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,100}$")] | None = None
    message: str | None = None
    close_authorization: bool | None = None
    is_fraud: bool = False
    details: dict[str, JsonValue] | None = None


@dataclass(frozen=True)
class Reply:
    """The HTTP response."""

    status: int
    signature: str | None
    body: bytes


def signature(secret: str, prefix: str, body: bytes) -> str:
    """The signature of a body: HMAC-SHA256 over prefix, a dot and the bytes.

    The prefix of a request is its timestamp. That of an answer is the idempotency key, which ties it to the request.
    """
    return "sha256=" + hmac.new(secret.encode(), prefix.encode() + b"." + body, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class HttpGateway:
    """The payment method with one code, behind a URL.

    ``timeout_seconds`` limits one attempt, from connecting to the last byte. ``signed_answers``: answers must have a
    signature. One with a wrong signature is never accepted.
    """

    code: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    timeout_seconds: float = 8
    attempts: int = 3
    signed_answers: bool = True
    first_pause_seconds: float = 0.5
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False, compare=False)

    def __post_init__(self) -> None:
        httpx.URL(self.url)  # raises InvalidURL now, and not with the first payment

    @property
    def longest_seconds(self) -> float:
        """The longest time a call can take."""
        return self.attempts * self.timeout_seconds + (self.attempts - 1) * MAX_PAUSE_SECONDS

    @property
    def is_gateway(self) -> bool:
        """As Magento's method with that code declares."""
        return abilities_of(self.code).is_gateway

    @property
    def can_capture(self) -> bool:
        """As Magento's method with that code declares."""
        return abilities_of(self.code).can_capture

    @property
    def can_capture_partial(self) -> bool:
        """As Magento's method with that code declares."""
        return abilities_of(self.code).can_capture_partial

    @property
    def can_void(self) -> bool:
        """As Magento's method with that code declares."""
        return abilities_of(self.code).can_void

    @property
    def is_idempotent(self) -> bool:
        """True: the protocol requires it of bridges."""
        return True

    def capture(self, request: GatewayRequest) -> GatewayResult:
        """Capture the money. Raises PaymentError if it is declined, GatewayFailure if the outcome is unknown."""
        return self._ask(CAPTURE, request)

    def void(self, request: GatewayRequest) -> GatewayResult:
        """Void the authorization. Raises PaymentError if that is declined, GatewayFailure if the outcome is unknown."""
        return self._ask(VOID, request)

    def cancel(self, request: GatewayRequest) -> GatewayResult:
        """Void the authorization of an order that is being canceled. Raises as ``void``."""
        return self._ask(VOID, request)

    def _ask(self, action: str, request: GatewayRequest) -> GatewayResult:
        if not request.idempotency_key:
            raise ValueError("a payment needs an idempotency key")
        answer = self._answer(_body(action, self.code, request), request.idempotency_key)
        message = _one_line(answer.message)
        if answer.status not in FITTING[action]:
            raise GatewayFailure(f"the answer to a {action} was {answer.status}")
        if answer.status == "declined":
            raise PaymentError(message or DECLINED)
        return GatewayResult(
            txn_id=answer.transaction_id,
            close_parent=answer.close_authorization,
            is_pending=answer.status == "pending",
            is_fraud=answer.is_fraud,
            message=message,
            additional_information=_additional_information(answer.details),
        )

    def _answer(self, body: bytes, key: str) -> Answer:
        """Ask until there is an answer, ``attempts`` times at most."""
        failures: list[NoAnswer] = []

        def attempt() -> Answer:
            try:
                return self._read(self._exchange(body, key), key)
            except NoAnswer as failure:
                failures.append(failure)
                raise

        again = Retrying(
            stop=stop_after_attempt(self.attempts),
            wait=wait_random_exponential(multiplier=self.first_pause_seconds, max=MAX_PAUSE_SECONDS),
            retry=retry_if_exception_type(NoAnswer),
            before_sleep=before_sleep_log(log, logging.WARNING),
            reraise=True,
        )
        try:
            return again(attempt)
        except GatewayUnreachable as last:
            if all(isinstance(failure, GatewayUnreachable) for failure in failures):
                log.warning("the gateway cannot be reached: %s", last)
                raise GatewayNotReached("The payment gateway cannot be reached.") from last
            raise NoAnswer("no answer, and then no connection") from last

    def _exchange(self, body: bytes, key: str) -> Reply:
        try:
            # httpx limits the time between two bytes; asyncio limits the whole exchange.
            return asyncio.run(asyncio.wait_for(self._post(body, key), self.timeout_seconds))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise GatewayUnreachable(f"no connection ({type(error).__name__})") from error
        except (httpx.TransportError, asyncio.TimeoutError) as error:
            raise NoAnswer(f"no answer ({type(error).__name__})") from error

    async def _post(self, body: bytes, key: str) -> Reply:
        timestamp = str(int(time.time()))
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
            "User-Agent": f"magento-soap/{__version__}",
            TIMESTAMP_HEADER: timestamp,
            SIGNATURE_HEADER: signature(self.secret, timestamp, body),
        }
        timeout = httpx.Timeout(self.timeout_seconds, connect=self.timeout_seconds / 2)
        async with (
            httpx.AsyncClient(verify=self.tls, timeout=timeout, trust_env=False) as client,
            client.stream("POST", self.url, content=body, headers=headers) as response,
        ):
            received = bytearray()
            async for part in response.aiter_raw():
                received += part
                if len(received) > MAX_ANSWER_BYTES:
                    raise GatewayFailure("the answer is too long")
            return Reply(response.status_code, response.headers.get(SIGNATURE_HEADER), bytes(received))

    def _read(self, reply: Reply, key: str) -> Answer:
        if reply.status >= 500 or reply.status in BUSY:
            raise NoAnswer(f"HTTP status {reply.status}")
        if not (200 <= reply.status < 300 or reply.status in DECLINING):
            raise GatewayFailure(f"HTTP status {reply.status}")
        try:
            answer = self._verified(reply, key)
        except GatewayFailure as failure:
            if reply.status == CONFLICT:
                raise NoAnswer(f"HTTP status {CONFLICT}") from failure
            raise
        if reply.status in DECLINING and answer.status != "declined":
            raise GatewayFailure(f"HTTP status {reply.status} with the answer {answer.status}")
        return answer

    def _verified(self, reply: Reply, key: str) -> Answer:
        if reply.signature is not None or self.signed_answers:
            expected = signature(self.secret, key, reply.body)
            if not hmac.compare_digest(expected.encode(), (reply.signature or "").encode()):
                raise GatewayFailure(f"HTTP status {reply.status}, and the signature of the answer is missing or wrong")
        try:
            return Answer.model_validate_json(reply.body)
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
            raise GatewayFailure(f"the answer is not valid: {wrong}") from None


def _body(action: str, code: str, request: GatewayRequest) -> bytes:
    """The request, byte for byte the same when it is repeated; the time is in a header."""
    amount = request.base_amount
    asked = {
        "action": action,
        "method": code,
        "order": request.order_increment_id,
        "invoice": request.invoice_increment_id,
        "amount": None if amount is None else f"{amount:.4f}",
        "currency": request.base_currency_code,
        "parent_transaction": request.parent_txn_id,
        "idempotency_key": request.idempotency_key,
    }
    return json.dumps(asked).encode()


def _one_line(message: str | None) -> str | None:
    """A message as faults and the order's history show it: one line of printable characters."""
    printable = "".join(character if character.isprintable() else " " for character in message or "")
    return " ".join(printable.split())[:MAX_MESSAGE].rstrip() or None


def _additional_information(details: dict[str, JsonValue] | None) -> dict[str, dict[str, str]] | None:
    """Details as Magento stores them with a transaction; values other than text become JSON."""
    if not details:
        return None
    return {RAW_DETAILS: {name: each if isinstance(each, str) else json.dumps(each) for name, each in details.items()}}
