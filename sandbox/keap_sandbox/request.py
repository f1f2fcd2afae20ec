"""What the handler of an endpoint gets: the request, and the world it reads and changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from keap_sandbox.responses import Response, bad_request

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.filtering.selection import Selector
    from keap_sandbox.switches import Switches
    from keap_sandbox.tables import Row

__all__ = ["Handler", "Request", "Route", "World", "parse_id"]


@dataclass
class Request:
    """An API request."""

    method: str
    path: str
    """The path as Keap documents it, such as `/v2/contacts`."""
    query: dict[str, str] = field(default_factory=dict)
    query_lists: dict[str, list[str]] = field(default_factory=dict)
    """Every value of each query parameter."""
    body: bytes = b""
    base: str = ""
    """Scheme and host that the client called."""
    params: dict[str, str] = field(default_factory=dict)
    """The ids in the path, by the name of their placeholder."""

    def json_object(self) -> Row:
        """Parse the body as a JSON object; anything else is a 400."""
        try:
            body = msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            raise bad_request("Request body is missing or is not readable JSON", "body") from None
        if not isinstance(body, dict):
            raise bad_request("Request body must be an object", "body")
        return body

    def names(self, parameter: str) -> list[str] | None:
        """Return the values of a parameter, comma-separated or repeated or both; None if it wasn't sent."""
        sent = self.query_lists.get(parameter)
        if sent is None:
            return None
        return [name.strip() for one in sent for name in one.split(",") if name.strip()]


@dataclass
class World:
    """Everything that handlers read and change."""

    account: Account
    switches: Switches
    selector: Selector

    @property
    def now(self) -> float:
        """The sandbox's time, in seconds since the epoch."""
        return self.account.clock.now()


Handler = Callable[[World, Request], Response]
Route = tuple[str, str, Handler]
"""Method, path with `{placeholders}`, handler."""


def parse_id(text: str) -> int:
    """Parse an id; text that is no id becomes -1, which no record has."""
    return int(text) if text.isdigit() and text.isascii() and len(text) < 19 else -1  # noqa: PLR2004
