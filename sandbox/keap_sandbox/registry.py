"""Declares the collections whose rows are generated when they are first read, and what is deleted with what.

To add a collection, write

- a generator in `sample_data`, or a function that returns its rows by id,
- an entry in `COLLECTIONS`,
- a `Listing` in `endpoints`,
- a `Writable` in `writes`, if the API can change it,
- an entry in `DELETED_WITH`, if its rows are deleted with those of another collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from keap_sandbox.sample_data import activity, mail, marketing, payments, settings, shop
from keap_sandbox.sample_data.payments import SalesView
from keap_sandbox.tables import Generator, Row, Table

__all__ = ["COLLECTIONS", "DELETED_WITH", "Collection", "Tables", "collection_of"]


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
    single: tuple[str, ...] = ()
    """Fields that the single record has and lists lack."""
    private: tuple[str, ...] = ()
    """Fields that the API never shows."""


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
    "subscriptions": Collection(payments.Subscriptions, "subscriptions", "", _MODIFIED),
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
    "email_address_statuses": Collection(mail.EmailStatuses, updated="", key=""),
    "email_templates": Collection(mail.email_templates, single=("text_body", "html_body")),
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
    "lead_source_recurring_expenses": Collection(marketing.lead_source_recurring_expenses),
    "lead_source_expenses": Collection(marketing.lead_source_expenses),
    "wordpress_opt_in_options": Collection(marketing.wordpress_options, key=""),
    # Around them
    "contact_link_types": Collection(settings.link_types, updated=""),
    "contact_link_rows": Collection(settings.ContactLinks),
    "affiliate_redirect_links": Collection(settings.redirects, created="date_created", updated=""),
    "program_resources": Collection(settings.program_resources),
    "user_groups": Collection(settings.user_groups),
    "countries": Collection(settings.countries, key=""),
    "provinces": Collection(settings.provinces, key=""),
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


DELETED_WITH: dict[str, tuple[tuple[str, str], ...]] = {
    "contacts": (
        *((name, "contact_id") for name in (
            "subscriptions", "payment_methods", "notes", "tasks", "appointments", "emails", "referrals",
            "files",
        )),
        ("orders", "contact.id"),
        ("opportunities", "contact.id"),
        ("contact_link_rows", "contact1_id"),
        ("contact_link_rows", "contact2_id"),
    ),
    "orders": (("order_payments", "order_id"), ("payments", "order_ids"), ("transactions", "order_ids")),
    "opportunities": (("opportunity_stage_moves", "opportunity_id"),),
    "products": (("subscription_plans", "product_id"), ("product_options", "product_id")),
    "lead_sources": (
        ("lead_source_expenses", "lead_source_id"),
        ("lead_source_recurring_expenses", "lead_source_id"),
    ),
    "lead_source_recurring_expenses": (("lead_source_expenses", "lead_source_recurring_expense_id"),),
    "affiliates": (
        *((name, "affiliate_id") for name in (
            "affiliate_commissions", "affiliate_clawbacks", "affiliate_payments", "affiliate_redirect_links",
        )),
        ("referrals", "referral_partner_id"),
    ),
}  # fmt: skip
"""By the collection of a deleted record: the collections to delete from, and the field there with its id."""


class _Owner(SalesView, Protocol):
    def finish(self, collection: str) -> Callable[[Row], Row]:
        """Return a function that completes a stored row of the collection."""


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
            table = Table.of_rows(name, rows, finish) if isinstance(rows, dict) else Table(name, rows, finish)
            self._created[name] = table
        return table

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def created(self) -> tuple[str, ...]:
        """Return the names of the tables that have been created."""
        return tuple(self._created)
