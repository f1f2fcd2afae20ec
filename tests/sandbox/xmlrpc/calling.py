"""Calls methods of the XML-RPC API, and reads their answers with Python's own client."""

from __future__ import annotations

import re
import xmlrpc.client
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import requests

from keap_sandbox import Sandbox
from keap_sandbox.xmlrpc.registry import METHODS


def _joined(pair: re.Match[str]) -> str:
    """Return the character that the library of the service writes as references to two surrogates."""
    units = b"".join(int(one).to_bytes(2, "big") for one in pair.groups())
    return units.decode("utf-16-be")


class Caller:
    """Calls methods, with the key if they need it."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self._session = requests.Session()

    def raw(self, name: str, *params: Any) -> str:
        """Return the body of the answer."""
        known = METHODS.get(name)
        key = ("key",) if known is None or known.needs_key else ()
        reply = self._session.post(
            f"{self.box.url}/crm/xmlrpc/v1",
            xmlrpc.client.dumps((*key, *params), name).encode(),
            headers={"Authorization": f"Bearer {self.box.api_key}", "Content-Type": "text/xml"},
            timeout=10,
        )
        assert reply.status_code == 200, reply.text
        return reply.content.decode()

    def close(self) -> None:
        self._session.close()

    def __call__(self, name: str, *params: Any) -> Any:
        """Return the value of the answer; a fault raises `xmlrpc.client.Fault`."""
        body = re.sub(r"&#(5[56]\d{3});&#(5[67]\d{3});", _joined, self.raw(name, *params))
        (value,), _ = xmlrpc.client.loads(body, use_builtin_types=True)
        return value

    def fault(self, name: str, *params: Any) -> tuple[int, str]:
        """Return code and text of the fault that a call is answered with."""
        try:
            value = self(name, *params)
        except xmlrpc.client.Fault as fault:
            return fault.faultCode, fault.faultString
        raise AssertionError(f"{name} answered {value!r}")


def eastern(text: str) -> datetime:
    """Return a time of a record in Eastern time, without zone and fraction."""
    moment = datetime.fromisoformat(text).astimezone(ZoneInfo("America/New_York"))
    return moment.replace(tzinfo=None, microsecond=0)
