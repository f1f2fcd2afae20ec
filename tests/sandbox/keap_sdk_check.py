"""Call a running sandbox through Keap's official Python SDK, which validates every response.

Usage: `keap_sdk_check.py URL KEY`, with a Python that has keap-core-v2-sdk. Prints one JSON line per call,
and exits with 1 if any response does not fit the SDK's models.
"""

# The type checker's environment does not have the SDK
# mypy: disable-error-code="misc, import-not-found"

from __future__ import annotations

import inspect
import json
import sys
import urllib.request
from functools import cache
from typing import TYPE_CHECKING, Any

import keap_core_v2_client as keap
import paths
from keap_core_v2_client import api as apis

if TYPE_CHECKING:
    from collections.abc import Callable

ALL_FIELDS = [
    "addresses", "anniversary_date", "birth_date", "company", "contact_type", "create_time",
    "custom_fields", "email_addresses", "family_name", "fax_numbers", "given_name", "id", "job_title",
    "leadsource_id", "links", "middle_name", "notes", "origin", "owner_id", "phone_numbers",
    "preferred_locale", "preferred_name", "prefix", "referral_code", "score_value", "social_accounts",
    "source_type", "spouse_name", "suffix", "tag_ids", "time_zone", "update_time", "utm_parameters",
    "website", "account_id", "assistant_name", "assistant_phone", "billing_information", "created_by",
    "groups", "last_updated_by",
]  # fmt: skip


def report(line: dict[str, Any]) -> None:
    """Print one line of the report."""
    sys.stdout.write(json.dumps(line) + "\n")


class Check:
    """Makes calls and counts the failures."""

    def __init__(self) -> None:
        self.failures = 0

    def __call__(self, name: str, call: Callable[[], Any], count: str | None = None) -> Any:
        """Make one call and report it.

        Args:
            name: What the report calls it.
            call: Makes the call.
            count: The list in the response whose length is reported.

        Returns:
            The response, or None if the call failed.
        """
        try:
            response = call()
        except Exception as error:  # noqa: BLE001 - report the failure and continue with the next call
            self.failures += 1
            report({"call": name, "ok": False, "error": f"{type(error).__name__}: {error}"[:600]})
            return None
        line: dict[str, Any] = {"call": name, "ok": True}
        if count and response is not None:
            line["count"] = len(getattr(response, count) or [])
        report(line)
        return response


def all_pages(check: Check, name: str, items: str, call: Callable[..., Any], **arguments: Any) -> list[Any]:
    """Return the rows of all pages.

    Args:
        check: Makes the calls.
        name: What the report calls them.
        items: Name of the list in each page.
        call: The SDK's list operation.
        **arguments: Its other arguments.
    """
    rows: list[Any] = []
    token: str | None = None
    for number in range(1, 200):
        page = check(f"{name} page {number}", lambda token=token: call(page_token=token, **arguments), items)
        if page is None:
            break
        rows += getattr(page, items) or []
        token = page.next_page_token
        if not token:
            return rows
    check.failures += 1
    return rows


def check_ids(check: Check, name: str, rows: list[Any]) -> None:
    """Check that there are rows, and none twice."""
    ids = [row.id for row in rows]
    if len(ids) != len(set(ids)) or not ids:
        check.failures += 1
        report({"call": name, "ok": False, "error": f"{len(ids)} rows, {len(set(ids))} ids"})


def reads(check: Check, client: Any) -> None:
    """Read contacts, companies and tags, with sparse fields, filters and pages."""
    contacts, tags = apis.ContactApi(client), apis.TagsApi(client)
    rows = all_pages(check, "contacts", "contacts", contacts.list_contacts, page_size=90)
    check_ids(check, "contacts", rows)
    rows = all_pages(
        check,
        "contacts full",
        "contacts",
        contacts.list_contacts,
        page_size=90,
        fields=ALL_FIELDS,
        order_by="id asc",
    )
    check_ids(check, "contacts full", rows)
    window = "start_update_time==2025-01-01T00:00:00.000Z;end_update_time==2026-11-01T00:00:00.000Z"
    for condition in (
        window,
        "contact_id>100",
        "ids==1,8,15",
        "email==person*",
        "given_name==A*;contact_id<=700",
    ):
        check(
            f"contacts {condition}",
            lambda condition=condition: contacts.list_contacts(filter=condition, fields=ALL_FIELDS),
            "contacts",
        )
    check("contact", lambda: contacts.get_contact("8", fields=ALL_FIELDS))
    check("contact model", contacts.retrieve_contact_model, "custom_fields")
    companies = apis.CompanyApi(client)
    names = [
        "address",
        "custom_fields",
        "email_address",
        "phone_number",
        "update_time",
        "create_time",
        "notes",
    ]
    check_ids(
        check,
        "companies",
        all_pages(check, "companies", "companies", companies.list_companies, page_size=4, fields=names),
    )
    check("company", lambda: companies.get_company("1", fields=["address", "custom_fields"]))
    check("company model", companies.retrieve_company_custom_field_model, "custom_fields")
    check("company tags", lambda: companies.list_tags_for_company("1"), "tags")
    found = check("tags", lambda: tags.list_tags(page_size=1000, order_by="name asc"), "tags")
    ids = [tag.id for tag in found.tags] if found else ["91"]
    condition = f"tag_ids=={','.join(ids)}"
    all_pages(
        check,
        "contacts across tags",
        "contacts",
        tags.list_contacts_across_tags,
        filter=condition,
        page_size=200,
    )
    check(
        "tags across contacts",
        lambda: contacts.list_tags_across_contacts(filter="contact_ids==1,8,15"),
        "tags",
    )
    more_reads(check, client)


def more_reads(check: Check, client: Any) -> None:
    """Read affiliates and users, and run reports."""
    rows = all_pages(
        check, "affiliates", "affiliates", apis.AffiliateApi(client).list_affiliate, page_size=10
    )
    check_ids(check, "affiliates", rows)
    users = apis.UsersApi(client)
    condition = "include_inactive==true;include_partners==true"
    check_ids(
        check,
        "users",
        all_pages(check, "users", "users", users.list_paginated_users, page_size=5, filter=condition),
    )
    reports = apis.ReportingApi(client)
    found = check("reports", reports.list_reports, "reports")
    for report in found.reports if found else []:
        check("report", lambda report=report: reports.retrieve_report(report.id))
        check("report model", lambda report=report: reports.retrieve_report_model(report.id), "fields")
        # The SDK sends all parameters as one, which the server ignores: every page is the first
        request = keap.RunReportRequest(page_size=10)
        check(
            "report run",
            lambda report=report, request=request: reports.run_report(report.id, request),
            "results",
        )


# Operation -> optional fields to ask for
OPTIONAL = {
    "list_opportunities": [
        "custom_fields",
        "created_by",
        "last_updated_by",
        "status_id",
        "status",
        "objection",
    ],
    "get_opportunity": ["custom_fields", "stage_entrance_time", "monthly_revenue"],
    **{
        name: ["custom_fields"]
        for name in ("list_all_notes", "list_notes", "get_note", "list_tasks", "get_task")
    },
    "get_application_configurations": ["ECOMMERCE", "CONTACT", "OPPORTUNITY", "AFFILIATE"],
}
# Operation -> the filter without which Keap refuses it
REQUIRED_FILTERS = {
    "list_contacts_across_tags": "tag_ids==91",
    "list_tags_across_contacts": "contact_ids==1,8,15",
}
READS = ("list_", "get_", "retrieve_", "count_", "is_")
# The SDK cannot read these: it expects JSON where the document says HTML
UNREADABLE = {"get_html"}


@cache
def records(url: str, collection: str) -> list[dict[str, Any]]:
    """Return the rows of a collection, from the sandbox's control path."""
    with urllib.request.urlopen(f"{url}/sandbox/records/{collection}") as answer:
        rows: list[dict[str, Any]] = json.load(answer)["records"]
    return rows


def arguments(url: str, owner: str, operation: str, names: list[str]) -> list[dict[str, str]]:
    """Return some ids for the parameters that an operation requires.

    Args:
        url: The sandbox.
        owner: The SDK class of the operation.
        operation: The name of the operation.
        names: Names of the parameters.
    """
    if names in (["group_id"], ["tab_id"]):  # get_order_custom_field_tab
        rows = records(url, f"{operation.removeprefix('get_')}s")
        return [{names[0]: row["id"]} for row in rows]
    fixed = {"country_code": "USA", "province_code": "US-AZ"}
    if all(name in fixed for name in names):
        return [{name: fixed[name] for name in names}]
    nested = [name for name in names if name in paths.NESTED]
    if nested and len(names) > 1:
        collection, first, own = paths.NESTED[nested[0]]
        parent = next(name for name in names if name != nested[0])
        rows = records(url, collection)[:3]
        return [{parent: row[first], nested[0]: row[own]} for row in rows]
    (name,) = names
    collections = {
        "AffiliateApi": "affiliates",
        "EmailApi": "emails",
        "ProductInterestBundlesApi": "product_interest_bundles",
        "FreeTrialDiscountsApi": "free_trial_discounts",
        "OrderTotalDiscountsApi": "order_total_discounts",
        "CategoryDiscountsApi": "category_discounts",
        "ProductDiscountsApi": "product_discounts",
        "ShippingDiscountsApi": "shipping_discounts",
    }
    collection = collections.get(owner, "") if name in {"id", "discount_id"} else paths.PARENTS[name]
    rows = records(url, collection)
    return [{name: str(row.get("id", row.get("email")))} for row in [*rows[:3], *rows[-2:]]]


def everything(check: Check, client: Any, url: str) -> None:
    """Call every read operation of the SDK, and read all pages of every list."""
    kinds: dict[str, Any] = vars(apis)
    for owner, kind in sorted(kinds.items()):
        if not inspect.isclass(kind):
            continue
        api: Any = kind(client)  # type: ignore[call-arg]
        for name in sorted(vars(kind)):
            is_variant = name.endswith(("_with_http_info", "_without_preload_content"))
            if name.startswith(READS) and not is_variant and name not in UNREADABLE:
                operation(check, getattr(api, name), owner, name, url)


def operation(check: Check, call: Callable[..., Any], owner: str, name: str, url: str) -> None:
    """Call one operation for some records.

    Args:
        check: Makes the calls.
        call: The operation.
        owner: The SDK class of the operation.
        name: Name of the operation.
        url: The sandbox, to look up ids.
    """
    parameters = inspect.signature(call).parameters
    required = [key for key, value in parameters.items() if value.default is inspect.Parameter.empty]
    for ids in arguments(url, owner, name, required) if required else [{}]:
        extra: dict[str, Any] = dict(ids)
        if name in OPTIONAL:
            extra["fields"] = OPTIONAL[name]
        if name in REQUIRED_FILTERS:
            extra["filter"] = REQUIRED_FILTERS[name]
        if name == "get_file_data" and not _has_image(url, ids):
            continue
        if "page_token" not in parameters:
            check(f"{owner}.{name}", lambda extra=extra: call(**extra))
            continue
        token: str | None = None
        for _ in range(60):
            page = check(
                f"{owner}.{name}",
                lambda token=token, extra=extra: call(page_size=25, page_token=token, **extra),
            )
            token = getattr(page, "next_page_token", None)
            token = token.rpartition("page_token=")[2] if token else None
            if not token:
                break
        else:
            check.failures += 1
            report({"call": name, "ok": False, "error": "more than 60 pages"})


def _has_image(url: str, ids: dict[str, str]) -> bool:
    rows = records(url, "products")
    return any(row["id"] == ids["product_id"] and row["has_legacy_image"] for row in rows)


def writes(check: Check, client: Any) -> None:
    """Create, update, tag and delete a contact."""
    contacts, tags = apis.ContactApi(client), apis.TagsApi(client)
    body = keap.CreateUpdateContactRequest(
        given_name="Sadie",
        email_addresses=[keap.EmailAddressRequest(email="sadie@example.com", field="EMAIL1")],
    )
    made = check(
        "create contact",
        lambda: contacts.create_contact(create_update_contact_request=body, fields=ALL_FIELDS),
    )
    if made is None:
        return
    change = keap.CreateUpdateContactRequest(family_name="Nguyen")
    check(
        "update contact",
        lambda: contacts.update_contact(
            made.id,
            create_update_contact_request=change,
            update_mask=["family_name"],
            fields=["id", "family_name"],
        ),
    )
    tag = check(
        "create tag",
        lambda: tags.create_tag(create_update_tag_request=keap.CreateUpdateTagRequest(name="SDK")),
    )
    if tag is not None:
        ids = keap.ApplyRemoveTagRequest(contact_ids=[made.id])
        check("apply tag", lambda: tags.apply_tags(tag.id, apply_remove_tag_request=ids))
        check("remove tag", lambda: tags.remove_tags(tag.id, apply_remove_tag_request=ids))
        check("delete tag", lambda: tags.delete_tag(tag.id))
    check("delete contact", lambda: contacts.delete_contact(made.id))


def more_writes(check: Check, client: Any) -> None:
    """Create, update and delete orders, notes, tasks and opportunities."""
    orders, opportunities = apis.OrdersApi(client), apis.OpportunityApi(client)
    item = keap.CreateOrderItemRequest(quantity=2, product_id="15")
    body = keap.RestCreateOrderRequest(
        contact_id="8",
        order_title="SDK",
        order_time="2026-11-18T09:00:00Z",
        order_type="ONLINE",
        order_items=[item],
    )
    order = check("create order", lambda: orders.create_order(body))
    if order is not None:
        check("add item", lambda: orders.create_order_item(order.id, item))
        payment = keap.RestCreatePaymentRequest(payment_amount=10, apply_to_commissions=False)
        check("pay", lambda: orders.create_payment_for_an_order(order.id, payment))
        change = keap.UpdateOrderRequest(title="Changed")
        check("update order", lambda: orders.update_order(order.id, change, update_mask=["title"]))
        check("delete order", lambda: orders.delete_order(order.id))
    notes, tasks = apis.NoteApi(client), apis.TaskApi(client)
    note = check(
        "create note", lambda: notes.create_note("8", keap.CreateNoteRequest(user_id="1", title="SDK"))
    )
    if note is not None:
        change = keap.UpdateNoteRequest(user_id="3", text="x")
        check("update note", lambda: notes.update_note("8", note.id, change))
        check("delete note", lambda: notes.delete_note("8", note.id))
    task = check("create task", lambda: tasks.create_task(keap.CreateTaskRequest(assigned_to_user_id="1")))
    if task is not None:
        change = keap.CreateUpdateTaskRequest(completed=True)
        check("update task", lambda: tasks.update_task(task.id, change))
        check("delete task", lambda: tasks.delete_task(task.id))
    request = keap.CreateOpportunityRequest(contact_id="8", opportunity_title="SDK", stage_id="10")
    opportunity = check("create opportunity", lambda: opportunities.create_opportunity(request))
    if opportunity is not None:
        change = keap.UpdateOpportunityRequestV2(stage_id="20")
        check("update opportunity", lambda: opportunities.update_opportunity(opportunity.id, change))
        check("delete opportunity", lambda: opportunities.delete_opportunity(opportunity.id))
    shop_writes(check, client)


def shop_writes(check: Check, client: Any) -> None:
    """Create products, subscriptions, discounts, lead sources and referrals."""
    products = apis.ProductsApi(client)
    new_product = keap.CreateProductRequestDetail(name="SDK", price=1999, short_description="s")
    product = check("create product", lambda: products.create_product(new_product))
    if product is not None:
        change = keap.UpdateProductInventoryRequestDetail(type="INCREASE", quantity=3)
        check("adjust inventory", lambda: products.adjust_inventory(product.id, change))
        check("delete product", lambda: products.delete_product(product.id))
    subscriptions = apis.SubscriptionsApi(client)
    new_subscription = keap.CreateSubscriptionRequest(contact_id="8", subscription_plan_id="5")
    subscription = check("create subscription", lambda: subscriptions.create_subscription(new_subscription))
    if subscription is not None:
        stop = keap.CancelSubscriptionRequest(reason="x")
        check("cancel subscription", lambda: subscriptions.cancel_subscription(subscription.id, stop))
    discounts, sources = apis.OrderTotalDiscountsApi(client), apis.LeadSourcesApi(client)
    new_discount = keap.CreateOrderTotalDiscountRequest(name="SDK", discount_type="AMOUNT", discount_value=5)
    discount = check("create discount", lambda: discounts.create_order_total_discount(new_discount))
    if discount is not None:
        check("delete discount", lambda: discounts.delete_order_total_discount(discount.id))
    source = check(
        "create source", lambda: sources.create_lead_source(keap.CreateLeadSourceRequest(name="SDK"))
    )
    if source is not None:
        check("delete source", lambda: sources.delete_lead_source(source.id))
    referral = keap.CreateReferralRequest(contact_id="8", referral_partner_id="2")
    check("create referral", lambda: apis.ReferralApi(client).create_referral(referral))


def main() -> int:
    """Make all calls and return the exit code."""
    url, key = sys.argv[1:3]
    check = Check()
    # The SDK's paths begin with /rest
    with keap.ApiClient(keap.Configuration(host=url, access_token=key)) as client:
        reads(check, client)
        everything(check, client, url)
        writes(check, client)
        more_writes(check, client)
    return 1 if check.failures else 0


if __name__ == "__main__":
    sys.exit(main())
