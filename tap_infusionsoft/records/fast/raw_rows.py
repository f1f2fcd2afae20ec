"""Pages whose rows are still bytes: what a walk has to know of a row is looked up in it, the rest is decoded later.

A page is thousands of objects when it is decoded, more than a processor keeps at hand. A few rows at a time can be decoded,
checked, written and forgotten at half the cost.
"""

from __future__ import annotations

import re
from functools import cache
from types import GenericAlias
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, Raw, defstruct

from tap_infusionsoft.client.lenient_json import fraction, parse

if TYPE_CHECKING:
    from tap_infusionsoft.streams.collection import Collection

_ID = re.compile(rb'\s*\{\s*"id"\s*:\s*("?)([0-9]{1,18})\1\s*[,}]')
"""Where an id stands first, as it usually does, the rest of the row need not be looked at."""


class Sealed(msgspec.Struct, frozen=True, gc=False):
    """A row of a page.

    Attributes:
        raw: Its JSON, well-formed, but perhaps not in UTF-8 or with numbers that not every reader takes.
        id: Its id, where that stands first and looks as usual.
    """

    raw: Raw
    id: Any = UNSET

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a property, as Keap sent it."""
        if name == "id" and self.id is not UNSET:
            return self.id
        try:
            value = _only(name).decode(self.raw).value
        except ValueError:
            return parse(bytes(self.raw)).get(name, default)
        return default if value is UNSET else value


@cache
def _only(name: str) -> msgspec.json.Decoder[Any]:
    only = defstruct("Only", [("value", Any, UNSET)], rename={"value": name})
    return msgspec.json.Decoder(only, float_hook=fraction)


def _sealed(raw: Raw) -> Sealed:
    found = _ID.match(raw)
    if found is None:
        return Sealed(raw)
    quote, digits = found.groups()
    return Sealed(raw, digits.decode() if quote else int(digits))


class Seal:
    """Takes the pages of one stream apart."""

    def __init__(self, collection: Collection) -> None:
        """For a collection whose pages have a list of rows."""
        self._items, self._token = str(collection.endpoint.items), collection.endpoint.token
        names = {"rows": self._items, "token": self._token, "count": "count", "fault": "fault"}
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = [
            ("rows", GenericAlias(list, (Raw,))),
            ("token", Any, None),
            ("count", Any, None),
            ("fault", None, None),
        ]
        page: Any = defstruct("Page", fields, rename=names)
        self._page: msgspec.json.Decoder[Any] = msgspec.json.Decoder(page, float_hook=fraction)

    def __call__(self, body: bytes) -> dict[str, Any] | None:
        """What a page is known by, and its rows; None if this is no page, or one that has to be read more carefully."""
        try:
            page = self._page.decode(body)
        except (ValueError, RecursionError):
            return None
        return {self._items: [*map(_sealed, page.rows)], self._token: page.token, "count": page.count}
