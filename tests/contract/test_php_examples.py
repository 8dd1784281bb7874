"""The documentation's examples, run by PHP as the document has them, against the real server over HTTP."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import copied_shop

pytestmark = pytest.mark.php
HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples" / "php"
OWN_IDS = {"invoice_id", "order_id", "parent_id", "item_id", "product_id", "order_item_id"}  # of any one database


def php(script: str, shop_url: str) -> str:
    """What the example prints; fails when PHP does."""
    return php_code((EXAMPLES / script).read_text(encoding="utf-8"), shop_url)


def php_code(code: str, shop_url: str) -> str:
    """What PHP prints for that script; fails when PHP does."""
    done = subprocess.run(
        ["php", "-d", "display_errors=1", "-d", "error_reporting=-1", "-d", "soap.wsdl_cache_enabled=0"],
        env={**os.environ, "MAGENTO_URL": shop_url},
        input=code,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stdout, done.stdout
    return done.stdout


def dumped(output: str, name: str) -> list[str]:
    """Values of a member in PHP's ``var_dump``."""
    return re.findall(rf'\["{name}"\]=>\s*string\(\d+\) "([^"]*)"', output)


DUMPED = re.compile(
    rb"""\s*(?:(?P<array>array)\(\d+\)\ {|(?P<end>})|\[(?:"(?P<name>[^"]*)"|(?P<index>\d+))]=>"""
    rb"""|string\((?P<length>\d+)\)\ "|bool\((?P<bool>true|false)\)|(?P<null>NULL))\s*?""",
    re.VERBOSE,
)


def values(output: str) -> list[Any]:
    """What ``var_dump`` printed, as values: PHP's arrays as dicts by name, or lists. Fails for any other type."""
    text, position = output.encode(), 0

    def token() -> re.Match[bytes]:
        nonlocal position
        found = DUMPED.match(text, position)
        assert found, text[position : position + 200]
        position = found.end()
        return found

    def value() -> Any:
        nonlocal position
        found = token()
        if found["length"]:
            start, position = position, position + int(found["length"]) + 1
            return text[start : position - 1].decode()
        if found["array"]:
            members: dict[Any, Any] = {}
            while not (key := token())["end"]:
                members[key["name"].decode() if key["name"] else int(key["index"])] = value()
            return list(members.values()) if list(members) == list(range(len(members))) else members
        return None if found["null"] else found["bool"] == b"true"

    dumped = []
    while text[position:].strip():
        dumped.append(value())
    return dumped


@pytest.fixture(scope="module")
def v1_shop_url(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A shop for the V1 examples, which invoice the same orders as those of V2."""
    with copied_shop(demo_database, tmp_path_factory.mktemp("v1")) as url:
        yield url


def test_v1_basic_working_with_invoices(v1_shop_url: str) -> None:
    new, commented, captured = values(php("v1_basics.php", v1_shop_url))
    assert (new["state"], new["grand_total"], new["email_sent"]) == ("1", "33.6000", "1")
    assert [line["qty"] for line in new["items"]] == ["4.0000"]
    assert [comment["comment"] for comment in new["comments"]] == ["Invoice Created"]
    texts = {comment["comment"]: comment["is_customer_notified"] for comment in commented["comments"]}
    assert texts == {"Invoice Created": "1", "Invoice comment, some text": "1"}
    assert (captured["increment_id"], captured["state"]) == (new["increment_id"], "2")
    assert captured["transaction_id"]


def test_v1_list(v1_shop_url: str) -> None:
    (rows,) = values(php("v1_list.php", v1_shop_url))
    columns = ("order_id", "increment_id", "created_at", "state", "grand_total", "order_currency_code", "invoice_id")
    assert len(rows) > 20
    assert {tuple(row) for row in rows} == {columns}
    assert {type(value) for row in rows for value in row.values()} == {str}
    (documented,) = (row for row in rows if row["increment_id"] == "200000006")
    assert (documented["created_at"], documented["grand_total"]) == ("2012-03-30 12:02:19", "384.9800")


def test_v1_info_is_the_documented_answer(demo_database: Path, tmp_path: Path) -> None:
    """Every column of the document in its order: strings, nulls, nested arrays; ids are the database's own."""
    documented = json.loads((HERE / "documented_v1_info.json").read_text(encoding="utf-8"))
    with copied_shop(demo_database, tmp_path) as url:
        (invoice,) = values(php("v1_info.php", url))
    (line,), (documented_line,) = invoice["items"], documented["items"]
    for got, wanted in ((invoice, documented), (line, documented_line)):
        assert [name for name in got if name in wanted] == list(wanted)
        simple = [name for name in wanted if name not in OWN_IDS | {"items"}]
        assert {name: got[name] for name in simple} == {name: wanted[name] for name in simple}
        assert all(isinstance(got[name], str) for name in OWN_IDS & wanted.keys())


def test_v1_create_takes_the_mixed_map(v1_shop_url: str) -> None:
    (number,) = values(php("v1_create.php", v1_shop_url))
    assert re.fullmatch(r"2\d{8}", number)
    show = EXAMPLES.joinpath("v1_info.php").read_text(encoding="utf-8").replace("200000006", number)
    (invoice,) = values(php_code(show, v1_shop_url))
    assert {line["order_item_id"]: line["qty"] for line in invoice["items"]} == {"15": "1.0000", "16": "1.0000"}


def test_v1_add_comment_takes_arguments_by_name(v1_shop_url: str) -> None:
    assert values(php("v1_add_comment.php", v1_shop_url)) == [True]
    (invoice,) = values(php("v1_info.php", v1_shop_url))
    assert [comment["comment"] for comment in invoice["comments"]] == ["invoice comment"]


def test_v1_create_with_one_item_then_capture(v1_shop_url: str) -> None:
    number, captured = values(php("v1_capture.php", v1_shop_url))
    assert re.fullmatch(r"1\d{8}", number)
    assert captured is True


def test_v1_cancel(v1_shop_url: str) -> None:
    assert values(php("v1_cancel.php", v1_shop_url)) == [True]
    with pytest.raises(AssertionError, match="Invoice cannot be canceled"):
        php("v1_cancel.php", v1_shop_url)


def test_list_of_all_invoices(shop_url: str) -> None:
    output = php("v2_list.php", shop_url)
    assert "200000006" in dumped(output, "increment_id")
    assert len(dumped(output, "invoice_id")) == len(dumped(output, "grand_total")) > 5
    assert set(dumped(output, "state")) == {"1", "2", "3"}


def test_list_with_the_complex_filter(shop_url: str) -> None:
    assert set(dumped(php("v2_list_complex_filter.php", shop_url), "state")) == {"2", "3"}


def test_info_gives_the_documented_invoice(shop_url: str) -> None:
    output = php("v2_info.php", shop_url)
    documented = {
        "increment_id": "200000006",
        "store_id": "2",
        "grand_total": "384.9800",
        "base_grand_total": "384.9800",
        "subtotal": "379.9800",
        "shipping_amount": "5.0000",
        "discount_amount": "0.0000",
        "store_currency_code": "USD",
        "sku": "n2610-slider",
        "row_total": "379.9800",
        "weee_tax_applied": "a:0:{}",
    }
    for name, value in documented.items():
        assert dumped(output, name)[0] == value, name
    assert dumped(output, "qty") == ["1.0000"]


def test_create_as_documented_invoices_the_order_once(shop_url: str) -> None:
    output = php("v2_create.php", shop_url)
    assert re.fullmatch(r'string\(9\) "2\d{8}"\n', output)
    with pytest.raises(AssertionError, match="Cannot do invoice for order"):
        php("v2_create.php", shop_url)


def test_add_comment_without_a_comment(shop_url: str) -> None:
    assert php("v2_add_comment.php", shop_url) == "bool(true)\n"


def test_create_with_items_then_capture(shop_url: str) -> None:
    output = php("v2_capture.php", shop_url)
    assert re.fullmatch(r'string\(9\) "1\d{8}"\nbool\(true\)\n', output)


def test_documented_faults(shop_url: str) -> None:
    faults = dict(line.split(": ", 1) for line in php("v2_faults.php", shop_url).splitlines())
    assert faults == {
        "wrong key": "2 Access denied.",
        "unknown session": "5 Session expired. Try to relogin.",
        "unknown invoice": "100 Requested shipment does not exists.",
        "wrong filter": faults["wrong filter"],
        "wrong item": faults["wrong item"],
        "unknown order": "103 Requested order does not exists",
        "capture of a paid invoice": "104 Invoice cannot be captured.",
    }
    assert faults["wrong filter"].startswith("101 ")
    assert "nope" in faults["wrong filter"]
    assert faults["wrong item"].startswith("102 ")
    assert "999999" in faults["wrong item"]


@pytest.fixture(scope="module", params=["false", "true"])
def wsi(request: pytest.FixtureRequest, demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Runs WS-I examples on a shop of their own: as they are, and as the document has them, in a shop in WS-I mode."""
    with copied_shop(demo_database, tmp_path_factory.mktemp("wsi"), wsi=request.param) as url:

        def run(script: str) -> str:
            code = (EXAMPLES / script).read_text(encoding="utf-8")
            if request.param == "true":
                code = code.replace("/api/v2_soap_wsi/?wsdl", "/api/v2_soap/?wsdl")
            return php_code(code, url)

        yield run


def test_wsi_list(wsi: Any) -> None:
    output = wsi("wsi_list.php")
    assert "200000006" in dumped(output, "increment_id")
    assert len(dumped(output, "invoice_id")) == len(dumped(output, "grand_total")) > 20
    assert '["complexObjectArray"]=>\n  array(' in output


def test_wsi_info(wsi: Any) -> None:
    output = wsi("wsi_info.php")
    assert dumped(output, "increment_id")[0] == "200000006"
    assert (dumped(output, "grand_total"), dumped(output, "sku")) == (["384.9800"], ["n2610-slider"])


@pytest.mark.parametrize("wsi", ["true"], indirect=True)
def test_wsi_create_with_the_name_that_the_document_has(wsi: Any) -> None:
    """``orderIncrementId``, which PHP sends only because our WSDL knows it; the whole order, as for V2."""
    assert re.fullmatch(r'string\(9\) "2\d{8}"\n', wsi("wsi_create.php"))
    with pytest.raises(AssertionError, match="Cannot do invoice for order"):
        wsi("wsi_create.php")


def test_wsi_create_with_that_name_is_not_sent_where_magentos_own_form_is_described(shop_url: str) -> None:
    code = (EXAMPLES / "wsi_create.php").read_text(encoding="utf-8")
    with pytest.raises(AssertionError, match="object has no 'invoiceIncrementId' property"):
        php_code(code.replace("/api/v2_soap/?wsdl", "/api/v2_soap_wsi/?wsdl"), shop_url)


def test_wsi_create_for_some_items(wsi: Any) -> None:
    assert re.fullmatch(r'string\(9\) "1\d{8}"\n', wsi("wsi_items.php"))
    assert re.fullmatch(r'string\(9\) "1\d{8}"\n', wsi("wsi_items.php"))
    with pytest.raises(AssertionError, match="Cannot do invoice for order"):
        wsi("wsi_items.php")  # two pieces were ordered


def test_wsi_add_comment(wsi: Any) -> None:
    assert wsi("wsi_add_comment.php") == 'string(1) "1"\n'
    assert dumped(wsi("wsi_info.php"), "comment") == ["invoice comment"]


def test_wsi_capture(wsi: Any) -> None:
    assert wsi("wsi_capture.php") == 'string(1) "1"\n'
