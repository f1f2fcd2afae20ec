"""One API call as the endpoints see it, and the world they answer from. No network here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from keap_sandbox.responses import Response, bad_request

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.lists.selection import Selector
    from keap_sandbox.switches import Switches
    from keap_sandbox.tables import Row

__all__ = ["Handler", "Request", "Route", "World", "parse_id"]


@dataclass
class Request:
    """A request, with the path as Keap documents it (`/v2/contacts`)."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    query_lists: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""
    base: str = ""
    params: dict[str, str] = field(default_factory=dict)

    def json_object(self) -> Row:
        """The request body as a JSON object."""
        try:
            body = msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            raise bad_request("Request body is missing or is not readable JSON", "body") from None
        if not isinstance(body, dict):
            raise bad_request("Request body must be an object", "body")
        return body

    def names(self, parameter: str) -> list[str] | None:
        """A list parameter: comma-separated, repeated, or both; None if it was not sent."""
        sent = self.query_lists.get(parameter)
        if sent is None:
            return None
        return [name.strip() for one in sent for name in one.split(",") if name.strip()]


@dataclass
class World:
    """What the endpoints work on."""

    account: Account
    switches: Switches
    selector: Selector

    @property
    def now(self) -> float:
        """The sandbox's time."""
        return self.account.clock.now()


Handler = Callable[[World, Request], Response]
Route = tuple[str, str, Handler]


def parse_id(text: str) -> int:
    """An id out of a path; ids that are no numbers belong to nobody."""
    return int(text) if text.isdigit() and text.isascii() and len(text) < 19 else -1  # noqa: PLR2004
