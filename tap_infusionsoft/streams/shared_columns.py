"""Columns that several streams share."""

from __future__ import annotations

from tap_infusionsoft.streams.columns import array, flag, integer, nested, text
from tap_infusionsoft.streams.relations import id_of

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
    "country_code": id_of("countries", "Country, ISO 3166-1 alpha-3.", column="country_code"),
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
            "id": id_of("custom_fields", "Id of the custom field."),
            "content": text(
                "What the field holds: text as it is, and anything else, such as lists, as JSON text."
            ),
        }
    ),
    "Custom fields as Keap sends them: a list of field ids and contents, null for fields that are unset.",
)
