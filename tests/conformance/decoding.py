"""Answers of each kind of API as plain values: what is compared, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeAlias

from lxml import etree

Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"
RPC_RESULT = "{http://www.w3.org/2003/05/soap-rpc}result"
"""SOAP 1.2's name of the result, which may stand anywhere in a message: PHP writes it first, ours is last."""
AMOUNT = re.compile(r"-?\d+\.\d{4}")


@dataclass(frozen=True)
class Answer:
    """A decoded answer: plain values, numbers as text; ``fault`` is the fault's code when it is one.

    ``types`` are the elements with their declared types, in document order; empty where these are not compared.
    """

    value: Value
    fault: str | None = None
    types: tuple[str, ...] = ()


class Unreadable(ValueError):
    """An answer that is no message of its kind."""


# SOAP


def decode_soap(body: bytes) -> Answer:
    """A SOAP 1.1 or 1.2 message of either style; a WSDL counts as one, whatever it says. Raises Unreadable."""
    root = _build_invoice(body)
    if _name(root) == "definitions":
        return Answer("a WSDL")
    message = next((message for part in root if _name(part) == "Body" for message in part), None)
    if message is None:
        raise Unreadable("no message in a Body")
    for pointer in message.findall(RPC_RESULT):
        message.remove(pointer)
    if _name(message) != "Fault":
        value: Value = {_name(message): {_name(part): _accessor(part) for part in message}}
        return Answer(value, types=tuple(_declared(node) for node in message.iter()))
    said = {_name(part): "".join(map(str, part.itertext())).strip() for part in message}
    code, text = said.get("faultcode") or said.get("Code"), said.get("faultstring") or said.get("Reason")
    return Answer({"code": code, "text": text}, fault=code)


def _accessor(node: etree._Element) -> Value:
    if _attribute(node, "nil") in {"true", "1"}:
        return None
    if _attribute(node, "arrayType") or _attribute(node, "itemType"):
        return [_accessor(item) for item in node]
    if _attribute(node, "type").endswith(":Map"):
        return {key.text or "": _accessor(value) for key, value in node}
    if len(node) and all(_name(item) == "complexObjectArray" for item in node):
        return [_accessor(item) for item in node]
    if len(node):
        return {_name(member): _accessor(member) for member in node}
    return node.text or ""


def _declared(node: etree._Element) -> str:
    types = (_attribute(node, name).rpartition(":")[2] for name in ("type", "arrayType"))
    key = node.text if _name(node) == "key" else None  # the name that a member of a Map has
    return " ".join((key or _name(node), *types)).rstrip()


def _attribute(node: etree._Element, name: str) -> str:
    return next((str(value) for key, value in node.items() if etree.QName(key).localname == name), "")


def _name(node: etree._Element) -> str:
    return etree.QName(node).localname


def _build_invoice(body: bytes) -> etree._Element:
    try:
        return etree.fromstring(body, etree.XMLParser(resolve_entities=False, remove_comments=True, remove_pis=True))
    except etree.XMLSyntaxError as error:
        raise Unreadable(str(error)) from error


# XML-RPC


def decode_xmlrpc(body: bytes) -> Answer:
    """An XML-RPC ``methodResponse``; a fault's value is its code and text, as with SOAP. Raises Unreadable."""
    root = _build_invoice(body)
    returned, fault = root.find("params/param/value"), root.find("fault/value")
    if root.tag != "methodResponse" or (returned is None) == (fault is None):
        raise Unreadable("no methodResponse with one value")
    if returned is not None:
        return Answer(_value(returned), types=tuple(_typed(value) for value in returned.iter("value")))
    said = _value(fault)
    if not isinstance(said, dict) or said.keys() != {"faultCode", "faultString"}:
        raise Unreadable("no fault's members")
    return Answer({"code": said["faultCode"], "text": said["faultString"]}, fault=str(said["faultCode"]))


def _value(value: etree._Element | None) -> Value:
    typed = next(iter(value), None) if value is not None else None
    if value is None or typed is None:
        raise Unreadable("a value without a type")
    if typed.tag == "nil":
        return None
    if typed.tag == "array":
        return [_value(entry) for entry in typed.iterfind("data/value")]
    if typed.tag == "struct":
        return {member.findtext("name", ""): _value(member.find("value")) for member in typed.iterfind("member")}
    text = typed.text or ""
    if typed.tag != "boolean":
        return text
    if text not in {"0", "1"}:
        raise Unreadable("a boolean that is none")
    return "true" if text == "1" else "false"


def _typed(value: etree._Element) -> str:
    holder = value.getparent()
    member = holder.findtext("name") if holder is not None else None
    return f"{member or 'value'} {value[0].tag}"


# JSON-RPC


def decode_jsonrpc(body: bytes) -> Answer:
    """A JSON-RPC response, amounts as the shortest of their numerals. Raises Unreadable.

    An error's ``data`` is left out: the recorded shop's is always empty, ours names the application's fault (RPC-4).
    """
    try:
        response = json.loads(body, parse_float=Decimal)
    except ValueError as error:
        raise Unreadable(str(error)) from error
    if not isinstance(response, dict) or ("result" in response) == ("error" in response):
        raise Unreadable("no response with either a result or an error")
    about: dict[str, Value] = {name: _plain(response.get(name)) for name in ("id", "jsonrpc")}
    if "result" in response:
        return Answer(about | {"result": _plain(response["result"])})
    if not isinstance(response["error"], dict):
        raise Unreadable("an error that is no object")
    code, text = (_plain(response["error"].get(name)) for name in ("code", "message"))
    return Answer(about | {"code": code, "text": text}, fault=str(code))


def _plain(said: Any) -> Value:
    if isinstance(said, dict):
        return {name: _plain(member) for name, member in said.items()}
    if isinstance(said, list):
        return [_plain(entry) for entry in said]
    if isinstance(said, bool):
        return str(said).lower()
    if isinstance(said, Decimal) or (isinstance(said, str) and AMOUNT.fullmatch(said)):
        return f"{Decimal(said).normalize():f}"  # 150.0 and "150.0000" are one amount, and so is 150
    return None if said is None else str(said)


# Kinds


def without_types(decode: Callable[[bytes], Answer]) -> Callable[[bytes], Answer]:
    """That decoder for a recording whose types are no example: columns as integers, which older shops sent as text."""
    return lambda body: replace(decode(body), types=())


DECODERS: dict[str, Callable[[bytes], Answer]] = {
    "v1": without_types(decode_soap),
    "v1-strings": decode_soap,
    "v2": decode_soap,
    "wsi": decode_soap,
    "xmlrpc": without_types(decode_xmlrpc),
    "xmlrpc-strings": decode_xmlrpc,
    "jsonrpc": decode_jsonrpc,
}
