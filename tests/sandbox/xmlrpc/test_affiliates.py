"""What affiliates earned, lost and were paid, in the XML-RPC API."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from keap_sandbox import Sandbox
from tests.sandbox.conftest import Client

from .calling import Caller, eastern

NEVER = datetime(1990, 1, 1), datetime(2040, 1, 1)  # noqa: DTZ001 - times on the wire have no zone
NOT_FOUND = (5, "[RecordNotFound]Record was not found")


def day(moment: str) -> datetime:
    """Midnight of a day, which REST shows as midnight in UTC."""
    return datetime.fromisoformat(moment[:10])


def by_affiliate(box: Sandbox, collection: str) -> dict[int, list[Any]]:
    found = defaultdict(list)
    for row in box.records(collection):
        found[int(row["affiliate_id"])].append(row)
    assert found
    return found


def test_commissions_are_those_of_rest(box: Sandbox, call: Caller) -> None:
    for affiliate, rows in by_affiliate(box, "affiliate_commissions").items():
        shown = call("APIAffiliateService.affCommissions", affiliate, *NEVER)
        assert len(shown) == len(rows)
        for struct, row in zip(shown, rows, strict=True):
            given, _, family = row["sales_affiliate_name"].partition(" ")
            expected = {
                "AmtEarned": row["amount_earned"],
                "ContactFirstName": row["contact_first_name"],
                "ContactId": int(row["contact_id"]),
                "ContactLastName": row["contact_last_name"],
                "DateEarned": eastern(row["time_earned"]),
                "Description": row["description"],
                "InvoiceId": int(row["invoice_id"]),
                "ProductName": row["product_name"],
                "SaleAffId": int(row["sales_affiliate_id"]),
                "SoldByFirstName": given,
                "SoldByLastName": family,
            }
            assert struct == {name: value for name, value in expected.items() if value is not None}


def test_clawbacks_are_those_of_rest(box: Sandbox, call: Caller) -> None:
    found = by_affiliate(box, "affiliate_clawbacks")
    for affiliate, rows in found.items():
        shown = call("APIAffiliateService.affClawbacks", affiliate, *NEVER)
        assert [one["Amount"] for one in shown] == [row["amount"] for row in rows]
        assert [one["DateEarned"] for one in shown] == [eastern(row["date_earned"]) for row in rows]
        assert [one.get("LastName") for one in shown] == [row["family_name"] for row in rows]
    box.switch(legacy_clawbacks="short")
    struct = call("APIAffiliateService.affClawbacks", next(iter(found)), *NEVER)[0]
    assert set(struct) <= {
        "Amount", "ContactId", "DateEarned", "Description", "FirstName", "InvoiceId", "ProductName",
        "SaleAffId", "SoldByFirstName",
    }  # fmt: skip


def test_payouts_are_those_of_rest(box: Sandbox, call: Caller) -> None:
    for affiliate, rows in by_affiliate(box, "affiliate_payments").items():
        box.switch(legacy_payouts="all")
        shown = call("APIAffiliateService.affPayouts", affiliate, *NEVER)
        assert [(one["Id"], one["PayAmt"], one["PayType"], one.get("PayNote")) for one in shown] == [
            (int(row["id"]), row["pay_amount"], row["pay_type"], row["pay_notes"]) for row in rows
        ]
        assert [one["PayDate"] for one in shown] == [day(row["pay_date"]) for row in rows]
        box.switch(legacy_payouts="amount")
        shown = call("APIAffiliateService.affPayouts", affiliate, *NEVER)
        assert shown == [{"PayAmt": row["pay_amount"]} for row in rows]


def test_both_ends_of_a_period_are_included(box: Sandbox, call: Caller) -> None:
    affiliate, rows = next(iter(by_affiliate(box, "affiliate_commissions").items()))
    moment, second = eastern(rows[0]["time_earned"]), timedelta(seconds=1)
    same = [row for row in rows if eastern(row["time_earned"]) == moment]
    method = "APIAffiliateService.affCommissions"
    assert len(call(method, affiliate, moment, moment)) == len(same)
    assert call(method, affiliate, moment + second, moment + second) == []
    assert call(method, affiliate, moment - second, moment - second) == []


def test_months_from_their_first_to_their_last_second_hold_every_row_once(box: Sandbox, call: Caller) -> None:
    affiliate, rows = next(iter(by_affiliate(box, "affiliate_commissions").items()))
    box.plant("affiliate_commissions", upsert=[{**rows[0], "time_earned": "2026-02-01T04:59:59.900Z"}])
    months = [datetime(year, month, 1) for year in range(2023, 2028) for month in range(1, 13)]  # noqa: DTZ001
    read = [
        len(call("APIAffiliateService.affCommissions", affiliate, first, after - timedelta(seconds=1)))
        for first, after in pairwise(months)
    ]
    assert sum(read) == len(rows) + 1


def test_totals_are_those_of_the_summaries_in_rest(api: Client, call: Caller) -> None:
    rows = api("/v2/affiliates/summaries").body["affiliate_summaries"]
    ids = [row["affiliateId"] for row in rows]
    assert len(ids) > 2
    expected = [
        {
            "AffiliateId": row["affiliateId"],
            "AmountEarned": row["amountEarned"],
            "Balance": row["balance"],
            "Clawbacks": row["clawbacks"],
        }
        for row in rows
    ]
    assert call("APIAffiliateService.affSummary", ids, *NEVER) == expected
    running = call("APIAffiliateService.affRunningTotals", ids)
    assert [one["RunningBalance"] for one in running] == [row["balance"] for row in rows]
    assert any(one["Payments"] for one in running)
    for one in running:
        assert one["RunningBalance"] == round(one["AmountEarned"] + one["Clawbacks"] - one["Payments"], 2)
    assert all(
        isinstance(value, float) for one in running for name, value in one.items() if name != "AffiliateId"
    )


def test_a_balance_of_nothing_has_no_sign(api: Client, call: Caller) -> None:
    answer = api("/v2/affiliates/summaries")
    ids = [row["affiliateId"] for row in answer.body["affiliate_summaries"]]
    assert 0 in [row["balance"] for row in answer.body["affiliate_summaries"]]
    assert b"-0.0" not in answer.raw
    assert "-0.0" not in call.raw("APIAffiliateService.affSummary", ids, *NEVER)
    assert "-0.0" not in call.raw("APIAffiliateService.affRunningTotals", ids)


def test_a_summary_is_of_its_period(box: Sandbox, call: Caller) -> None:
    affiliate, rows = next(iter(by_affiliate(box, "affiliate_commissions").items()))
    moment = eastern(rows[0]["time_earned"])
    earned = sum(row["amount_earned"] for row in rows if eastern(row["time_earned"]) == moment)
    (struct,) = call("APIAffiliateService.affSummary", [affiliate], moment, moment)
    assert struct["AmountEarned"] == round(earned, 2)


def test_redirect_links_are_on_the_other_service(box: Sandbox, call: Caller) -> None:
    found = by_affiliate_or_nobody(box)
    for affiliate, rows in found.items():
        shown = call("AffiliateService.getRedirectLinksForAffiliate", affiliate)
        assert shown == [
            {
                "Id": int(row["id"]),
                "Name": row["name"],
                "AffiliateId": affiliate,
                "LocalUrlCode": row["local_url_code"],
                "RedirectUrl": row["redirect_url"],
                "ProgramIds": ",".join(row["program_ids"]),
            }
            for row in rows
        ]
    box.switch(legacy_redirect_links="camel")
    (struct,) = call("AffiliateService.getRedirectLinksForAffiliate", next(iter(found)))
    assert set(struct) == {"id", "name", "affiliateId", "localUrlCode", "redirectUrl", "programIds"}


def test_the_two_services_do_not_have_each_others_methods(call: Caller) -> None:
    for name in ("AffiliateService.affPayouts", "APIAffiliateService.getRedirectLinksForAffiliate"):
        assert call.fault(name, 1) == (0, f"No such handler: {name}")


def by_affiliate_or_nobody(box: Sandbox) -> dict[int, list[Any]]:
    found = defaultdict(list)
    for row in box.records("affiliate_redirect_links"):
        if row["affiliate_id"] is not None:
            found[int(row["affiliate_id"])].append(row)
    return found


def test_programs_are_those_of_rest(box: Sandbox, call: Caller) -> None:
    programs = box.records("commission_programs")
    shown = call("AffiliateProgramService.getAffiliatePrograms")
    assert [(one["Id"], one["Name"], one["Priority"], one.get("Notes")) for one in shown] == [
        (int(row["id"]), row["name"], int(row["priority"]), row["notes"]) for row in programs
    ]
    assert all(one["AffiliateId"] == 0 for one in shown)
    for row in box.records("affiliates"):
        ids = [int(one["id"]) for one in programs if row["id"] in one["affiliate_ids"]]
        shown = call("AffiliateProgramService.getProgramsForAffiliate", int(row["id"]))
        assert [one["Id"] for one in shown] == ids


def test_a_program_shows_its_affiliates_with_their_contacts(box: Sandbox, call: Caller) -> None:
    affiliates = {row["id"]: row for row in box.records("affiliates")}
    contacts = {row["id"]: row for row in box.records("contacts")}
    for program in box.records("commission_programs"):
        box.switch(legacy_program_affiliates="flat")
        shown = call("AffiliateProgramService.getAffiliatesByProgram", int(program["id"]))
        assert [str(one["Id"]) for one in shown] == program["affiliate_ids"]
        for struct in shown:
            affiliate = affiliates[str(struct["Id"])]
            contact = contacts[affiliate["contact_id"]]
            assert struct["AffCode"] == affiliate["code"]
            assert struct["ContactId"] == int(contact["id"])
            assert struct.get("LastName") == contact["family_name"]
            assert struct["DateCreated"] == eastern(contact["create_time"])
        assert any("_Tier" in struct for struct in shown)
        assert any("_Plan" in struct for struct in shown)
        assert call("AffiliateProgramService.getAffiliatesByProgram", program["id"]) == shown
        box.switch(legacy_program_affiliates="nested")
        nested = call("AffiliateProgramService.getAffiliatesByProgram", int(program["id"]))
        assert [one["Contact"] | one["Affiliate"] for one in nested] == shown


def test_a_program_shows_its_resources(box: Sandbox, call: Caller) -> None:
    for program in box.records("commission_programs"):
        rows = [
            row
            for row in box.records("commission_program_resources")
            if row["commission_program_id"] == program["id"]
        ]
        shown = call("AffiliateProgramService.getResourcesForAffiliateProgram", int(program["id"]))
        assert [(str(one["Id"]), one["Title"], one.get("ResourceHREF")) for one in shown] == [
            (row["id"], row["title"], row["url"]) for row in rows
        ]
    assert rows


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("APIAffiliateService.affCommissions", (999_999, *NEVER)),
        ("APIAffiliateService.affClawbacks", (999_999, *NEVER)),
        ("APIAffiliateService.affPayouts", (-1, *NEVER)),
        ("APIAffiliateService.affSummary", ([999_999], *NEVER)),
        ("APIAffiliateService.affRunningTotals", (["x"],)),
        ("AffiliateService.getRedirectLinksForAffiliate", (0,)),
        ("AffiliateProgramService.getProgramsForAffiliate", (999_999,)),
        ("AffiliateProgramService.getAffiliatesByProgram", ("x",)),
        ("AffiliateProgramService.getResourcesForAffiliateProgram", (3,)),
    ],
)
def test_an_unknown_affiliate_or_program_is_a_fault_or_has_no_rows(
    box: Sandbox, call: Caller, method: str, params: tuple[Any, ...]
) -> None:
    assert call.fault(method, *params) == NOT_FOUND
    box.switch(legacy_unknown_ids="empty")
    assert call(method, *params) == []


def test_dates_as_texts_match_no_method(call: Caller) -> None:
    code, text = call.fault("APIAffiliateService.affPayouts", 1, "2026-03-01", "2026-03-31")
    assert code == 0
    assert text.startswith("No method matching arguments: ")
