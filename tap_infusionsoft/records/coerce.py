"""Rows as Keap sends them -> records that keep to their schema.

The wire is not trusted: ids come as strings or integers, times in several forms, keys go missing or are null.
What can be understood is accepted; what cannot becomes null and is counted, never dropped in silence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from tap_infusionsoft.streams.columns import MONEY_DECIMAL

if TYPE_CHECKING:
    from tap_infusionsoft.streams.columns import Schema

_TRUE = frozenset({"true", "yes", "y", "1"})
_FALSE = frozenset({"false", "no", "n", "0"})
_LONGEST_EXACT = 2**63


class Unfit(ValueError):  # noqa: N818
    """A value that cannot be understood as what the schema says."""


class Drift:
    """Counts what did not fit, by column, to be told once at the end of a stream."""

    def __init__(self) -> None:
        self.unfit: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()

    def messages(self) -> list[str]:
        """What happened, a sentence each. Column names only: values may be personal."""
        found = [
            f"{count} value(s) of {column} did not have the type of the column and became null"
            for column, count in sorted(self.unfit.items())
        ]
        if self.unknown:
            names = ", ".join(sorted(self.unknown)[:20])
            found.append(
                f"Keap sent properties that the stream has no column for; they were left out: {names}. "
                "If they are custom fields, discover again to load them"
            )
        return found


def as_text(value: Any) -> str:
    """A string; other scalars as Keap would write them."""
    if isinstance(value, str):
        return value.replace("\0", "") if "\0" in value else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)):
        return str(value)
    return msgspec.json.encode(value).decode()


def as_integer(value: Any) -> int:
    """A whole number that fits 64 bits."""
    number = as_number(value)
    if number != int(number) or not -_LONGEST_EXACT <= number < _LONGEST_EXACT:
        raise Unfit
    return int(number)


def as_number(value: Any) -> int | Decimal:
    """A finite number, exact."""
    if isinstance(value, bool):
        raise Unfit
    if isinstance(value, int) and -_LONGEST_EXACT <= value < _LONGEST_EXACT:
        return value
    if isinstance(value, (str, int, Decimal)):
        try:
            number = Decimal(_plain(value)) if isinstance(value, str) else Decimal(value)
        except InvalidOperation:
            raise Unfit from None
        if number.is_finite() and abs(number.adjusted()) < 300:  # noqa: PLR2004  # what a double can hold
            return number
    raise Unfit


def _plain(text: str) -> str:
    """A number as text without its thousands separators; other commas are not understood."""
    text = text.strip()
    return text.replace(",", "") if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?", text) else text


def as_flag(value: Any) -> bool:
    """True or false, also from the words and digits that custom fields use."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise Unfit


def parse_time(value: Any) -> datetime:
    """A moment from any of Keap's forms: with ``Z``, ``+0000`` or ``+00:00``, or none, which is UTC.

    Raises:
        Unfit: ``value`` is not a time.
    """
    if not isinstance(value, str):
        raise Unfit
    try:
        moment = datetime.fromisoformat(value.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unfit from None


def as_moment(value: Any) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return parse_time(value).isoformat(timespec="milliseconds")[:23] + "Z"


def as_day(value: Any) -> str:
    """A date; of a date-time the date as it stands there."""
    if not isinstance(value, str):
        raise Unfit
    try:
        return date.fromisoformat(value.strip()[:10]).isoformat()
    except ValueError:
        raise Unfit from None


Fit = Callable[[Any], Any]


def fitted(schema: Schema, path: str, drift: Drift, renamed: Mapping[str, str] = MappingProxyType({})) -> Fit:
    """The function that makes a value fit ``schema``: what cannot fit becomes null and is counted.

    Args:
        schema: JSON schema of the value.
        path: Name of the value in the count, as in ``addresses[].line1``.
        drift: The count.
        renamed: Path -> name on the wire, where they differ.
    """
    convert, is_text = _converter(schema, path, drift, renamed)

    def fit(value: Any) -> Any:
        if value is None or (value == "" and not is_text):
            return None
        try:
            return convert(value)
        except Unfit:
            drift.unfit[path] += 1
            return None

    return fit


def _converter(schema: Schema, path: str, drift: Drift, renamed: Mapping[str, str]) -> tuple[Fit, bool]:
    """The conversion for a schema, and whether an empty string is a value of it."""
    kinds = schema.get("type", ())
    kinds = kinds if isinstance(kinds, list) else [kinds]
    kinds = [kind for kind in kinds if kind != "null"]
    if len(kinds) != 1:
        return _as_it_is, True
    match kinds[0], schema.get("format"):
        case "string", "date-time":
            return as_moment, False
        case "string", "date":
            return as_day, False
        case "string", _:
            return as_text, True
        case "array", _:
            items = schema.get("items", {})
            return _array(fitted(items, f"{path}[]", drift, renamed)), False
        case "object", _:
            return _object(schema.get("properties", {}), path, drift, renamed), False
        case kind, _:
            return {"integer": as_integer, "number": as_number, "boolean": as_flag}[kind], False


def _as_it_is(value: Any) -> Any:
    return value


def _array(fit: Fit) -> Fit:
    def as_array(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise Unfit
        return [fit(item) for item in value]

    return as_array


def _object(properties: Mapping[str, Schema], path: str, drift: Drift, renamed: Mapping[str, str]) -> Fit:
    fits = {}
    for name, inner in properties.items():
        own = f"{path}.{name}"
        fits[renamed.get(own, name)] = (name, fitted(inner, own, drift, renamed))
    is_money = MONEY_DECIMAL in properties

    def as_object(value: Any) -> dict[str, Any]:
        """Properties that the schema does not name stay as they came."""
        if not isinstance(value, dict):
            raise Unfit
        made = {}
        for wire, item in value.items():
            name, fit = fits.get(wire, (wire, _as_it_is))
            made[name] = fit(item)
        if is_money:
            made[MONEY_DECIMAL] = _decimal(made.get("amount"), made.get("currency_code"))
        return made

    return as_object


# Currencies whose smallest unit is not a hundredth (ISO 4217).
_EXPONENTS = dict.fromkeys(
    (
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ),
    0,
) | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)


def _decimal(amount: Any, currency: Any) -> Decimal | None:
    """Minor units as a decimal; hundredths where the currency is not known."""
    if not isinstance(amount, int):
        return None
    return Decimal(amount).scaleb(-_EXPONENTS.get(currency, 2))


class Conformer:
    """Makes rows fit a schema. Every record has every column, null where Keap sent nothing."""

    def __init__(
        self,
        schema: Schema,
        required: Sequence[str],
        ignored: frozenset[str] = frozenset(),
        renamed: Mapping[str, str] = MappingProxyType({}),
        drift: Drift | None = None,
    ) -> None:
        self.drift = drift or Drift()
        self._fits = [
            (name, renamed.get(name, name), fitted(inner, name, self.drift, renamed))
            for name, inner in schema["properties"].items()
        ]
        self._known = frozenset(wire for _, wire, _ in self._fits) | ignored
        self._required = tuple(required)

    def __call__(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the record of a row.

        Raises:
            Unfit: The row has no value for a column that must have one; the message names it.
        """
        record = {name: fit(row.get(wire)) for name, wire, fit in self._fits}
        if not self._known.issuperset(row):
            self.drift.unknown.update(name for name in row if name not in self._known)
        for name in self._required:
            if record.get(name) in {None, ""}:
                raise Unfit(f"a row has no {name}")
        return record
