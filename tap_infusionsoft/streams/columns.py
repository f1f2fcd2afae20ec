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


def _nullable(kind: str, description: str, **more: Any) -> Schema:
    schema: Schema = {"type": [kind, "null"], **more}
    if description:
        schema["description"] = description
    return schema


def text(description: str = "") -> Schema:
    """A string. Ids are strings too, even if Keap sends integers."""
    return _nullable("string", description)


def integer(description: str = "") -> Schema:
    """A whole number."""
    return _nullable("integer", description)


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


# Columns that several streams share.

CONTENT = {
    "size": integer("Size of the content in bytes, if known."),
    "is_too_large": flag("True if the content is null because it exceeds max_record_bytes."),
}

ADDRESS = {
    "field": text("Which address this is: BILLING, SHIPPING or OTHER."),
    "line1": text("Street address, first line."),
    "line2": text("Street address, second line."),
    "locality": text("City."),
    "region": text("State or region, spelled out. Keap recommends region_code."),
    "region_code": text("State or region, ISO 3166-2, such as US-AZ."),
    "postal_code": text("Postal code or ZIP code."),
    "zip_code": text("ZIP code in the United States."),
    "zip_four": text("Last four digits of a ZIP+4 code."),
    "country": text("Country, spelled out. Keap recommends country_code."),
    "country_code": text("Country, ISO 3166-1 alpha-3 (countries.country_code)."),
}
EMAIL = {
    "email": text("The email address (email_address_statuses.email)."),
    "field": text("Which address this is: EMAIL1 to EMAIL3."),
    "is_opt_in": flag("Whether marketing emails may be sent to the address."),
    "opt_in_reason": text("Why they may."),
    "email_opt_status": text(
        "Opt-in status, such as SINGLE_OPT_IN or HARD_BOUNCE. Keap adds statuses to this list."
    ),
}
PHONE = {
    "number": text("The phone number as it was entered."),
    "number_e164": text("The number in E.164 format, such as +15551234567."),
    "extension": text("Extension."),
    "type": text("Type of number, such as Work."),
    "field": text("Which number this is: PHONE1 to PHONE5."),
}
FAX = {
    "number": text("The fax number."),
    "type": text("Type of number, such as Work."),
    "field": text("Which number this is: FAX1 or FAX2."),
}
SOCIAL_ACCOUNT = {
    "name": text("Name or handle of the account."),
    "type": text("Network, such as FACEBOOK or LINKED_IN. Keap adds networks to this list."),
}
CUSTOM_FIELD_VALUES = array(
    nested(
        {
            "id": text("Id of the custom field (custom_fields.id)."),
            "content": text(
                "What the field holds: text as it is, and anything else, such as lists, as JSON text."
            ),
        }
    ),
    "Custom fields as Keap sends them: a list of field ids and contents, null for fields that are unset.",
)
