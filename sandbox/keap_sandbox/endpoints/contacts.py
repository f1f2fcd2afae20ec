"""Read calls for contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.filtering.filters import (
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

# Returned without `fields`. The documents only say "nearly empty"; the model names some 30 optional fields.
DEFAULT = ("id", "given_name", "family_name")
OPTIONAL = (
    "addresses", "anniversary_date", "birth_date", "company", "contact_type", "create_time", "custom_fields",
    "email_addresses", "fax_numbers", "job_title", "leadsource_id", "links", "middle_name", "notes", "origin",
    "owner_id", "phone_numbers", "preferred_locale", "preferred_name", "prefix", "referral_code",
    "score_value", "social_accounts", "source_type", "spouse_name", "suffix", "tag_ids", "time_zone",
    "update_time", "utm_parameters", "website",
)  # fmt: skip
_ADDED_LATER = (
    "account_id", "assistant_name", "assistant_phone", "billing_information", "created_by", "groups",
    "last_updated_by",
)  # fmt: skip
FIELDS = (*DEFAULT, *OPTIONAL, *_ADDED_LATER)


class _Phone(Text):
    """`phone_number`, which looks in the phone fields that `phone_fields` names."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Compare digits only: equal, or starting with the value if it ends in `*`."""
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
    """A part of the billing, shipping or other address."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Equal, or starting with the value if it ends in `*`; in an address of that kind only."""
        source = context.source
        if condition.value.startswith("*"):
            raise bad_request(f"A leading wildcard is not allowed for {condition.name}", "filter")
        kind, part = self.path.split(".")
        is_prefix = self.prefix and condition.value.endswith("*")
        wanted = condition.value.casefold().removesuffix("*" if is_prefix else "")

        def passes(key: int) -> bool:
            values = [
                str(address.get(part) or "").casefold()
                for address in source.row(key).get("addresses") or []
                if address.get("field") == kind
            ]
            return any(value.startswith(wanted) if is_prefix else value == wanted for value in values)

        return passes


_SOURCE_NAME = Text("name", prefix=True)


class _LeadSourceName(Text):
    """`lead_source_name`. The names are in another collection, where `_base_test` looks them up."""

    def test(self, condition: Condition, context: FilterContext) -> Test:
        """Check the value. Every row passes."""
        super().test(condition, context)
        return lambda _: True


def _base_test(account: Account, conditions: list[Condition]) -> Callable[[int], bool] | None:
    """Select the contacts that the API key may see and whose lead source has the given name."""
    can_see = visible(account)
    names = [condition for condition in conditions if condition.name == "lead_source_name"]
    if not names:
        return can_see
    table = account.tables["lead_sources"]
    passes = [_SOURCE_NAME.test(condition, FilterContext(table, account.switches)) for condition in names]
    sources = {str(key) for key in table if all(test(key) for test in passes)}

    def check(key: int) -> bool:
        return account.contacts.row(key).get("leadsource_id") in sources and (can_see is None or can_see(key))

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
        # The documents say "primary address"; that is the billing address.
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
    """Return a test for the contacts that the API key may see; None if it may see all of them."""
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
    base_test=_base_test,
    pack=lambda account, row: account.people.pack(row),
)
