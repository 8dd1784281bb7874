"""The benchmark runs and prints its table; how fast anything is, is not a matter of tests."""

from __future__ import annotations

import re

import pytest

from benchmarks import forwarding, soap_v2


def test_the_benchmark_compares_equal_answers_and_prints_its_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAGENTO_SOAP_TEST_MYSQL_URL", raising=False)
    soap_v2.main(["--infos", "1", "--lists", "1", "--creates", "1", "--invoices", "40"])
    rows = re.findall(r"SQLite\W+(SOAP alone|whole call)\W+(\w+)\W+[\d,]+\W+[\d,]+\W+\d+\.\d", capsys.readouterr().out)
    assert rows == [
        ("SOAP alone", "Info"),
        ("SOAP alone", "List"),
        ("whole call", "Info"),
        ("whole call", "List"),
        ("whole call", "Create"),
    ]


def test_the_copied_orders_and_invoices_make_a_shop_of_the_wanted_size() -> None:
    rows = soap_v2.shop_rows(invoices=100, orders=3)
    numbers = {row["increment_id"] for row in rows["sales_flat_order"]}
    assert len(rows["sales_flat_invoice"]) == 100
    assert {soap_v2.order_number(number) for number in range(3)} <= numbers


def test_the_benchmark_of_forwarding_prints_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    forwarding.main(["--calls", "2", "--windows", "2", "--seconds", "0.1"])
    printed = capsys.readouterr().out
    assert re.search(r"latency of a forwarded call, ms\W+\d+\.\d\d .*ms", printed)
    assert re.search(r"info, calls per second\W+[\d,]+\.\d\d .* x \d\.\d{3}", printed)
