"""Magento's SOAP V2 through zeep: two things that zeep needs to be told, and nothing else.

* zeep always fetches the schema of SOAP's encoding from schemas.xmlsoap.org; ``Offline`` gives it a copy instead.
* An item of an encoded array is "any element" to zeep, so it must be told which: ``array`` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import zeep

SOAP_ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"


class Offline(zeep.transports.Transport):
    """Fetches everything but the schema of SOAP's encoding, which lies beside this file."""

    def load(self, url: str) -> Any:
        if url == SOAP_ENCODING:
            return Path(__file__).with_name("soap_encoding.xsd").read_bytes()
        return super().load(url)  # type: ignore[no-untyped-call]


def connect(url: str) -> zeep.Client:
    """A client for the shop at that base URL."""
    return zeep.Client(f"{url}/api/v2_soap/?wsdl", transport=Offline())  # type: ignore[no-untyped-call]


def array(client: zeep.Client, array_type: str, item_type: str, items: Sequence[Mapping[str, Any]]) -> Any:
    """An encoded array such as orderItemIdQtyArray of orderItemIdQty."""
    of = client.get_type(f"ns0:{item_type}")
    return client.get_type(f"ns0:{array_type}")(
        [zeep.xsd.AnyObject(zeep.xsd.Element("item", of), of(**item)) for item in items]
    )
