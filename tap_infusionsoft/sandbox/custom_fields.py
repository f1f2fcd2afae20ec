"""Custom fields: their definitions for each kind of record, and values for made-up records."""

from __future__ import annotations

from typing import Any

from tap_infusionsoft.sandbox.answers import bad_request, not_found
from tap_infusionsoft.sandbox.tables import Row, mix

__all__ = ["FIELD_TYPES", "RECORD_TYPES", "CustomFields", "seed_values"]

RECORD_TYPES = {"contacts": "CONTACT", "companies": "COMPANY", "affiliates": "REFERRAL_PARTNER"}

# (field type, label, options): one of every type there is
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

FIELD_TYPES = tuple(kind for kind, _, _ in _CONTACT)


class CustomFields:
    """The custom fields of one kind of record."""

    def __init__(self, record: str) -> None:
        self.record = record
        self.version = 0
        self._fields: dict[int, Row] = {}
        first = {"contacts": 4, "companies": 205, "affiliates": 305}[record]
        declared = {"contacts": _CONTACT, "companies": _COMPANY, "affiliates": _AFFILIATE}[record]
        self._next = first
        for kind, label, options in declared:
            self._add(kind, label, [{"label": option} for option in options], "3")
        self.seeded = tuple(self._fields)

    def __iter__(self) -> Any:
        return iter(self._fields.values())

    @property
    def ids(self) -> list[str]:
        """Ids in the order in which records list them."""
        return [str(key) for key in self._fields]

    def _add(self, kind: str, label: str, options: list[Row], group: str) -> Row:
        key = self._next
        self._next += 2
        made = [
            {"id": str(key * 100 + number), "label": str(option.get("label", ""))}
            for number, option in enumerate(options, 1)
        ]
        # The column name: fixed when the field is created, whatever the label becomes later
        column = "_" + "".join(letter for letter in label if letter.isalnum() and letter.isascii())
        if any(field["field_name"].lower() == column.lower() for field in self._fields.values()):
            column += str(key)
        self._fields[key] = {
            "id": str(key),
            "label": label,
            "options": made,
            "record_type": RECORD_TYPES[self.record],
            "field_type": kind,
            "default_value": None,
            "group_id": group,
            "group_name": "Custom fields",
            "field_name": column,
        }
        self.version += 1
        return self._fields[key]

    def create(self, body: Row) -> Row:
        """Add a field, as `POST .../model/customFields` does."""
        label, kind, options = body.get("label"), body.get("field_type"), body.get("options") or []
        if not isinstance(label, str) or not label.strip():
            raise bad_request("label must not be blank", "label")
        if kind not in FIELD_TYPES:
            raise bad_request(f"field_type must be one of {', '.join(FIELD_TYPES)}", "field_type")
        if not isinstance(options, list) or not all(isinstance(option, dict) for option in options):
            raise bad_request("options must be a list of objects with a label", "options")
        return self._add(kind, label, options, str(body.get("group_id") or "3"))

    def update(self, key: str, body: Row) -> Row:
        """Change label, options or group of a field."""
        field = self._field(key)
        if "label" in body:
            if not isinstance(body["label"], str) or not body["label"].strip():
                raise bad_request("label must not be blank", "label")
            field["label"] = body["label"]
        if body.get("options") is not None:
            field["options"] = body["options"]
        if body.get("group_id") is not None:
            field["group_id"] = str(body["group_id"])
        self.version += 1
        return field

    def delete(self, key: str) -> None:
        """Remove a field, and with it every record's value."""
        self._field(key)
        del self._fields[int(key)]
        self.version += 1

    def _field(self, key: str) -> Row:
        field = self._fields.get(int(key)) if key.isdigit() else None
        if field is None:
            raise not_found("Custom field", key)
        return field

    def by_name(self, name: str) -> Row | None:
        """The field with this column name, in any case."""
        for field in self._fields.values():
            if field["field_name"].lower() == name.lower():
                return field
        return None

    def contents(self, values: dict[str, Any]) -> list[Row]:
        """A record's `custom_fields`: every defined field, null where it has no value."""
        return [{"id": key, "content": values.get(key)} for key in self.ids]


def _seed_content(kind: str, options: list[Row], chance: int) -> Any:
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


def seed_values(fields: CustomFields, variant: int) -> dict[str, Any]:
    """Made-up values of the seeded fields; about a third are unset, and variant 0 has none at all."""
    values: dict[str, Any] = {}
    for field in fields:
        chance = mix(variant << 16 | int(field["id"]))
        if variant and chance % 3:
            values[field["id"]] = _seed_content(field["field_type"], field["options"], chance >> 8)
    return values
