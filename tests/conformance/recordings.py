"""Conversations recorded with a Magento 1 shop, and how another shop's answers and writes compare with them.

``recordings/<kind>.jsonl.gz`` holds one scenario a line: steps that are sent in order to a freshly reset shop. Most
steps must agree with the recording, decoded answer and changed rows alike. Where the recorded shop misbehaved the step
says so (``expect``), and the answer only has to be safe: a fault of the right kind or at least an orderly answer,
nothing leaked, nothing written. A kind is added by its file and its decoder in ``decoding.DECODERS``.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from itertools import zip_longest
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from .decoding import DECODERS, Unreadable, Value

RECORDINGS = Path(__file__).with_name("recordings")
PRIMARY_KEYS = {
    "sales_flat_invoice": "entity_id",
    "sales_flat_invoice_item": "entity_id",
    "sales_flat_invoice_comment": "entity_id",
    "sales_flat_invoice_grid": "entity_id",
    "sales_flat_order": "entity_id",
    "sales_flat_order_item": "item_id",
    "sales_flat_order_payment": "entity_id",
    "sales_flat_order_status_history": "entity_id",
    "sales_flat_order_grid": "entity_id",
    "sales_payment_transaction": "transaction_id",
    "eav_entity_store": "entity_store_id",
}
"""The tables whose rows are compared, and their keys; a scenario may name others."""
SALES_KEYS = PRIMARY_KEYS | {
    **{f"sales_flat_shipment{part}": "entity_id" for part in ("", "_item", "_comment", "_grid", "_track")},
    **{f"sales_flat_creditmemo{part}": "entity_id" for part in ("", "_item", "_comment", "_grid")},
    "cataloginventory_stock_item": "item_id",
    "cataloginventory_stock_status": "product_id/website_id/stock_id",
    "salesrule_coupon": "coupon_id",
    "salesrule_coupon_usage": "coupon_id/customer_id",
    "salesrule_customer": "rule_customer_id",
}
LEAK = re.compile(
    rb"SQLSTATE|\bSELECT\s.+\sFROM\s|Traceback|sqlalchemy|"
    rb"(?<![\w/:.\\-])(?:\\?/[\w.-]+){2,}\.(?:php|py)\b",  # a slash may be escaped in JSON
    re.IGNORECASE | re.DOTALL,
)
NOW = re.compile(r"20(?:2[6-9]|[3-9]\d)-\d\d-\d\d \d\d:\d\d:\d\d")  # the fixture's own times are earlier
SESSION = re.compile(r"\b(?=\d*[a-f])(?=[a-f]*\d)(?:[0-9a-f]{64}|[0-9a-f]{32})\b")  # the fixture's are one digit each

COMMENTS = tuple(
    f"sales_flat_{kind}"
    for kind in ("invoice_comment", "shipment_comment", "creditmemo_comment", "order_status_history")
)
ITEM_TIMES = frozenset({"updated_at"})
"""Not compared where the recorded shop, a later version, saved only those lines of an order that changed (DB-7)."""
TAG = re.compile(r"<[^>]*>")
WORD = re.compile(r"\w+")

Rows: TypeAlias = dict[str, dict[str, Any]]  # by primary key
Tables: TypeAlias = dict[str, Rows]


class Shop(Protocol):
    """What is compared with the recorded shop."""

    def reset(self) -> None:
        """Back to the rows, counters and sessions of the fixture."""

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """One request; the answer as status, headers and body."""

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table."""

    def mails(self) -> list[dict[str, Any]]:
        """The mails sent since the last call, each with ``headers`` (To, Subject) and ``text``."""


@dataclass(frozen=True)
class Expectation:
    """What is asked of a step in which the recorded shop is no example.

    ``faults`` are the allowed fault codes, ``SOAP-ENV:*`` all of that prefix; empty where any orderly answer will do.
    """

    faults: tuple[str, ...]
    may_write: bool


@dataclass(frozen=True)
class Step:
    """One recorded request and answer. ``effects`` are the changed rows in the form that ``changes`` gives.

    ``mails`` are those that were sent, None where nobody looked.
    """

    id: str
    kind: str
    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    status: int
    answer: bytes = field(repr=False)
    effects: dict[str, Any] = field(repr=False)
    expect: Expectation | None = None
    ignored_tables: tuple[str, ...] = ()
    mails: list[dict[str, Any]] | None = field(default=None, repr=False)
    free: frozenset[str] = frozenset()
    """Members of the answer that are not compared, at any depth."""


@dataclass(frozen=True)
class Scenario:
    """Steps that are taken one after the other; the rows of ``tables`` are compared, which have these keys."""

    steps: tuple[Step, ...]
    tables: Mapping[str, str] = field(default_factory=lambda: PRIMARY_KEYS, repr=False)

    @property
    def id(self) -> str:
        """The id of the first step."""
        return self.steps[0].id

    @property
    def kind(self) -> str:
        """The kind of its steps."""
        return self.steps[0].kind


@dataclass(frozen=True)
class Disagreement:
    """Where a step went another way than recorded or expected.

    ``place`` is a path: ``status``, ``wire/...`` (a decoded value), ``types``, ``effects/table/+id/column``,
    ``mails...`` or ``safety``.
    """

    step: str
    place: str
    recorded: object
    ours: object

    def __str__(self) -> str:
        return f"{self.step} {self.place}: recorded {self.recorded!r:.200}, ours {self.ours!r:.200}"


# Loading


def load(file: Path) -> list[Scenario]:
    """The scenarios of a recording."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [_scenario(json.loads(line)) for line in lines]


def load_all() -> list[Scenario]:
    """The scenarios of all recordings that are here."""
    return [scenario for file in sorted(RECORDINGS.glob("*.jsonl.gz")) for scenario in load(file)]


def _scenario(recorded: dict[str, Any]) -> Scenario:
    steps = tuple(_step(step) for step in recorded["steps"])
    tables = recorded.get("tables")
    return Scenario(steps, PRIMARY_KEYS if tables is None else {table: SALES_KEYS[table] for table in tables})


def _step(recorded: dict[str, Any]) -> Step:
    request, response, expect = recorded["request"], recorded["response"], recorded.get("expect")
    return Step(
        id=recorded["id"],
        kind=recorded["kind"],
        method=request["method"],
        path=request["path"],
        headers=request["headers"],
        body=_bytes(request["body"]),
        status=response["status"],
        answer=_bytes(response["body"]),
        effects=recorded.get("effects") or {},
        expect=expect and Expectation(tuple(expect.get("faults", ())), expect.get("may_write", False)),
        ignored_tables=tuple(recorded.get("ignore", ())),
        mails=recorded.get("mails"),
        free=frozenset(each for name in ("also", "without", "any") for each in recorded.get(name, ())),
    )


def _bytes(text: str) -> bytes:
    return base64.b64decode(text[7:]) if text.startswith("base64:") else text.encode()


# Comparing


def replay(scenario: Scenario, shop: Shop) -> list[Disagreement]:
    """Take the steps on that shop, after a reset, and tell all that disagrees with the recording."""
    shop.reset()
    found: list[Disagreement] = []
    sessions: dict[str, str] = {}  # of the recording -> of today
    before = _content(shop, scenario.tables)
    for step in scenario.steps:
        body = step.body
        for recorded, ours in sessions.items():
            body = body.replace(recorded.encode(), ours.encode())
        status, _, answer = shop.send(step.method, step.path, step.headers, body)
        after = _content(shop, scenario.tables)
        written = changes(before, after)
        before = after
        if leaked := LEAK.search(answer):
            found.append(Disagreement(step.id, "safety", "nothing leaked", leaked.group()))
        if step.expect:
            found += _unsafe(step, step.expect, status, answer, written)
        else:
            found += _unlike(step, status, answer, written, scenario.tables)
            if step.mails is not None:
                changed = (each for table in COMMENTS for each in written.get(table, {}).items())
                added = (row for name, row in changed if name.startswith("+"))
                comments = [row["comment"] for row in added if row["comment"]]
                are_sent = all("Subject" in mail["headers"] for mail in step.mails)
                faces = (_mail_face(mails, comments, are_sent=are_sent) for mails in (step.mails, shop.mails()))
                found += differences(step.id, "mails", *faces)
            opened = (SESSION.findall(text.decode(errors="replace")) for text in (step.answer, answer))
            sessions |= zip(*opened, strict=False)
    return found


def _unlike(
    step: Step, status: int, answer: bytes, written: dict[str, Any], tables: Mapping[str, str]
) -> Iterator[Disagreement]:
    """Where an answer differs from the recorded one."""
    if (status < 400) != (step.status < 400):
        yield Disagreement(step.id, "status", step.status, status)
    wanted = DECODERS[step.kind](step.answer)
    try:
        got = DECODERS[step.kind](answer)
    except Unreadable:
        yield Disagreement(step.id, "wire", wanted.value, answer)
    else:
        faces = (_normal(_without(value, step.free)) for value in (wanted.value, got.value))
        yield from differences(step.id, "wire", *faces)
        pairs = () if step.free else zip_longest(wanted.types, got.types)
        yield from (Disagreement(step.id, "types", *pair) for pair in pairs if pair[0] != pair[1])
    compared = [table for table in tables if table not in step.ignored_tables]
    free = frozenset[str]() if tables is PRIMARY_KEYS else ITEM_TIMES
    recorded, ours = (
        _normal(_without({table: face.get(table) for table in compared}, free)) for face in (step.effects, written)
    )
    yield from differences(step.id, "effects", recorded, ours)


def _unsafe(
    step: Step, expect: Expectation, status: int, answer: bytes, written: dict[str, Any]
) -> Iterator[Disagreement]:
    """What is wrong with an answer that only has to be safe."""
    try:
        fault = DECODERS[step.kind](answer).fault
    except Unreadable:
        fault = None
    if expect.faults and not any(fault and _is(fault, allowed) for allowed in expect.faults):
        yield Disagreement(step.id, "safety", f"a fault of {expect.faults}", fault or answer)
    if not expect.faults and status >= 500 and fault is None and step.method != "HEAD":
        yield Disagreement(step.id, "safety", "an orderly answer", f"HTTP {status}")
    if written and not expect.may_write:
        yield Disagreement(step.id, "safety", "nothing written", written)


def _is(fault: str, allowed: str) -> bool:
    return fault.startswith(allowed[:-1]) if allowed.endswith("*") else fault == allowed


def differences(step: str, place: str, recorded: Value, ours: Value) -> Iterator[Disagreement]:
    """Each place in which two values differ. What is null is equal to what is missing, member by member."""
    recorded = {} if recorded is None and isinstance(ours, dict) else recorded
    ours = {} if ours is None and isinstance(recorded, dict) else ours
    if isinstance(recorded, dict) and isinstance(ours, dict):
        for name in recorded | ours:
            yield from differences(step, f"{place}/{name}", recorded.get(name), ours.get(name))
    elif isinstance(recorded, list) and isinstance(ours, list) and len(recorded) == len(ours):
        for number, (theirs, own) in enumerate(zip(recorded, ours, strict=True)):
            yield from differences(step, f"{place}[{number}]", theirs, own)
    elif recorded != ours:
        yield Disagreement(step, place, recorded, ours)


def _without(value: Any, free: frozenset[str]) -> Any:
    """The value without members of these names."""
    if isinstance(value, dict):
        return {name: _without(member, free) for name, member in value.items() if name not in free}
    return [_without(entry, free) for entry in value] if isinstance(value, list) else value


def _normal(value: Any) -> Value:
    """That value with all numbers as text and without what is another at each run."""
    if isinstance(value, dict):
        return {name: _normal(member) for name, member in value.items()}
    if isinstance(value, list):
        entries = [_normal(entry) for entry in value]
        return entries if entries != ["<now>", "<now>"] else None  # how long a scenario takes is no change of a row
    if value is None:
        return None
    text = str(value)
    return "<now>" if NOW.fullmatch(text) else "<session>" if SESSION.fullmatch(text) else text


# Mails


def _mail_face(mails: list[dict[str, Any]], comments: list[str], *, are_sent: bool) -> Value:
    """Of each mail: to whom it is, its subject, and whether the comment that the step stored is in it.

    Of a mail that the recorded shop only queued, its address is known (H5).
    """
    faces: list[Value] = []
    for mail in sorted(mails, key=lambda mail: str(mail["headers"]["To"])):
        name, address = parseaddr(mail["headers"]["To"])
        if not are_sent:
            faces.append(address)
            continue
        has_comment = any(_words(comment) in _words(mail["text"]) for comment in comments)
        faces.append({"to": [name, address], "subject": mail["headers"]["Subject"], "with comment": str(has_comment)})
    return faces


def _words(text: str) -> str:
    """The words of a text, without mark-up: mails may have lost it."""
    return f" {' '.join(re.findall(WORD, html.unescape(TAG.sub('', text))))} "


# Effects


def changes(before: Tables, after: Tables) -> dict[str, Any]:
    """What was written, by table: ``+id`` a new row, ``~id`` each changed column's [old, new], ``-id`` a lost row."""
    written = {table: _changed_rows(before[table], rows) for table, rows in after.items()}
    return {table: changed for table, changed in written.items() if changed}


def _changed_rows(before: Rows, after: Rows) -> dict[str, Any]:
    changed: dict[str, Any] = {f"+{key}": after[key] for key in after.keys() - before.keys()}
    changed |= {f"-{key}": before[key] for key in before.keys() - after.keys()}
    for key in after.keys() & before.keys():
        old, new = before[key], after[key]
        if old != new:
            changed[f"~{key}"] = {column: [old[column], new[column]] for column in new if old[column] != new[column]}
    return changed


def _content(shop: Shop, tables: Mapping[str, str]) -> Tables:
    return {table: {_key(row, key): row for row in shop.rows(table)} for table, key in tables.items()}


def _key(row: dict[str, Any], key: str) -> str:
    return "/".join(str(row[column]) for column in key.split("/"))
