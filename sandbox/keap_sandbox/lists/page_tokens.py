"""Page tokens: what they hold, and their forms."""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import msgspec

from keap_sandbox.responses import bad_request

if TYPE_CHECKING:
    from keap_sandbox.switches import Switches

__all__ = ["Token", "read_token", "report_token", "token_body", "write_token"]


class Token(msgspec.Struct, omit_defaults=True):
    """Where the next page starts: after a number of rows, or after a row."""

    lastRow: int = 0  # noqa: N815 - one of Keap's tokens contained this name
    """The number of rows before the page."""
    lastKey: int | None = None  # noqa: N815
    """The key of the last row of the page before, instead of `lastRow`."""
    value: str | int | None = None
    """What that row is sorted by."""
    query: int = 0
    """Identifies the list that the token belongs to."""
    issued: float = 0.0
    """In seconds since the epoch."""
    form: str = ""


@dataclass(frozen=True)
class TokenContext:
    """The list that a token belongs to."""

    path: str
    query: dict[str, str]
    base: str

    @property
    def mark(self) -> int:
        """A checksum that identifies the list by path, filter and order."""
        return zlib.crc32(
            f"{self.path}?{self.query.get('filter', '')}&{self.query.get('order_by', '')}".encode()
        )


def _encode(token: Token) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).decode().rstrip("=")


def write_token(token: Token, form: str, context: TokenContext, switches: Switches) -> str:
    """Return the text of a `next_page_token`.

    Args:
        token: Where the next page starts; this function adds the list that it belongs to.
        form: The form that Keap documents for the endpoint: `opaque` or `url`.
        context: The list.
        switches: The form to use instead, and the host of a URL.
    """
    token.query = context.mark
    form = form if switches.page_token_form == "documented" else switches.page_token_form  # noqa: S105
    if form == "last_id":
        return str(token.lastKey)
    text = _encode(token)
    if form != "url":
        return text
    hosts = {"keap": "https://api.infusionsoft.com", "foreign": "https://pages.invalid"}
    base = hosts.get(switches.page_token_host, context.base)
    query = {name: value for name, value in context.query.items() if name != "page_token"} | {
        "page_token": text
    }
    return f"{base}/crm/rest{context.path}/?{urlencode(query, quote_via=quote)}"


def read_token(text: str, context: TokenContext, switches: Switches, now: float) -> Token:
    """Read a `page_token`.

    Args:
        text: The text of the token.
        context: The list that the client reads.
        switches: The form of tokens, and whether they expire or are bound to their list.
        now: The time in seconds since the epoch.

    Raises:
        KeapError: If the sandbox didn't issue the token, or it has expired or belongs to another list.
    """
    if switches.page_token_form == "last_id" and text.isdigit():  # noqa: S105
        return Token(lastKey=int(text), form="last_id")
    try:
        token = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Token)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise bad_request("Invalid page token", "page_token") from None
    other_path = switches.page_token_bound and token.query != context.mark
    expired = switches.page_token_lifetime and now > token.issued + switches.page_token_lifetime
    if other_path or expired or token.lastRow < 0:
        raise bad_request("Invalid page token", "page_token")
    return token


def token_body(body: dict[str, object], key: str, token: str | None, end: str) -> None:
    """Add the token to the body of a response, or what says that there is no next page.

    Args:
        body: The body to change.
        key: The name of the token in the body.
        token: The token; None on the last page.
        end: What the last page has: `empty`, `missing` or `null`.
    """
    if token is not None:
        body[key] = token
    elif end != "missing":
        body[key] = "" if end == "empty" else None


def report_token(position: int) -> str:
    """Return the token of a report run, with the number of the last row as in Keap's documented example."""
    return base64.b64encode(msgspec.json.encode({"lastRow": position})).decode()
