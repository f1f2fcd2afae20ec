"""Saved searches: reports in the shapes of real ones. Every value is a text, as in Keap's screens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from keap_sandbox.sample_data.generators import EPOCH_START
from keap_sandbox.tables import Row, mix, moment_of
from keap_sandbox.timestamps import iso_millis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keap_sandbox.tables import Table

__all__ = ["SavedSearch", "saved_searches"]

Values = dict[str, str]


@dataclass(frozen=True)
class SavedSearch:
    """A report and its rows."""

    report: Row
    """Its entry in the list of reports."""
    columns: tuple[tuple[str, str], ...]
    """The name and the label of each column."""
    keys: Callable[[], Sequence[int]]
    """Returns the keys of its rows, which are those of the records they show."""
    values: Callable[[int], Values]
    """Returns the values of a row by the names of the columns."""


def _screen_time(value: object) -> str:
    moment = moment_of(value)
    return "" if moment is None else datetime.fromtimestamp(moment / 1000, UTC).strftime("%m-%d-%Y %I:%M %p")


def _money(value: object) -> str:
    return f"${value:,.2f}" if isinstance(value, int | float) else ""


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _first_email(row: Row) -> str:
    emails = row.get("email_addresses") or []
    return _text(emails[0].get("email")) if emails and isinstance(emails[0], dict) else ""


class Searched(Protocol):
    """What the saved searches read of the account."""

    contacts: Table
    companies: Table

    @property
    def affiliate_commissions(self) -> Table:
        """What affiliates earned."""

    def contact(self, key: int) -> Row:
        """Return a contact with its tags."""

    def company(self, key: int) -> Row:
        """Return a company with its tags."""


def saved_searches(account: Searched) -> dict[int, SavedSearch]:
    """Create the saved searches of an account, by id."""

    def contact_values(key: int) -> Values:
        row = account.contact(key)
        return {
            "Id": str(row["id"]),
            "FirstName": _text(row.get("given_name")),
            "LastName": _text(row.get("family_name")),
            "Email": _first_email(row),
            "DateCreated": _screen_time(row.get("create_time")),
            "LastUpdated": _screen_time(row.get("update_time")),
            "Score": _text(row.get("score_value")),
            "Tags": _text(row.get("groups")),
        }

    def sale_values(key: int) -> Values:
        row = account.affiliate_commissions.row(key)
        # Without an id and with few distinct values, many rows of this report are equal
        return {
            "Product": _text(row.get("product_name")),
            "Month": _screen_time(row.get("time_earned"))[:2],
            "Kind": _text(row.get("description")),
        }

    def odd_values(key: int) -> Values:
        row = account.contact(key)
        company = row.get("company") or {}
        spent = mix(key) % 500_000 / 100
        return {
            "Id": str(row["id"]),
            "Contact Name": f"{_text(row.get('given_name'))} {_text(row.get('family_name'))}".strip(),
            "contact_name": _text(row.get("family_name")),
            "Contact.Email": _first_email(row),
            "Größe (€)": _money(spent),
            "Opened %": f"{mix(key) % 101}%",
            "Last Activity": _screen_time(row.get("update_time")),
            "会社": _text(company.get("company_name")),
            "2nd line": _text(row.get("notes")),
        }

    def balance_values(key: int) -> Values:
        row = account.company(key)
        return {
            "Id": str(row["id"]),
            "Company": _text(row.get("company_name")),
            "Balance": _money(mix(key) % 900_000 / 100),
        }

    def sales() -> Sequence[int]:
        return account.affiliate_commissions.keys()

    def lapsed() -> Sequence[int]:
        keys = account.contacts.keys()
        return [key for key in keys if key % 8 == 1]

    def report(key: int, name: str, users: list[str]) -> Row:
        created = EPOCH_START + key * 86_400_000 * 30
        return {
            "id": str(key),
            "name": name,
            "updated_time": iso_millis(created + 3_600_000 * key),
            "created_time": iso_millis(created),
            "user_ids": users,
        }

    contact_columns = (
        ("Id", "Id"),
        ("FirstName", "First Name"),
        ("LastName", "Last Name"),
        ("Email", "Email"),
        ("DateCreated", "Date Created"),
        ("LastUpdated", "Last Updated"),
        ("Score", "Lead Score"),
        ("Tags", "Tag Ids"),
    )
    odd_columns = tuple(
        (name, name)
        for name in (
            "Id",
            "Contact Name",
            "contact_name",
            "Contact.Email",
            "Größe (€)",
            "Opened %",
            "Last Activity",
            "会社",
            "2nd line",
        )
    )
    company_columns = (("Id", "Id"), ("Company", "Company"), ("Balance", "Open Balance"))
    return {
        3: SavedSearch(
            report(3, "All contacts", ["ALL_USERS"]), contact_columns, account.contacts.keys, contact_values
        ),
        5: SavedSearch(
            report(5, "Sales by product & month", ["1", "3"]),
            (("Product", "Product"), ("Month", "Month"), ("Kind", "Kind of sale")),
            sales,
            sale_values,
        ),
        8: SavedSearch(report(8, "Lapsed: who & why? (50%)", ["1"]), odd_columns, lapsed, odd_values),
        13: SavedSearch(report(13, "Nobody yet", ["ALL_USERS"]), contact_columns[:4], tuple, contact_values),
        21: SavedSearch(
            report(21, "Open balances → by company", []),
            company_columns,
            account.companies.keys,
            balance_values,
        ),
    }
