"""Pages whose rows are still bytes. What a walk needs is looked up in them; the rest is decoded later.

A decoded page is thousands of objects, more than a processor's cache holds. Decoding, checking, writing and
forgetting a few rows at a time costs half as much.
"""

from __future__ import annotations

import re
from decimal import InvalidOperation
from functools import cache
from types import GenericAlias
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, Raw, defstruct

from tap_infusionsoft.client.fault_texts import is_error
from tap_infusionsoft.client.lenient_json import fraction, parse

_ID = re.compile(rb'\s*\{\s*"id"\s*:\s*("?)([0-9]{1,18})\1\s*[,}]')
"""An id that comes first, as it usually does. Then the rest of the row need not be looked at."""


NUL = re.compile(rb"\\(?=u0000)")
"""A NUL character. Python looks for a single byte many times as fast as for several."""
UNREADABLE = (ValueError, RecursionError, InvalidOperation)
"""What msgspec raises if `parse` is needed, which repairs the row or says what is wrong with it."""


class RawRow(msgspec.Struct, gc=False):
    """A row of a page.

    Attributes:
        raw: Its JSON. Well-formed, but perhaps not in UTF-8, or with numbers that not every reader accepts.
        id: Its id, if that comes first and looks as usual.
        whole: The row as an object, once that was asked for: several streams may share it.
    """

    raw: Raw
    id: Any = UNSET
    whole: Any = UNSET

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a property, as Keap sent it."""
        if name == "id" and self.id is not UNSET:
            return self.id
        try:
            value = _only(name).decode(self.raw).value
        except ValueError:
            return parse(bytes(self.raw)).get(name, default)
        return default if value is UNSET else value

    def object(self) -> dict[str, Any] | UnreadableRow:
        """Return the row as an object, which knows what was repaired in it."""
        if self.whole is UNSET:
            self.whole = row_object(self.raw)
        found: dict[str, Any] | UnreadableRow = self.whole
        return found


@cache
def _only(name: str) -> msgspec.json.Decoder[Any]:
    only = defstruct("Only", [("value", Any, UNSET)], rename={"value": name})
    return msgspec.json.Decoder(only, float_hook=fraction)


class UnreadableRow(NamedTuple):
    """A row that can't be decoded at all.

    Attributes:
        reason: Why.
        text: The row, as Keap sent it.
    """

    reason: str
    text: str


def row_object(raw: Raw) -> dict[str, Any] | UnreadableRow:
    """Decode a row completely, in the plain way."""
    try:
        row: dict[str, Any] = parse(bytes(raw))
    except ValueError as error:
        return UnreadableRow(str(error), bytes(raw).decode(errors="replace"))
    return row


def raw_row(raw: Raw) -> RawRow:
    """Return a row whose id is known, if it comes first."""
    found = _ID.match(raw)
    if found is None:
        return RawRow(raw)
    quote, digits = found.groups()
    return RawRow(raw, digits.decode() if quote else int(digits))


_RAW_ROWS = GenericAlias(list, (Raw,))
_ROWS: msgspec.json.Decoder[list[Raw]] = msgspec.json.Decoder(_RAW_ROWS)
_MEMBERS: msgspec.json.Decoder[dict[str, Raw]] = msgspec.json.Decoder(dict[str, Raw])


class PageSplitter:
    """Splits pages of one stream into their rows."""

    def __init__(self, items: str, token: str) -> None:
        """Prepare the decoder.

        Args:
            items: Key of the rows in a page.
            token: Key of the next page's token.
        """
        self._items, self._token = items, token
        names = {"rows": items, "token": token, "count": "count"}
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = [
            ("rows", _RAW_ROWS),
            ("token", Any, None),
            ("count", Any, None),
        ]
        page: Any = defstruct("Page", fields, rename=names, forbid_unknown_fields=True)
        self._page: msgspec.json.Decoder[Any] = msgspec.json.Decoder(page, float_hook=fraction)

    def __call__(self, body: bytes) -> dict[str, Any] | None:
        """Return the rows of a page, and what is beside them.

        Args:
            body: The body of a response.

        Returns:
            A document with these; None if this is no page, or one that needs the plain decoder.
        """
        try:
            page = self._page.decode(body)
            return self._document(page.rows, {self._token: page.token, "count": page.count})
        except msgspec.ValidationError:
            return self._with_more_beside(body)
        except (ValueError, RecursionError):
            return None

    def _with_more_beside(self, body: bytes) -> dict[str, Any] | None:
        """Return a page with more than a token and a count beside its rows; None if it is none."""
        try:
            members = _MEMBERS.decode(body)
            rows = _ROWS.decode(members.pop(self._items))
            return self._document(rows, {name: parse(bytes(raw)) for name, raw in members.items()})
        except (ValueError, RecursionError, LookupError):
            return None

    def _document(self, rows: list[Raw], beside: dict[str, Any]) -> dict[str, Any] | None:
        if beside.get("fault") is not None or (len(rows) == 1 and _is_error(rows[0])):
            return None  # `faults` recognizes a fault in a plain document
        return beside | {self._items: [*map(raw_row, rows)]}


def _is_error(raw: Raw) -> bool:
    """Whether an error is in place of a row."""
    try:
        row = parse(bytes(raw))
    except ValueError:
        return False
    return isinstance(row, dict) and is_error(row)
