"""Sample contacts and companies."""

from __future__ import annotations

from typing import Any

import msgspec

from keap_sandbox.custom_fields import CustomFields, sample_values
from keap_sandbox.sample_data import words
from keap_sandbox.sample_data.generators import Dated
from keap_sandbox.sample_data.partners import Partners
from keap_sandbox.tables import Row, Table, mix
from keap_sandbox.timestamps import iso

__all__ = ["REFERRALS_PERCENT", "Companies", "Contacts", "address", "referral_chance", "referred"]

_VARIANTS = 128
REFERRALS_PERCENT = 12
"""Contacts in a hundred that affiliates referred."""
_FIRST_REFERRED = 4
"""The first contact is an affiliate."""


def referred(referral: int) -> int:
    """Return the number of the contact that a referral is about, by the number of the referral."""
    return referral * 100 // REFERRALS_PERCENT + _FIRST_REFERRED


def _referral(contact: int) -> int | None:
    """Return the number of a contact's referral; None if no affiliate referred it."""
    referral = -(-(contact - _FIRST_REFERRED) * REFERRALS_PERCENT // 100)
    return referral if referral >= 0 and referred(referral) == contact else None


def referral_chance(referral: int) -> int:
    """Return the random bits that choose the affiliate of a referral."""
    return mix(referral + 46)


def address(chance: int, field: str) -> Row:
    """Return a postal address.

    Args:
        chance: Random bits.
        field: The kind of address, such as `BILLING`.
    """
    city, region, region_code, postal, country_code, country = words.PLACES[chance % len(words.PLACES)]
    return {
        "country": country,
        "line1": f"{chance % 899 + 1} {words.STREETS[chance % len(words.STREETS)]}",
        "line2": (None, "", "Suite 4", "c/o Ünïcode")[chance % 4],
        "locality": city,
        "region": region,
        "field": field,
        "country_code": country_code,
        "postal_code": postal,
        "region_code": region_code,
        "zip_code": postal if chance % 3 else None,
        "zip_four": None,
    }


def _phone(chance: int, number: int) -> Row:
    digits = f"555{chance % 10_000_000:07d}"
    return {
        "extension": None if chance % 5 else "12",
        "number": f"({digits[:3]}) {digits[3:6]}-{digits[6:]}",
        "type": ("Work", "Home", "Mobile", None)[chance % 4],
        "field": f"PHONE{number}",
        "number_e164": f"+1{digits}" if chance % 3 else None,
    }


class Companies(Dated):
    """The generator of the sample companies."""

    def __init__(self, count: int, seed: int, fields: CustomFields) -> None:
        """Number the companies.

        Args:
            count: The number of companies.
            seed: Selects the sample account.
            fields: The custom fields of companies.
        """
        super().__init__(count, seed, 2)
        self.partners: Partners | None = None
        """The affiliates that referred companies, as soon as they are known."""
        self._fields = fields
        self._values = [sample_values(fields, variant) for variant in range(16)]

    def created(self, index: int) -> int:
        """Return when the company was created: the first of them before all contacts."""
        return super().created(index) - self._step

    def referral_code(self, index: int) -> str | None:
        """Return the code of the affiliate that referred a company; one company in six has one."""
        chance = self.chance(index) >> 30
        if self.partners is None or chance % 6:
            return None
        partner = self.partners.pick(chance >> 8, self.created(index))
        return None if partner is None else self.partners.code(partner)

    def name(self, index: int) -> str:
        """Return the name of a company."""
        chance = self.chance(index)
        family = words.FAMILY[chance % len(words.FAMILY)]
        business = words.BUSINESS[(chance >> 8) % len(words.BUSINESS)]
        return f"{family} {business} {words.FORMS[(chance >> 16) % len(words.FORMS)]}"

    def row(self, index: int) -> Row:
        """Return a complete row."""
        chance = self.chance(index)
        spare = chance >> 24
        key = self.key(index)
        return {
            "id": str(key),
            "address": address(spare, "BILLING") if spare % 8 else None,
            "notes": ("", None, "Pays late.\nCall first.")[spare % 3],
            "website": f"https://company{key}.example" if spare % 4 else None,
            "suffix": None,
            "title": None,
            "groups": None,
            "company_name": self.name(index),
            "custom_fields": self._fields.contents(self._values[spare % 16]),
            "email_address": None
            if spare % 5 == 0
            else {
                "email": f"office{key}@company.example",
                "field": "EMAIL1",
                "opt_in_reason": None,
                "is_opt_in": bool(spare % 2),
                "email_opt_status": "SINGLE_OPT_IN" if spare % 2 else "NON_MARKETABLE",
            },
            "fax_number": {"number": "(555) 010-0000", "type": "Work", "field": "FAX1"}
            if spare % 7 == 0
            else None,
            "phone_number": _phone(spare, 1) if spare % 3 else None,
            "update_time": iso(self.updated(index)),
            "create_time": iso(self.created(index)),
            "anniversary_date": None,
            "assistant_name": None,
            "assistant_phone": None,
            "billing_information": None,
            "birth_date": None,
            "contact_type": "Company" if spare % 2 else None,
            "first_name": None,
            "job_title": None,
            "last_name": None,
            "middle_name": None,
            "preferred_name": None,
            "owner_id": "1" if index % 4 == 0 else None,
            "referral_code": self.referral_code(index),
            "spouse_name": None,
            "account_id": "0",
            "created_by": "1",
            "last_updated_by": "1",
        }


class Contacts(Dated):
    """The generator of the sample contacts. Rows share their nested parts, so nobody may change those."""

    def __init__(
        self, count: int, seed: int, fields: CustomFields, companies: Table, employers: Companies
    ) -> None:
        """Number the contacts.

        Args:
            count: The number of contacts.
            seed: Selects the sample account.
            fields: The custom fields of contacts.
            companies: The companies that exist.
            employers: The generator of the sample companies, which contacts work for.
        """
        super().__init__(count, seed, 1)
        self.partners = Partners(self, seed)
        self._fields = fields
        self._employers = employers
        self._companies = companies
        self._company_memo: tuple[int, dict[int, Row | None]] = (-1, {})
        self._values = [sample_values(fields, variant) for variant in range(_VARIANTS)]
        self._contents: tuple[int, list[list[Row]]] = (-1, [])
        self._encoded: tuple[int, dict[int, msgspec.Raw]] = (-1, {})
        numbers = [mix(self._seed + 77 * variant) for variant in range(_VARIANTS)]
        self._addresses: list[list[Row]] = [
            [
                address(n >> 5 * spot, kind)
                for spot, kind in enumerate(("BILLING", "SHIPPING", "OTHER")[: n % 4])
            ]
            for n in numbers
        ]
        self._phones = [[_phone(n >> 4 * spot, spot + 1) for spot in range(n % 3)] for n in numbers]
        self._socials: list[list[Row]] = [
            [],
            [],
            [{"name": "@ünïcode", "type": "TWITTER"}, {"name": "sandbox.person", "type": "LINKED_IN"}],
            [{"name": "fb/sandbox", "type": "FACEBOOK"}],
        ]
        self._utm: list[list[Row]] = [[], [], [], [self._utm_row()]]

    @staticmethod
    def _utm_row() -> Row:
        return {
            "id": 41,
            "keapSourceId": "web",
            "utmSource": "newsletter",
            "utmMedium": "email",
            "utmTerm": None,
            "utmCampaign": "spring ☀",
            "utmContent": None,
            "firstTouch": True,
            "lastTouch": False,
            "dateCreated": "2025-03-01T08:15:30.500Z",
        }

    def _referral_code(self, index: int, created: int) -> str | None:
        """Return the code of the affiliate that referred the contact. It was noted on some of them only."""
        referral = _referral(index)
        if referral is None or referral % 4:
            return None
        partner = self.partners.pick(referral_chance(referral), created)
        return None if partner is None else self.partners.code(partner)

    def owner(self, index: int, path: str) -> str | None:
        """Return the id of the company or the lead source; KeyError for any other field."""
        chance = self.chance(index)
        if path == "company.id":
            company = self._company(index, chance)
            return None if company is None else str(company["id"])
        if path == "leadsource_id":
            return _lead_source(chance)
        raise KeyError(path)

    def name(self, index: int) -> tuple[str | None, str | None]:
        """Return the given and the family name; some contacts lack one of them."""
        return self._name(self.chance(index))

    @staticmethod
    def _name(chance: int) -> tuple[str | None, str | None]:
        given: str | None = words.GIVEN[chance % len(words.GIVEN)]
        family: str | None = words.FAMILY[(chance >> 8) % len(words.FAMILY)]
        odd = chance >> 16 & 127
        if odd == 0:
            family = None
        elif odd == 1:
            family = ""
        elif odd == 2:  # noqa: PLR2004 - the third odd form
            given = None
        return given, family

    def emails(self, index: int) -> list[Row]:
        """Return the email addresses of a contact: usually one, sometimes none, two or three."""
        return self._emails(index, self.chance(index))

    @staticmethod
    def _emails(index: int, chance: int) -> list[Row]:
        chance >>= 24
        if chance % 23 == 0:
            return []
        # One contact in fifty has the address of the contact before it
        owner = index - 1 if chance % 50 == 1 and index else index
        local = f"person{owner}" if chance % 9 else f"Person.{owner}+news"
        rows = [_email(f"{local}@{words.DOMAINS[owner % len(words.DOMAINS)]}", "EMAIL1", chance)]
        if chance % 6 == 0:
            rows.append(_email(f"second{owner}@example.org", "EMAIL2", chance >> 3))
            if chance % 12 == 0:
                rows.append(_email(f"third{owner}@example.net", "EMAIL3", chance >> 5))
        return rows

    def _custom_contents(self, chance: int) -> list[Row]:
        """Return the custom fields of a contact."""
        if self._contents[0] != self._fields.version:
            made = [self._fields.contents(values) for values in self._values]
            self._contents = (self._fields.version, made)
        return self._contents[1][(chance >> 30) % _VARIANTS]

    def _company(self, index: int, chance: int) -> Row | None:
        """Return the company that a contact works for, an older record; three contacts in ten have one."""
        chance >>= 36
        if chance % 10 > 2 or not self._employers.count:  # noqa: PLR2004
            return None
        older = min(index * self._employers.count // self.count + 1, self._employers.count)
        version, memo = self._company_memo
        if version != self._companies.version:
            memo = {}
            self._company_memo = (self._companies.version, memo)
        key = self._employers.key((chance >> 4) % older)
        if key not in memo:
            known = key in self._companies
            name = self._companies.row(key).get("company_name") if known else None
            memo[key] = {"id": str(key), "company_name": name} if known else None
        return memo[key]

    def pack(self, row: Row) -> None:
        """Replace the nested parts that rows share by JSON encoded in advance, which is most of a row."""
        version, encoded = self._encoded
        if version != self._fields.version or not encoded:
            self._custom_contents(0)
            shared = (*self._contents[1], *self._addresses, *self._phones)
            # The lists below stay alive, so no other list can have the same `id`
            encoded = {id(one): msgspec.Raw(msgspec.json.encode(one)) for one in shared}
            self._encoded = (self._fields.version, encoded)
        for name in ("custom_fields", "addresses", "phone_numbers"):
            raw = encoded.get(id(row.get(name)))
            if raw is not None:
                row[name] = raw

    def row(self, index: int) -> Row:
        """Return a complete row, except for tags and links, which the account adds."""
        chance = self.chance(index)
        given, family = self._name(chance)
        a, b, c = chance >> 20, chance >> 28, chance >> 44
        created = self.created(index)
        updated = self._updated(index, created, chance)
        return {
            "id": str(self.key(index)),
            "links": [],
            "addresses": self._addresses[a % _VARIANTS],
            "company": self._company(index, chance),
            "origin": {"date": iso(created), "ip_address": f"192.0.2.{c % 254 + 1}"} if c % 3 else None,
            "prefix": (None, "Ms.", "Dr.", "")[b % 4],
            "suffix": None if b % 19 else "Jr.",
            "website": None if a % 3 else f"https://person{index}.example/ünïcode?x=1&y=2",
            "groups": "",
            "update_time": iso(updated),
            "create_time": iso(created),
            "score_value": str(a % 100) if b % 3 else None,
            "tag_ids": [],
            "anniversary_date": None if c % 9 else f"20{10 + a % 14}-06-{1 + b % 28:02d}",
            "birth_date": None if c % 3 == 0 else f"{1945 + a % 60}-{1 + b % 12:02d}-{1 + c % 28:02d}",
            "contact_type": ("Customer", "Lead", None, "Other")[a % 4],
            "custom_fields": self._custom_contents(chance),
            "email_addresses": self._emails(index, chance),
            "family_name": family,
            "fax_numbers": [{"number": "(555) 010-9999", "type": "Work", "field": "FAX1"}]
            if a % 17 == 0
            else [],
            "given_name": given,
            "job_title": words.JOBS[a % len(words.JOBS)] if b % 2 else None,
            "leadsource_id": _lead_source(chance),
            "middle_name": "Q." if a % 11 == 0 else None,
            "owner_id": str(1 + b % 4 * 2) if c % 4 else None,
            "phone_numbers": self._phones[b % _VARIANTS],
            "preferred_locale": ("en_US", "de_DE", None)[a % 3],
            "preferred_name": None if b % 13 else "Jo 🎉",
            "referral_code": self._referral_code(index, created),
            "social_accounts": self._socials[b % 4],
            "source_type": ("API", "IMPORT", "MANUAL", "WEBFORM", "LANDING_PAGE", "UNKNOWN")[c % 6],
            "spouse_name": None if a % 15 else "Kim",
            "time_zone": words.ZONES[b % len(words.ZONES)] if c % 2 else None,
            "utm_parameters": self._utm[c % 4],
            "account_id": "0",
            "assistant_name": None,
            "assistant_phone": None,
            "billing_information": None,
            "created_by": str(1 + a % 3 * 2),
            "last_updated_by": "1",
            "notes": (None, "", "Met at the trade show; likes ☕.\r\nSecond line.")[a % 3],
        }


def _lead_source(chance: int) -> str:
    """Return the id of a contact's lead source; "0" if it has none."""
    chance >>= 28
    return str(chance % 8 * 2) if chance % 3 else "0"


def _email(address: str, field: str, chance: int) -> Row:
    opted: Any = bool(chance % 4)
    return {
        "email": address,
        "field": field,
        "opt_in_reason": "Customer opted-in through webform" if opted else None,
        "is_opt_in": opted,
        "email_opt_status": ("NON_MARKETABLE", "SINGLE_OPT_IN", "DOUBLE_OPT_IN", "UNENGAGED_MARKETABLE")[
            chance % 4
        ],
    }
