"""Page tokens, in all the forms in which Keap sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tap_infusionsoft.client.faults import Fault, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


def next_token(document: Mapping[str, Any], key: str) -> str | None:
    """Return the token of the next page; None if there is no next page.

    Seen live: an opaque string; an absolute URL, of which only the page_token counts and never the host; and
    "" on the last page. A missing token and null also mean the end.

    Args:
        document: The answer.
        key: Key of the token.
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
"""Characters. A longer token would not fit into the URL of the next call."""
MOST_PAGES = 200_000
"""More pages than Keap allows calls in a day."""


class SeenTokens:
    """The tokens of the pages read so far. If one comes again, however late, paging would never end."""

    def __init__(self, most: int = MOST_PAGES) -> None:
        """Create an empty set.

        Args:
            most: Pages at most.
        """
        self._most = most
        self._tokens: set[str] = set()

    def add(self, token: str) -> Fault | None:
        """Add a token.

        Returns:
            A fault if it came before, or if it or the number of pages is too large.
        """
        if token in self._tokens:
            return Fault(Kind.PAGING, "the same page token came twice")
        if len(token) > LONGEST_TOKEN:
            return Fault(Kind.PAGING, f"a page token has more than {LONGEST_TOKEN} characters")
        if len(self._tokens) >= self._most:
            return Fault(Kind.PAGING, f"there are more than {self._most} pages")
        self._tokens.add(token)
        return None


def id_number(value: Any) -> int | None:
    """Return an id as a number; None if it is none. v2 sends strings, v1 and some v2 collections integers."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None
