"""Make calls with an XML-RPC client of others, and say what its user gets.

Usage: `client_calls.py CLIENT URL KEY`, with a Python that has the client: `standard`, which is that of the
standard library, `infusionsoft-client` or `keap-python`. Each line of stdin is a call as JSON: a method with
parameters, or a table to read page by page. Each line of stdout is the result, with dates, binary values and
errors as objects.
"""

from __future__ import annotations

import base64
import json
import sys
import xmlrpc.client
from datetime import datetime
from importlib import import_module
from itertools import chain, count, takewhile
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Client(Protocol):
    """A client of others, used as its documents say."""

    def call(self, method: str, params: list[Any]) -> Any:
        """Call a method by its full name; the private key is left out."""

    def rows(self, table: str, fields: list[str], order: str, size: int) -> Iterable[Any]:
        """Read all rows of a table, in pages of a size."""


def until_empty(page: Callable[[int], list[Any]]) -> Iterable[Any]:
    """Read pages from 0 until an empty one."""
    return chain.from_iterable(takewhile(bool, map(page, count())))


class Standard:
    """`xmlrpc.client` at the gateway, with the key in the address."""

    def __init__(self, url: str, key: str) -> None:
        address = f"{url}/crm/xmlrpc/v1?access_token={key}"
        self.proxy = xmlrpc.client.ServerProxy(address, use_builtin_types=True)

    def call(self, method: str, params: list[Any]) -> Any:
        return getattr(self.proxy, method)("placeholder", *params)

    def rows(self, table: str, fields: list[str], order: str, size: int) -> Iterable[Any]:
        query: Any = self.proxy.DataService.query
        return until_empty(lambda page: query("placeholder", table, size, page, {}, fields, order, True))


class InfusionsoftClient:
    """`infusionsoft-client` at the former host: its module is the client, with the services as attributes."""

    def __init__(self, url: str, key: str) -> None:
        # It takes an address that is not https for the name of an application, but a transport of one's own
        address = f"{url.replace('http', 'https', 1)}/api/xmlrpc"
        transport = xmlrpc.client.Transport(use_datetime=True)
        import_module("infusionsoft").initialize(address, key, transport=transport)
        self.module: Any = import_module("infusionsoft")

    def call(self, method: str, params: list[Any]) -> Any:
        service, _, name = method.partition(".")
        return getattr(getattr(self.module, service), name)(*params)

    def rows(self, table: str, fields: list[str], order: str, size: int) -> Iterable[Any]:
        def query(page: int, limit: int) -> Any:
            return self.module.DataService.query(table, limit, page, {}, fields, order, True)

        rows: Iterable[Any] = self.module.query.consume(query, limit=size)
        return rows


class KeapPython:
    """`keap-python` at the gateway, with the token in the address and as first parameter of every call."""

    def __init__(self, url: str, key: str) -> None:
        import_module("keap.XML.BaseService").BaseService.xmlrpc_url = f"{url}/crm/xmlrpc/v1"
        account = SimpleNamespace(
            app_name="sandbox",
            token=SimpleNamespace(access_token=key),
            api_settings=SimpleNamespace(USE_DATETIME=True, ALLOW_NONE=False),
        )
        self.services: Any = import_module("keap.XML.XML").XML(account)

    def call(self, method: str, params: list[Any]) -> Any:
        service, _, name = method.partition(".")
        return getattr(getattr(self.services, service), name)(*params)

    def rows(self, table: str, fields: list[str], order: str, size: int) -> Iterable[Any]:
        query: Any = self.services.DataService.query
        return until_empty(lambda page: query(table, size, page, {}, fields, order, True))


CLIENTS: dict[str, Callable[[str, str], Client]] = {
    "standard": Standard,
    "infusionsoft-client": InfusionsoftClient,
    "keap-python": KeapPython,
}


def shown(value: Any) -> Any:
    """Return what JSON has no type for as an object."""
    match value:
        case datetime():
            return {"date": value.isoformat()}
        case xmlrpc.client.Binary():
            return {"bytes": base64.b64encode(value.data).decode()}
        case bytes():
            return {"bytes": base64.b64encode(value).decode()}
    raise TypeError(f"{type(value)} from a client")


def read(members: dict[str, Any]) -> Any:
    """Return the date that an object of JSON is for."""
    return datetime.fromisoformat(members["date"]) if members.keys() == {"date"} else members


def result(client: Client, asked: dict[str, Any]) -> dict[str, Any]:
    """Make a call, or read a table, and return what came of it."""
    try:
        if "table" in asked:
            return {"value": list(client.rows(**asked))}
        return {"value": client.call(**asked)}
    except Exception as error:  # noqa: BLE001 - what a client raises is what is wanted
        members = {name: str(value) for name, value in vars(error).items()}
        return {"error": type(error).__name__, "text": str(error), "members": members}


def main() -> None:
    """Answer every line of stdin."""
    name, url, key = sys.argv[1:]
    client = CLIENTS[name](url, key)
    for line in sys.stdin:
        answer = result(client, json.loads(line, object_hook=read))
        sys.stdout.write(json.dumps(answer, default=shown) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
