"""From a method and its arguments to the body of a request.

Sources: what Apache ws-xmlrpc 3.1.3, the library of the service, parses and what it refuses (measured
2026-11-27): no nil, no integer beyond 32 bits, times in the compact form only, and no character that XML
forbids.
"""

from __future__ import annotations

import math
import xmlrpc.client
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.client.faults import Fault, Kind
from tap_infusionsoft.client.http import ExchangeError
from tap_infusionsoft.xmlrpc.times import eastern
from tap_infusionsoft.xmlrpc.wire_text import FORBIDDEN

if TYPE_CHECKING:
    from collections.abc import Iterable

_32_BITS = 1 << 31


def body_of(method: str, arguments: Iterable[Any]) -> bytes:
    """Return the body of a request.

    Args:
        method: Such as ``DataService.query``.
        arguments: Texts lose the characters that XML forbids. A time with a zone becomes Eastern, as one
            without is already. What is inside of structs is a condition, so a number that the library cannot
            read is sent as text there, which is compared just as well.

    Raises:
        ExchangeError: An argument cannot be sent.
    """
    sent = tuple(_argument(method, place, value) for place, value in enumerate(arguments))
    text = xmlrpc.client.dumps(sent, method, encoding="UTF-8")
    # A parser would read a CR as the end of a line. `dumps` writes none.
    return text.replace("\r", "&#13;").encode()


def _argument(method: str, place: int, value: Any) -> Any:
    try:
        return _number(value) if isinstance(value, int | float | Decimal) else _prepared(value)
    except ValueError as error:
        text = f"argument {place} of {method} cannot be sent: {error}"
        raise ExchangeError(Fault(Kind.BAD_REQUEST, text)) from None


def _number(value: float | Decimal) -> float:
    if isinstance(value, int):
        if not -_32_BITS <= value < _32_BITS:
            raise ValueError("it is a whole number of more than 32 bits")
        return value
    if not math.isfinite(value):
        raise ValueError("it is no finite number")
    return float(value)


def _prepared(value: Any) -> Any:
    match value:
        case str():
            return FORBIDDEN.sub("", value)
        case bytes():
            return value
        case int() if -_32_BITS <= value < _32_BITS:
            return value
        case int():
            return str(value)
        case float() | Decimal():
            return str(value if isinstance(value, Decimal) else _number(value))
        case datetime():
            moment = eastern(value) if value.tzinfo is not None else value
            return _compact(moment.isoformat(timespec="seconds"))
        case date():
            return _compact(f"{value.isoformat()}T00:00:00")
        case dict():
            return {FORBIDDEN.sub("", name): _prepared(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_prepared(inner) for inner in value]
        case _:
            raise ValueError("it is null" if value is None else f"it is a {type(value).__name__}")


def _compact(text: str) -> xmlrpc.client.DateTime:
    """A time as the service takes it, without dashes."""
    return xmlrpc.client.DateTime(text.replace("-", ""))
