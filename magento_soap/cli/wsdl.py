"""``magento-soap wsdl``: the service descriptions, as the server sends them."""

from __future__ import annotations

import sys
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from magento_soap.protocols.soap import describe
from magento_soap.server.host_names import base_url as checked_base_url

from .configuration import command_settings, or_fail


class Contract(str, Enum):
    """The contracts that a WSDL can describe."""

    V1 = "v1"
    V2 = "v2"
    WSI = "wsi"
    WSI_DOCUMENTED = "wsi-documented"


def wsdl(
    context: typer.Context,
    contract: Annotated[Contract, typer.Argument(help="Which contract.")] = Contract.V2,
    base_url: Annotated[
        str | None,
        typer.Option(
            help="URL of the shop; by default the setting, otherwise http://magentohost/.", show_default=False
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option(help="File to write; standard output by default.")] = None,
) -> None:
    """Write the WSDL that the server serves."""
    settings = command_settings(context)
    address = or_fail(lambda: checked_base_url(base_url or settings.base_url or "http://magentohost/"))
    paths = {
        Contract.V1: "/api/soap/",
        Contract.V2: "/api/v2_soap/",
        Contract.WSI: "/api/v2_soap_wsi/",
        Contract.WSI_DOCUMENTED: "/api/v2_soap/",
    }
    document = describe(
        contract.value,
        f"{address}{paths[contract]}",
        namespace=settings.namespace,
        soapenc_import=settings.soapenc_import,
    )
    if output is None:
        sys.stdout.buffer.write(document)
    else:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(document)
