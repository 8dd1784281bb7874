"""The rows of a list, fetched some at a time while they are sent to the client.

``one_statement`` and ``by_key`` make ``Parts``, which read on a connection; ``Rows`` runs them and returns dicts.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Engine, Select
from sqlalchemy import Row as DatabaseRow
from sqlalchemy.exc import DBAPIError

from magento_soap.sales.queries import Row
from magento_soap.storage.connection.engine import restart_time_limit
from magento_soap.storage.connection.transactions import repeat_reading, reported

ROWS_AT_ONCE = 1000

TextRow: TypeAlias = Any
"""A row of text and NULL, of which SQLAlchemy's types cannot tell the length."""
Statement: TypeAlias = "Select[TextRow]"
Part: TypeAlias = "Sequence[DatabaseRow[TextRow]]"
Parts: TypeAlias = "Callable[[Connection], Generator[Part, None, None]]"
"""Reads the rows of a list on a connection, in parts of ``ROWS_AT_ONCE``; a shorter one is the last."""
_Begun: TypeAlias = "tuple[Connection, Generator[Part, None, None], Part]"


def one_statement(query: Statement) -> Parts:
    """The rows of one statement."""

    def parts(connection: Connection) -> Generator[Part, None, None]:
        with closing(connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query)) as result:
            while rows := result.fetchmany(ROWS_AT_ONCE):
                yield rows
                restart_time_limit(connection)

    return parts


def by_key(query: Statement, key: ColumnElement[int], position: int) -> Parts:
    """The rows of many short statements, each of which continues after the last key, found at ``position`` of a row.

    A statement's time limit must not depend on how long a list is, and how fast it is read; MySQL's would.
    """
    query = query.limit(ROWS_AT_ONCE)

    def parts(connection: Connection) -> Generator[Part, None, None]:
        rows = connection.execute(query).all()
        yield rows
        while len(rows) == ROWS_AT_ONCE:
            rows = connection.execute(query.where(key > int(rows[-1][position]))).all()
            yield rows

    return parts


def not_kept_compiled(parts: Parts) -> Parts:
    """The same without keeping the compiled statement in memory."""
    return lambda connection: parts(connection.execution_options(compiled_cache=None))


class Rows(Iterator[Row]):
    """Rows of a list as dicts. The last one, or ``close``, gives their connection back."""

    def __init__(self, engine: Engine, parts: Parts, keys: tuple[str, ...]) -> None:
        self._keys = keys
        self._rows: Iterator[DatabaseRow[TextRow]]
        self._connection: Connection | None
        self._connection, self._parts, rows = self._begun(engine, parts)
        self._take(rows)

    def __iter__(self) -> Rows:
        return self

    def __next__(self) -> Row:
        row = next(self._rows, None)
        if row is None:
            self._fetch()
            row = next(self._rows)
        return dict(zip(self._keys, row, strict=True))

    def close(self) -> None:
        """Give the connection back; no more rows come."""
        self._rows = iter(())
        if self._connection is not None:
            self._parts.close()
            self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        if getattr(self, "_connection", None) is not None:
            self.close()

    @staticmethod
    def _begun(engine: Engine, parts: Parts) -> _Begun:
        def attempt() -> _Begun:
            connection = engine.connect()
            try:
                reading = parts(connection)
                return connection, reading, next(reading, ())
            except BaseException:
                connection.close()
                raise

        return repeat_reading(engine, attempt)

    def _fetch(self) -> None:
        """Fetch the next rows; the last ones give the connection back before they are read."""
        if self._connection is None:
            return
        try:
            rows = next(self._parts, ())
        except DBAPIError as error:  # rows have been read already: nothing can be repeated
            raise reported(error) from error
        self._take(rows)

    def _take(self, rows: Part) -> None:
        if len(rows) < ROWS_AT_ONCE:
            self.close()
        self._rows = iter(rows)
