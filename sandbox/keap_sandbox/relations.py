"""Which records name which others, and what becomes of an id when the record it names is deleted.

Keap's documents describe the ids, but not what a deletion does to them. A record that makes no sense without
another is deleted with it; other records lose the id. Some keep it, as a history does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keap_sandbox.tables import Row

__all__ = ["RELATIONS", "Relation", "forget", "naming"]

Then = Literal["delete", "clear", "keep"]


@dataclass(frozen=True)
class Relation:
    """A field with the ids of other records.

    Attributes:
        path: The field, as a dotted path. Lists on the way are searched.
        target: The collection that has the records.
        then: What happens when such a record is deleted: `delete` deletes the record that names it, `clear`
            removes the id, and `keep` leaves it.
        clears: The part to remove, if it is more than the id: an object, or an element of a list.
        key: The field of the target that the id is in.
    """

    path: str
    target: str
    then: Then = "clear"
    clears: str = ""
    key: str = "id"


def _each(target: str, *paths: str, then: Then = "clear") -> tuple[Relation, ...]:
    return tuple(Relation(path, target, then) for path in paths)


def _of_contact(path: str = "contact_id") -> tuple[Relation, ...]:
    return _each("contacts", path, then="delete")


def _users(*paths: str) -> tuple[Relation, ...]:
    """Keap deactivates users and does not delete them."""
    return _each("users", *paths, then="keep")


def _sold(*paths: str) -> tuple[Relation, ...]:
    """What was sold stays on the order or subscription."""
    return _each("products", *paths, then="keep")


_CARD = Relation("payment_method.payment_method_id", "payment_methods", clears="payment_method")
_ON_PRODUCT = (
    Relation("criteria.product_id", "products", clears="criteria"),
    Relation("criteria.plan_id", "subscription_plans", clears="criteria"),
)
_OF_ORDER = _each("orders", "order_ids", then="delete")
_INVOICE = Relation("invoice_id", "orders", "delete", key="invoice_id")
_MERCHANT = _each("merchant_accounts", "merchant_account_id", then="keep")

RELATIONS: dict[str, tuple[Relation, ...]] = {
    # People
    "contacts": (
        Relation("company.id", "companies", clears="company"),
        *_each("lead_sources", "leadsource_id"),
        Relation("referral_code", "affiliates", "keep", key="code"),
        *_users("owner_id", "created_by", "last_updated_by"),
    ),
    "companies": (
        Relation("referral_code", "affiliates", "keep", key="code"),
        *_users("owner_id", "created_by", "last_updated_by"),
    ),
    "contact_link_rows": (
        *_of_contact("contact1_id"),
        *_of_contact("contact2_id"),
        *_each("contact_link_types", "link_type_id", then="delete"),
    ),
    "tags": (Relation("category.id", "tag_categories", clears="category"),),
    "users": _users("created_by", "updated_by"),
    "reports": _users("user_ids"),
    # Sales
    "orders": (
        *_of_contact("contact.id"),
        *_each("affiliates", "lead_affiliate_id", "sales_affiliate_id"),
        *_sold("order_items.product.id"),
        *_each("subscriptions", "order_items.subscription_id", then="keep"),
        *_each("subscription_plans", "order_items.subscription_plan.id", then="keep"),
        *_each("payment_methods", "payment_plan.payment_method_id"),
        Relation("files.file_id", "files", clears="files"),
    ),
    "order_payments": (
        *_each("orders", "order_id", then="delete"),
        *_each("payments", "payment_id", then="delete"),
        _INVOICE,
    ),
    "payments": (*_OF_ORDER, *_of_contact(), *_MERCHANT, _CARD, *_each("payments", "refund_payment_id")),
    "transactions": (
        *_OF_ORDER,
        *_of_contact(),
        *_MERCHANT,
        _CARD,
        *_each("payments", "payment_id", then="delete"),
    ),
    "payment_methods": (*_of_contact(), *_MERCHANT),
    "subscriptions": (
        *_of_contact(),
        *_sold("product_id"),
        *_each("subscription_plans", "subscription_plan_id", then="keep"),
        *_each("payment_methods", "payment_method_id"),
        *_each("affiliates", "lead_affiliate_id", "sale_affiliate_id"),
        *_each("shipping_methods", "shipping_option_id"),
        *_MERCHANT,
    ),
    "products": _each("product_categories", "categories"),
    "subscription_plans": _each("products", "product_id", then="delete"),
    "product_options": _each("products", "product_id", then="delete"),
    "product_categories": _each("product_categories", "parent_category_id"),
    "product_interest_bundles": (
        Relation("product_interests.interest_id", "products", clears="product_interests"),
        Relation(
            "subscription_plan_interests.interest_id",
            "subscription_plans",
            clears="subscription_plan_interests",
        ),
    ),
    "product_discounts": (*_ON_PRODUCT, *_each("products", "product_id", then="delete")),
    "category_discounts": _each("product_categories", "product_categories"),
    "order_total_discounts": _ON_PRODUCT,
    "shipping_discounts": _ON_PRODUCT,
    "free_trial_discounts": (
        *_ON_PRODUCT,
        *_each("subscription_plans", "subscription_plan_id", then="delete"),
    ),
    # What people do
    "notes": (
        *_of_contact(),
        *_users("assigned_to_user.id", "last_updated_by_user_id", "created_by_user_id"),
    ),
    "tasks": (
        *_of_contact(),
        *_each("opportunities", "opportunity_id"),
        *_users("assigned_to_user_id", "created_by_user_id", "last_updated_by_user_id"),
    ),
    "appointments": (*_of_contact(), *_users("user_id")),
    "note_templates": _users("assignment_user_id", "notify_users"),
    "opportunities": (
        *_of_contact("contact.id"),
        *_each("affiliates", "affiliate_id"),
        *_each("opportunity_stages", "stage.id", then="keep"),
        *_users("user.id", "created_by", "last_updated_by"),
    ),
    "opportunity_stage_moves": (
        *_each("opportunities", "opportunity_id", then="delete"),
        *_each("opportunity_stages", "move_from_stage_id", "move_to_stage_id", then="keep"),
        *_users("user_id", "created_by"),
    ),
    "referrals": (*_of_contact(), *_each("affiliates", "referral_partner_id", then="delete")),
    "files": (*_of_contact(), *_users("created_by_id")),
    "emails": _of_contact(),
    "pipelines": (Relation("stages.id", "pipeline_stages", clears="stages"),),
    "pipeline_stages": _each("pipelines", "pipeline_id", then="delete"),
    "pipeline_outcomes": _each("pipelines", "pipeline_id", then="delete"),
    "deals": (
        *_of_contact("contact_ids"),
        *_each("pipeline_stages", "stage_id", then="delete"),
        *_each("tasks", "task_ids"),
        *_each("orders", "order_id"),
        *_users("owner_ids"),
    ),
    "deal_notes": (*_each("deals", "deal_id", then="delete"), *_users("created_by")),
    # Affiliates
    "affiliates": (*_each("contacts", "contact_id"), *_each("affiliates", "parent_affiliate_id")),
    "affiliate_commissions": (
        *_of_contact(),
        *_each("affiliates", "affiliate_id", "sales_affiliate_id", then="delete"),
        _INVOICE,
    ),
    "affiliate_clawbacks": (
        *_of_contact(),
        *_each("affiliates", "affiliate_id", "sale_affiliate_id", then="delete"),
        _INVOICE,
    ),
    "affiliate_payments": _each("affiliates", "affiliate_id", then="delete"),
    "affiliate_redirect_links": (
        *_each("affiliates", "affiliate_id", then="delete"),
        *_each("commission_programs", "program_ids"),
    ),
    "commission_programs": _each("affiliates", "affiliate_ids"),
    "program_resources": (
        Relation(
            "commission_programs.commission_program_id", "commission_programs", clears="commission_programs"
        ),
    ),
    # Marketing
    "campaign_goals": (
        *_each("campaigns", "campaign_id", then="delete"),
        *_each("campaign_sequences", "next_sequence_ids", "previous_sequence_ids"),
    ),
    "campaign_sequences": _each("campaigns", "campaign_id", then="delete"),
    "webforms": _each("campaigns", "funnel_id"),
    "campaigns": (Relation("created_by_global_id", "users", "keep", key="global_user_id"),),
    "automations": (
        *_each("automation_categories", "categories"),
        *_users("published_by", "current_edit_lock_status.user_id"),
    ),
    "lead_sources": _each("lead_source_categories", "lead_source_category_id"),
    "lead_source_expenses": (
        *_each("lead_sources", "lead_source_id", then="delete"),
        *_each("lead_source_recurring_expenses", "lead_source_recurring_expense_id", then="delete"),
    ),
    "lead_source_recurring_expenses": _each("lead_sources", "lead_source_id", then="delete"),
    # Tables of the XML-RPC API that REST has nothing for
    "xmlrpc:Campaignee": (*_of_contact("ContactId"), *_each("campaigns", "CampaignId", then="delete")),
    "xmlrpc:Expense": _of_contact("ContactId"),
    "xmlrpc:GroupAssign": (*_each("user_groups", "GroupId", then="delete"), *_users("UserId")),
    "xmlrpc:JobRecurringInstance": _each("subscriptions", "RecurringId", then="delete"),
    "xmlrpc:MtgLead": _each("opportunities", "OpportunityId", then="delete"),
    "xmlrpc:Ticket": (
        *_of_contact("ContactId"),
        *_each("xmlrpc:TicketStage", "Stage"),
        *_each("xmlrpc:TicketType", "TicketTypeId"),
        *_users("CreatedBy", "DevId", "LastUpdatedBy", "UserId"),
    ),
}
"""By the collection whose records name others."""


def naming(target: str) -> Iterator[tuple[str, Relation]]:
    """Return the collections with records that name those of a collection, and the relation of each."""
    for collection, relations in RELATIONS.items():
        for relation in relations:
            if relation.target == target:
                yield collection, relation


def forget(row: Row, relation: Relation, value: str) -> Row:
    """Return a row without the id of a deleted record.

    Args:
        row: The row, which isn't changed.
        relation: Where the id is.
        value: The id.
    """
    part = relation.clears or relation.path
    rest = relation.path[len(part) + 1 :]
    changed: Row = _without(row, part.split("."), rest, value)
    return changed


def _without(value: Any, steps: list[str], rest: str, gone: str) -> Any:
    """Remove an id, or the object or the element of a list that holds it, at the end of a path."""
    if not steps:
        if isinstance(value, list):
            return [one for one in value if gone not in _ids(one, rest)]
        return None if gone in _ids(value, rest) else value
    if isinstance(value, list):
        return [_without(one, steps, rest, gone) for one in value]
    if not isinstance(value, dict) or steps[0] not in value:
        return value
    return {**value, steps[0]: _without(value[steps[0]], steps[1:], rest, gone)}


def _ids(value: Any, path: str) -> set[str]:
    for step in path.split(".") if path else ():
        value = value.get(step) if isinstance(value, dict) else None
    return {str(value)}
