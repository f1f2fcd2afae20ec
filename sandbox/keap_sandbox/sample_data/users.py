"""Users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.sample_data import words
from keap_sandbox.sample_data.generators import DAY, EPOCH_END, EPOCH_START, dice
from keap_sandbox.timestamps import iso_millis

if TYPE_CHECKING:
    from keap_sandbox.tables import Row

__all__ = ["users"]


def users(seed: int) -> dict[int, Row]:
    """Return the users: active, invited and inactive ones, the last two of them partners."""
    roll = dice(seed, 17)
    statuses = ("ACTIVE",) * 7 + ("INVITED", "INACTIVE", "INACTIVE", "ACTIVE", "ACTIVE")
    rows = {}
    for number, status in enumerate(statuses):
        key, chance = 1 + 2 * number, roll(number)
        given, family = words.GIVEN[chance % 40], words.FAMILY[(chance >> 8) % 40]
        created = EPOCH_START - 300 * DAY + number * 70 * DAY + chance % DAY
        rows[key] = {
            "address": {
                "country": "United States",
                "line1": f"{key} Office Park",
                "line2": None,
                "locality": "Chandler",
                "region": "Arizona",
                "field": "BILLING",
                "country_code": "USA",
                "postal_code": "85224",
                "region_code": "US-AZ",
                "zip_code": "85224",
                "zip_four": None,
            },
            "title": None if number % 3 else "Account manager",
            "website": None,
            "partner": number >= 10,  # noqa: PLR2004 - the last two
            "admin": number == 0,
            "status": status,
            "id": str(key),
            "global_user_id": str(90_000 + key),
            "keap_id": f"user{key}@sandbox.example",
            "given_name": given,
            "family_name": family,
            "middle_name": None,
            "nickname": None,
            "spouse_name": None,
            "suffix": None,
            "phone_numbers": [],
            "fax_numbers": [],
            "email_addresses": [
                {
                    "email": f"user{key}@sandbox.example",
                    "field": "EMAIL1",
                    "opt_in_reason": None,
                    "is_opt_in": True,
                    "email_opt_status": "SINGLE_OPT_IN",
                }
            ],
            "social_accounts": [],
            "company_name": "Sandbox Inc.",
            "created_by": 1,
            "create_time": iso_millis(created),
            "updated_by": 1,
            "update_time": iso_millis(created + chance % (EPOCH_END - created)),
        }
    return rows
