"""Declares the collections whose rows are generated when they are first read.

To add a collection, write

- a generator in `sample_data`, or a function that returns its rows by id,
- an entry in `COLLECTIONS`,
- a `Listing` in `endpoints`,
- a `Writable` in `writes`, if the API can change it,
- an entry in `RELATIONS` in `relations.py`, if its rows name records of other collections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from keap_sandbox.sample_data import (
    activity,
    affiliates,
    legacy,
    mail,
    marketing,
    payments,
    pipelines,
    settings,
    shop,
    subscriptions,
)
from keap_sandbox.sample_data.generators import BILLING_RUN, DAY
from keap_sandbox.sample_data.sales_view import SalesView
from keap_sandbox.tables import Generator, Row, Table

if TYPE_CHECKING:
    from keap_sandbox.clock import Clock

__all__ = ["COLLECTIONS", "Collection", "Tables", "collection_of"]


@dataclass(frozen=True)
class Collection:
    """What distinguishes a collection from others."""

    make: Callable[[SalesView], Generator | dict[int, Row]]
    """Creates the generator of its sample rows, or the rows themselves by id."""
    record: str = ""
    """The kind of record whose custom fields its rows have."""
    created: str = "create_time"
    """The field that holds when a row was created; empty if there is none."""
    updated: str = "update_time"
    """The field that holds when a row was last changed; empty if there is none."""
    key: str = "id"
    """The field that holds the id; empty if rows have none."""
    known_by: str = ""
    """The field that tells rows apart that have no id; empty if there is none."""
    single: tuple[str, ...] = ()
    """Fields that the single record has and lists lack."""
    private: tuple[str, ...] = ()
    """Fields that the API never shows."""
    daily: Callable[[Row, int], Row] | None = None
    """Brings a row up to date, if rows change as days pass: called as (row, now).

    `now` is in milliseconds since the epoch.
    """


_MODIFIED = "modification_time"
COLLECTIONS: dict[str, Collection] = {
    # Sales
    "orders": Collection(lambda account: account.orders, "orders", "creation_time", _MODIFIED),
    "order_payments": Collection(payments.OrderPayments, created="pay_time", updated="last_updated_time"),
    "payments": Collection(payments.Payments, created="payment_time"),
    "transactions": Collection(payments.Transactions, created="transaction_time", updated="", key=""),
    "payment_methods": Collection(
        payments.PaymentMethods, created="created_time", updated="", key="payment_method_id"
    ),
    "subscriptions": Collection(
        subscriptions.Subscriptions, "subscriptions", "", _MODIFIED, daily=subscriptions.billed
    ),
    "merchant_accounts": Collection(shop.merchants),
    "products": Collection(shop.products, single=("inventory.inventory_count",)),
    "subscription_plans": Collection(shop.subscription_plans),
    "product_options": Collection(shop.product_options),
    "product_categories": Collection(shop.product_categories),
    "product_interest_bundles": Collection(shop.bundles),
    "free_trial_discounts": Collection(shop.free_trial_discounts),
    "order_total_discounts": Collection(shop.order_total_discounts),
    "category_discounts": Collection(shop.category_discounts),
    "product_discounts": Collection(shop.product_discounts),
    "shipping_discounts": Collection(shop.shipping_discounts),
    # What people do
    "notes": Collection(activity.Notes, "notes"),
    "tasks": Collection(activity.Tasks, "tasks", updated=_MODIFIED),
    "appointments": Collection(
        activity.Appointments, "appointments", private=("custom_fields", "remind_time")
    ),
    "note_templates": Collection(activity.note_templates),
    "opportunities": Collection(activity.Opportunities, "opportunities", "created_time", "last_updated_time"),
    "opportunity_stages": Collection(activity.stages, created="created_time", updated="updated_time"),
    "opportunity_stage_moves": Collection(activity.StageMoves, updated=""),
    "referrals": Collection(activity.Referrals, created="referral_time", updated=""),
    "files": Collection(activity.Files, created="created_time", updated="updated_time", private=("data",)),
    "emails": Collection(
        mail.Emails, created="received_time", updated="", single=("plain_content", "html_content")
    ),
    "email_address_statuses": Collection(mail.EmailStatuses, updated="", key="", known_by="email"),
    "email_templates": Collection(mail.email_templates, single=("text_body", "html_body")),
    "pipelines": Collection(pipelines.pipelines),
    "pipeline_stages": Collection(pipelines.pipeline_stages),
    "pipeline_outcomes": Collection(pipelines.outcome_labels, key=""),
    "deals": Collection(pipelines.Deals, created="", updated=""),
    "deal_notes": Collection(pipelines.DealNotes, created="created_time", updated="modified_time"),
    # Marketing
    "campaigns": Collection(
        marketing.campaigns, created="date_created", updated="", private=("last_updated",)
    ),
    "campaign_goals": Collection(marketing.campaign_goals),
    "campaign_sequences": Collection(marketing.campaign_sequences),
    "automations": Collection(marketing.automations),
    "automation_categories": Collection(marketing.automation_categories),
    "webforms": Collection(marketing.webforms),
    "lead_source_categories": Collection(marketing.lead_source_categories),
    "lead_sources": Collection(marketing.lead_sources),
    "lead_source_recurring_expenses": Collection(
        marketing.lead_source_recurring_expenses, daily=marketing.incurred
    ),
    "lead_source_expenses": Collection(marketing.lead_source_expenses),
    "wordpress_opt_in_options": Collection(marketing.wordpress_options, key=""),
    # Affiliates
    "affiliate_commissions": Collection(affiliates.commissions),
    "affiliate_clawbacks": Collection(affiliates.clawbacks),
    "affiliate_payments": Collection(affiliates.payments),
    # Around them
    "contact_link_types": Collection(settings.link_types, updated=""),
    "contact_link_rows": Collection(settings.ContactLinks),
    "affiliate_redirect_links": Collection(settings.redirects, created="date_created", updated=""),
    "program_resources": Collection(settings.program_resources),
    "user_groups": Collection(settings.user_groups),
    "countries": Collection(settings.countries, key=""),
    "provinces": Collection(settings.provinces, key=""),
    # Tables of the XML-RPC API that REST has nothing for
    **{
        f"xmlrpc:{table}": Collection(make, created=created, updated=updated, key="Id")
        for table, make, created, updated in (
            ("ActionSequence", legacy.action_sequences, "", ""),
            ("Campaignee", legacy.campaignees, "", ""),
            ("Expense", legacy.expenses, "", ""),
            ("GroupAssign", legacy.group_assigns, "", ""),
            ("JobRecurringInstance", legacy.recurring_instances, "DateCreated", ""),
            ("MtgLead", legacy.mortgage_leads, "", ""),
            ("Status", legacy.statuses, "", ""),
            ("Ticket", legacy.tickets, "DateCreated", "LastUpdated"),
            ("TicketStage", legacy.ticket_stages, "", ""),
            ("TicketType", legacy.ticket_types, "", ""),
        )
    },
}
"""By name. The account creates those without an entry, such as contacts and tags, at the start."""

_FIXED = {
    "contacts": Collection(lambda _: {}, "contacts"),
    "companies": Collection(lambda _: {}, "companies"),
    "affiliates": Collection(lambda _: {}, "affiliates", "date_created", ""),
}


def collection_of(name: str) -> Collection:
    """Return the declaration of a collection; one without a declaration has all the defaults."""
    return COLLECTIONS.get(name) or _FIXED.get(name) or Collection(lambda _: {})


class _Owner(SalesView, Protocol):
    @property
    def planted(self) -> set[tuple[str, int, str]]:
        """Parts of rows that were planted and stay as they are."""

    @property
    def clock(self) -> Clock:
        """The clock of the account."""

    def finish(self, collection: str) -> Callable[[Row], Row]:
        """Return a function that completes a stored row of the collection."""


class _Days:
    """Brings the rows of a collection up to the day of the account's clock, except planted dates."""

    def __init__(self, account: _Owner, name: str, daily: Callable[[Row, int], Row]) -> None:
        self._account = account
        self._name = name
        self._daily = daily

    def row(self, row: Row) -> Row:
        """Return a row as it is today."""
        key = str(row.get("id"))
        if key.isdigit() and (self._name, int(key), "dates") in self._account.planted:
            return row
        return self._daily(row, self._account.clock.millis())

    def today(self) -> object:
        """Return the number of the day."""
        return (self._account.clock.millis() - BILLING_RUN) // DAY


class Tables(Mapping[str, Table]):
    """The tables of an account by the names of their collections, created when they are first read."""

    def __init__(self, account: _Owner, tables: Sequence[Table]) -> None:
        """Start with some tables.

        Args:
            account: The account that the other tables are created from.
            tables: The tables that exist already.
        """
        self._account = account
        self._created = {table.name: table for table in tables}
        self._names = tuple(dict.fromkeys((*self._created, *COLLECTIONS)))

    def __getitem__(self, name: str) -> Table:
        table = self._created.get(name)
        if table is None:
            collection = COLLECTIONS.get(name)
            if collection is None:
                raise KeyError(f"no collection {name!r}: add it to COLLECTIONS in keap_sandbox/registry.py")
            finish = self._account.finish(name) if collection.record else None
            rows = collection.make(self._account)
            calendar = _Days(self._account, name, collection.daily) if collection.daily else None
            table = (
                Table.of_rows(name, rows, finish, calendar)
                if isinstance(rows, dict)
                else Table(name, rows, finish, calendar)
            )
            self._created[name] = table
        return table

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def created(self) -> tuple[str, ...]:
        """Return the names of the tables that have been created."""
        return tuple(self._created)
