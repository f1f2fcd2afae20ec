"""A call of the XML-RPC API: how it is read, selected by fault rules, and shown in the request log."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from keap_sandbox.xmlrpc.faults import FaultError
from keap_sandbox.xmlrpc.parsing import parse
from keap_sandbox.xmlrpc.registry import METHODS

__all__ = ["LEGACY_PATHS", "PATHS", "Call", "read_call"]

PATHS = ("/crm/xmlrpc", "/crm/xmlrpc/v1")
"""Behind the gateway, with its credentials."""
LEGACY_PATHS = ("/api/xmlrpc", "/api/xmlrpc/v1")
"""As on the former host of each application, with the key as first parameter."""
_PASSWORDS = {"DataService.authenticateUser": 1, "DataService.getUserInfo": 0}
"""The methods that take a password or a token, and the place of it after the private key."""


@dataclass
class Call:
    """A call.

    Attributes:
        method: The name of the method; empty if the request could not be read.
        params: The parameters as they were sent, the private key included.
        problem: What is wrong with the request, if it could not be read.
    """

    method: str = ""
    params: list[Any] = field(default_factory=list)
    problem: FaultError | None = None

    @property
    def has_key(self) -> bool:
        """Tell if the first parameter is the private key, or its place."""
        known = METHODS.get(self.method)
        return bool(self.params) and (known is None or known.needs_key)

    @property
    def key(self) -> str | None:
        """The private key; None if there is none."""
        return self.params[0] if self.has_key and isinstance(self.params[0], str) else None

    @property
    def values(self) -> list[Any]:
        """The parameters without the private key."""
        return self.params[1:] if self.has_key else self.params

    @property
    def table(self) -> str:
        """The data table that the call is about; empty if it is about none."""
        values = self.values
        is_data = self.method.startswith("DataService.") and values
        return values[0] if is_data and isinstance(values[0], str) else ""

    @cached_property
    def plain(self) -> list[Any]:
        """The parameters without the private key, as JSON has values, and without passwords."""
        values = [_plain(value) for value in self.values]
        place = _PASSWORDS.get(self.method, len(values))
        return [*values[:place], *("***" for _ in values[place:])]

    @cached_property
    def text(self) -> str:
        """The parameters without the private key as JSON without blanks, for rules to search in."""
        return json.dumps(self.plain, separators=(",", ":"), ensure_ascii=False)

    def logged(self, secrets: Collection[str]) -> dict[str, Any]:
        """Return what the request log shows.

        Args:
            secrets: The credentials, which are masked.
        """
        if self.problem is not None:
            return {"problem": self.problem.text}
        return {"method": self.method, "params": _masked(self.plain, secrets)}


def read_call(body: bytes) -> Call:
    """Read the body of a request."""
    try:
        request = parse(body)
    except FaultError as problem:
        return Call(problem=problem)
    return Call(request.method, request.params)


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return f"{value:%Y%m%dT%H:%M:%S}"
        case bytes():
            return base64.b64encode(value).decode()
        case list():
            return [_plain(one) for one in value]
        case dict():
            return {name: _plain(one) for name, one in value.items()}
    return value


def _masked(value: Any, secrets: Collection[str]) -> Any:
    match value:
        case str():
            for secret in filter(None, secrets):
                value = value.replace(secret, "***")
            return value
        case list():
            return [_masked(one, secrets) for one in value]
        case Mapping():
            return {name: _masked(one, secrets) for name, one in value.items()}
    return value
