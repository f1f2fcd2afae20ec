"""The short way to read pages of flat rows, which are nearly all that is read: a parser of just those.

The service writes a list of structs of scalars with no blank between its tags, so such a page can be taken
apart where those tags are, without a call for each of them as expat makes it. XML has no ``<`` in text, so
each that is left over shows that the page is something else, which is read in the general way. The tests
compare both ways on pages with random changes.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.lenient_json import fraction
from tap_infusionsoft.xmlrpc.decoded import Decoded
from tap_infusionsoft.xmlrpc.repairs import WireRepair
from tap_infusionsoft.xmlrpc.scalars import DOUBLE, SCALARS, TIME, WireTime, scalar
from tap_infusionsoft.xmlrpc.wire_text import take_out

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import Enum

    from tap_infusionsoft.xmlrpc.decoded import Repairs
    from tap_infusionsoft.xmlrpc.wire_text import WireText

_FIRST_ROW = b"<value><struct><member><name>"
_LAST_ROW_ENDS = b"</value></member></struct></value>"
_NEXT_ROW = _LAST_ROW_ENDS + _FIRST_ROW
_NEXT_MEMBER = "</value></member><member><name>"
_VALUE = "</name><value>"
_HEAD = re.compile(
    rb"""(?:<\?xml\ version=(["'])1\.0\1(?:\ encoding=(["'])[A-Za-z][\w.-]*\2)?\ ?\?>\s*)?"""
    rb"""<methodResponse(?:\ xmlns:ex="[\w:/.-]+")?><params><param><value><array><data>""",
    re.VERBOSE,
)
_TAIL = re.compile(rb"</data></array></value></param></params></methodResponse>\s*")
_TYPED = re.compile(r"<(?P<kind>[A-Za-z][\w.:]*)(?: ?/>|>(?P<text>[^<]*)</(?P=kind)>)")
_USUAL_DIGITS = 18
_USUAL_TIME = len("yyyyMMddTHH:mm:ss")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|#([0-9]+));")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
"""The one that makes new ampersands is the last."""


class _NotFlatError(Exception):
    """A response is not a list of flat rows."""


def flat_rows(text: WireText) -> Decoded | None:
    """Read a list of structs whose members are scalars; None if it is something else.

    Args:
        text: The response.
    """
    data = text.data
    start, end = data.find(_FIRST_ROW), data.rfind(_LAST_ROW_ENDS)
    if start < 0 or end < 0 or not _HEAD.fullmatch(data, 0, start):
        return None
    if not _TAIL.fullmatch(data, end + len(_LAST_ROW_ENDS)):
        return None
    rows = _Rows(text.mark)
    try:
        rows.read(data[start + len(_FIRST_ROW) : end])
    except (_NotFlatError, ValueError):
        return None
    return Decoded(rows.rows, rows.repairs, rows.times)


class _Rows:
    """Reads rows."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self.rows: list[dict[str, Any]] = []
        self.repairs: Repairs = {}
        self.times: set[str] = set()

    def read(self, data: bytes) -> None:
        """Read them.

        Args:
            data: From the first name to the last value.

        Raises:
            _NotFlatError: They are not flat.
            ValueError: Likewise.
        """
        if b"\r" in data:  # as XML reads ends of lines
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b"<value/>" in data:
            data = data.replace(b"<value/>", b"<value></value>")
        names: set[str] = set()
        mark = self._mark.encode()
        for raw in data.split(_NEXT_ROW):
            # Rows of ASCII stay small beside those with emoji, as each row is decoded alone.
            row = self._row(raw.decode(), is_marked=bool(mark) and not raw.isascii() and mark in raw)
            names.update(row)
            self.rows.append(row)
        if any("<" in name for name in names):
            raise _NotFlatError

    def _row(self, text: str, *, is_marked: bool) -> dict[str, Any]:
        """Read one row.

        Args:
            text: From its first name to its last value.
            is_marked: Whether there are repairs in it.

        Raises:
            _NotFlatError: It is not flat.
            ValueError: A member is not a name and a value.
        """
        members: list[list[Any]] = [member.split(_VALUE) for member in text.split(_NEXT_MEMBER)]
        if is_marked:
            self._clean(members)
        has_entities = "&" in text
        for member in members:
            name, value = member
            if has_entities and "&" in name:
                member[0] = name = unescaped(name)
            if "<" in value:
                opening, _, rest = value.partition(">")
                closing, convert = _QUICK.get(opening, _SLOW)
                inner = rest.removesuffix(closing)
                found = convert(inner) if inner != rest else None
                if found is None:
                    found = self._typed(name, value)
                if found.__class__ is WireTime:
                    self.times.add(name)
                member[1] = found
            elif has_entities and "&" in value:
                member[1] = unescaped(value)
        row = dict(members)
        if len(row) < len(members):
            self._note_repeated(members)
        return row

    def _typed(self, name: str, value: str) -> Any:
        """Convert a value that names its type: ``<i4>12</i4>`` or ``<nil/>``."""
        parts = _TYPED.fullmatch(value)
        kind = parts["kind"].rpartition(":")[2] if parts is not None else ""
        if parts is None or kind not in SCALARS:
            raise _NotFlatError
        found, repair = scalar(kind, unescaped(parts["text"] or ""))
        if repair is not None:
            self._note(name, repair)
        return found

    def _clean(self, members: list[list[str]]) -> None:
        """Take the marks out of names and values, and note the repairs."""
        for member in members:
            for place, part in enumerate(member):
                if self._mark in part:
                    member[place], kinds = take_out(self._mark, part)
                    for kind in kinds:
                        self._note(unescaped(member[0]), kind)

    def _note_repeated(self, members: list[list[Any]]) -> None:
        seen: set[str] = set()
        for name, _ in members:
            if name in seen:
                self._note(name, WireRepair.TWICE)
            seen.add(name)

    def _note(self, name: str, repair: Enum) -> None:
        noted = self.repairs.setdefault((len(self.rows), name), [])
        if repair not in noted:
            noted.append(repair)


def unescaped(text: str) -> str:
    """Resolve the references and entities in a text of well-formed XML."""
    if "&#" in text:
        return _ENTITY.sub(_resolved, text)
    for entity, character in _ENTITIES.items():
        text = text.replace(entity, character)
    return text


def _resolved(found: re.Match[str]) -> str:
    return chr(int(found[1])) if found[1] else _ENTITIES[found[0]]


# Each returns None for what has to be looked at more closely, or isn't plain text.


def _integer(text: str) -> int | None:
    return int(text) if len(text) <= _USUAL_DIGITS and text.isdecimal() and text.isascii() else None


def _double(text: str) -> Decimal | None:
    if len(text) <= _USUAL_DIGITS and text.replace(".", "", 1).isdecimal() and text.isascii():
        return Decimal(text)
    return fraction(text) if DOUBLE.fullmatch(text) else None


def _time(text: str) -> WireTime | None:
    return WireTime(text) if len(text) == _USUAL_TIME and text.replace(":", "").isalnum() else None


_QUICK: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "<i4": ("</i4>", _integer),
    "<int": ("</int>", _integer),
    "<double": ("</double>", _double),
    "<boolean": ("</boolean>", {"0": False, "1": True}.get),
    f"<{TIME}": (f"</{TIME}>", _time),
}
"""What begins the usual values -> what ends them, and what converts their text."""
_SLOW: tuple[str, Callable[[str], Any]] = ("\0", str)
"""The same for all others, which have to be looked at: no text holds this character."""
