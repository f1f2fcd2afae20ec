"""The words that stream declarations are written in: JSON schemas of properties.

Everything is nullable but keys: Keap leaves out what is not set, or sends null, in the same answer.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

MONEY_DECIMAL = "decimal"
"""Property that the tap adds to amounts of money."""


def _nullable(kind: str, description: str, **more: Any) -> Schema:
    schema: Schema = {"type": [kind, "null"], **more}
    if description:
        schema["description"] = description
    return schema


def text(description: str = "") -> Schema:
    """A string. Ids are strings too, even where Keap sends integers."""
    return _nullable("string", description)


def integer(description: str = "") -> Schema:
    """A whole number."""
    return _nullable("integer", description)


def number(description: str = "") -> Schema:
    """A number that may have a fraction, exact as Keap wrote it."""
    return _nullable("number", description)


def flag(description: str = "") -> Schema:
    """True or false."""
    return _nullable("boolean", description)


def moment(description: str = "") -> Schema:
    """A point in time: RFC 3339 in UTC with milliseconds, always 24 characters."""
    return _nullable("string", description, format="date-time")


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
    """An amount of money as Keap has it, in minor units, and beside it the same as a decimal."""
    properties = {
        "amount": integer("In the smallest unit of the currency, such as cents."),
        "currency_code": text(),
        "formatted_amount": text("As Keap shows it."),
        MONEY_DECIMAL: number("The amount in whole units, made by the tap."),
    }
    return nested(properties, description)


def anything(description: str = "") -> Schema:
    """A value of any type, kept as it came."""
    schema: Schema = {"type": ["object", "array", "string", "number", "boolean", "null"]}
    return schema | {"description": description} if description else schema


def key(description: str = "") -> Schema:
    """A string that identifies a row; never null."""
    schema: Schema = {"type": "string"}
    return schema | {"description": description} if description else schema


# Shapes that several streams share.

CONTENT = {
    "size": integer("Bytes of the content, where they are known."),
    "is_too_large": flag("Whether the content is null because it is larger than max_record_bytes allows."),
}

ADDRESS = {
    "field": text("Which address: BILLING, SHIPPING or OTHER."),
    "line1": text(),
    "line2": text(),
    "locality": text("City."),
    "region": text("State or region, spelled out."),
    "region_code": text("State or region, ISO 3166-2."),
    "postal_code": text(),
    "zip_code": text(),
    "zip_four": text(),
    "country": text(),
    "country_code": text("ISO 3166-1 alpha-3."),
}
EMAIL = {
    "email": text(),
    "field": text("EMAIL1 to EMAIL3."),
    "is_opt_in": flag(),
    "opt_in_reason": text(),
    "email_opt_status": text("Keap's list of states grows: expect new ones."),
}
PHONE = {
    "number": text(),
    "number_e164": text("The number in E.164 form."),
    "extension": text(),
    "type": text(),
    "field": text("PHONE1 to PHONE5."),
}
FAX = {"number": text(), "type": text(), "field": text("FAX1 or FAX2.")}
SOCIAL_ACCOUNT = {"name": text(), "type": text()}
CUSTOM_FIELD_VALUES = array(
    nested({"id": text("Id of the custom field."), "content": anything()}),
    "Custom fields as Keap sends them: a list of field id and content.",
)
