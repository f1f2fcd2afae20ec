"""Filters by custom field, `_ColumnName==value`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keap_sandbox.filtering.filters import EQUAL, RANGE_OPS, Condition, Test, compare, same
from keap_sandbox.responses import bad_request
from keap_sandbox.timestamps import parse_moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from keap_sandbox.custom_fields import CustomFields
    from keap_sandbox.tables import Source

__all__ = ["CustomFieldFilters"]


_NUMBERS = {
    "CURRENCY",
    "DECIMAL_NUMBER",
    "PERCENT",
    "WHOLE_NUMBER",
    "YEAR",
    "MONTH",
    "DAY_OF_WEEK",
    "USER",
}
_DATES = {"DATE", "DATE_TIME"}


@dataclass(frozen=True)
class CustomFieldFilters:
    """The filters by custom field of a list; the type of a field decides which operators it accepts."""

    fields: CustomFields
    bare_date: bool = False
    """Accept dates without a time."""

    def find(self, condition: Condition, source: Source) -> Test | None:
        """Turn a condition into a test of keys.

        Args:
            condition: The condition; its name is the column name of a custom field.
            source: The rows.

        Returns:
            The test; None if there is no such custom field.

        Raises:
            KeapError: If the field doesn't accept the operator or the value.
        """
        field = self.fields.by_name(condition.name)
        if field is None:
            return None
        kind, key_of_field = field["field_type"], field["id"]
        if condition.op not in (RANGE_OPS if kind in _NUMBERS | _DATES else EQUAL):
            raise bad_request(f"operator {condition.op} is not allowed for {condition.name}", "filter")
        check = self._check(condition, kind)

        def passes(key: int) -> bool:
            for entry in source.row(key).get("custom_fields") or []:
                if entry.get("id") == key_of_field:
                    content = entry.get("content")
                    several = content if isinstance(content, list) else [content]
                    return any(one is not None and check(one) for one in several)
            return False

        return passes

    def _check(self, condition: Condition, kind: str) -> Callable[[Any], bool]:
        wanted = condition.value
        if wanted.startswith("*"):
            raise bad_request(f"A leading wildcard is not allowed for {condition.name}", "filter")
        if kind in _NUMBERS:
            try:
                number = float(wanted)
            except ValueError:
                raise bad_request(f"{condition.name} must be a number", "filter") from None
            return lambda content: compare(float(content), condition.op, number)
        if kind in _DATES:
            moment = parse_moment(wanted, bare_date=self.bare_date)
            if moment is None:
                raise bad_request(
                    f"{condition.name} must be a full date-time with milliseconds and offset", "filter"
                )
            return lambda content: compare(
                parse_moment(str(content), bare_date=True) or 0, condition.op, moment
            )
        if kind == "YES_NO":
            if wanted not in {"0", "1"}:
                raise bad_request(f"{condition.name} must be 0 or 1", "filter")
            return lambda content: bool(content) is (wanted == "1")
        if wanted.endswith("*"):
            return lambda content: str(content).casefold().startswith(wanted[:-1].casefold())
        return lambda content: same(content, wanted)
