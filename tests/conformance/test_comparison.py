"""The comparison itself: it notices what a shop answers, leaks or writes that it should not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from .recordings import Expectation, Scenario, Step, changes, replay

OLD, NEW = "0123456789abcdef" * 2, "fedcba9876543210" * 2
FAULT = "<Fault><faultcode>102</faultcode><faultstring>Invalid data</faultstring></Fault>"
SAFE = Expectation(faults=("102", "SOAP-ENV:*"), may_write=False)
ORDERLY = Expectation(faults=(), may_write=False)
COMMENT = {"entity_id": 7, "comment": "Grüße <b>bold</b> & ☃ 😀"}
COUNTER = {"entity_store_id": 1, "increment_last_id": "100000001"}


def envelope(message: str) -> bytes:
    return f'<Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Body>{message}</Body></Envelope>'.encode()


def info(result: str) -> bytes:
    return envelope(f"<infoResponse><result>{result}</result></infoResponse>")


def step(answer: bytes, **changed: Any) -> Step:
    """A step of the recording."""
    recorded = Step("v2/001", "v2", "POST", "/api/v2_soap/", {}, b"<request/>", 200, answer, {})
    return replace(recorded, **changed)


class Puppet:
    """A shop that answers what it is told to; each request sets its one counter to what ``writes`` has next."""

    def __init__(
        self, *answers: bytes, status: int = 200, writes: str | None = None, mails: Sequence[dict[str, Any]] = ()
    ) -> None:
        self._answers, self._status, self._writes = iter(answers), status, writes
        self._counter, self._comments = COUNTER, list[dict[str, Any]]()
        self._mails = list(mails)
        self.bodies: list[bytes] = []

    def reset(self) -> None:
        self._counter = COUNTER

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        self.bodies.append(body)
        if self._writes:
            self._counter = COUNTER | {"increment_last_id": self._writes}
        if self._mails:
            self._comments = [COMMENT]
        return self._status, {}, next(self._answers)

    def rows(self, table: str) -> list[dict[str, Any]]:
        return {"eav_entity_store": [self._counter], "sales_flat_invoice_comment": self._comments}.get(table, [])

    def mails(self) -> list[dict[str, Any]]:
        return self._mails


def places(recorded: Step, shop: Puppet) -> list[str]:
    return [found.place for found in replay(Scenario((recorded,)), shop)]


@pytest.mark.parametrize(
    ("recorded", "ours", "place"),
    [
        ("<qty>1.0000</qty>", "<qty>1</qty>", "wire/infoResponse/result/qty"),
        ("<qty>1.0000</qty>", "<qty>1.0000</qty><sku>A</sku>", "wire/infoResponse/result/sku"),
        ("<items arrayType='x[2]'><i>1</i><i>2</i></items>", "<items arrayType='x[2]'><i>2</i><i>2</i></items>", "[0]"),
        ("<items arrayType='x[1]'><i>1</i></items>", "<items arrayType='x[2]'><i>1</i><i>1</i></items>", "/items"),
        ("<email_sent xsi:nil='true'/>", "<email_sent></email_sent>", "wire/infoResponse/result/email_sent"),
        ("<at>2026-11-22 04:20:00</at>", "<at>2024-01-01 00:00:00</at>", "wire/infoResponse/result/at"),
        ("<qty xsi:type='xsd:string'>1</qty>", "<qty xsi:type='xsd:int'>1</qty>", "types"),
        ("<qty>1</qty><sku>A</sku>", "<sku>A</sku><qty>1</qty>", "types"),
        ("<qty>1</qty>", "<qty>1</qty><qty>1</qty>", "types"),
        ("<qty>1</qty><sku xsi:nil='true'/>", "<qty>1</qty>", "types"),
    ],
)
def test_another_value_type_or_member_disagrees(recorded: str, ours: str, place: str) -> None:
    assert places(step(info(recorded)), Puppet(info(recorded))) == []
    assert places(step(info(recorded)), Puppet(info(ours)))[0].endswith(place)


@pytest.mark.parametrize("answer", [b"", b"<html>", envelope(""), b'{"result": true}'])
def test_an_unreadable_answer_disagrees(answer: bytes) -> None:
    assert places(step(info("true")), Puppet(answer)) == ["wire"]


def xmlrpc(value: str) -> bytes:
    return f"<methodResponse><params><param><value>{value}</value></param></params></methodResponse>".encode()


def member(name: str, value: str) -> str:
    return f"<member><name>{name}</name><value>{value}</value></member>"


QTY = member("qty", "<string>1</string>")


@pytest.mark.parametrize(
    ("recorded", "ours", "found"),
    [
        ("<string>1</string>", "<string>2</string>", ["wire"]),
        ("<boolean>1</boolean>", "<boolean>0</boolean>", ["wire"]),
        ("<boolean>1</boolean>", "<int>1</int>", ["wire", "types"]),
        ("<array><data/></array>", "<string></string>", ["wire", "types"]),
        (f"<struct>{QTY}</struct>", f"<struct>{member('qty', '<nil/>')}</struct>", ["wire/qty", "types"]),
        ("<string>1</string>", "<int>1</int>", ["types"]),
        (f"<struct>{QTY}</struct>", f"<struct>{member('qty', '<int>1</int>')}</struct>", ["types"]),
        (f"<struct>{QTY}{member('sku', '<nil/>')}</struct>", f"<struct>{QTY}</struct>", ["types"]),
    ],
)
def test_xmlrpc_values_and_types_disagree(recorded: str, ours: str, found: list[str]) -> None:
    strict = step(xmlrpc(recorded), kind="xmlrpc-strings")
    assert places(strict, Puppet(xmlrpc(recorded))) == []
    assert places(strict, Puppet(xmlrpc(ours))) == found
    by_value = [place for place in found if place != "types"]
    assert places(replace(strict, kind="xmlrpc"), Puppet(xmlrpc(ours))) == by_value


def test_an_xmlrpc_fault_is_its_number_and_text() -> None:
    said = member("faultCode", "<int>102</int>") + member("faultString", "<string>Invalid data</string>")
    fault = f"<methodResponse><fault><value><struct>{said}</struct></value></fault></methodResponse>".encode()
    recorded = step(fault, kind="xmlrpc")
    assert places(recorded, Puppet(fault)) == []
    assert places(recorded, Puppet(fault.replace(b"102", b"103"))) == ["wire/code"]
    assert places(recorded, Puppet(xmlrpc("<string>102</string>"))) == ["wire"]
    assert places(replace(recorded, expect=SAFE), Puppet(fault)) == []


@pytest.mark.parametrize(
    "answer", [b"", b"<html/>", b"<methodResponse/>", xmlrpc("untyped"), xmlrpc("<boolean>yes</boolean>"), envelope("")]
)
def test_an_unreadable_xmlrpc_answer_disagrees(answer: bytes) -> None:
    assert places(step(xmlrpc("<string>1</string>"), kind="xmlrpc"), Puppet(answer)) == ["wire"]


@pytest.mark.parametrize(
    ("recorded", "ours", "found"),
    [
        ('{"id":"1","result":["150.0000",150.5,150,true]}', '{"id":1,"result":[150.0,"150.5000","150.0000",true]}', []),
        ('{"id":"1","result":{"qty":"1.0000"}}', '{"id":"1","result":{"qty":"1.0001"}}', ["wire/result/qty"]),
        ('{"id":"1","result":{"qty":null}}', '{"id":"1","result":{"qty":""}}', ["wire/result/qty"]),
        ('{"id":"1","result":true}', '{"id":"1","result":1}', ["wire/result"]),
        ('{"id":"1","result":[]}', '{"id":"1","result":[[]]}', ["wire/result"]),
        ('{"id":"1","result":"1"}', '{"id":"2","result":"1"}', ["wire/id"]),
        ('{"id":"1","jsonrpc":"2.0","result":"1"}', '{"id":"1","result":"1"}', ["wire/jsonrpc"]),
        (
            '{"id":"1","error":{"code":-32000,"message":"No.","data":{}}}',
            '{"id":"1","error":{"code":1}}',
            ["code", "text"],
        ),
        ('{"id":"1","error":{"code":1,"message":"No."}}', '{"id":"1","error":{"code":1,"message":"No.","data":7}}', []),
        ('{"id":"1","result":"1"}', '{"id":"1"}', ["wire"]),
        ('{"id":"1","result":"1"}', "", ["wire"]),
        ('{"id":"1","result":"1"}', "[]", ["wire"]),
        ('{"id":"1","result":"1"}', '{"id":"1","error":"No."}', ["wire"]),
    ],
)
def test_jsonrpc_answers_are_compared_by_value(recorded: str, ours: str, found: list[str]) -> None:
    said = step(recorded.encode(), kind="jsonrpc")
    assert places(said, Puppet(recorded.encode())) == []
    got = places(said, Puppet(ours.encode()))
    assert len(got) == len(found)
    assert all(place.endswith(end) for place, end in zip(got, found, strict=True))


def test_another_fault_or_status_disagrees() -> None:
    recorded = step(envelope(FAULT))
    assert places(recorded, Puppet(envelope(FAULT))) == []
    assert places(recorded, Puppet(envelope(FAULT.replace("102", "103")))) == ["wire/code"]
    assert places(recorded, Puppet(envelope(FAULT.replace("data", "date")))) == ["wire/text"]
    assert places(recorded, Puppet(envelope(FAULT), status=500)) == ["status"]


def test_times_of_the_run_and_new_sessions_agree() -> None:
    recorded = f"<at>2026-11-22 04:20:00</at><session>{OLD}</session>"
    ours = f"<at>2031-02-03 00:00:00</at><session>{NEW}</session>"
    assert places(step(info(recorded)), Puppet(info(ours))) == []


def test_later_requests_carry_the_new_session() -> None:
    login = step(info(OLD))
    use = step(info("true"), id="v2/002", body=f"<sessionId>{OLD}</sessionId>".encode())
    shop = Puppet(info(NEW), info("true"))
    assert replay(Scenario((login, use)), shop) == []
    assert shop.bodies == [b"<request/>", f"<sessionId>{NEW}</sessionId>".encode()]


def test_other_writes_disagree() -> None:
    effects = {"eav_entity_store": {"~1": {"increment_last_id": ["100000001", "100000002"]}}}
    recorded = step(info("true"), effects=effects)
    place = "effects/eav_entity_store/~1/increment_last_id"
    assert places(recorded, Puppet(info("true"), writes="100000002")) == []
    assert places(recorded, Puppet(info("true"))) == [place]
    assert {at.rpartition("[")[0] for at in places(recorded, Puppet(info("true"), writes="100000003"))} == {place}
    assert places(step(info("true")), Puppet(info("true"), writes="100000002")) == [place]
    assert places(replace(recorded, ignored_tables=("eav_entity_store",)), Puppet(info("true"))) == []


def mail(to: str, text: str, subject: str = "Invoice # 1") -> dict[str, Any]:
    return {"headers": {"To": to, "Subject": subject}, "text": text}


SENT = mail('"Jane Q. Roe" <jane@example.com>', "Lab Store Grüße bold &amp; ☃ 😀 Thank you")


@pytest.mark.parametrize(
    ("ours", "found"),
    [
        ([mail("Jane Q. Roe <jane@example.com>", "Hello,\n\nGrüße <b>bold</b> & ☃ 😀\n\nLab Store")], []),
        ([mail("Jane Q. Roe <jane@example.com>", "Hello,\n\nLab Store")], ["mails[0]/with comment"]),
        ([mail("jane@example.com", "Grüße <b>bold</b> & ☃")], ["mails[0]/to[0]"]),
        ([mail("Jane Q. Roe <joe@example.com>", "Grüße <b>bold</b> & ☃")], ["mails[0]/to[1]"]),
        ([mail("Jane Q. Roe <jane@example.com>", "Grüße bold", subject="Invoice # 2")], ["mails[0]/subject"]),
        ([SENT, SENT], ["mails"]),
    ],
)
def test_another_mail_disagrees(ours: list[dict[str, Any]], found: list[str]) -> None:
    added = {"sales_flat_invoice_comment": {"+7": COMMENT}}
    recorded = step(info("true"), mails=[SENT], effects=added)
    assert places(recorded, Puppet(info("true"), mails=ours)) == found
    assert places(replace(recorded, mails=None), Puppet(info("true"), mails=ours)) == []


def test_a_mail_too_many_or_too_few_disagrees() -> None:
    assert places(step(info("true"), mails=[SENT]), Puppet(info("true"))) == ["mails"]
    assert places(step(info("true"), mails=[]), Puppet(info("true"))) == []


def test_changes_name_new_lost_and_altered_rows() -> None:
    before: dict[str, Any] = {"a": {"1": {"x": 1, "y": 1}, "2": {"x": 2}}, "b": {"1": {"x": 1}}}
    after: dict[str, Any] = {"a": {"1": {"x": 5, "y": 1}, "3": {"x": 3}}, "b": {"1": {"x": 1}}}
    assert changes(before, after) == {"a": {"~1": {"x": [1, 5]}, "+3": {"x": 3}, "-2": {"x": 2}}}


@pytest.mark.parametrize("code", ["102", "SOAP-ENV:Client"])
def test_an_allowed_fault_is_safe(code: str) -> None:
    assert places(step(b"whatever", expect=SAFE), Puppet(envelope(FAULT.replace("102", code)))) == []


@pytest.mark.parametrize("answer", [envelope(FAULT.replace("102", "1")), info("true"), b"<html>"])
def test_any_other_answer_is_not(answer: bytes) -> None:
    assert places(step(b"whatever", expect=SAFE), Puppet(answer)) == ["safety"]


def test_a_crash_is_no_orderly_answer() -> None:
    recorded = step(b"whatever", expect=ORDERLY)
    assert places(recorded, Puppet(info("true"))) == []
    assert places(recorded, Puppet(envelope(FAULT), status=500)) == []
    assert places(recorded, Puppet(b"Internal Server Error", status=500)) == ["safety"]


def test_writing_is_safe_only_where_it_is_allowed() -> None:
    recorded = step(b"whatever", expect=ORDERLY)
    assert places(recorded, Puppet(info("true"), writes="2")) == ["safety"]
    assert places(replace(recorded, expect=replace(ORDERLY, may_write=True)), Puppet(info("true"), writes="2")) == []


@pytest.mark.parametrize(
    "leaked",
    [
        "SQLSTATE[42S22]: Column not found",
        "(sqlite3.OperationalError) no such column [SQL: SELECT x\nFROM sales_flat_invoice]",
        "Traceback (most recent call last)",
        "include(/srv/shop/app/Mage.php)",
        r"include(\/srv\/shop\/app\/Mage.php)",
        "File &quot;/srv/magento_soap/app.py&quot;, line 3",
    ],
)
@pytest.mark.parametrize("expect", [None, ORDERLY], ids=["recorded", "safe"])
def test_a_leak_is_found_whatever_was_expected(leaked: str, expect: Expectation | None) -> None:
    answer = envelope(FAULT.replace("Invalid data", leaked))
    assert places(step(answer, expect=expect), Puppet(answer)) == ["safety"]


@pytest.mark.parametrize(
    "said",
    [
        "http://localhost/index.php/api/v2_soap/",
        "https://shop.example/a/b/api.php?type=v2_soap",
        r"https:\/\/shop.example\/a\/b\/api.php",
    ],
)
def test_an_address_is_no_leak(said: str) -> None:
    assert places(step(info(said)), Puppet(info(said))) == []
