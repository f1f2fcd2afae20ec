"""Contacts, companies and users. At Infusionsoft, all of them are rows of one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keap_sandbox.endpoints.settings import signature
from keap_sandbox.tables import Row, dig, mix
from keap_sandbox.xmlrpc.tables.cells import ALL, Read, day, ident, text, time
from keap_sandbox.xmlrpc.tables.declaring import table
from keap_sandbox.xmlrpc.tables.records import each

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.xmlrpc.tables.cells import Cell

__all__ = ["CONTACT_CELLS", "CONTACT_NEEDS", "TABLES", "contact_of", "name_of", "of_contact"]

_NOTES_MOST = 10_000
"""Characters of `ContactNotes` that the API shows."""
_SECRETS = 5
"""One in this many contacts and companies has a password."""


def _element(names: tuple[str, ...], kind: str, part: str) -> Read:
    """Read a part of the address, the number or whatever is of a kind, such as ``BILLING``.

    Args:
        names: The fields of the record that can hold it: lists, or single objects.
        kind: Its `field`.
        part: The part.
    """

    def read(_: Account, row: Row) -> object:
        for name in names:
            found: Any = row.get(name)
            for one in found if isinstance(found, list) else (found,):
                if isinstance(one, dict) and one.get("field") == kind:
                    return one.get(part)
        return None

    return read


def _address(kind: str, part: str) -> Read:
    find = _element(("addresses", "address"), kind, part)
    if part != "postal_code":
        return find
    other = _element(("addresses", "address"), kind, "zip_code")
    return lambda account, row: other(account, row) if find(account, row) is None else find(account, row)


_KINDS = {"BILLING": "Billing", "SHIPPING": "Shipping", "OTHER": "Other"}
_ADDRESSES = (("BILLING", "", "1"), ("SHIPPING", "2", "2"), ("OTHER", "3", "3"))
"""The kinds of address, with the number that ends its columns, and that of its type and its ZIP+4."""
_PARTS = {"City": "locality", "State": "region", "Country": "country", "PostalCode": "postal_code"}


def _address_type(kind: str) -> Read:
    find = _address(kind, "field")
    return lambda account, row: _KINDS.get(str(find(account, row)))


def _addresses() -> list[Cell]:
    cells = [
        text(f"{name}{number}", _address(kind, part))
        for kind, number, _ in _ADDRESSES
        for name, part in _PARTS.items()
    ]
    for kind, _, number in _ADDRESSES:
        street = "StreetAddress" if kind == "BILLING" else f"Address{number}Street"
        cells += [text(f"{street}{line}", _address(kind, f"line{line}")) for line in (1, 2)]
        cells.append(text(f"Address{number}Type", _address_type(kind)))
        cells.append(text(f"ZipFour{number}", _address(kind, "zip_four")))
    return cells


def _phones(count: int) -> list[Cell]:
    parts = (("", "number"), ("Ext", "extension"), ("Type", "type"))
    names = ("phone_numbers", "phone_number")
    return [
        text(f"Phone{number}{suffix}", _element(names, f"PHONE{number}", part))
        for number in range(1, count + 1)
        for suffix, part in parts
    ]


def _faxes() -> list[Cell]:
    names = ("fax_numbers", "fax_number")
    return [
        text(f"Fax{number}{suffix}", _element(names, f"FAX{number}", part))
        for number in (1, 2)
        for suffix, part in (("", "number"), ("Type", "type"))
    ]


def _emails() -> list[Cell]:
    names = ("email_addresses", "email_address")
    return [
        text(name, _element(names, f"EMAIL{number}", "email"))
        for number, name in enumerate(("Email", "EmailAddress2", "EmailAddress3"), 1)
    ]


def _notes(_: Account, row: Row) -> object:
    notes = row.get("notes")
    return notes[:_NOTES_MOST] if isinstance(notes, str) else notes


def _username(_: Account, row: Row) -> object:
    key = str(row.get("id"))
    return f"member{key}" if key.isdigit() and mix(int(key)) % _SECRETS == 0 else None


def _password(account: Account, row: Row) -> object:
    """Make up a password. It can be read, as everything that is not a card number."""
    name = _username(account, row)
    return name and f"made-up-{mix(int(str(row['id'])) + account.seed) % 10**8:08d}"


def _validated(account: Account, row: Row) -> object:
    return _username(account, row) and "1"


def _owned() -> tuple[Cell, ...]:
    """Return the cells that contacts and companies share."""
    return (
        ident("Id", "id", "R"),
        ident("AccountId", "account_id"),
        *_addresses(),
        *_phones(5),
        *_faxes(),
        *_emails(),
        day("Anniversary", "anniversary_date"),
        text("AssistantName", "assistant_name"),
        text("AssistantPhone", "assistant_phone"),
        text("BillingInformation", "billing_information"),
        day("Birthday", "birth_date"),
        text("ContactNotes", _notes),
        text("ContactType", "contact_type"),
        ident("CreatedBy", "created_by", "R"),
        time("DateCreated", "create_time", "R"),
        text("JobTitle", "job_title"),
        time("LastUpdated", "update_time", "R"),
        ident("LastUpdatedBy", "last_updated_by", "R"),
        text("MiddleName", "middle_name"),
        text("Nickname", "preferred_name"),
        ident("OwnerID", "owner_id"),
        text("Password", _password),
        text("ReferralCode", "referral_code"),
        text("SpouseName", "spouse_name"),
        text("Suffix", "suffix"),
        text("Username", _username),
        text("Validated", _validated, "R"),
        text("Website", "website"),
    )


def name_of(collection: str, path: str, name: str = "name") -> Read:
    """Read the name of another record.

    Args:
        collection: The collection of the other record.
        path: The field with its id.
        name: The field of the other record with its name.
    """

    def read(account: Account, row: Row) -> object:
        key, others = str(dig(row, path)), account.tables[collection]
        if not key.isdigit() or int(key) not in others:
            return None
        return others.row(int(key)).get(name)

    return read


def _contact_tags(account: Account, row: Row) -> object:
    key = int(row["id"])
    if ("contacts", key, "tags") in account.planted:
        return row.get("tag_ids")
    return account.taggings.tag_ids(key)


def _company_tags(account: Account, row: Row) -> object:
    key = int(row["id"])
    if ("companies", key, "tags") in account.planted:
        return row.get("groups") or None
    return list(account.company_tags.get(key, ()))


CONTACT_CELLS = (
    *_owned(),
    text("Company", "company.company_name"),
    ident("CompanyID", "company.id"),
    text("FirstName", "given_name"),
    text("Groups", _contact_tags, "R"),
    text("Language", "preferred_locale", "R", inferred=True),
    text("LastName", "family_name"),
    text("Leadsource", name_of("lead_sources", "leadsource_id"), "EAR"),
    ident("LeadSourceId", "leadsource_id", "EAR"),
    text("TimeZone", "time_zone", inferred=True),
    text("Title", "prefix"),
)

CONTACT_NEEDS = ("contacts", "companies", "contact_tags", "lead_sources")
"""What the cells of contacts read."""

_CONTACT = table(
    "Contact",
    each("contacts"),
    *CONTACT_CELLS,
    access=ALL,
    record="contacts",
    needs=CONTACT_NEEDS,
)

_COMPANY = table(
    "Company",
    each("companies"),
    *_owned(),
    text("Company", "company_name"),
    ident("CompanyID", "id"),
    text("FirstName", "first_name"),
    text("Groups", _company_tags, "R"),
    text("LastName", "last_name"),
    text("Leadsource", inferred=True, access="R"),
    ident("LeadSourceId", inferred=True, access="R"),
    text("Title", "title"),
    access=ALL,
    record="companies",
    needs=("company_tags",),
)


def _html_signature(account: Account, row: Row) -> object:
    key = str(row.get("id"))
    return signature(account, int(key)) if key.isdigit() and int(key) in account.users else None


def _signature(_: Account, row: Row) -> object:
    return f"{row.get('given_name')} {row.get('family_name')}"


_USER = table(
    "User",
    each("users"),
    ident("Id", "id"),
    *(one for one in _addresses() if one.name in {
        "City", "PostalCode", "State", "StreetAddress1", "StreetAddress2", "ZipFour1",
    }),
    *_emails(),
    text("FirstName", "given_name"),
    ident("GlobalUserId", "global_user_id", inferred=True),
    text("HTMLSignature", _html_signature),
    text("LastName", "family_name"),
    text("MiddleName", "middle_name"),
    text("Nickname", "nickname"),
    text("Partner", "partner", inferred=True),
    *_phones(2),
    text("Signature", _signature),
    text("SpouseName", "spouse_name"),
    text("Suffix", "suffix"),
    text("Title", "title"),
)  # fmt: skip


def contact_of(account: Account, key: object) -> Row | None:
    """Return a contact by its id, as the cells of contacts read it; None if there is none."""
    number = str(key)
    if not number.isdigit() or int(number) not in account.contacts:
        return None
    return account.contacts.row(int(number))


def of_contact(name: str) -> Read:
    """Read a column of the contact that a record belongs to.

    Args:
        name: The name of the column.
    """
    cell = next(one for one in CONTACT_CELLS if one.name == name)

    def read(account: Account, row: Row) -> object:
        contact = contact_of(account, row.get("contact_id"))
        return None if contact is None else cell.read(account, contact)

    return read


_USER_GROUP = table(
    "UserGroup",
    each("user_groups"),
    ident("Id", "id"),
    text("Name", "name"),
    ident("OwnerId", lambda account, _: next(iter(account.users), None)),
    needs=("users",),
)

TABLES = (_CONTACT, _COMPANY, _USER, _USER_GROUP)
