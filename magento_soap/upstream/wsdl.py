"""The shop's WSDL: fetched, merged with our operations, kept.

A request gets what is in memory, at once. When that is older than ``refresh_seconds``, one thread gets the next copy
meanwhile, from the database if another process has stored one lately, otherwise from the shop. Only as long as there is
no copy at all, requests wait for that thread. What the shop serves is stored in the database, so that it survives
restarts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Condition, Thread

import structlog

from magento_soap.api.ports import WsdlCopies, WsdlCopy, WsdlRecord
from magento_soap.protocols.forwarding import WsdlUnavailable
from magento_soap.protocols.soap.wsdl import WsdlTemplate

from .exchange import UpstreamFailure

RETRY_SECONDS = 30
"""How long the shop is left alone after it served no WSDL."""
MAX_WAIT_SECONDS = 20
"""How long a request waits for the first copy. The shop may take longer; then a later request finds it."""

log = structlog.get_logger(__name__)


class ShopWsdl:
    """The shop's WSDL of one style, merged with our operations.

    It is the first of ``targets`` that serves one: ``fetch(target)`` gets a document (raises UpstreamFailure), and
    ``merge`` adds our operations to it (raises ValueError for anything but a WSDL of that style). A document that
    cannot be merged never replaces another one. ``now`` is UTC without time zone; ``monotonic`` counts seconds.
    """

    def __init__(
        self,
        name: str,
        targets: Sequence[str],
        *,
        fetch: Callable[[str], bytes],
        merge: Callable[[bytes], WsdlTemplate],
        copies: WsdlCopies,
        refresh_seconds: float,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        max_wait_seconds: float = MAX_WAIT_SECONDS,
    ) -> None:
        self._name = name
        self._targets = targets
        self._fetch = fetch
        self._merge = merge
        self._copies = copies
        self._refresh_seconds = refresh_seconds
        self._now = now
        self._monotonic = monotonic
        self._max_wait_seconds = max_wait_seconds
        self._copy: WsdlRecord | None = None
        self._template: WsdlTemplate | None = None
        self._due_at = monotonic()
        self._is_refreshing = False
        self._changed = Condition()

    def document(self, address: str) -> bytes:
        """The WSDL for clients that use ``address``, an absolute URL.

        Raises WsdlUnavailable if there is no copy, and the shop does not serve one in time.
        """
        with self._changed:
            if not self._is_refreshing and self._monotonic() >= self._due_at:
                Thread(target=self._refresh, name=f"WSDL {self._name}", daemon=True).start()
                self._is_refreshing = True
            if self._template is None:
                self._changed.wait_for(lambda: self._template or not self._is_refreshing, self._max_wait_seconds)
            template = self._template
            seconds_left = self._due_at - self._monotonic()
        if template is None:
            raise WsdlUnavailable(max(1.0, seconds_left))
        return template.at(address)

    def _refresh(self) -> None:
        """Get the next copy, in a thread of its own."""
        fetched, due_in = None, float(RETRY_SECONDS)
        try:
            self._use_stored()
            if self._seconds_left() <= 0:
                fetched = self._fetch_and_use()
            due_in = self._seconds_left()
        except ValueError as error:
            log.warning("the shop serves no WSDL that can be used", wsdl=self._name, reason=str(error))
        except Exception:
            log.exception("the shop's WSDL was not refreshed", wsdl=self._name)
        finally:
            with self._changed:
                self._due_at = self._monotonic() + due_in
                self._is_refreshing = False
                self._changed.notify_all()
        if fetched is not None:
            self._store(fetched)

    def _fetch_and_use(self) -> WsdlCopy:
        """Serve what the shop has at the first target that has it. Raises ValueError, with the reasons, for none."""
        problems: list[str] = []
        for target in self._targets:
            try:
                copy = WsdlCopy(self._fetch(target), self._now())
                self._use(copy)
            except (UpstreamFailure, ValueError) as error:
                problems.append(f"{target}: {error}")
            else:
                return copy
        raise ValueError("; ".join(problems))

    def _seconds_left(self) -> float:
        """How long the copy in memory counts as new; one from the future does not."""
        age = (self._now() - self._copy.fetched_at).total_seconds() if self._copy else -1.0
        return self._refresh_seconds - age if age >= 0 else 0.0

    def _use(self, copy: WsdlRecord) -> None:
        """Serve a copy from now on. Raises ValueError for one that cannot be merged."""
        is_known = self._copy is not None and self._copy.document == copy.document
        template = self._template if is_known else self._merge(copy.document)
        with self._changed:
            self._copy, self._template = copy, template
            self._changed.notify_all()

    def _use_stored(self) -> None:
        """Serve the copy in the database if it is newer than the one in memory, and not from the future."""
        try:
            stored = self._copies.find(self._name)
            if stored and (self._copy is None or self._copy.fetched_at < stored.fetched_at <= self._now()):
                self._use(stored)
        except Exception as error:
            log.warning("the stored WSDL cannot be used", wsdl=self._name, reason=str(error))

    def _store(self, copy: WsdlCopy) -> None:
        try:
            self._copies.save(self._name, copy)
        except Exception as error:
            log.warning("the shop's WSDL was not stored", wsdl=self._name, reason=str(error))
