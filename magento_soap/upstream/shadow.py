"""Shadow mode: reads are answered here, and a sample of them is sent to the shop as well, to compare the responses.

One thread of each process does that after the client has its response, one request at a time. What it has no time for
is dropped: shadow mode must cost neither the client nor the shop more than the sample.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from queue import Full, Queue
from threading import Lock, Thread

import structlog

from magento_soap.api.client import ServedCall
from magento_soap.api.faults import SESSION_EXPIRED
from magento_soap.protocols.forwarding import MessageFormat
from magento_soap.sales.errors import excerpt

from .comparison import Difference, differences
from .exchange import UpstreamFailure, UpstreamRequest

log = structlog.get_logger(__name__)

MAX_WAITING = 20
MAX_SHOWN = 20
"""How many differences of a response are logged."""
MAX_COMPARED_BYTES = 1024 * 1024
"""Longer responses of ours are not compared: decoding takes processor time from other calls."""


@dataclass(frozen=True)
class _Comparison:
    request: UpstreamRequest
    response: bytes
    methods: str
    messages: MessageFormat


class Shadow:
    """Compares ``percent`` of the reads. ``ask`` sends a request to the shop and returns the body of the response.

    It raises UpstreamFailure.
    """

    def __init__(
        self,
        percent: float,
        ask: Callable[[UpstreamRequest, MessageFormat], bytes],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._share = percent / 100
        self._ask = ask
        self._chance = chance
        self._waiting: Queue[_Comparison] = Queue(MAX_WAITING)
        self._thread: Thread | None = None
        self._lock = Lock()

    def compares(self, served: Sequence[ServedCall]) -> bool:
        """Whether this request is in the sample: something was served, and all of it was reads."""
        return (
            bool(self._share and served) and not any(call.changes for call in served) and self._chance() < self._share
        )

    def compare(
        self, request: UpstreamRequest, response: bytes, served: Sequence[ServedCall], messages: MessageFormat
    ) -> None:
        """Compare our response to a request with the shop's, later."""
        if len(response) > MAX_COMPARED_BYTES:
            return
        self._start()
        methods = ", ".join(call.path for call in served)
        try:
            self._waiting.put_nowait(_Comparison(request, response, excerpt(methods), messages))
        except Full:
            log.debug("a comparison with the shop was dropped", call=excerpt(methods))

    def wait(self) -> None:
        """Wait until everything that was to be compared has been."""
        self._waiting.join()

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="shadow", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            comparison = self._waiting.get()
            try:
                self._compare(comparison)
            except (UpstreamFailure, ValueError) as error:
                log.info("no comparison with the shop", call=comparison.methods, reason=str(error))
            except Exception:
                log.exception("a comparison with the shop failed", call=comparison.methods)
            finally:
                self._waiting.task_done()

    def _compare(self, comparison: _Comparison) -> None:
        theirs = comparison.messages.value(self._ask(comparison.request, comparison.messages))
        ours = comparison.messages.value(comparison.response)
        found: list[Difference] = list(islice(differences(ours, theirs), MAX_SHOWN + 1))
        if not found or SESSION_EXPIRED.message in str(theirs):  # the session may have ended since
            return
        places = [difference.place for difference in found[:MAX_SHOWN]]
        log.warning(
            "the shop answers otherwise",
            call=comparison.methods,
            protocol=comparison.messages.name,
            places=places,
            more=len(found) > MAX_SHOWN,
        )
        # The values are those of customers and orders: they are in the log only where somebody looks for them.
        log.debug(
            "what differs", call=comparison.methods, differences=[excerpt(str(each)) for each in found[:MAX_SHOWN]]
        )
