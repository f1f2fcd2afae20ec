"""Every collection that is made up when it is first asked for, in one line each, and what belongs to what.

To add one: a generator (or a function that returns rows by id) in `made`, a line in `KINDS`, a `Listing` in `endpoints`;
for write calls a `Writable` in `writes`; if its rows are deleted with those of another collection, a line in `BELONGS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keap_sandbox.sample_data import activity, mail, marketing, payments, settings, shop
from keap_sandbox.tables import Generator, Row, Table

if TYPE_CHECKING:
    from keap_sandbox.account import Account

__all__ = ["BELONGS", "KINDS", "Kind", "Tables", "kind_of"]


@dataclass(frozen=True)
class Kind:
    """A collection, by the name of its stream."""

    make: Callable[[Account], Generator | dict[int, Row]]
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
KINDS: dict[str, Kind] = {
    # Sales
    "orders": Kind(lambda account: account.orders, "orders", "creation_time", _MODIFIED),
    "order_payments": Kind(payments.OrderPayments, created="pay_time", updated="last_updated_time"),
    "payments": Kind(payments.Payments, created="payment_time"),
    "transactions": Kind(payments.Transactions, created="transaction_time", updated="", key=""),
    "payment_methods": Kind(
        payments.PaymentMethods, created="created_time", updated="", key="payment_method_id"
    ),
    "subscriptions": Kind(payments.Subscriptions, "subscriptions", "", _MODIFIED),
    "merchant_accounts": Kind(shop.merchants),
    "products": Kind(shop.products, single=("inventory.inventory_count",)),
    "subscription_plans": Kind(shop.subscription_plans),
    "product_options": Kind(shop.product_options),
    "product_categories": Kind(shop.product_categories),
    "product_interest_bundles": Kind(shop.bundles),
    "free_trial_discounts": Kind(shop.free_trial_discounts),
    "order_total_discounts": Kind(shop.order_total_discounts),
    "category_discounts": Kind(shop.category_discounts),
    "product_discounts": Kind(shop.product_discounts),
    "shipping_discounts": Kind(shop.shipping_discounts),
    # What people do
    "notes": Kind(activity.Notes, "notes"),
    "tasks": Kind(activity.Tasks, "tasks", updated=_MODIFIED),
    "appointments": Kind(activity.Appointments, "appointments", private=("custom_fields", "remind_time")),
    "note_templates": Kind(activity.note_templates),
    "opportunities": Kind(activity.Opportunities, "opportunities", "created_time", "last_updated_time"),
    "opportunity_stages": Kind(activity.stages, created="created_time", updated="updated_time"),
    "opportunity_stage_moves": Kind(activity.StageMoves, updated=""),
    "referrals": Kind(activity.Referrals, created="referral_time", updated=""),
    "files": Kind(activity.Files, created="created_time", updated="updated_time", private=("data",)),
    "emails": Kind(
        mail.Emails, created="received_time", updated="", single=("plain_content", "html_content")
    ),
    "email_address_statuses": Kind(mail.EmailStatuses, updated="", key=""),
    "email_templates": Kind(mail.email_templates, single=("text_body", "html_body")),
    # Marketing
    "campaigns": Kind(marketing.campaigns, created="date_created", updated="", private=("last_updated",)),
    "campaign_goals": Kind(marketing.campaign_goals),
    "campaign_sequences": Kind(marketing.campaign_sequences),
    "automations": Kind(marketing.automations),
    "automation_categories": Kind(marketing.automation_categories),
    "webforms": Kind(marketing.webforms),
    "lead_source_categories": Kind(marketing.lead_source_categories),
    "lead_sources": Kind(marketing.lead_sources),
    "lead_source_recurring_expenses": Kind(marketing.lead_source_recurring_expenses),
    "lead_source_expenses": Kind(marketing.lead_source_expenses),
    "wordpress_opt_in_options": Kind(marketing.wordpress_options, key=""),
    # Around them
    "contact_link_types": Kind(settings.link_types, updated=""),
    "contact_link_rows": Kind(settings.ContactLinks),
    "affiliate_redirect_links": Kind(settings.redirects, created="date_created", updated=""),
    "program_resources": Kind(settings.program_resources),
    "user_groups": Kind(settings.user_groups),
    "countries": Kind(settings.countries, key=""),
    "provinces": Kind(settings.provinces, key=""),
}
"""Collections without an entry (contacts, tags ...) are those that the account makes at its start."""

_FIXED = {
    "contacts": Kind(lambda _: {}, "contacts"),
    "companies": Kind(lambda _: {}, "companies"),
    "affiliates": Kind(lambda _: {}, "affiliates", "date_created", ""),
}


def kind_of(collection: str) -> Kind:
    """What is known about a collection."""
    return KINDS.get(collection) or _FIXED.get(collection) or Kind(lambda _: {})


BELONGS: dict[str, tuple[tuple[str, str], ...]] = {
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


class Tables(Mapping[str, Table]):
    """The tables of an account: some are there, the others are made when they are first asked for."""

    def __init__(self, account: Account, there: list[Table]) -> None:
        self._account = account
        self._made = {table.name: table for table in there}
        self._names = tuple(dict.fromkeys((*self._made, *KINDS)))

    def __getitem__(self, name: str) -> Table:
        table = self._made.get(name)
        if table is None:
            kind, account = KINDS[name], self._account
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
