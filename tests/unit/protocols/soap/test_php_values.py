"""Random values of no declared type go through PHP's SoapClient and SoapServer and through ours: the same comes out."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from magento_soap.api.client import Client
from magento_soap.api.values import Struct
from magento_soap.protocols.soap import SoapEndpoint
from magento_soap.protocols.soap.namespaces import XSI
from magento_soap.protocols.soap.writer import SOAP11, AnyWriter

from .wire import RecordingApi, envelope

pytestmark = pytest.mark.php

CALL = "<ns1:call><sessionId>s</sessionId><resourcePath>p</resourcePath>{}</ns1:call>"
INT_KEY = re.compile(r"(?:0|-?[1-9][0-9]{0,17})\Z").match


class Php:
    """PHP with ``mirror.php``."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def told(self, **asked: Any) -> dict[str, Any]:
        """What PHP writes and reads for a value, and for what we wrote for it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(asked), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        assert line, "PHP ended"
        told: dict[str, Any] = json.loads(line)
        return told


@pytest.fixture(scope="module")
def php(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Php]:
    wsdl = tmp_path_factory.mktemp("wsdl") / "v1.wsdl"
    wsdl.write_bytes(SoapEndpoint(RecordingApi(), style="v1").wsdl("http://magentohost/api/soap/"))
    # By default PHP cuts floats after 14 digits; we write all there are.
    command = ["php", "-d", "precision=17", "-d", "display_errors=stderr", str(Path(__file__).with_name("mirror.php"))]
    environment = {**os.environ, "MAGENTO_SOAP_TEST_WSDL": str(wsdl)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment, encoding="utf-8") as process:
        yield Php(process)


def plain(value: Any) -> Any:
    """Values as ``mirror.php`` writes them: a list is a PHP array, and so is a dict; text keys like 5 are integers."""
    if isinstance(value, float):
        return {"float": value}
    if isinstance(value, Struct):
        return {"struct": [[key, plain(member)] for key, member in value.items()]}
    if isinstance(value, (list, dict)):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return {"array": [[int(key) if INT_KEY(str(key)) else key, plain(member)] for key, member in pairs]}
    return value


def ours(request: bytes, result: Any = None) -> tuple[str, Any]:
    """Our answer to a request, and the arguments that we read in it."""
    api = RecordingApi(result)
    answer = SoapEndpoint(api, style="v1").answer(request, Client()).body.decode()
    assert api.asked, answer
    return answer, plain(api.asked[0][-1])


def written(message: str) -> bytes:
    """The value in an answer as it was written, but for the number of a float's digits."""
    (result,) = etree.fromstring(message.encode()).iter("callReturn")
    for element in result.iter():
        if element.text and str(element.get(f"{{{XSI}}}type")).endswith(":float"):
            element.text = repr(float(element.text))
    return etree.tostring(result, method="c14n", exclusive=True)


def read_as_args(answer: str) -> Any:
    """What we read where PHP's answer has its result."""
    found = re.search(r"<callReturn.*(?=</ns1:callResponse>)", answer, re.DOTALL)
    assert found, answer
    return ours(envelope(CALL.format(found[0].replace("callReturn", "args"))))[1]


def is_a_list_to_php(value: Any) -> bool:
    """Whether a dict, or one inside of it, is what PHP has for a list: we write a Map where PHP writes an array."""
    if isinstance(value, dict) and not isinstance(value, Struct):
        is_list = bool(value) and list(map(str, value)) == list(map(str, range(len(value))))
        return is_list or any(map(is_a_list_to_php, value.values()))
    members = value.values() if isinstance(value, Struct) else value if isinstance(value, list) else ()
    return any(map(is_a_list_to_php, members))


CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
TEXTS = st.text(CHARACTERS | st.sampled_from("\t\n\r &<>\"']"), max_size=8)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)  # PHP takes INF for a number; we refuse it
    | TEXTS
    | st.sampled_from(["", "0", "425.0500", "007", "]]>"])
)
KEYS = (
    st.integers(-9, 9)
    | st.sampled_from(["", "a", "order_item_id", "15", "05", "-3", "1.5", "ü"])
    | TEXTS.filter(lambda text: "&" not in text)  # PHP forgets to escape it in keys
)
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,6}", fullmatch=True)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4).filter(lambda items: len(set(map(str, items))) == len(items))
        | st.dictionaries(NAMES, inner, max_size=3).map(Struct)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(VALUES)
@example([])
@example([[], {}])
@example([None, None])
@example([1, "1", 1.5, None, True])
@example([{"a": 1}, {"b": None}])
@example([{"a": 1}, []])
@example([[1], [2.5]])
@example(["a", "b"])
@example({"15": "1", "16": "1"})
@example({"orderIncrementId": "200000008", 0: {"15": "1", "16": "1"}})
@example(1e15)
@example(-1e-5)
@example(Struct())
@example([Struct(a=Struct(b=[Struct(c=None)]))])
def test_values_are_written_and_read_as_php_does(php: Php, value: Any) -> None:
    parts: list[str] = []
    AnyWriter(SOAP11).write("args", value, parts.append)
    request = envelope(CALL.format("".join(parts)))
    answer, ours_reads_ours = ours(request, value)
    told = php.told(value=plain(value), request=request.decode(), answer=answer)
    if not is_a_list_to_php(value):
        assert written(answer) == written(told["answer"])
    assert told["client reads ours"] == told["client reads PHP"]
    assert told["server reads ours"] == told["server reads PHP"] == ours_reads_ours
    assert ours(told["request"].encode())[1] == told["server reads PHP"]
    assert read_as_args(told["answer"]) == told["client reads PHP"]
