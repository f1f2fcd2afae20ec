"""Collections without a table: the API shows their rows under other records, or as parts of them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from keap_sandbox.endpoints import (
    activity,
    affiliates,
    marketing,
    settings,
    shop,
    tags,
    users,
)
from keap_sandbox.sample_data.marketing import webform_html
from keap_sandbox.sample_data.settings import (
    OPTION_TYPES,
    business_profile,
    configuration,
    program_details,
)
from keap_sandbox.tables import dig

if TYPE_CHECKING:
    from keap_sandbox.account import Account
    from keap_sandbox.lists.v2 import Listing
    from keap_sandbox.tables import Row, Source

__all__ = ["DERIVED"]

Rows = Callable[["Account"], Iterable["Row"]]
PerContact = Callable[["Account", int], "Row"]


def _same_as(collection: str) -> Rows:
    def rows(account: Account) -> list[Row]:
        keys = account.tables[collection].keys()
        return [account.full(collection, key) for key in keys]

    return rows


def _read(source: Source) -> Iterator[Row]:
    return map(source.row, source.keys())


def _under(parent: str, parameter: str, listing: Listing, **lifted: str) -> Rows:
    """Collect the rows that a list shows under each record of another collection.

    Args:
        parent: The other collection.
        parameter: The name of the other record's id, in the list's path and as a field to add.
        listing: The list.
        **lifted: Further fields to add, with the path of each in the row.
    """

    def rows(account: Account) -> Iterator[Row]:
        for key in account.tables[parent]:
            for row in _read(listing.source(account, {parameter: str(key)})):
                yield {**row, parameter: str(key), **{name: dig(row, path) for name, path in lifted.items()}}

    return rows


def _each(parent: str, parameter: str, make: PerContact) -> Rows:
    """Make one row for each record of another collection.

    Args:
        parent: The other collection.
        parameter: The name of the field to add, which holds the other record's id.
        make: Makes the row of a record.
    """

    def rows(account: Account) -> Iterator[Row]:
        for key in account.tables[parent]:
            yield {**make(account, key), parameter: str(key)}

    return rows


def _program_affiliates(account: Account) -> Iterator[Row]:
    for row in account.commission_programs.rows():
        for one in row["affiliate_ids"] or []:
            yield {
                "commission_program_id": row["id"],
                "affiliate_id": one,
                "commission_program_name": row["name"],
            }


def _program_resources(account: Account) -> Iterator[Row]:
    for program in account.commission_programs:
        source = affiliates.resources(account, {"commission_program_id": str(program)})
        for row in _read(source):
            yield {**row, "commission_program_id": str(program)}


def _discount_categories(account: Account) -> Iterator[Row]:
    for row in account.tables["category_discounts"].rows():
        for one in row["product_categories"] or []:
            yield {"category_discount_id": row["id"], "product_category_id": one}


def _order_items(account: Account) -> Iterator[Row]:
    for row in account.tables["orders"].rows():
        for item in row["order_items"] or []:
            yield {**item, "order_id": row["id"], "modification_time": row["modification_time"]}


def _plan_items(account: Account) -> Iterator[Row]:
    for row in account.tables["orders"].rows():
        for number, item in enumerate(dig(row, "payment_plan.payment_plan_items") or [], 1):
            more = {"item_number": number, "modification_time": row["modification_time"]}
            yield {**item, "order_id": row["id"], **more}


def _balance(account: Account, key: int) -> Row:
    row = account.tables["orders"].row(key)
    total, paid = dig(row, "total.amount"), dig(row, "total_paid.amount")
    return {
        "invoice_id": row.get("invoice_id"),
        "contact_id": dig(row, "contact.id"),
        "currency_code": dig(row, "total.currency_code"),
        "total_amount": total,
        "total_paid_amount": paid,
        "refund_total_amount": dig(row, "refund_total.amount"),
        "amount_due": None if total is None or paid is None else total - paid,
        "due_time": row.get("due_time"),
        "modification_time": row.get("modification_time"),
    }


def _links(account: Account) -> Iterator[Row]:
    table = account.tables["contact_link_rows"]
    ends = {row[name] for row in table.rows() for name in ("contact1_id", "contact2_id")}
    for one in sorted(ends, key=int):
        for row in settings.contact_links(account, int(one)):
            yield {**row, "contact_id": one}


def _images(account: Account) -> Iterator[Row]:
    for key in account.tables["products"]:
        data = shop.image(account, key)
        if data is not None:
            yield {"product_id": str(key), "data": base64.b64encode(data).decode()}


def _file(account: Account, key: int) -> Row:
    row = account.tables["files"].row(key)
    data = base64.b64encode(marketing.file_bytes(account, key)).decode()
    return {"file_name": row["file_name"], "updated_time": row["updated_time"], "data": data}


def _form(account: Account, key: int) -> Row:
    row = account.tables["webforms"].row(key)
    return {"update_time": row["update_time"], "html": webform_html(row)}


def _incurred(account: Account) -> list[Row]:
    rows = account.tables["lead_source_expenses"].rows()
    return [row for row in rows if row["lead_source_recurring_expense_id"] is not None]


def _modules(_: Account) -> list[Row]:
    return [{name.lower(): module for name, module in configuration().items()}]


_summaries = _each("affiliates", "affiliate_id", affiliates.summary)


def _plain_summaries(account: Account) -> Iterator[Row]:
    for row in _summaries(account):
        yield {name: value for name, value in row.items() if name != "affiliate_id"}


DERIVED: dict[str, Rows] = {
    # Affiliates
    "commission_program_details": lambda account: [
        {**row, **program_details(int(row["id"]))} for row in account.commission_programs.rows()
    ],
    "commission_program_affiliates": _program_affiliates,
    "commission_program_resources": _program_resources,
    "affiliate_summaries": _plain_summaries,
    "affiliate_running_totals": _plain_summaries,
    "affiliate_commission_totals": _each(
        "affiliates", "affiliate_id", lambda account, key: affiliates.commission_total(account, str(key))
    ),
    "affiliate_referrals": _under("affiliates", "affiliate_id", activity.AFFILIATE_REFERRALS),
    "all_affiliate_commissions": lambda account: map(
        affiliates.commission_v1, account.tables["affiliate_commissions"].rows()
    ),
    # Tags
    "company_tags": _under("companies", "company_id", tags.COMPANY_TAGS, tag_id="tag.id"),
    "contact_applied_tags": _under("contacts", "contact_id", tags.CONTACT_TAGS, tag_id="tag.id"),
    "tag_contacts": _under("tags", "tag_id", tags.TAGGED_CONTACTS),
    "tag_companies": _under("tags", "tag_id", tags.TAGGED_COMPANIES, company_id="company.id"),
    "tag_contact_counts": _each(
        "tags", "tag_id", lambda account, key: {"count": len(account.pairs(tags=(key,)).keys())}
    ),
    # Contacts
    "contact_lead_scores": _each("contacts", "contact_id", settings.lead_score),
    "contact_links": _links,
    "contact_notes": _same_as("notes"),
    "contact_payment_methods": _same_as("payment_methods"),
    # Sales
    "order_items": _order_items,
    "order_payment_plan_items": _plan_items,
    "invoice_balances": _each("orders", "order_id", _balance),
    "category_discount_assignments": _discount_categories,
    "product_inventory": _each(
        "products", "product_id", lambda account, key: account.tables["products"].row(key)["inventory"]
    ),
    "product_legacy_images": _images,
    "product_category_assignments": lambda account: _read(shop.ASSIGNED.source(account, {})),
    # Mail and marketing
    "email_contents": _same_as("emails"),
    "email_template_details": _same_as("email_templates"),
    "automation_ids": lambda account: [
        {"id": row["id"], "locked": row["locked"]} for row in account.tables["automations"].rows()
    ],
    "file_data": _each("files", "file_id", _file),
    "webform_html": _each("webforms", "webform_id", _form),
    "lead_source_recurring_expense_items": _incurred,
    # The account
    "business_profile": lambda account: [business_profile(account.name)],
    "application_settings": _modules,
    "application_status": lambda _: [{"isEnabled": True}],
    "contact_option_types": lambda _: [{"option_type": one} for one in OPTION_TYPES],
    "user_info": lambda account: [users.info(account)],
    "user_signatures": _each(
        "users", "user_id", lambda account, key: {"signature_html": settings.signature(account, key)}
    ),
    "countries": lambda account: [
        {**row, "country_code": row["codes"]["alpha3"]} for row in account.tables["countries"].rows()
    ],
    "report_fields": lambda account: [
        {"report_id": str(key), "name": name, "label": label}
        for key, search in account.saved_searches.items()
        for name, label in search.columns
    ],
    "appointments_v1": lambda account: map(activity.appointment_v1, account.tables["appointments"].rows()),
}
"""How the rows of each collection are collected. Every other collection is a table."""
