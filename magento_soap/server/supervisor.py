"""Keeps worker processes running: starts them, replaces those that die or grow too large, and stops them gracefully.

A socket pair connects the supervisor to each worker. The worker reports there that it is ready. If the supervisor dies,
the operating system closes its end; the worker then finishes its requests and exits.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import structlog

from .worker import LAST_CALLS_SECONDS, READY

log = structlog.get_logger(__name__)

CHECK_SECONDS = 0.5
KILL_SECONDS = LAST_CALLS_SECONDS + 2
"""A worker that has not stopped by then is killed."""
MAX_FAILED_STARTS = 5
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(256 * 1024), "MALLOC_TRIM_THRESHOLD_": str(1024 * 1024)}
"""Makes glibc return the memory of large requests. By default its thresholds grow with every large block it frees."""


class WorkersFailed(Exception):
    """Workers cannot start; the log says why."""


class WorkerProcess:
    """The supervisor's handle on a worker process."""

    def __init__(self, listening: socket.socket) -> None:
        self._connection, worker_end = socket.socketpair()
        self._connection.setblocking(False)
        descriptors = (listening.fileno(), worker_end.fileno())
        command = [sys.executable, "-m", "magento_soap.server", *map(str, descriptors)]
        # In a session of its own: signals from the terminal reach the supervisor only.
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            command, pass_fds=descriptors, start_new_session=True, env=ALLOCATOR | os.environ
        )
        worker_end.close()
        self._memory = psutil.Process(self._process.pid)
        self._is_ready = False
        self._stops_at: float | None = None

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process is running."""
        return self._process.poll() is None

    @property
    def is_stopping(self) -> bool:
        """Whether ``stop`` was called."""
        return self._stops_at is not None

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while the process runs."""
        return self._process.returncode

    def is_ready(self) -> bool:
        """Whether it has started to serve."""
        if not self._is_ready:
            with contextlib.suppress(BlockingIOError, ConnectionError):
                self._is_ready = self._connection.recv(len(READY)) == READY
        return self._is_ready

    def memory_bytes(self) -> int:
        """Its resident memory, 0 if it is gone."""
        try:
            return int(self._memory.memory_info().rss)
        except psutil.Error:
            return 0

    def stop(self) -> None:
        """Ask it to finish its requests and exit."""
        if self._stops_at is None:
            self._stops_at = time.monotonic() + KILL_SECONDS
            self._process.terminate()

    def kill_when_overdue(self) -> None:
        """Kill it if it did not stop in time."""
        if self._stops_at is not None and time.monotonic() > self._stops_at:
            self._process.kill()

    def close(self) -> None:
        """Close the connection to a process that has exited."""
        self._connection.close()


class Supervisor:
    """Runs ``count`` workers on a listening socket.

    A worker that uses more than ``max_memory_bytes`` is replaced as soon as its successor is ready. SIGHUP replaces all
    workers this way.
    """

    def __init__(self, listening: socket.socket, count: int, max_memory_bytes: int) -> None:
        self._listening = listening
        self._count = count
        self._max_memory_bytes = max_memory_bytes
        self._workers: list[WorkerProcess] = []
        self._outdated: set[WorkerProcess] = set()
        self._failed_starts = 0

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM.

        Raises WorkersFailed when workers keep dying before they are ready.
        """
        asyncio.run(self._run())

    async def _run(self) -> None:
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopping.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._outdated.update(self._workers))
        try:
            while not stopping.is_set():
                self._supervise()
                await _wait(stopping, CHECK_SECONDS)
        finally:
            await self._stop()

    def _supervise(self) -> None:
        """Take the next step towards ``count`` healthy workers."""
        self._remove_exited()
        if self._failed_starts >= MAX_FAILED_STARTS:
            raise WorkersFailed("The workers do not start; see the log.")
        active = [worker for worker in self._workers if not worker.is_stopping]
        for worker in active:
            if worker.is_ready():
                self._failed_starts = 0
                if worker not in self._outdated and worker.memory_bytes() > self._max_memory_bytes:
                    log.warning("a worker uses too much memory and is replaced", pid=worker.pid)
                    self._outdated.add(worker)
        outdated = [worker for worker in active if worker in self._outdated]
        if len(active) < self._count or (outdated and len(active) == self._count):
            for _ in range(max(self._count - len(active), 1)):
                self._workers.append(WorkerProcess(self._listening))
        elif outdated and all(worker.is_ready() for worker in active):
            outdated[0].stop()

    def _remove_exited(self) -> None:
        for worker in list(self._workers):
            worker.kill_when_overdue()
            if not worker.is_running:
                if not worker.is_stopping:
                    log.error("a worker died and is replaced", pid=worker.pid, exit_code=worker.exit_code)
                    self._failed_starts += not worker.is_ready()
                self._remove(worker)

    def _remove(self, worker: WorkerProcess) -> None:
        worker.close()
        self._workers.remove(worker)
        self._outdated.discard(worker)

    async def _stop(self) -> None:
        self._listening.close()
        for worker in self._workers:
            worker.stop()
        while self._workers:
            for worker in list(self._workers):
                worker.kill_when_overdue()
                if not worker.is_running:
                    self._remove(worker)
            await asyncio.sleep(0.02)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(asyncio.TimeoutError, TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
