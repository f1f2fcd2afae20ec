"""Helpers that declare the columns of a stream: each returns the JSON schema of a property.

All columns except keys are nullable: Keap leaves out unset values or sends null, even in the same response.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

MONEY_DECIMAL = "decimal"
"""Property that the tap adds to every amount of money."""
MONEY_UNITS = (
    "In it, amount is in the smallest unit, such as cents, and decimal in whole units, such as dollars."
)
"""What the description of every amount of money ends with."""


INT64 = {"minimum": -(2**63), "maximum": 2**63 - 1}
"""Limits of every whole number. The tap makes others null."""


def _nullable(kind: str, description: str, **more: Any) -> Schema:
    schema: Schema = {"type": [kind, "null"], **more}
    if description:
        schema["description"] = description
    return schema


def text(description: str = "") -> Schema:
    """A string. Ids are strings too, even if Keap sends integers."""
    return _nullable("string", description)


def integer(description: str = "") -> Schema:
    """A whole number that fits 64 bits."""
    return _nullable("integer", description, **INT64)


def number(description: str = "") -> Schema:
    """A number, possibly with a fraction, exactly as Keap wrote it."""
    return _nullable("number", description)


def amount(description: str) -> Schema:
    """An amount of money that Keap sends as a plain number. The description says in which unit."""
    return number(f"{description} In whole units of the account's currency, not in cents.")


def flag(description: str = "") -> Schema:
    """True or false."""
    return _nullable("boolean", description)


def moment(description: str = "") -> Schema:
    """A point in time: RFC 3339 in UTC with milliseconds, always 24 characters. The description says so."""
    zone = "" if "UTC" in description or not description else " In UTC."
    return _nullable("string", f"{description}{zone}", format="date-time")


def midnight(description: str) -> Schema:
    """A day that Keap sends as a time: always midnight UTC, which is the day before in America."""
    warning = "A day, sent as midnight UTC: do not convert it to another time zone."
    return _nullable("string", f"{description} {warning}", format="date-time")


def day(description: str = "") -> Schema:
    """A date without a time."""
    return _nullable("string", description, format="date")


def array(items: Schema, description: str = "") -> Schema:
    """A list."""
    return _nullable("array", description, items=items)


def nested(properties: dict[str, Schema], description: str = "") -> Schema:
    """An object, nested as Keap nests it."""
    return _nullable("object", description, properties=properties)


def money(description: str = "") -> Schema:
    """An amount of money: in minor units, as Keap has it, and as a decimal, which the tap adds.

    `flat_columns.with_amounts` puts a column with the plain number beside it.
    """
    properties = {
        "amount": integer("In the smallest unit of the currency, such as cents."),
        "currency_code": text("Currency, ISO 4217, such as USD."),
        "formatted_amount": text("The amount as Keap displays it."),
        MONEY_DECIMAL: number(
            "The amount in whole units, such as dollars, computed by the tap. Hundredths are assumed if the "
            "currency is unknown."
        ),
    }
    return nested(properties, f"{description} {MONEY_UNITS}".strip())


def key(description: str = "") -> Schema:
    """A string that identifies a row; never null."""
    schema: Schema = {"type": "string"}
    return schema | {"description": description} if description else schema


def whole_key(description: str) -> Schema:
    """A whole number that fits 64 bits and identifies a row; never null."""
    return {"type": "integer", **INT64, "description": description}
