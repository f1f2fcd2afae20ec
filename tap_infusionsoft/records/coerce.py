"""Coerces rows as Keap sends them to the schema of their records.

Keap's types are not trusted: ids come as strings or integers, times in several forms, and properties go
missing or are null. Whatever can be understood is converted. What can't becomes null and is reported, never
dropped silently.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from tap_infusionsoft.client.lenient_json import RepairKind
from tap_infusionsoft.records.repair_log import WRONG_TYPE
from tap_infusionsoft.streams.columns import MONEY_DECIMAL
from tap_infusionsoft.streams.currencies import whole_units

if TYPE_CHECKING:
    from tap_infusionsoft.records.repair_log import RepairLog
    from tap_infusionsoft.streams.columns import Schema

_TRUE = frozenset({"true", "yes", "y", "1"})
_FALSE = frozenset({"false", "no", "n", "0"})
_BEYOND_64_BITS = 2**63
_json = msgspec.json.Encoder(decimal_format="number")


class CoercionError(ValueError):
    """A value can't be understood as the type that is wanted."""


def to_text(value: Any) -> str:
    """Return a string; scalars of other types as Keap would write them, bytes in base64, the rest as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return str(value)
    return _json.encode(value).decode()


def to_integer(value: Any) -> int:
    """Return a whole number of at most 64 bits.

    Raises:
        CoercionError: ``value`` is none.
    """
    number = to_number(value)
    if number != int(number) or not -_BEYOND_64_BITS <= number < _BEYOND_64_BITS:
        raise CoercionError
    return int(number)


def to_number(value: Any) -> int | Decimal:
    """Return a finite number, exactly as Keap wrote it.

    Raises:
        CoercionError: ``value`` is none.
    """
    if isinstance(value, bool):
        raise CoercionError
    if isinstance(value, int) and -_BEYOND_64_BITS <= value < _BEYOND_64_BITS:
        return value
    if isinstance(value, (str, int, Decimal)):
        try:
            number = Decimal(_without_separators(value)) if isinstance(value, str) else Decimal(value)
        except InvalidOperation:
            raise CoercionError from None
        if number.is_finite() and abs(number.adjusted()) < 300:  # noqa: PLR2004  # what a double can hold
            return number
    raise CoercionError


def _without_separators(text: str) -> str:
    """Remove thousands separators from a number; a comma anywhere else makes it no number."""
    text = text.strip()
    return text.replace(",", "") if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?", text) else text


def to_flag(value: Any) -> bool:
    """Return true or false, also for the words and digits that custom fields use.

    Raises:
        CoercionError: ``value`` is neither.
    """
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise CoercionError


def parse_time(value: Any) -> datetime:
    """Return a time in UTC from any form Keap uses: with ``Z``, ``+0000``, ``+00:00``, or nothing for UTC.

    Raises:
        CoercionError: ``value`` is not a time.
    """
    if not isinstance(value, str):
        raise CoercionError
    try:
        moment = datetime.fromisoformat(value.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise CoercionError from None


def to_moment(value: Any) -> str:
    """Return a time as RFC 3339 in UTC with milliseconds.

    Raises:
        CoercionError: ``value`` is not a time.
    """
    return parse_time(value).isoformat(timespec="milliseconds")[:23] + "Z"


def to_day(value: Any) -> str:
    """Return a date; for a date and time, the date as written there.

    Raises:
        CoercionError: ``value`` is neither.
    """
    if not isinstance(value, str):
        raise CoercionError
    try:
        return date.fromisoformat(value.strip()[:10]).isoformat()
    except ValueError:
        raise CoercionError from None


def to_whole_units(money: Any) -> Decimal | None:
    """Return an amount of money, as Keap sends it, in whole units of its currency; None if there is none.

    Raises:
        CoercionError: ``money`` is no amount of money.
    """
    if not isinstance(money, dict):
        raise CoercionError
    amount, currency = money.get("amount"), money.get("currency_code")
    if amount is None or amount == "":
        return None
    return whole_units(to_integer(amount), currency if isinstance(currency, str) else None)


Coerce = Callable[[Any], Any]
"""Makes a value fit a schema."""


def coercion(
    schema: Schema, column: str, log: RepairLog, renamed: Mapping[str, str] = MappingProxyType({})
) -> Coerce:
    """Return the function that makes values fit a schema. What can't fit becomes null, and the log is told.

    Args:
        schema: JSON schema of the values.
        column: Their column, with the path inside it, as in ``addresses[].line1``.
        log: Where changed values are noted.
        renamed: Path of a column -> its name on the wire, where they differ.
    """
    convert, takes_empty_text = _conversion(schema, column, log, renamed)
    return guarded(convert, column, log, takes_empty_text=takes_empty_text)


def guarded(convert: Coerce, column: str, log: RepairLog, *, takes_empty_text: bool = False) -> Coerce:
    """Return a conversion that makes null of what can't be converted, and tells the log.

    Args:
        convert: Converts a value, or raises `CoercionError`.
        column: The column of the values.
        log: Where changed values are noted.
        takes_empty_text: Whether an empty string is a value, and not null.
    """

    def coerce(value: Any) -> Any:
        if value is None or (value == "" and not takes_empty_text):
            return None
        try:
            return convert(value)
        except CoercionError:
            log.note(WRONG_TYPE, column)
            return None

    return coerce


def _conversion(
    schema: Schema, column: str, log: RepairLog, renamed: Mapping[str, str]
) -> tuple[Coerce, bool]:
    """Return the conversion for a schema, and whether an empty string is a value of it."""
    listed = schema.get("type", [])
    listed = listed if isinstance(listed, list) else [listed]
    kinds = [kind for kind in listed if kind != "null"]
    if not kinds or _ANY_KIND.issubset(kinds):
        return _as_it_is, True
    if len(kinds) > 1:
        return _first_that_fits(schema, kinds, column, log, renamed), "string" in kinds
    match kinds[0], schema.get("format"):
        case "string", "date-time":
            return to_moment, False
        case "string", "date":
            return to_day, False
        case "string", _:
            return _text(column, log), True
        case "array", _:
            items = schema.get("items", {})
            return _array(coercion(items, f"{column}[]", log, renamed)), False
        case "object", _:
            return _object(schema.get("properties", {}), column, log, renamed), False
        case kind, _:
            return {"integer": to_integer, "number": to_number, "boolean": to_flag}[kind], False


def _as_it_is(value: Any) -> Any:
    return value


_ANY_KIND = frozenset({"object", "array", "string", "number", "boolean"})
_KIND_OF: Mapping[type, tuple[str, ...]] = {
    bool: ("boolean",),
    int: ("integer", "number"),
    Decimal: ("number",),
    str: ("string",),
    list: ("array",),
    dict: ("object",),
}
"""Type of a value -> what it is in JSON."""


def _first_that_fits(
    schema: Schema, kinds: Sequence[str], column: str, log: RepairLog, renamed: Mapping[str, str]
) -> Coerce:
    """Return a conversion to one of several types: the value's own if it is among them, else the first."""
    conversions = {kind: _conversion({**schema, "type": kind}, column, log, renamed)[0] for kind in kinds}

    def convert(value: Any) -> Any:
        own = [kind for kind in _KIND_OF.get(type(value), ()) if kind in conversions]
        for kind in (*own, *conversions):
            try:
                return conversions[kind](value)
            except CoercionError:
                continue
        raise CoercionError

    return convert


def _text(column: str, log: RepairLog) -> Coerce:
    def as_text(value: Any) -> str:
        # NUL characters are gone from Keap's responses by now, but the tap also decodes texts that hold JSON.
        text = value if type(value) is str else to_text(value)
        if "\0" in text:
            log.note(RepairKind.NUL, column)
            text = text.replace("\0", "")
        return text

    return as_text


def _array(coerce: Coerce) -> Coerce:
    def as_array(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise CoercionError
        return [coerce(item) for item in value]

    return as_array


def _object(
    properties: Mapping[str, Schema], column: str, log: RepairLog, renamed: Mapping[str, str]
) -> Coerce:
    coercions = {}
    for name, inner in properties.items():
        path = f"{column}.{name}"
        coercions[renamed.get(path, name)] = (name, coercion(inner, path, log, renamed))
    is_money = MONEY_DECIMAL in properties

    def as_object(value: Any) -> dict[str, Any]:
        """Coerce the properties that the schema names; the others stay as they came."""
        if not isinstance(value, dict):
            raise CoercionError
        made = {}
        for wire, item in value.items():
            name, coerce = coercions.get(wire, (wire, _as_it_is))
            made[name] = coerce(item)
        if is_money:
            try:
                decimal = to_whole_units(value)
            except CoercionError:
                decimal = None  # the log is told about the amount itself
            made[MONEY_DECIMAL] = coercions[MONEY_DECIMAL][1](decimal)
        return made

    return as_object
