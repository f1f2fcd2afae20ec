"""Ask a running sandbox through Keap's official Python SDK, which validates every answer.

Run by an interpreter that has keap-core-v2-sdk: keap_sdk_check.py URL KEY. Prints one JSON line for each call;
exits with 1 if any answer did not fit the SDK's models.
"""

# The SDK lives in another environment than the type checker
# mypy: disable-error-code="misc, import-not-found"

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import keap_core_v2_client as keap
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
    check("tag", lambda: tags.get_tag(ids[0]))
    check("tag categories", tags.list_tag_categories, "tag_categories")
    check("tag category", lambda: tags.get_category("10"))
    words = f"tag_ids=={','.join(ids)}"
    all_pages(
        check, "contacts across tags", "contacts", tags.list_contacts_across_tags, filter=words, page_size=200
    )
    check(
        "tags across contacts",
        lambda: contacts.list_tags_across_contacts(filter="contact_ids==1,8,15"),
        "tags",
    )
    check("contacts of a tag", lambda: tags.list_contacts_with_tag_id(ids[0], page_size=5), "contacts")
    check("count of a tag", lambda: tags.count_contacts_for_tag(ids[0]))
    check("companies of a tag", lambda: tags.list_companies_for_tag_id(ids[0]), "tagged_companies")
    check("tags of a contact", lambda: contacts.list_tags_for_contact("8"), "tags")
    more_reads(check, client)


def more_reads(check: Check, client: Any) -> None:
    """Affiliates, users, reports, shipping."""
    partners = apis.AffiliateApi(client)
    rows = all_pages(check, "affiliates", "affiliates", partners.list_affiliate, page_size=10)
    same_ids(check, "affiliates", rows)
    check("affiliate", lambda: partners.get_affiliate(rows[0].id))
    check("affiliate model", partners.get_affiliate_custom_fields, "custom_fields")
    for row in rows[:5]:
        check(
            "commissions", lambda row=row: partners.get_affiliate_commissions(row.id), "affiliate_commissions"
        )
        check("payments", lambda row=row: partners.list_affiliate_payments(row.id), "affiliate_payments")
        check("commission total", lambda row=row: partners.get_affiliate_commission_total(row.id))
    check("summaries", partners.list_summaries, "affiliate_summaries")
    check("programs", partners.list_affiliate_commission_programs, "commission_programs")
    users = apis.UsersApi(client)
    words = "include_inactive==true;include_partners==true"
    same_ids(
        check,
        "users",
        all_pages(check, "users", "users", users.list_paginated_users, page_size=5, filter=words),
    )
    check("user", lambda: users.get_user_by_id("1"))
    check("user info", users.get_user_info)
    check("shipping", apis.ShippingApi(client).list_shipping_methods, "shipping_methods")
    reports = apis.ReportingApi(client)
    found = check("reports", reports.list_reports, "reports")
    for report in found.reports if found else []:
        check("report", lambda report=report: reports.retrieve_report(report.id))
        check("report model", lambda report=report: reports.retrieve_report_model(report.id), "fields")
        # The SDK folds the parameters into one, which the server ignores: every page is the first
        ask = keap.RunReportRequest(page_size=10)
        check("report run", lambda report=report, ask=ask: reports.run_report(report.id, ask), "results")


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


def main() -> int:
    """Run all calls."""
    url, key = sys.argv[1:3]
    check = Check()
    # The SDK's paths begin with /rest
    with keap.ApiClient(keap.Configuration(host=url, access_token=key)) as client:
        reads(check, client)
        writes(check, client)
    return 1 if check.failures else 0


if __name__ == "__main__":
    sys.exit(main())
