"""Every collection that is made up when it is first asked for, in one line each, and what belongs to what.

To add one: a generator (or a function that returns rows by id) in `made`, a line in `KINDS`, a `Listing` in `endpoints`;
for write calls a `Writable` in `writes`; if its rows are deleted with those of another collection, a line in `BELONGS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from keap_sandbox.sample_data import activity, mail, marketing, payments, settings, shop
from keap_sandbox.sample_data.payments import SalesView
from keap_sandbox.tables import Generator, Row, Table

__all__ = ["COLLECTIONS", "DELETED_WITH", "Collection", "Tables", "collection_of"]


@dataclass(frozen=True)
class Collection:
    """A collection, by the name of its stream."""

    make: Callable[[SalesView], Generator | dict[int, Row]]
    record: str = ""
    """The kind of record whose custom fields its rows have."""
    created: str = "create_time"
    updated: str = "update_time"
    key: str = "id"
    """The field with the id; empty if rows have none."""
    single: tuple[str, ...] = ()
    """Fields that only the single record shows."""
    private: tuple[str, ...] = ()
    """Fields that nobody ever sees."""


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
"""Collections without an entry (contacts, tags ...) are those that the account makes at its start."""

_FIXED = {
    "contacts": Collection(lambda _: {}, "contacts"),
    "companies": Collection(lambda _: {}, "companies"),
    "affiliates": Collection(lambda _: {}, "affiliates", "date_created", ""),
}


def collection_of(collection: str) -> Collection:
    """What is known about a collection."""
    return COLLECTIONS.get(collection) or _FIXED.get(collection) or Collection(lambda _: {})


DELETED_WITH: dict[str, tuple[tuple[str, str], ...]] = {
    "contacts": (
        *((name, "contact_id") for name in (
            "subscriptions", "payment_methods", "notes", "tasks", "appointments", "emails", "referrals", "files",
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
"""What is deleted with a record: (collection, field with the record's id)."""


class _Owner(SalesView, Protocol):
    def finish(self, collection: str) -> Callable[[Row], Row]:
        """Return the function that completes a stored row."""


class Tables(Mapping[str, Table]):
    """The tables of an account: some are there, the others are made when they are first asked for."""

    def __init__(self, account: _Owner, there: list[Table]) -> None:
        self._account = account
        self._made = {table.name: table for table in there}
        self._names = tuple(dict.fromkeys((*self._made, *COLLECTIONS)))

    def __getitem__(self, name: str) -> Table:
        table = self._made.get(name)
        if table is None:
            kind, account = COLLECTIONS[name], self._account
            finish = account.finish(name) if kind.record else None
            rows = kind.make(account)
            if isinstance(rows, dict):
                table = Table(name, None, finish)
                for key in sorted(rows):
                    table.put(key, rows[key])
                table.version = 0
            else:
                table = Table(name, rows, finish)
            self._made[name] = table
        return table

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def names_of_made(self) -> tuple[str, ...]:
        """Those that need not be made any more."""
        return tuple(self._made)
