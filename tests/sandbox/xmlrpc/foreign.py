"""XML-RPC clients that others wrote, each in its own process, and an account that they can read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from keap_sandbox import Sandbox
from keap_sandbox.xmlrpc.tables.registry import TABLES

PYTHONS = {
    "standard": sys.executable,
    "infusionsoft-client": os.environ.get("XMLRPC_CLIENTS_PYTHON", ""),
    "keap-python": os.environ.get("XMLRPC_CLIENTS_PYTHON", ""),
}
"""By client, the Python that has it; empty if there is none."""
MISSING = "set XMLRPC_CLIENTS_PYTHON to a Python that has infusionsoft-client and keap-python"
_PLANES = re.compile("[\U00010000-\U0010ffff]")


class ClientError(Exception):
    """What a client raised.

    Attributes:
        kind: The name of its class.
        members: Its attributes, as texts.
    """

    def __init__(self, kind: str, text: str, members: dict[str, str]) -> None:
        super().__init__(text)
        self.kind = kind
        self.members = members


class ForeignClient:
    """A client, which answers one call after the other."""

    def __init__(self, name: str, url: str, key: str) -> None:
        """Start it.

        Args:
            name: One of `PYTHONS`.
            url: The sandbox.
            key: The credential.
        """
        self.name = name
        script = Path(__file__).with_name("client_calls.py")
        self._process = subprocess.Popen(
            [PYTHONS[name], str(script), name, url, key],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            assert self._process.stdin
            self._process.stdin.close()

    def __call__(self, method: str, *params: Any) -> Any:
        """Call a method without the private key, which clients add in their own ways.

        Raises:
            ClientError: The client raised an error.
        """
        return self._asked(method=method, params=params)

    def rows(self, table: str, fields: list[str], order: str = "Id", size: int = 20) -> list[Any]:
        """Read all rows of a table, page by page."""
        rows: list[Any] = self._asked(table=table, fields=fields, order=order, size=size)
        return rows

    def error(self, method: str, *params: Any) -> ClientError:
        """Return what a call raises."""
        try:
            value = self(method, *params)
        except ClientError as error:
            return error
        raise AssertionError(f"{method} returned {value!r}")

    def _asked(self, **asked: Any) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asked, default=_sent) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline(), object_hook=_received)
        if "error" in answer:
            raise ClientError(answer["error"], answer["text"], answer["members"])
        return answer["value"]


def _sent(value: Any) -> Any:
    assert isinstance(value, datetime)
    return {"date": value.isoformat()}


def _received(members: dict[str, Any]) -> Any:
    if members.keys() == {"date"}:
        return datetime.fromisoformat(members["date"])
    return members["bytes"] if members.keys() == {"bytes"} else members


def without_emoji(box: Sandbox) -> None:
    """Change every character beyond the BMP in an account: it comes as XML that no parser takes."""
    for table in box.engine.world.account.tables.values():
        for key in list(table.keys()):
            text = json.dumps(table.row(key), ensure_ascii=False)
            if _PLANES.search(text):
                table.put(key, json.loads(_PLANES.sub("*", text)))


def fields_of(box: Sandbox, table: str) -> list[str]:
    """Return the fields of a table that can be read, its custom fields included."""
    view = TABLES[table]
    own = [column.name for column in view.columns if "R" in column.access and not column.retired]
    return own + [column.name for column in view.custom(box.engine.world.account)]


def order_of(table: str) -> str:
    """Return the field that a table is sorted by."""
    return TABLES[table].id_column or "ContactId"


def truth(box: Sandbox, name: str, **parameter: int) -> list[dict[str, Any]]:
    """Return the rows of a table or report as clients read them.

    Args:
        box: The sandbox.
        name: A table, or the method of a report.
        **parameter: The parameter of one call of a report, for its rows only, which do not have it.
    """
    return [
        {field: _parsed(value) for field, value in row.items() if field not in parameter}
        for row in box.records(f"xmlrpc:{name}")
        if all(row[field] == value for field, value in parameter.items())
    ]


def _parsed(value: Any) -> Any:
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def as_shown(rows: list[Any]) -> list[Any]:
    """Return rows of a client as /sandbox/records shows them."""
    return [
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
        for row in rows
    ]
