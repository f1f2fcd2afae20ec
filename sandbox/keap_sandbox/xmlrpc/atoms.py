"""The types without parts: how Apache ws-xmlrpc reads their texts, and what Java calls them."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

__all__ = ["ATOMS", "JAVA"]

JAVA = {
    str: "java.lang.String",
    int: "java.lang.Integer",
    bool: "java.lang.Boolean",
    float: "java.lang.Double",
    datetime: "java.util.Date",
    dict: "java.util.HashMap",
    list: "[Ljava.lang.Object;",
    bytes: "[B",
    type(None): "null",
}
"""The Java class of each type of value."""

Refused = Callable[[str], Exception]
"""Makes the exception for a text that cannot be read."""

_INT_MAX = 2**31
_DECIMAL = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_HEX = r"0[xX](?:[\da-fA-F]+\.?[\da-fA-F]*|\.[\da-fA-F]+)[pP][+-]?\d+"
_DOUBLE = re.compile(rf"([+-]?(?:NaN|Infinity|({_HEX})|{_DECIMAL}))[fFdD]?", re.ASCII)
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_FIRST, _LAST = datetime.fromisoformat("0001-01-01"), datetime.fromisoformat("9999-12-31")
_DATE = "ddddddddTdd:dd:dd"
"""The form of a date; `d` is a digit. What follows is ignored, a zone too."""


def _text(text: str, _: Refused) -> str:
    return text


def _integer(text: str, refused: Refused) -> int:
    bare = text.strip()
    if re.fullmatch(r"[+-]?\d+", bare) and -_INT_MAX <= int(bare) < _INT_MAX:
        return int(bare)
    raise refused(f"Failed to parse integer value: {bare}")


def _boolean(text: str, refused: Refused) -> bool:
    bare = text.strip()
    if bare not in {"0", "1"}:
        raise refused(f"Failed to parse boolean value: {bare}")
    return bare == "1"


def _double(text: str, refused: Refused) -> float:
    found = _DOUBLE.fullmatch(text.strip())
    if found is None:
        raise refused(f"Failed to parse double value: {text.strip()}")
    return float.fromhex(found[1]) if found[2] else float(found[1])


def _bytes(text: str, refused: Refused) -> bytes:
    bare = "".join(text.split())
    if not _BASE64.fullmatch(bare):
        raise refused("Failed to decode base64 stream.")
    return base64.b64decode(bare)


def _date(text: str, refused: Refused) -> datetime | None:
    """Read a date as the library does: an empty one is null, and the 32nd of May is the 1st of June."""
    bare = text.strip()
    if not bare:
        return None
    for place, wanted in enumerate(_DATE):
        found = bare[place : place + 1]
        if not (found.isdecimal() if wanted == "d" else found == wanted):
            raise refused(f"Failed to parse date value {bare} at position {place}")
    year, month = int(bare[:4]), int(bare[4:6]) - 1
    year, month = year + month // 12, month % 12 + 1
    try:
        return datetime.fromisoformat(f"{year:04}-{month:02}-01") + timedelta(
            days=int(bare[6:8]) - 1, hours=int(bare[9:11]), minutes=int(bare[12:14]), seconds=int(bare[15:17])
        )
    except (ValueError, OverflowError):  # a time that Python does not have: before all others, or after them
        return _LAST if year > 1 else _FIRST


ATOMS: dict[str, Callable[[str, Refused], Any]] = {
    "string": _text,
    "int": _integer,
    "i4": _integer,
    "boolean": _boolean,
    "double": _double,
    "dateTime.iso8601": _date,
    "base64": _bytes,
}
"""By the name of the element."""
