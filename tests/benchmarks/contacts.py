"""What the static server serves: contacts as Keap sends them, with every field filled, and their JSON schema.

The rows are rendered once, except for their ids, which count up from 1.
"""

from __future__ import annotations

import copy
import random
from functools import cache
from typing import Any

import orjson

from tap_infusionsoft.streams.contacts import CONTACTS

VARIANTS = 1000
"""Number of different rows. After that many, they repeat with other ids."""
_ID = "@@id@@"

_FIELDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Favourite colour", "TEXT", ()),
    ("Notes for the coach", "TEXT_AREA", ()),
    ("Visits", "WHOLE_NUMBER", ()),
    ("Lifetime value", "CURRENCY", ()),
    ("Net promoter score", "DECIMAL_NUMBER", ()),
    ("Renewal date", "DATE", ()),
    ("Last webinar", "DATE_TIME", ()),
    ("Plan", "DROPDOWN", ("Free", "Plus", "Pro")),
    ("Interests", "LIST_BOX", ("Cooking", "Running", "Chess")),
    ("Newsletter", "YES_NO", ()),
    ("Billing e-mail", "EMAIL", ()),
)

_GIVEN = ("Mateo", "Ayşe", "Li", "Zoë", "Ravi", "Anna", "Tomás", "Grace")
_FAMILY = ("Haddad", "O'Neill", "Müller", "Tran", "García", "Smith-Jones", "Kowalski", "Okafor")
_TOWNS = (
    ("Chandler", "Arizona", "US-AZ", "85224"),
    ("Toronto", "Ontario", "CA-ON", "M5H 2N2"),
    ("Austin", "Texas", "US-TX", "78701"),
)


def model() -> dict[str, Any]:
    """Return the response of `/v2/contacts/model`."""
    return {
        "custom_fields": [
            {
                "id": str(2 * number + 4),
                "label": label,
                "options": [{"id": f"{number}{index}", "label": one} for index, one in enumerate(options)],
                "record_type": "CONTACT",
                "field_type": kind,
                "default_value": None,
                "group_id": "3",
                "group_name": "Custom fields",
                "field_name": "_" + "".join(letter for letter in label if letter.isalnum()),
            }
            for number, (label, kind, options) in enumerate(_FIELDS)
        ],
        "optional_properties": [],
    }


def moment(rng: random.Random) -> str:
    """Return a time as Keap sends it."""
    month, day, hour, millis = (rng.randint(*bounds) for bounds in ((1, 12), (1, 28), (0, 23), (0, 999)))
    return f"2025-{month:02d}-{day:02d}T{hour:02d}:33:02.{millis:03d}Z"


def _content(kind: str, options: tuple[str, ...], rng: random.Random) -> Any:
    by_type: dict[str, Any] = {
        "TEXT": rng.choice(("green", "dark blue", "Ünïcode ✨")),
        "TEXT_AREA": 'Met at the trade show; likes ☕.\r\nSecond line, with "quotes".',
        "WHOLE_NUMBER": rng.randint(0, 999),
        "CURRENCY": rng.randint(0, 999_999) / 100,
        "DECIMAL_NUMBER": rng.randint(0, 100) / 10,
        "DATE": moment(rng)[:10],
        "DATE_TIME": moment(rng),
        "YES_NO": rng.random() < 0.5,
        "EMAIL": f"billing{rng.randint(1, 99)}@example.com",
    }
    if kind == "LIST_BOX":
        return rng.sample(options, 2)
    return rng.choice(options) if options else by_type[kind]


def address(field: str, rng: random.Random) -> dict[str, Any]:
    """Return an address with every field filled."""
    town, region, code, postal = rng.choice(_TOWNS)
    return {
        "country": "United States" if code.startswith("US") else "Canada",
        "line1": f"{rng.randint(1, 999)} Mill Lane",
        "line2": f"Suite {rng.randint(1, 40)}",
        "locality": town,
        "region": region,
        "field": field,
        "country_code": "USA" if code.startswith("US") else "CAN",
        "postal_code": postal,
        "region_code": code,
        "zip_code": postal[:5],
        "zip_four": "1234",
    }


def row(variant: int) -> dict[str, Any]:
    """Return one contact with a placeholder for its id."""
    rng = random.Random(variant)
    given, family = rng.choice(_GIVEN), rng.choice(_FAMILY)
    return {
        "id": _ID,
        "given_name": given,
        "middle_name": rng.choice("ABC") + ".",
        "family_name": family,
        "preferred_name": given[:3],
        "prefix": rng.choice(("Ms", "Mr", "Dr")),
        "suffix": rng.choice(("Jr", "PhD")),
        "job_title": "Head of purchasing",
        "company": {"id": str(rng.randint(1, 500)), "company_name": f"{family} Roofing GmbH"},
        "email_addresses": [
            {
                "email": f"person{variant}.{number}@example.org",
                "field": f"EMAIL{number}",
                "opt_in_reason": "Customer opted-in through webform",
                "is_opt_in": True,
                "email_opt_status": "UNENGAGED_MARKETABLE",
            }
            for number in (1, 2)
        ],
        "phone_numbers": [
            {
                "extension": "12",
                "number": f"(555) 319-{rng.randint(1000, 9999)}",
                "type": "Work",
                "field": f"PHONE{number}",
                "number_e164": "+15553198380",
            }
            for number in (1, 2)
        ],
        "fax_numbers": [{"number": "(555) 319-0000", "type": "Work", "field": "FAX1"}],
        "addresses": [address("BILLING", rng), address("SHIPPING", rng)],
        "website": "https://www.example.com/about",
        "social_accounts": [{"name": f"@{family}", "type": "LINKED_IN"}],
        "birth_date": f"{rng.randint(1950, 2005)}-05-17",
        "anniversary_date": "2011-09-03",
        "spouse_name": rng.choice(_GIVEN),
        "assistant_name": rng.choice(_GIVEN),
        "assistant_phone": "(555) 319-1111",
        "billing_information": "net 30",
        "account_id": str(rng.randint(1, 500)),
        "contact_type": rng.choice(("Customer", "Lead")),
        "owner_id": "1",
        "leadsource_id": str(rng.randint(1, 20)),
        "referral_code": "FRIEND10",
        "source_type": "WEBFORM",
        "origin": {"date": moment(rng), "ip_address": "203.0.113.7"},
        "utm_parameters": [
            {
                "id": str(rng.randint(1, 99)),
                "keapSourceId": "web",
                "utmSource": "newsletter",
                "utmMedium": "email",
                "utmTerm": "roofing",
                "utmCampaign": "spring",
                "utmContent": "banner",
                "firstTouch": True,
                "lastTouch": False,
                "dateCreated": moment(rng),
            }
        ],
        "score_value": str(rng.randint(0, 100)),
        "tag_ids": [str(rng.randint(1, 200)) for _ in range(4)],
        "groups": "91,107",
        "links": [{"id": "7", "linked_contact_id": "12", "link_type_id": "2", "link_type_name": "Spouse"}],
        "notes": "Prefers to be called after lunch; see the file of 2024.",
        "preferred_locale": "en_US",
        "time_zone": "America/Phoenix",
        "custom_fields": [
            {"id": one["id"], "content": _content(kind, options, rng)}
            for one, (_, kind, options) in zip(model()["custom_fields"], _FIELDS, strict=True)
        ],
        "create_time": moment(rng),
        "update_time": "2025-04-16T20:33:02.321Z",
        "created_by": "1",
        "last_updated_by": "1",
    }


@cache
def rendered() -> list[tuple[bytes, bytes]]:
    """Return the JSON before and after the id of each row."""
    halves = (orjson.dumps(row(variant)).partition(_ID.encode()) for variant in range(VARIANTS))
    return [(before, after) for before, _, after in halves]


def wire_schema() -> dict[str, Any]:
    """Return the JSON schema of the rows as Keap sends them, for programs that rename nothing."""
    schema = copy.deepcopy(CONTACTS.schema)
    for column, wire in CONTACTS.wire.renamed.items():
        outer, _, inner = column.rpartition("[].")
        properties = schema["properties"][outer]["items"]["properties"] if outer else schema["properties"]
        properties[wire] = properties.pop(inner)
    return schema
