"""Page tokens: what they mean and the forms in which they travel."""

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
    """Where the next page begins: after a number of rows, or after a row."""

    lastRow: int = 0  # noqa: N815 - this name was seen inside one of Keap's tokens
    lastKey: int | None = None  # noqa: N815
    value: str | int | None = None
    query: int = 0
    issued: float = 0.0
    form: str = ""


@dataclass(frozen=True)
class TokenContext:
    """What a token depends on besides the position."""

    path: str
    query: dict[str, str]
    base: str

    @property
    def mark(self) -> int:
        """Tells lists apart: path, filter and order."""
        return zlib.crc32(
            f"{self.path}?{self.query.get('filter', '')}&{self.query.get('order_by', '')}".encode()
        )


def _encode(token: Token) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).decode().rstrip("=")


def write_token(token: Token, form: str, context: TokenContext, switches: Switches) -> str:
    """The text that goes into `next_page_token`."""
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
    """Understand a `page_token`; 400 if the sandbox did not make it or it no longer holds."""
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
    """Put the token into an answer, or the mark of the end."""
    if token is not None:
        body[key] = token
    elif end != "missing":
        body[key] = "" if end == "empty" else None


def report_token(position: int) -> str:
    """The token of a report run: the number of the last row, as seen in the documented example."""
    return base64.b64encode(msgspec.json.encode({"lastRow": position})).decode()
