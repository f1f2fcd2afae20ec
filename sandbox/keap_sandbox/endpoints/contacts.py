"""Contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.lists.filters import (
    RANGE_OPS,
    Condition,
    Filter,
    FilterContext,
    Key,
    Keys,
    Option,
    Since,
    Test,
    Text,
    Until,
)
from keap_sandbox.lists.v2 import Listing, Sparse, View
from keap_sandbox.responses import bad_request
from keap_sandbox.tables import mix

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keap_sandbox.account import Account
    from keap_sandbox.switches import Switches
    from keap_sandbox.tables import Row, Source

__all__ = ["CONTACTS", "DEFAULT", "OPTIONAL", "visible"]

# What comes without `fields`. The references say only "nearly empty"; the model names some thirty optional ones.
DEFAULT = ("id", "given_name", "family_name")
OPTIONAL = (
    "addresses", "anniversary_date", "birth_date", "company", "contact_type", "create_time", "custom_fields",
    "email_addresses", "fax_numbers", "job_title", "leadsource_id", "links", "middle_name", "notes", "origin",
    "owner_id", "phone_numbers", "preferred_locale", "preferred_name", "prefix", "referral_code",
    "score_value", "social_accounts", "source_type", "spouse_name", "suffix", "tag_ids", "time_zone",
    "update_time", "utm_parameters", "website",
)  # fmt: skip
_LATER = (
    "account_id", "assistant_name", "assistant_phone", "billing_information", "created_by", "groups",
    "last_updated_by",
)  # fmt: skip
FIELDS = (*DEFAULT, *OPTIONAL, *_LATER)


class _Phone(Text):
    """`phone_number`, searched in the phone fields that `phone_fields` names."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Equal or beginning with."""
        source = context.source
        start = condition.value.removesuffix("*")
        if "phone_fields" not in context.conditions:
            raise bad_request("phone_number requires phone_fields", "filter")
        if condition.value.endswith("*") and len(start) < 3:  # noqa: PLR2004 - the documented minimum
            raise bad_request("phone_number needs at least 3 characters before the wildcard", "filter")
        if condition.value.startswith("*"):
            raise bad_request("A leading wildcard is not allowed for phone_number", "filter")
        slots = {slot.strip() for slot in context.conditions["phone_fields"].split(",")}

        def digits(text: str) -> str:
            return "".join(letter for letter in text if letter.isdigit())

        def passes(key: int) -> bool:
            for phone in source.row(key).get("phone_numbers") or []:
                number = digits(str(phone.get("number") or ""))
                if phone.get("field") in slots and (
                    number.startswith(digits(start))
                    if condition.value.endswith("*")
                    else number == digits(start)
                ):
                    return True
            return False

        return passes


class _Address(Text):
    """A part of the address of one kind."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Equal, in the address of that kind, or beginning with."""
        source = context.source
        if condition.value.startswith("*"):
            raise bad_request(f"A leading wildcard is not allowed for {condition.name}", "filter")
        kind, part = self.path.split(".")
        begins = self.prefix and condition.value.endswith("*")
        wanted = condition.value.casefold().removesuffix("*" if begins else "")

        def passes(key: int) -> bool:
            found = [
                str(address.get(part) or "").casefold()
                for address in source.row(key).get("addresses") or []
                if address.get("field") == kind
            ]
            return any(one.startswith(wanted) if begins else one == wanted for one in found)

        return passes


_SOURCE_NAME = Text("name", prefix=True)


class _LeadSourceName(Text):
    """`lead_source_name`: names stand in another collection, where `_wanted` looks them up."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Check the value."""
        super().test(condition, context)
        return lambda _: True


def _wanted(account: Account, conditions: list[Condition]) -> Callable[[int], bool] | None:
    """The contacts that the key may see, and that come from lead sources of that name."""
    seen = visible(account)
    names = [condition for condition in conditions if condition.name == "lead_source_name"]
    if not names:
        return seen
    table = account.tables["lead_sources"]
    passes = [_SOURCE_NAME.test(condition, FilterContext(table, account.switches)) for condition in names]
    sources = {str(key) for key in table.keys() if all(one(key) for one in passes)}  # noqa: SIM118

    def check(key: int) -> bool:
        return account.contacts.row(key).get("leadsource_id") in sources and (seen is None or seen(key))

    return check


def _filters() -> dict[str, Filter]:
    filters: dict[str, Filter] = {
        "email": Text("email_addresses[].email", prefix=True),
        "given_name": Text("given_name", prefix=True),
        "family_name": Text("family_name", prefix=True),
        "middle_name": Text("middle_name", prefix=True),
        "company_id": Text("company.id"),
        "contact_ids": Keys(),
        "ids": Keys(),
        "start_update_time": Since("update_time"),
        "end_update_time": Until("update_time"),
        "phone_number": _Phone(),
        "phone_fields": Option(among=("PHONE1", "PHONE2", "PHONE3", "PHONE4", "PHONE5")),
        # Of the primary address, as the documents say; it is the one that invoices go to.
        "city": _Address("BILLING.locality", prefix=True),
        "state": _Address("BILLING.region", prefix=True),
        "website": Text("website", prefix=True),
        "lead_source_name": _LeadSourceName(prefix=True),
        "contact_id": Key(ops=RANGE_OPS),
    }
    for kind in ("billing", "shipping", "other"):
        for part in ("line1", "locality", "region", "postal_code", "country_code"):
            filters[f"{kind}_address_{part}"] = _Address(f"{kind.upper()}.{part}")
    return filters


def _source(account: Account, _: Mapping[str, str]) -> Source:
    return View(account.contacts, account.contact, (account.taggings.version,))


def _shape(row: Row, switches: Switches) -> Row:
    if switches.score_value == "integer" and isinstance(row.get("score_value"), str):
        row = {**row, "score_value": int(row["score_value"])}
    return row


def visible(account: Account) -> Callable[[int], bool] | None:
    """Which contacts the key may see; None if it may see all."""
    percent = account.switches.hidden_contacts
    return (lambda key: mix(key) % 100 >= percent) if percent else None


CONTACTS = Listing(
    path="/v2/contacts",
    items="contacts",
    source=_source,
    filters=_filters(),
    order_by={
        "id": "",
        "create_time": "create_time",
        "email": "email_addresses",
        "update_time": "update_time",
    },
    sparse=Sparse(allowed=lambda _: FIELDS, default=DEFAULT),
    custom_fields="contacts",
    by_id="contact_id",
    singular="Contact",
    shape=_shape,
    base_test=_wanted,
    pack=lambda account, row: account.people.pack(row),
)
