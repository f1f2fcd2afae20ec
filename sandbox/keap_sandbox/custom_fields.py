"""Custom fields: their definitions for each kind of record, and values for sample records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.responses import bad_request, not_found
from keap_sandbox.tables import Row, Table, mix

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FIELD_TYPES", "RECORDS", "CustomFields", "all_sets", "rows_changed", "sample_values"]


# (field type, label, options): contacts have one field of every type
_CONTACT = (
    ("TEXT", "Favourite colour", ()),
    ("TEXT_AREA", "Notes for the coach", ()),
    ("CURRENCY", "Lifetime value", ()),
    ("DATE", "Renewal date", ()),
    ("DATE_TIME", "Last webinar", ()),
    ("DAY_OF_WEEK", "Best day to call", ()),
    ("DECIMAL_NUMBER", "Net promoter score (avg.)", ()),
    ("DRILLDOWN", "Region > District", ("North > Upper", "North > Lower", "South > Coast")),
    ("DROPDOWN", "Plan", ("Free", "Plus", "Pro")),
    ("EMAIL", "Billing e-mail", ()),
    ("LIST_BOX", "Interests", ("Cooking", "Running", "Music", "Ünïcode")),
    ("MONTH", "Season starts", ()),
    ("NAME", "Emergency contact", ()),
    ("PERCENT", "Discount %", ()),
    ("PHONE_NUMBER", "Assistant's phone", ()),
    ("RADIO", "T-shirt", ("S", "M", "L", "XL")),
    ("SOCIAL_SECURITY_NUMBER", "Tax number", ()),
    ("STATE", "Licensed in", ()),
    ("USER", "Account manager", ()),
    ("USER_LIST_BOX", "Team", ()),
    ("WEBSITE", "Portfolio", ()),
    ("WHOLE_NUMBER", "Employees", ()),
    ("YEAR", "Founded", ()),
    ("YES_NO", "Wants a call?", ()),
)
_COMPANY = (
    ("TEXT", "Industry", ()),
    ("WHOLE_NUMBER", "Seats", ()),
    ("DATE", "Contract ends", ()),
    ("LIST_BOX", "Offices", ("Phoenix", "Berlin", "大阪")),
    ("YES_NO", "Preferred", ()),
)
_AFFILIATE = (
    ("TEXT", "Tier", ()),
    ("DROPDOWN", "Payout by", ("Check", "Transfer")),
    ("PERCENT", "Bonus", ()),
)

_ORDER = (
    ("TEXT", "Gift message", ()),
    ("DATE", "Deliver on", ()),
    ("DROPDOWN", "Sales channel", ("Shop", "Phone", "Fair")),
    ("CURRENCY", "Packing cost", ()),
    ("YES_NO", "Gift?", ()),
)
_SUBSCRIPTION = (
    ("TEXT", "Member number", ()),
    ("WHOLE_NUMBER", "Seats", ()),
    ("DATE_TIME", "Last check-in", ()),
)
_OPPORTUNITY = (
    ("TEXT", "Competitor", ()),
    ("PERCENT", "Confidence", ()),
    ("DATE", "Decision by", ()),
    ("LIST_BOX", "Needs", ("Price", "Speed", "Ünïcode")),
    ("USER", "Deputy", ()),
)
_ACTIVITY = (
    ("TEXT", "Outcome", ()),
    ("WHOLE_NUMBER", "Minutes", ()),
    ("RADIO", "Mood", ("Good", "Fair", "Poor")),
    ("DATE", "Next contact", ()),
)
_Declared = tuple[tuple[str, str, tuple[str, ...]], ...]
# Keap's name for the kind of record, first id, fields. As in Keap, notes, tasks and appointments share a set.
_SETS: dict[str, tuple[str, int, _Declared]] = {
    "contacts": ("CONTACT", 4, _CONTACT),
    "companies": ("COMPANY", 205, _COMPANY),
    "affiliates": ("REFERRAL_PARTNER", 305, _AFFILIATE),
    "orders": ("ORDER", 405, _ORDER),
    "subscriptions": ("SUBSCRIPTION", 505, _SUBSCRIPTION),
    "opportunities": ("OPPORTUNITY", 605, _OPPORTUNITY),
    "activities": ("TASK_NOTE_APPOINTMENT", 705, _ACTIVITY),
}
RECORDS = {name: name for name in _SETS if name != "activities"} | dict.fromkeys(
    ("notes", "tasks", "appointments"), "activities"
)
"""The kinds of records that have custom fields, and the set of fields that each uses."""

FIELD_TYPES = tuple(kind for kind, _, _ in _CONTACT)


def all_sets() -> dict[str, CustomFields]:
    """Create the custom fields of a new account, by kind of record."""
    made = {name: CustomFields(name) for name in _SETS}
    return {record: made[name] for record, name in RECORDS.items()}


class CustomFields:
    """The custom fields of one kind of record, in groups on tabs."""

    def __init__(self, name: str) -> None:
        """Create the fields of a set.

        Args:
            name: The name of the set, a value of `RECORDS`.
        """
        self.kind, self._next, declared = _SETS[name]
        self.version = 0
        self._fields: dict[int, Row] = {}
        first = 10 * list(_SETS).index(name)  # no group or tab of another set has the same id
        self.tabs = [
            {"id": str(first + number), "name": label, "order": number, "record_type": self.kind}
            for number, label in ((1, "General"), (2, "More"))
        ]
        self.groups: list[Row] = [
            {
                "id": str(first + key),
                "name": label,
                "order": 1,
                "tab_id": str(first + tab),
                "record_type": self.kind,
            }
            for key, label, tab in ((3, "Custom fields", 1), (5, "Details", 2))
        ]
        for number, (kind, label, options) in enumerate(declared):
            group = self.groups[number % 4 == 3]["id"]  # noqa: PLR2004 - every fourth
            self._add(kind, label, [{"label": option} for option in options], group)

    def __iter__(self) -> Any:
        return iter(self._fields.values())

    @property
    def ids(self) -> list[str]:
        """The ids in the order in which records show the fields."""
        return [str(key) for key in self._fields]

    def _add(self, kind: str, label: str, options: list[Row], group: str) -> Row:
        key = self._next
        self._next += 2
        made = [
            {"id": str(key * 100 + number), "label": str(option.get("label", ""))}
            for number, option in enumerate(options, 1)
        ]
        # The column name is derived from the first label and stays the same if the label changes
        column = "_" + "".join(letter for letter in label if letter.isalnum() and letter.isascii())
        if any(field["field_name"].lower() == column.lower() for field in self._fields.values()):
            column += str(key)
        self._fields[key] = {
            "id": str(key),
            "label": label,
            "options": made,
            "record_type": self.kind,
            "field_type": kind,
            "default_value": None,
            "group_id": group,
            "group_name": next((one["name"] for one in self.groups if one["id"] == group), None),
            "field_name": column,
        }
        self.version += 1
        return self._fields[key]

    def create(self, body: Row) -> Row:
        """Add a field, as `POST .../model/customFields` does.

        Args:
            body: The request's body.

        Returns:
            The new field.

        Raises:
            KeapError: If the label is blank.
        """
        if not body["label"].strip():
            raise bad_request("label must not be blank", "label")
        options = body.get("options") or []
        group = body.get("group_id") or self.groups[0]["id"]
        return self._add(body["field_type"], body["label"], options, group)

    def update(self, key: str, body: Row) -> Row:
        """Change the label, options or group of a field.

        Args:
            key: The id of the field.
            body: The request's body.

        Returns:
            The changed field.

        Raises:
            KeapError: If there is no such field, or the label is blank.
        """
        field = self._field(key)
        if "label" in body:
            if not (body["label"] or "").strip():
                raise bad_request("label must not be blank", "label")
            field["label"] = body["label"]
        if body.get("options") is not None:
            field["options"] = body["options"]
        if body.get("group_id") is not None:
            field["group_id"] = str(body["group_id"])
        self.version += 1
        return field

    def plant(self, row: Row) -> None:
        """Add a field, or change one in ways that the API can't, such as its type."""
        if row.get("id") is None:
            group = self.groups[0]["id"]
            made = self._add(str(row.get("field_type", "TEXT")), str(row.get("label", "Planted")), [], group)
            made.update(row)
            return
        self._field(str(row["id"])).update({**row, "id": str(row["id"])})
        self.version += 1

    def delete(self, key: str) -> None:
        """Remove a field and its value in every record."""
        self._field(key)
        del self._fields[int(key)]
        self.version += 1

    def _field(self, key: str) -> Row:
        field = self._fields.get(int(key)) if key.isdigit() else None
        if field is None:
            raise not_found("Custom field", key)
        return field

    def by_name(self, name: str) -> Row | None:
        """Return the field with a column name, ignoring case; None if there is none."""
        for field in self._fields.values():
            if field["field_name"].lower() == name.lower():
                return field
        return None

    def contents(self, values: dict[str, Any]) -> list[Row]:
        """Return the `custom_fields` of a record: every field there is, null if it has no value.

        Args:
            values: The values of the record by the id of the field.
        """
        return [{"id": key, "content": values.get(key)} for key in self.ids]


def rows_changed(tables: Mapping[str, Table], record: str) -> None:
    """Mark the rows of a kind of record as changed: their custom fields are others now.

    Otherwise the next page of a list would use results from before.

    Args:
        tables: The tables of the account.
        record: The kind of record whose custom fields changed.
    """
    for name, used in RECORDS.items():
        if used == RECORDS[record]:
            tables[name].version += 1


def _sample_content(kind: str, options: list[Row], chance: int) -> Any:
    small = chance % 97
    if kind in {"DROPDOWN", "RADIO", "DRILLDOWN"}:
        return options[small % len(options)]["label"]
    if kind == "LIST_BOX":
        return [option["label"] for number, option in enumerate(options) if chance >> number & 1]
    if kind in {"CURRENCY", "DECIMAL_NUMBER", "PERCENT"}:
        return round(small * 13.37, 2)
    if kind in {"DATE", "DATE_TIME"}:
        day = f"20{20 + small % 7}-{1 + small % 12:02d}-{1 + small % 28:02d}"
        return day if kind == "DATE" else f"{day}T{small % 24:02d}:30:00.000Z"
    if kind == "YES_NO":
        return bool(small % 2)
    numbers = {
        "DAY_OF_WEEK": 1 + small % 7,
        "MONTH": 1 + small % 12,
        "YEAR": 1930 + small,
        "WHOLE_NUMBER": small * 11,
    }
    if kind in numbers:
        return numbers[kind]
    texts = {
        "TEXT": ("teal", "", "Ünïcode ✨", "a;b==c", 'say "hi"')[small % 5],
        "TEXT_AREA": ("Line one\nline two\ttabbed", "call after 5 pm", "")[small % 3],
        "EMAIL": f"billing{small}@example.com",
        "NAME": "Alex Smith",
        "PHONE_NUMBER": f"(480) 555-01{small:02d}",
        "SOCIAL_SECURITY_NUMBER": f"XXX-XX-{small:04d}",
        "STATE": "AZ",
        "USER": str(1 + small % 5 * 2),
        "WEBSITE": f"https://example.com/{small}",
    }
    return ["1", "5"] if kind == "USER_LIST_BOX" else texts[kind]


def sample_values(fields: CustomFields, variant: int) -> dict[str, Any]:
    """Generate values for a record.

    Args:
        fields: The custom fields of the kind of record.
        variant: Which of several sets of values to generate. About a third of the values are unset, and in
            variant 0 all of them.

    Returns:
        The values by the id of the field.
    """
    values: dict[str, Any] = {}
    for field in fields:
        chance = mix(variant << 16 | int(field["id"]))
        if variant and chance % 3:
            values[field["id"]] = _sample_content(field["field_type"], field["options"], chance >> 8)
    return values
