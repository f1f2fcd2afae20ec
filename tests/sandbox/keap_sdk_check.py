"""Ask a running sandbox through Keap's official Python SDK, which validates every answer.

Run by an interpreter that has keap-core-v2-sdk: keap_sdk_check.py URL KEY. Prints one JSON line for each call;
exits with 1 if any answer did not fit the SDK's models.
"""

# The SDK lives in another environment than the type checker
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


def say(line: dict[str, Any]) -> None:
    """One line of the report."""
    sys.stdout.write(json.dumps(line) + "\n")


class Check:
    """Calls, and what came of them."""

    def __init__(self) -> None:
        self.failures = 0

    def __call__(self, name: str, call: Callable[[], Any], count: str | None = None) -> Any:
        """Make one call and print one line."""
        try:
            answer = call()
        except Exception as error:  # noqa: BLE001 - each failure is a finding, none ends the check
            self.failures += 1
            say({"call": name, "ok": False, "error": f"{type(error).__name__}: {error}"[:600]})
            return None
        line: dict[str, Any] = {"call": name, "ok": True}
        if count and answer is not None:
            line["count"] = len(getattr(answer, count) or [])
        say(line)
        return answer


def all_pages(check: Check, name: str, items: str, call: Callable[..., Any], **arguments: Any) -> list[Any]:
    """Follow page tokens to the end."""
    found: list[Any] = []
    token: str | None = None
    for number in range(1, 200):
        page = check(f"{name} page {number}", lambda token=token: call(page_token=token, **arguments), items)
        if page is None:
            break
        found += getattr(page, items) or []
        token = page.next_page_token
        if not token:
            return found
    check.failures += 1
    return found


def same_ids(check: Check, name: str, rows: list[Any]) -> None:
    """No row twice."""
    ids = [row.id for row in rows]
    if len(ids) != len(set(ids)) or not ids:
        check.failures += 1
        say({"call": name, "ok": False, "error": f"{len(ids)} rows, {len(set(ids))} ids"})


def reads(check: Check, client: Any) -> None:
    """Everything that can be read."""
    contacts, tags = apis.ContactApi(client), apis.TagsApi(client)
    rows = all_pages(check, "contacts", "contacts", contacts.list_contacts, page_size=90)
    same_ids(check, "contacts", rows)
    rows = all_pages(
        check,
        "contacts full",
        "contacts",
        contacts.list_contacts,
        page_size=90,
        fields=ALL_FIELDS,
        order_by="id asc",
    )
    same_ids(check, "contacts full", rows)
    window = "start_update_time==2025-01-01T00:00:00.000Z;end_update_time==2026-11-01T00:00:00.000Z"
    for words in (
        window,
        "contact_id>100",
        "ids==1,8,15",
        "email==person*",
        "given_name==A*;contact_id<=700",
    ):
        check(
            f"contacts {words}",
            lambda words=words: contacts.list_contacts(filter=words, fields=ALL_FIELDS),
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
    same_ids(
        check,
        "companies",
        all_pages(check, "companies", "companies", companies.list_companies, page_size=4, fields=names),
    )
    check("company", lambda: companies.get_company("1", fields=["address", "custom_fields"]))
    check("company model", companies.retrieve_company_custom_field_model, "custom_fields")
    check("company tags", lambda: companies.list_tags_for_company("1"), "tags")
    found = check("tags", lambda: tags.list_tags(page_size=1000, order_by="name asc"), "tags")
    ids = [tag.id for tag in found.tags] if found else ["91"]
    words = f"tag_ids=={','.join(ids)}"
    all_pages(
        check, "contacts across tags", "contacts", tags.list_contacts_across_tags, filter=words, page_size=200
    )
    check(
        "tags across contacts",
        lambda: contacts.list_tags_across_contacts(filter="contact_ids==1,8,15"),
        "tags",
    )
    more_reads(check, client)


def more_reads(check: Check, client: Any) -> None:
    """Affiliates and users without a row twice; reports, which are run by a call that writes nothing."""
    rows = all_pages(
        check, "affiliates", "affiliates", apis.AffiliateApi(client).list_affiliate, page_size=10
    )
    same_ids(check, "affiliates", rows)
    users = apis.UsersApi(client)
    words = "include_inactive==true;include_partners==true"
    same_ids(
        check,
        "users",
        all_pages(check, "users", "users", users.list_paginated_users, page_size=5, filter=words),
    )
    reports = apis.ReportingApi(client)
    found = check("reports", reports.list_reports, "reports")
    for report in found.reports if found else []:
        check("report", lambda report=report: reports.retrieve_report(report.id))
        check("report model", lambda report=report: reports.retrieve_report_model(report.id), "fields")
        # The SDK folds the parameters into one, which the server ignores: every page is the first
        ask = keap.RunReportRequest(page_size=10)
        check("report run", lambda report=report, ask=ask: reports.run_report(report.id, ask), "results")


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
NEEDED = {"list_contacts_across_tags": "tag_ids==91", "list_tags_across_contacts": "contact_ids==1,8,15"}
READS = ("list_", "get_", "retrieve_", "count_", "is_")
# The SDK itself cannot read these: it wants JSON where the document says HTML
UNREADABLE = {"get_html"}


@cache
def known(url: str, collection: str) -> list[dict[str, Any]]:
    """Rows of a collection, from the sandbox itself."""
    with urllib.request.urlopen(f"{url}/sandbox/records/{collection}") as answer:
        rows: list[dict[str, Any]] = json.load(answer)["records"]
    return rows


def arguments(url: str, owner: str, names: list[str]) -> list[dict[str, str]]:
    """Some ids for the parameters that a call requires."""
    fixed = {"group_id": "3", "tab_id": "1", "country_code": "USA", "province_code": "US-AZ"}
    if all(name in fixed for name in names):
        return [{name: fixed[name] for name in names}]
    nested = [name for name in names if name in paths.NESTED]
    if nested and len(names) > 1:
        collection, first, own = paths.NESTED[nested[0]]
        parent = next(name for name in names if name != nested[0])
        rows = known(url, collection)[:3]
        return [{parent: row[first], nested[0]: row[own]} for row in rows]
    (name,) = names
    single = {
        "AffiliateApi": "affiliates",
        "EmailApi": "emails",
        "ProductInterestBundlesApi": "product_interest_bundles",
        "FreeTrialDiscountsApi": "free_trial_discounts",
        "OrderTotalDiscountsApi": "order_total_discounts",
        "CategoryDiscountsApi": "category_discounts",
        "ProductDiscountsApi": "product_discounts",
        "ShippingDiscountsApi": "shipping_discounts",
    }
    collection = single.get(owner, "") if name in {"id", "discount_id"} else paths.PARENTS[name]
    rows = known(url, collection)
    return [{name: str(row.get("id", row.get("email")))} for row in [*rows[:3], *rows[-2:]]]


def everything(check: Check, client: Any, url: str) -> None:
    """Every read operation that the SDK has, with all pages of every list."""
    kinds: dict[str, Any] = vars(apis)
    for owner, kind in sorted(kinds.items()):
        if not inspect.isclass(kind):
            continue
        api: Any = kind(client)  # type: ignore[call-arg]
        for name in sorted(vars(kind)):
            plain = not name.endswith(("_with_http_info", "_without_preload_content"))
            if name.startswith(READS) and plain and name not in UNREADABLE:
                operation(check, getattr(api, name), owner, name, url)


def operation(check: Check, call: Callable[..., Any], owner: str, name: str, url: str) -> None:
    """One operation, for some of the records that it needs."""
    parameters = inspect.signature(call).parameters
    required = [one for one, what in parameters.items() if what.default is inspect.Parameter.empty]
    for given in arguments(url, owner, required) if required else [{}]:
        extra: dict[str, Any] = dict(given)
        if name in OPTIONAL:
            extra["fields"] = OPTIONAL[name]
        if name in NEEDED:
            extra["filter"] = NEEDED[name]
        if name == "get_file_data" and not _has_image(url, given):
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
            say({"call": name, "ok": False, "error": "no end"})


def _has_image(url: str, given: dict[str, str]) -> bool:
    rows = known(url, "products")
    return any(row["id"] == given["product_id"] and row["has_legacy_image"] for row in rows)


def writes(check: Check, client: Any) -> None:
    """Create, update, tag and delete."""
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
    """Sales, activities and the shop: what the SDK sends is understood, and it understands the answers."""
    orders, deals = apis.OrdersApi(client), apis.OpportunityApi(client)
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
        money = keap.RestCreatePaymentRequest(payment_amount=10, apply_to_commissions=False)
        check("pay", lambda: orders.create_payment_for_an_order(order.id, money))
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
    ask = keap.CreateOpportunityRequest(contact_id="8", opportunity_title="SDK", stage_id="10")
    deal = check("create opportunity", lambda: deals.create_opportunity(ask))
    if deal is not None:
        change = keap.UpdateOpportunityRequestV2(stage_id="20")
        check("update opportunity", lambda: deals.update_opportunity(deal.id, change))
        check("delete opportunity", lambda: deals.delete_opportunity(deal.id))
    shop_writes(check, client)


def shop_writes(check: Check, client: Any) -> None:
    """Products, subscriptions, discounts, lead sources, referrals."""
    products = apis.ProductsApi(client)
    ask = keap.CreateProductRequestDetail(name="SDK", price=1999, short_description="s")
    product = check("create product", lambda: products.create_product(ask))
    if product is not None:
        more = keap.UpdateProductInventoryRequestDetail(type="INCREASE", quantity=3)
        check("adjust inventory", lambda: products.adjust_inventory(product.id, more))
        check("delete product", lambda: products.delete_product(product.id))
    subscriptions = apis.SubscriptionsApi(client)
    ask = keap.CreateSubscriptionRequest(contact_id="8", subscription_plan_id="5")
    made = check("create subscription", lambda: subscriptions.create_subscription(ask))
    if made is not None:
        stop = keap.CancelSubscriptionRequest(reason="x")
        check("cancel subscription", lambda: subscriptions.cancel_subscription(made.id, stop))
    discounts, sources = apis.OrderTotalDiscountsApi(client), apis.LeadSourcesApi(client)
    ask = keap.CreateOrderTotalDiscountRequest(name="SDK", discount_type="AMOUNT", discount_value=5)
    less = check("create discount", lambda: discounts.create_order_total_discount(ask))
    if less is not None:
        check("delete discount", lambda: discounts.delete_order_total_discount(less.id))
    source = check(
        "create source", lambda: sources.create_lead_source(keap.CreateLeadSourceRequest(name="SDK"))
    )
    if source is not None:
        check("delete source", lambda: sources.delete_lead_source(source.id))
    ask = keap.CreateReferralRequest(contact_id="8", referral_partner_id="2")
    check("create referral", lambda: apis.ReferralApi(client).create_referral(ask))


def main() -> int:
    """Run all calls."""
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
