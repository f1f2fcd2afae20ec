"""Compares a value of a table with its counterpart in REST, in the way that the catalogue names."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tap_infusionsoft.xmlrpc.compare.outcomes import Outcome
from tap_infusionsoft.xmlrpc.counterparts.comparisons import COMPARISONS, CUT
from tap_infusionsoft.xmlrpc.wire_text import FORBIDDEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_EASTERN = ZoneInfo("America/New_York")
_REPLACED = "\ufffd"
"""What the tap puts in place of characters that XML forbids."""
_ALL_USERS = "ALL_USERS"
_CENT = Decimal("0.01")
_HOUR = timedelta(hours=1)
_LAST_SHIFT = timedelta(hours=14)
"""No zone is farther from UTC."""
_RANK = {outcome: place for place, outcome in enumerate(Outcome)}


def compare(comparison: str, legacy: Any, rest: Sequence[Any]) -> Outcome:
    """Compare two values.

    Args:
        comparison: Name of the way, as in the catalogue.
        legacy: The value in a record of the table.
        rest: The values in the places where the record of REST may have it; the best of them counts.
    """
    is_id = comparison == "id"
    there = [value for value in rest if not _is_nothing(value, is_id=is_id)] or list(rest[:1])
    outcomes = [_one(comparison, legacy, value, is_id=is_id) for value in there]
    return outcomes[0] if len(outcomes) == 1 else min(outcomes, key=_RANK.__getitem__)


def _is_nothing(value: Any, *, is_id: bool) -> bool:
    if is_id and value in (0, "0"):
        return True
    return value is None or value == "" or (isinstance(value, list) and all(one is None for one in value))


def _one(comparison: str, legacy: Any, rest: Any, *, is_id: bool) -> Outcome:
    no_legacy, no_rest = _is_nothing(legacy, is_id=is_id), _is_nothing(rest, is_id=is_id)
    if no_legacy and no_rest:
        if legacy == rest or (is_id and str(legacy) == str(rest)):
            return Outcome.SAME
        return Outcome.ZERO if is_id and (legacy in (0, "0") or rest in (0, "0")) else Outcome.EMPTY
    if no_rest:
        return Outcome.NOT_IN_REST
    if no_legacy:
        return Outcome.NOT_IN_TABLE
    codes = COMPARISONS[comparison].codes
    return _codes(codes, legacy, rest) if codes else _WAYS[comparison](legacy, rest)


def _text(legacy: Any, rest: Any) -> Outcome:
    return _texts(str(legacy), str(rest), Outcome.CUT)


def _cut(legacy: Any, rest: Any) -> Outcome:
    """Texts of which the table has the beginning, if they are long."""
    is_cut = len(str(legacy)) >= CUT
    return _texts(str(legacy), str(rest), Outcome.CUT_BY_API if is_cut else Outcome.CUT)


def _texts(legacy: str, rest: str, cut: Outcome) -> Outcome:
    if legacy == rest:
        return Outcome.SAME
    legacy, rest = _with_line_feeds(legacy), _with_line_feeds(rest)
    if legacy == rest:
        return Outcome.LINE_BREAKS
    legacy, rest = _allowed(legacy), _allowed(rest)
    if legacy == rest:
        return Outcome.FORBIDDEN
    if rest.startswith(legacy):
        return cut
    return Outcome.CUT if legacy.startswith(rest) else Outcome.VALUE


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _allowed(text: str) -> str:
    return FORBIDDEN.sub("", text).replace(_REPLACED, "")


def _id(legacy: Any, rest: Any) -> Outcome:
    return Outcome.SAME if str(legacy) == str(rest) else Outcome.VALUE


def _number(legacy: Any, rest: Any) -> Outcome:
    numbers = _decimal(legacy), _decimal(rest)
    if None in numbers:
        return _text(legacy, rest)
    return Outcome.SAME if numbers[0] == numbers[1] else _unlike(*numbers)


def _amount(legacy: Any, rest: Any) -> Outcome:
    left, right = _decimal(legacy), _decimal(rest)
    if left is None or right is None:
        return Outcome.VALUE
    if left == right:
        return Outcome.SAME
    if left.quantize(_CENT, ROUND_HALF_UP) == right.quantize(_CENT, ROUND_HALF_UP):
        return Outcome.CENTS
    return _unlike(left, right)


def _unlike(left: Decimal | None, right: Decimal | None) -> Outcome:
    if left and right and (left == right * 100 or right == left * 100):
        return Outcome.UNIT
    return Outcome.VALUE


def _decimal(value: Any) -> Decimal | None:
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _flag(legacy: Any, rest: Any) -> Outcome:
    sides = _truth(legacy), _truth(rest)
    return Outcome.SAME if sides[0] is not None and sides[0] == sides[1] else Outcome.VALUE


def _truth(value: Any) -> bool | None:
    return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(
        str(value).casefold()
    )


def _list(legacy: Any, rest: Any) -> Outcome:
    return Outcome.SAME if set(_items(legacy)) == set(_items(rest)) else Outcome.VALUE


def _lines(legacy: Any, rest: Any) -> Outcome:
    lines = [line.strip() for line in str(legacy).splitlines() if line.strip()]
    return Outcome.SAME if lines == [one.strip() for one in _items(rest)] else Outcome.VALUE


def _items(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value if one is not None]
    return [one.strip() for one in str(value).split(",") if one.strip()]


def _words(legacy: Any, rest: Any) -> Outcome:
    return Outcome.SAME if _letters(legacy) == _letters(rest) else Outcome.VALUE


def _letters(value: Any) -> str:
    return re.sub(r"[\W_]+", "", str(value)).casefold()


def _name(legacy: Any, rest: Any) -> Outcome:
    return _text(str(legacy).removeprefix("_"), str(rest).removeprefix("_"))


def _users(legacy: Any, rest: Any) -> Outcome:
    return Outcome.SAME if rest == [_ALL_USERS] else _list(legacy, rest)


def _region(legacy: Any, rest: Any) -> Outcome:
    """A text that may be a code in REST, with or without the country before it."""
    code = str(rest).rpartition("-")[2]
    if _letters(legacy) in {_letters(rest), _letters(code)}:
        return Outcome.SAME
    return _text(legacy, rest)


def _time(legacy: Any, rest: Any) -> Outcome:
    left, right = _moment(legacy), _moment(rest)
    if left is None or right is None:
        return Outcome.VALUE
    left, right = left.replace(microsecond=0), right.replace(microsecond=0)
    if left == right:
        return Outcome.SAME
    apart = abs(left - right)
    if _wall(left) == _wall(right):
        return Outcome.HOUR_TWICE
    return Outcome.HOURS if apart <= _LAST_SHIFT and not apart % _HOUR else Outcome.VALUE


def _wall(moment: datetime) -> datetime:
    """What a clock in US Eastern time shows."""
    return moment.astimezone(_EASTERN).replace(tzinfo=None)


def _day(legacy: Any, rest: Any) -> Outcome:
    left = _eastern_day(legacy)
    return Outcome.SAME if left is not None and left == str(rest)[:10] else Outcome.VALUE


def _day_of_time(legacy: Any, rest: Any) -> Outcome:
    left = _eastern_day(legacy)
    return Outcome.SAME if left is not None and left == _eastern_day(rest) else Outcome.VALUE


def _eastern_day(value: Any) -> str | None:
    """The day of a time in US Eastern time, or a day as it is."""
    text = str(value)
    if "T" not in text:
        return text[:10]
    moment = _moment(text)
    return None if moment is None else _wall(moment).date().isoformat()


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _codes(codes: Mapping[str, tuple[str, ...]], legacy: Any, rest: Any) -> Outcome:
    wanted = codes.get(str(legacy))
    if wanted is None:
        return _words(legacy, rest)
    found = str(rest).lower() if isinstance(rest, bool) else str(rest)
    return Outcome.SAME if found in wanted else Outcome.VALUE


_WAYS: Mapping[str, Callable[[Any, Any], Outcome]] = {
    "text": _text,
    "id": _id,
    "number": _number,
    "amount": _amount,
    "flag": _flag,
    "list": _list,
    "lines": _lines,
    "words": _words,
    "name": _name,
    "users": _users,
    "region": _region,
    "cut": _cut,
    "time": _time,
    "day": _day,
    "day of time": _day_of_time,
}
"""Name of a comparison that is no list of codes -> what compares two values that are there."""
