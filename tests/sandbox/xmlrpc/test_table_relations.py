"""Every id in the tables of the XML-RPC API leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from keap_sandbox.account import Account
from keap_sandbox.clock import Clock
from keap_sandbox.switches import Switches
from keap_sandbox.xmlrpc.tables.registry import TABLES
from keap_sandbox.xmlrpc.tables.view import LegacyRow

_CONTACT = {"CompanyID": "Company", "CreatedBy": "User", "LastUpdatedBy": "User", "OwnerID": "User",
            "LeadSourceId": "LeadSource"}  # fmt: skip
_SUBSCRIPTION = {
    "AffiliateId": "Affiliate", "CC1": "CreditCard", "CC2": "CreditCard", "ContactId": "Contact",
    "LeadAffiliateId": "Affiliate", "OriginatingOrderId": "Job", "ProductId": "Product",
    "ProgramId": "CProgram", "SubscriptionPlanId": "SubscriptionPlan",
}  # fmt: skip
RELATIONS = {
    "Contact": {**_CONTACT, "Groups": "ContactGroup"},
    "Company": {**_CONTACT, "Groups": "ContactGroup"},
    "UserGroup": {"OwnerId": "User"},
    "ContactGroup": {"GroupCategoryId": "ContactGroupCategory"},
    "ContactGroupAssign": {
        "ContactId": "Contact", "Contact.Id": "Contact", "GroupId": "ContactGroup",
        "Contact.CompanyID": "Company", "Contact.Groups": "ContactGroup", "Contact.OwnerID": "User",
        "Contact.CreatedBy": "User", "Contact.LastUpdatedBy": "User",
    },
    "DataFormField": {"GroupId": "DataFormGroup"},
    "DataFormGroup": {"TabId": "DataFormTab"},
    "SavedFilter": {"UserId": "User"},
    "Job": {"ContactId": "Contact", "ProductId": "Product", "JobRecurringId": "RecurringOrder"},
    "OrderItem": {"OrderId": "Job", "ProductId": "Product", "SubscriptionPlanId": "SubscriptionPlan"},
    "Invoice": {
        "AffiliateId": "Affiliate", "ContactId": "Contact", "JobId": "Job", "LeadAffiliateId": "Affiliate",
        "ProductSold": "Product",
    },
    "InvoiceItem": {"InvoiceId": "Invoice", "OrderItemId": "OrderItem"},
    "InvoicePayment": {"InvoiceId": "Invoice", "PaymentId": "Payment"},
    "PayPlan": {"InvoiceId": "Invoice"},
    "PayPlanItem": {"PayPlanId": "PayPlan"},
    "Payment": {
        "ChargeId": "CCharge", "ContactId": "Contact", "InvoiceId": "Invoice", "RefundId": "Payment",
        "UserId": "User",
    },
    "CCharge": {"CCId": "CreditCard", "OrderNum": "Job", "PaymentId": "Payment"},
    "CreditCard": {"ContactId": "Contact"},
    "SubscriptionPlan": {"ProductId": "Product"},
    "CProgram": {"ProductId": "Product"},
    "ProductCategoryAssign": {"ProductCategoryId": "ProductCategory", "ProductId": "Product"},
    "ProductCategory": {"ParentId": "ProductCategory"},
    "ProductOption": {"ProductId": "Product"},
    "ProductOptValue": {"ProductOptionId": "ProductOption"},
    "ProductInterest": {
        "ObjectId": "ProductInterestBundle", "ProductId": "Product", "SubscriptionPlanId": "SubscriptionPlan",
    },
    "Lead": {
        "AffiliateId": "Affiliate", "ContactID": "Contact", "CreatedBy": "User", "LastUpdatedBy": "User",
        "StageID": "Stage", "StatusID": "Status", "UserID": "User",
    },
    "StageMove": {
        "CreatedBy": "User", "MoveFromStage": "Stage", "MoveToStage": "Stage", "OpportunityId": "Lead",
        "UserId": "User",
    },
    "Affiliate": {"ContactId": "Contact", "ParentId": "Affiliate"},
    "ContactAction": {
        "ContactId": "Contact", "CreatedBy": "User", "LastUpdatedBy": "User", "OpportunityId": "Lead",
        "UserID": "User",
    },
    "FileBox": {"ContactId": "Contact"},
    "SocialAccount": {"ContactId": "Contact"},
    "RecurringOrder": _SUBSCRIPTION,
    "RecurringOrderWithContact": {**_SUBSCRIPTION, "Id": "RecurringOrder"},
    "LeadSource": {"LeadSourceCategoryId": "LeadSourceCategory"},
    "LeadSourceExpense": {
        "LeadSourceId": "LeadSource", "LeadSourceRecurringExpenseId": "LeadSourceRecurringExpense",
    },
    "LeadSourceRecurringExpense": {"LeadSourceId": "LeadSource"},
    "CampaignStep": {"CampaignId": "Campaign", "TemplateId": "Template"},
    "ActionSequence": {"VisibleToTheseUsers": "User"},
    "Campaignee": {"CampaignId": "Campaign", "ContactId": "Contact"},
    "Expense": {"ContactId": "Contact"},
    "GroupAssign": {"GroupId": "UserGroup", "UserId": "User"},
    "JobRecurringInstance": {"InvoiceItemId": "InvoiceItem", "RecurringId": "RecurringOrder"},
    "MtgLead": {"OpportunityId": "Lead"},
    "Ticket": {
        "ContactId": "Contact", "CreatedBy": "User", "DevId": "User", "LastUpdatedBy": "User",
        "Stage": "TicketStage", "TicketTypeId": "TicketType", "UserId": "User",
    },
    "Referral": {"AffiliateId": "Affiliate", "ContactId": "Contact"},
}  # fmt: skip
"""Table -> the columns with ids, and the table that each leads to."""
ZERO = {"Contact.LeadSourceId", "StageMove.MoveFromStage", "Affiliate.ParentId"}
"""Columns in which 0 means that there is none."""
NO_TABLE = {
    "AccountId": "the account's own",
    "GlobalUserId": "of another service",
    "MerchantAccountId": "merchant accounts have no table",
    "MerchantId": "merchant accounts have no table",
    "PaymentGatewayId": "merchant accounts have no table",
    "ShippingOptionId": "shipping options have no table",
    "TypeId": "kinds of expenses have no table",
    "CategoryId": "categories of tickets have no table",
    "TicketCategory": "categories of tickets have no table",
    "IssueId": "issues have no table",
    "Admin": "1 for an administrator of the group",
    "FormId": "a number from a list",
}
"""Columns with ids of what no table has."""
UNUSED = {
    "Company.LeadSourceId": "REST shows no lead source of companies",
    **dict.fromkeys(("RecurringOrder.CC2", "RecurringOrderWithContact.CC2"), "REST shows one card"),
}


class Tables:
    """The rows of every table of an account."""

    def __init__(self, seed: int, contacts: int) -> None:
        self.account = Account(seed, contacts, Clock(lambda: 1_795_000_000.0), Switches())
        self._rows: dict[str, dict[int, LegacyRow]] = {}

    def __getitem__(self, name: str) -> dict[int, LegacyRow]:
        if name not in self._rows:
            rows = TABLES[name].rows(self.account)
            self._rows[name] = dict(zip(rows.keys(), map(rows.row, rows.keys()), strict=True))
        return self._rows[name]

    def ids(self, name: str, column: str) -> Iterator[int]:
        for row in self[name].values():
            value = row.get(column)
            if value is not None:
                yield from map(int, str(value).split(","))

    def broken(self) -> dict[str, set[int]]:
        """Return the columns with ids that lead nowhere, and those ids."""
        found = {}
        for name, columns in RELATIONS.items():
            for column, target in columns.items():
                if name in TABLES and target in TABLES:
                    lost = set(self.ids(name, column)) - self[target].keys()
                    lost -= {0} if f"{name}.{column}" in ZERO else set()
                    if lost:
                        found[f"{name}.{column}"] = lost
        return found


def test_all_columns_with_ids_are_known() -> None:
    for name, view in TABLES.items():
        columns = {one.name for one in view.columns if one.type == "Id" and not one.retired}
        columns -= {view.id_column, *NO_TABLE}
        assert columns <= set(RELATIONS.get(name, ())), name


@pytest.mark.parametrize("seed", [1, 2, 77])
def test_every_id_leads_to_a_row_and_is_used(seed: int) -> None:
    tables = Tables(seed, 600)
    assert tables.broken() == {}
    unused = {
        f"{name}.{column}"
        for name, columns in RELATIONS.items()
        for column in columns
        if name in TABLES and not any(tables.ids(name, column))
    }
    assert unused == set(UNUSED)


@pytest.mark.parametrize("contacts", [0, 1, 8, 40])
def test_small_accounts_have_no_loose_ends_either(contacts: int) -> None:
    assert Tables(1, contacts).broken() == {}


@pytest.mark.parametrize("collection", ["contacts", "orders", "products", "affiliates", "opportunities"])
def test_no_loose_ends_after_deletions(collection: str) -> None:
    tables = Tables(1, 120)
    for key in list(tables.account.tables[collection].keys())[::3]:
        tables.account.delete(collection, key)
    assert tables.broken().keys() <= (_SOLD if collection == "products" else set())


_SOLD = {"Job.ProductId", "Invoice.ProductSold"} | {
    f"{table}.{column}"
    for table in ("OrderItem", "RecurringOrder", "RecurringOrderWithContact")
    for column in ("ProductId", "SubscriptionPlanId", "ProgramId")
}
"""What was sold stays on the order and the subscription, as at REST."""
