"""``magento-soap demo``: a shop to try things out on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from magento_soap.demo.server import DemoFailed, DemoServer
from magento_soap.server.serving import CannotListen

from .terminal import fail, out


def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8080,
    folder: Annotated[Path, typer.Option(help="Folder of the shop's database file.")] = Path("var"),
    fresh: Annotated[bool, typer.Option("--fresh", help="Replace an existing demo shop by a new one.")] = False,
    exit_after_invoice: Annotated[
        bool, typer.Option("--exit-after-invoice", help="Stop after the first calls.")
    ] = False,
) -> None:
    """Create a demo shop, serve it on this machine, and invoice, ship and refund over SOAP."""
    shop = DemoServer(folder / "demo.sqlite", port)
    try:
        if shop.create(fresh):
            out.print(f"Created a demo shop in [bold]{shop.file}[/bold].")
        with shop.running():
            out.print(shop.endpoints(), shop.accounts())
            out.print("Creating an invoice over SOAP: login, salesOrderInvoiceCreate, salesOrderInvoiceInfo ...")
            out.print(shop.first_invoice())
            out.print("What a connector does with an order ...")
            out.print(shop.connector_run())
            if not exit_after_invoice:
                out.print("The shop is running. Stop it with Ctrl-C.")
                shop.wait()
    except (CannotListen, DemoFailed) as error:
        fail(str(error))
