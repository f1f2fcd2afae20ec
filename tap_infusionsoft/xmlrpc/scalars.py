"""From the text of a typed value to the value.

Types are those of XML-RPC, and of the extensions of Apache ws-xmlrpc 3.1.3.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.lenient_json import RepairKind, fraction
from tap_infusionsoft.xmlrpc.repairs import WireRepair

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import Enum

TIME = "dateTime.iso8601"
SCALARS = frozenset(
    f"string nil {TIME} dateTime base64 boolean i1 i2 i4 i8 int biginteger double float bigdecimal".split()
)
"""Types of values that hold no others."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,300}")
DOUBLE = re.compile(r"[+-]?([0-9]{1,300}(\.[0-9]{0,300})?|\.[0-9]{1,300})([eE][+-]?[0-9]{1,3})?")
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)
_BOOLEANS = {"1": True, "0": False, "true": True, "false": False}


class WireTime(str):
    """A time as it came: ``20120314T00:00:00``, in US Eastern time, with no zone."""

    __slots__ = ()


def scalar(kind: str, text: str) -> tuple[Any, Enum | None]:
    """Return a value, and what had to be done to it.

    Args:
        kind: Its type, without the prefix of a namespace.
        text: Its text.

    Returns:
        ``double`` as Decimal, times as `WireTime`, base64 as bytes, nil as None, everything else as text, int
        or bool. An empty text is None unless it is a string or base64; so is one that is no such value.

    Raises:
        KeyError: There is no such type.
    """
    match kind:
        case "string":
            return text, None
        case "nil":
            return None, None
        case "base64":
            return _bytes(text)
    text = text.strip()
    if not text and kind in SCALARS:
        return None, None
    match kind:
        case "dateTime.iso8601" | "dateTime":
            return WireTime(text), None
        case "i1" | "i2" | "i4" | "i8" | "int" | "biginteger":
            return _number(text, _INTEGER, int)
        case "double" | "float" | "bigdecimal":
            return _number(text, DOUBLE, fraction)
        case "boolean":
            found = _BOOLEANS.get(text.casefold())
            return found, None if found is not None else WireRepair.BOOLEAN
        case _:
            raise KeyError(kind)


def _number(text: str, form: re.Pattern[str], convert: Callable[[str], Any]) -> tuple[Any, Enum | None]:
    if form.fullmatch(text):
        return convert(text), None
    return None, RepairKind.NOT_A_NUMBER if _NOT_FINITE.fullmatch(text) else WireRepair.NUMBER


def _bytes(text: str) -> tuple[bytes | None, Enum | None]:
    try:
        return base64.b64decode("".join(text.split()), validate=True), None
    except (binascii.Error, ValueError):
        return None, WireRepair.BASE64
