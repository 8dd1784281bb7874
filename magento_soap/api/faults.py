"""Faults as data: code, name and text, and the exception that carries one to the client (API-5..7)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One entry of a fault table: ``code`` is text on the wire ("102")."""

    code: str
    name: str
    message: str


class ApiFault(Exception):
    """A fault for the client, in whatever form its protocol has.

    ``code`` is Magento's number as text ("100"), ``name`` its name (``not_exists``), ``message`` the text.
    """

    def __init__(self, fault: Fault, message: str | None = None) -> None:
        self.code = fault.code
        self.name = fault.name
        self.message = fault.message if message is None else message
        super().__init__(f"{self.code} {self.message}")
