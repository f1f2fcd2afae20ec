"""The next page: tokens in all the forms that Keap sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tap_infusionsoft.client.faults import Fault, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


def next_token(document: Mapping[str, Any], key: str) -> str | None:
    """The token of the next page, or None at the end.

    Seen live: an opaque string; an absolute URL, of which only the page_token counts, never the host; and
    "" on the last page. Missing and null also mean the end.
    """
    token = document.get(key)
    if token is None or token == "":
        return None
    text = str(token)
    if "page_token=" in text and ("://" in text or text.startswith(("/", "?"))):
        values = parse_qs(urlsplit(text).query).get("page_token", [])
        return values[0] if values else None
    return text


LONGEST_TOKEN = 8192
"""Characters; a longer one would not fit into the address of the next call."""
MOST_PAGES = 200_000
"""More than Keap has calls in a day."""


class Seen:
    """The page tokens of one run of pages. A token that comes again, however late, would never end."""

    def __init__(self) -> None:
        self._tokens: set[str] = set()

    def add(self, token: str) -> Fault | None:
        """Remember a token; a fault if it came before."""
        if token in self._tokens:
            return Fault(Kind.PAGING, "the same page token came twice")
        if len(token) > LONGEST_TOKEN:
            return Fault(Kind.PAGING, f"a page token has more than {LONGEST_TOKEN} characters")
        if len(self._tokens) >= MOST_PAGES:
            return Fault(Kind.PAGING, f"there are more than {MOST_PAGES} pages")
        self._tokens.add(token)
        return None


def as_number(value: Any) -> int | None:
    """An id as a number: v2 sends strings, v1 and some v2 collections integers."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
