"""A shop that is called over REST."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests
import sqlalchemy


class Shop:
    """A shop over HTTP, and what its tables say."""

    def __init__(self, url: str, database: Path) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {self.token()}"}
        self._engine = sqlalchemy.create_engine(f"sqlite:///{database}")

    def post(self, path: str, body: Any = None, **headers: str) -> requests.Response:
        return requests.post(f"{self.url}/rest{path}", json=body, headers=headers, timeout=30)

    def token(self, username: str = "apiUser") -> str:
        answer = self.post("/V1/integration/admin/token", {"username": username, "password": "apiKey"})
        assert answer.status_code == 200, answer.text
        return str(answer.json())

    def get(self, path: str, **parameters: Any) -> requests.Response:
        return requests.get(f"{self.url}/rest{path}", params=parameters, headers=self.headers, timeout=30)

    def found(self, path: str, **parameters: Any) -> Any:
        answer = self.get(path, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def created(self, path: str, body: Any = None, **headers: str) -> int:
        answer = self.post(path, body, **(self.headers | headers))
        assert answer.status_code == 200, answer.text
        assert type(answer.json()) is int
        return int(answer.json())

    def refused(self, path: str, body: Any = None) -> tuple[int, Any]:
        answer = self.post(path, body, **self.headers)
        return answer.status_code, answer.json()

    def answer(self, order: int, body: Any = None, store: str = "", **headers: str) -> tuple[int, Any]:
        answer = self.post(f"{store}/V1/order/{order}/invoice", body, **(self.headers | headers))
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        return answer.status_code, answer.json()

    def invoiced(self, order: int, body: Any = None, **headers: str) -> int:
        status, answer = self.answer(order, body, **headers)
        assert status == 200, answer
        assert type(answer) is int
        return answer

    def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        conditions = " AND ".join(f"{name} = :{name}" for name in where)
        with self._engine.connect() as connection:
            found = connection.execute(sqlalchemy.text(f"SELECT * FROM {table} WHERE {conditions}"), where)
            return [dict(row) for row in found.mappings()]

    def row(self, table: str, **where: Any) -> dict[str, Any]:
        (row,) = self.rows(table, **where)
        return row

    def close(self) -> None:
        self._engine.dispose()
