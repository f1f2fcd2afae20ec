"""The columns of the saved searches by the keys that the XML-RPC API has for them.

Keys and labels of contacts are those of the vendor's documentation of 2013. Some are odd: dotted, hyphenated,
or two with one label. SSN, user name and password are among them. The columns that REST shows of a search are
its display columns here; there are many more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from keap_sandbox.tables import mix
from keap_sandbox.xmlrpc.eastern import eastern
from keap_sandbox.xmlrpc.services.declaring import id_of, text
from keap_sandbox.xmlrpc.tables.registry import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keap_sandbox.account import Account
    from keap_sandbox.sample_data.saved_searches import SavedSearch

__all__ = ["SEARCHES", "SearchColumn", "columns_of", "rows_of"]


class Found:
    """A record that a search found."""

    def __init__(
        self, account: Account, key: int, read: Reader, texts: Callable[[int], dict[str, str]]
    ) -> None:
        """Note where the record is; it is read when a column needs it.

        Args:
            account: The account.
            key: The key of the record.
            read: Returns the record by its key.
            texts: Returns its values in REST by its key.
        """
        self.account = account
        self.key = key
        self._read = read
        self._texts = texts

    @cached_property
    def row(self) -> Mapping[str, object]:
        """The record: a row of its data table, or as REST has it if it has none."""
        return self._read(self.key)

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """Its values in REST, by the names of the columns there."""
        return self._texts(self.key)


Reader = Callable[[int], Mapping[str, object]]
Read = Callable[[Found], object]


@dataclass(frozen=True)
class SearchColumn:
    """A column of a search.

    Attributes:
        key: Its key; case matters.
        label: What people see.
        read: Returns its value of a record: a text, an id, a time, or None.
    """

    key: str
    label: str
    read: Read


@dataclass(frozen=True)
class Kind:
    """A kind of search: what its records are.

    Attributes:
        table: The data table with the records; empty for commissions, which have none.
        columns: The columns of every search of that kind.
        record: The kind of record whose custom fields are columns too; empty for none.
    """

    table: str
    columns: tuple[SearchColumn, ...]
    record: str = ""


@dataclass(frozen=True)
class Search:
    """A saved search.

    Attributes:
        kind: Its kind.
        display: The keys of the columns that it shows, with the name of each in REST.
        more: Further columns of this search.
    """

    kind: Kind
    display: Mapping[str, str]
    more: tuple[SearchColumn, ...] = ()


# -- reading -----------------------------------------------------------------------------------------------


def _field(key: str, label: str, name: str = "") -> SearchColumn:
    """Declare a column that is a field of the data table."""
    field = name or key
    return SearchColumn(key, label, lambda found: found.row.get(field))


def _joined(*names: str) -> Read:
    """Read fields as one text with blanks between them."""
    return lambda found: " ".join(str(found.row[one]) for one in names if found.row.get(one))


def _phone(number: int) -> Read:
    """Read a number with its extension. Without a number it is a blank, as in the vendor's sample."""
    names = (f"Phone{number}", f"Phone{number}Ext")
    return lambda found: " ".join(str(found.row.get(one) or "") for one in names)


def _part_of_date(name: str, part: str) -> Read:
    def read(found: Found) -> object:
        day = found.row.get(name)
        return getattr(day, part) if isinstance(day, datetime) else None

    return lambda found: text(read(found))


def _owner(found: Found) -> str | None:
    user = found.account.user(id_of(found.row.get("OwnerID")) or 0)
    return f"{user['given_name']} {user['family_name']}" if user else None


def _products(found: Found) -> str:
    """Return the names of the products that the contact ordered."""
    orders = found.account.tables["orders"]
    rows = map(orders.row, orders.children("contact.id", str(found.key)))
    names = [item["name"] for row in rows for item in row["order_items"] or () if item.get("product")]
    return ",".join(dict.fromkeys(names))


def _ssn(found: Found) -> str | None:
    """Make up a social security number, of a range that is given to nobody. REST shows none."""
    chance = mix(found.key + 9)
    return (
        f"9{chance % 100:02d}-{chance // 100 % 100:02d}-{chance // 10**4 % 10**4:04d}" if chance % 3 else None
    )


def _last_ssn(found: Found) -> str | None:
    number = _ssn(found)
    return number and number[-4:]


def _of_campaigns(collection: str) -> Read:
    """Read the name of something in a campaign that the contact came by."""

    def read(found: Found) -> object:
        table = found.account.tables[collection]
        keys = table.keys()
        return table.row(keys[mix(found.key) % len(keys)])["name"] if keys and mix(found.key) % 3 else None

    return read


# -- the columns -------------------------------------------------------------------------------------------


def _phones() -> Iterator[SearchColumn]:
    for number in range(1, 6):
        label, own = f"Phone {number}", "" if number == 1 else str(number)
        yield SearchColumn(f"PhoneWithExtension{number}", label, _phone(number))
        yield _field(f"PhoneNumber{own}", label, f"Phone{number}")
        yield _field(f"Phone{number}Ext", f"{label} Ext")
        yield _field(f"Phone{number}Type", f"{label} Type")


def _faxes() -> Iterator[SearchColumn]:
    for number in (1, 2):
        label, own = f"Fax {number}", "" if number == 1 else str(number)
        yield SearchColumn(f"FaxWithType{number}", label, _joined(f"Fax{number}", f"Fax{number}Type"))
        yield _field(f"FaxNumber{own}", label, f"Fax{number}")
        yield _field(f"Fax{number}Type", f"{label} Type")


def _addresses() -> Iterator[SearchColumn]:
    for number, suffix in ((1, ""), (2, " (Shipping)"), (3, " (Optional)")):
        street = "StreetAddress" if number == 1 else f"Address{number}Street"
        own = "" if number == 1 else str(number)
        postal, four = f"PostalCode{own}", f"ZipFour{number}"
        both = f"PostalCodePlusZipFour{number}"
        yield from (_field(f"{street}{line}", f"Street Address {line}{suffix}") for line in (1, 2))
        yield _field(f"City{own}", f"City{suffix}")
        yield _field(f"State{own}", f"State{suffix}")
        yield SearchColumn(both, f"Postal Code{suffix}", _joined(postal, four))
        yield _field(f"{both}.postalCode", f"Postal Code{suffix}", postal)
        yield _field(f"{both}.zipFour", f"Zip Four{suffix}", four)
        yield _field(f"Country{own}", f"Country{suffix}")


def _dates() -> Iterator[SearchColumn]:
    for name in ("Birthday", "Anniversary"):
        yield _field(name, name)
        yield SearchColumn(f"{name}Month", f"{name} Month", _part_of_date(name, "month"))
        yield SearchColumn(f"{name}Year", f"{name} Year", _part_of_date(name, "year"))


_CONTACTS = Kind(
    "Contact",
    (
        _field("Id", "Id"),
        SearchColumn("FilterId", "Filter Id", lambda _: None),
        _field("ContactId", "Contact Id", "Id"),
        SearchColumn("ContactName", "Name", _joined("FirstName", "LastName")),
        _field("ContactName.firstName", "First Name", "FirstName"),
        _field("ContactName.lastName", "Last Name", "LastName"),
        _field("SpouseName", "Spouse Name"),
        *_dates(),
        _field("CompanyInfo", "Company", "Company"),
        _field("Company", "Company Name"),
        _field("CompanyID", "Company Id"),
        *_phones(),
        _field("Email", "Email"),
        _field("EmailAddress2", "Email Address 2"),
        _field("EmailAddress3", "Email Address 3"),
        *_faxes(),
        *_addresses(),
        SearchColumn("Products", "Products", _products),
        _field("Tags", "Tag Ids", "Groups"),
        _field("ContactType", "Person Type"),
        _field("JobTitle", "Job Title"),
        _field("Website", "Website"),
        SearchColumn("SSN", "SSN", _ssn),
        SearchColumn("LastSSN", "Last SSN", _last_ssn),
        _field("MiddleName", "Middle Name"),
        _field("Nickname", "Nickname"),
        _field("Username", "Username"),
        _field("Password", "Password"),
        _field("AssistantName", "Assistant Name"),
        _field("AssistantPhone", "Assistant Phone"),
        _field("Title", "Title"),
        _field("Suffix", "Suffix"),
        _field("CreatedBy", "Created By"),
        _field("DateCreated", "Date Created"),
        _field("LastUpdated", "Last Updated"),
        _field("OwnerID", "OwnerID"),
        SearchColumn("Owner", "Owner", _owner),
        _field("ContactNotes", "Notes"),
        _field("LeadSourceIdOverride", "Leadsource", "LeadSourceId"),
        _field("ReferralCode", "Referral Code"),
        SearchColumn("CompanyIdFilter", "Company Id Filter", lambda _: None),
    ),
    "contacts",
)

_COMPANIES = Kind(
    "Company",
    (
        _field("Id", "Id"),
        _field("Company", "Company"),
        *(one for one in _phones() if one.key in {"PhoneWithExtension1", "PhoneNumber", "Phone1Ext"}),
        _field("Email", "Email"),
        *(one for one in _addresses() if "2" not in one.key and "3" not in one.key),
        _field("Website", "Website"),
        _field("Username", "Username"),
        _field("Password", "Password"),
        _field("DateCreated", "Date Created"),
        _field("LastUpdated", "Last Updated"),
        _field("OwnerID", "OwnerID"),
        SearchColumn("Owner", "Owner", _owner),
        _field("ContactNotes", "Notes"),
    ),
    "companies",
)


_COMMISSIONS = Kind(
    "",
    (
        SearchColumn("Date", "Date", lambda found: eastern(found.row["time_earned"])),
        SearchColumn("ContactId", "Contact Id", lambda found: id_of(found.row["contact_id"])),
        SearchColumn("ContactName", "Name", _joined("contact_first_name", "contact_last_name")),
        _field("ContactName.firstName", "First Name", "contact_first_name"),
        _field("ContactName.lastName", "Last Name", "contact_last_name"),
        SearchColumn("AffiliateId", "Affiliate Id", lambda found: id_of(found.row["affiliate_id"])),
        _field("ReferralPartner", "Referral Partner", "sales_affiliate_name"),
        SearchColumn("InvoiceId", "Invoice Id", lambda found: id_of(found.row["invoice_id"])),
    ),
)

_FIRST = {
    "Id": "Id",
    "ContactName.firstName": "FirstName",
    "ContactName.lastName": "LastName",
    "Email": "Email",
}
SEARCHES: Mapping[int, Search] = {
    3: Search(
        _CONTACTS,
        {
            **_FIRST,
            "DateCreated": "DateCreated",
            "LastUpdated": "LastUpdated",
            "Score": "Score",
            "Tags": "Tags",
        },
    ),
    5: Search(_COMMISSIONS, {"Products": "Product", "Month": "Month", "Kind": "Kind"}),
    8: Search(
        _CONTACTS,
        {
            "Id": "Id",
            "ContactName": "Contact Name",
            "ContactName.lastName": "contact_name",
            "Email": "Contact.Email",
            "InvTotal": "Größe (€)",
            "Opened": "Opened %",
            "LastUpdated": "Last Activity",
            "Company": "会社",
            "ContactNotes": "2nd line",
        },
        (
            SearchColumn("Follow-UpSequence", "Follow-Up Sequence", _of_campaigns("campaign_sequences")),
            SearchColumn("funnel.goalachieved.goal.name", "Goal", _of_campaigns("campaign_goals")),
        ),
    ),
    13: Search(_CONTACTS, _FIRST),
    21: Search(_COMPANIES, {"Id": "Id", "Company": "Company", "Balance": "Balance"}),
}
"""By the id of the report in REST."""


def columns_of(account: Account, key: int, saved: SavedSearch) -> dict[str, SearchColumn]:
    """Return the columns of a search by their keys: those that it displays first, then all others.

    Args:
        account: The account, whose custom fields are columns, too.
        key: The id of the search.
        saved: The search as REST has it.
    """
    search = SEARCHES[key]
    known = {one.key: one for one in (*search.kind.columns, *search.more)}
    labels = dict(saved.columns)
    display = {
        name: known.get(name) or SearchColumn(name, labels[rest], _text_of(rest))
        for name, rest in search.display.items()
    }
    return (
        display | {name: one for name, one in known.items() if name not in display} | _custom(account, search)
    )


def _text_of(name: str) -> Read:
    return lambda found: found.texts[name]


def _custom(account: Account, search: Search) -> dict[str, SearchColumn]:
    """Return the custom fields as columns. Their keys have another prefix than in tables."""
    kind, found = search.kind, dict[str, SearchColumn]()
    for field in account.custom_fields[kind.record] if kind.record else ():
        name = str(field["field_name"])
        key = f"Custom_{name.removeprefix('_')}"
        found[key] = SearchColumn(key, str(field["label"]), _custom_field(name))
    return found


def _custom_field(name: str) -> Read:
    def read(found: Found) -> object:
        value = found.row.get(name)
        return value if isinstance(value, datetime) else text(value)

    return read


def rows_of(account: Account, key: int, saved: SavedSearch) -> Callable[[int], Found]:
    """Return a function that returns a record by its key. Arguments are those of `columns_of`."""
    table = SEARCHES[key].kind.table
    read: Reader = TABLES[table].rows(account).row if table else account.affiliate_commissions.row
    return lambda one: Found(account, one, read, saved.values)
