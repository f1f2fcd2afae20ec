"""A plain client of XML-RPC, as programs had one before: what reports are compared with."""

from __future__ import annotations

import re
import xmlrpc.client
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import requests

from keap_sandbox import Sandbox
from tests.canary import KEY

EASTERN = ZoneInfo("America/New_York")


class PlainClient:
    """Calls methods, one after another."""

    def __init__(self, box: Sandbox) -> None:
        self._url = f"{box.url}/crm/xmlrpc/v1"

    def __call__(self, method: str, *arguments: Any) -> Any:
        """Return the value of an answer.

        Raises:
            xmlrpc.client.Fault: The answer is a fault.
        """
        body = xmlrpc.client.dumps(("key", *arguments), method, encoding="UTF-8").encode()
        headers = {"X-Keap-API-Key": KEY, "Content-Type": "text/xml"}
        text = requests.post(self._url, data=body, headers=headers, timeout=10).content.decode()
        (value,), _ = xmlrpc.client.loads(_with_whole_characters(text), use_builtin_types=True)
        return value


def _with_whole_characters(text: str) -> str:
    """Join characters that came as two references, which no parser takes."""
    return re.sub(
        r"&#(5[56]\d{3});&#(5[67]\d{3});",
        lambda pair: b"".join(int(half).to_bytes(2, "big") for half in pair.groups()).decode("utf-16-be"),
        text,
    )


def as_column(value: Any, schema: dict[str, Any]) -> Any:
    """What a column holds for a value of an answer.

    Args:
        value: The value; None if the answer does not have it.
        schema: Schema of the column.
    """
    kinds, form = schema["type"], schema.get("format")
    if value is None or (value == "" and "string" not in kinds):
        return None
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=EASTERN).astimezone(UTC)
        return f"{value:%Y-%m-%d}" if form == "date" else f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"
    if "number" in kinds:
        return float(value)
    if "integer" in kinds:
        return int(value)
    if "boolean" in kinds:
        return value in {True, "1", "true"}
    return str(value)
