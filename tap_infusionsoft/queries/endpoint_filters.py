"""What can be asked of each of Keap's endpoints: filters, orders, and single rows by their ids.

Source: the parameter descriptions in Keap's SDK 2.0.26. `filter_rules` explains the notation of a filter.
"""

from __future__ import annotations

from tap_infusionsoft.queries.filter_rules import Capabilities, parse_filter
from tap_infusionsoft.streams.collection import Choice, Collection


def _endpoint(
    filters: str = "", orders: str = "", *, id_filters: str = "", row_path: str = "", custom_fields: str = ""
) -> Capabilities:
    by_name = {known.name: known for known in map(parse_filter, filters.split())}
    return Capabilities(by_name, tuple(orders.split()), tuple(id_filters.split()), row_path, custom_fields)


_ORDERS = _endpoint(
    "id<!> ids[] product_id contact_id invoice_id invoice_xid paid? created_since_time@> "
    "created_until_time@< modified_since_time@> modified_until_time@< title* order_type=ONLINE|OFFLINE "
    "shipping_locality shipping_region_code shipping_postal_code shipping_country_code",
    "id order_time modification_time",
    id_filters="ids id",
    custom_fields="/v2/orders/model",
)
_SINCE_UNTIL = "since_time@> until_time@<"
_APPLIED = "since_applied_time@> until_applied_time@<"
_CHANGED = "since_create_time@> until_create_time@< since_update_time@> until_update_time@<"
_CATEGORY_DISCOUNTS = _endpoint(
    "id<!> ids[] name* description* product_category_id", "id name", id_filters="ids id"
)
_COMMISSION_PROGRAMS = _endpoint(
    "name affiliate_id", "name date_created", row_path="/v2/affiliates/commissionPrograms/{id}"
)
_SUMMARY_ORDERS = "affiliate_id amount_earned balance clawbacks"
_CONTACTS = _endpoint(
    "email* given_name* family_name* middle_name* company_id contact_ids[] ids[] start_update_time@> "
    "end_update_time@< phone_number*3+phone_fields phone_fields[]=PHONE1|PHONE2|PHONE3|PHONE4|PHONE5 "
    "billing_address_line1 billing_address_locality billing_address_region billing_address_postal_code "
    "billing_address_country_code shipping_address_line1 shipping_address_locality shipping_address_region "
    "shipping_address_postal_code shipping_address_country_code other_address_line1 other_address_locality "
    "other_address_region other_address_postal_code other_address_country_code city* state* website* "
    "lead_source_name* contact_id<>",
    "id create_time email update_time",
    id_filters="ids contact_ids contact_id",
    custom_fields="/v2/contacts/model",
)
_EXPENSES = _endpoint(
    "title amount incurred_time@ create_time@ update_time@",
    "title amount incurred_time create_time update_time",
)

CAPABILITIES = {
    "contacts": _CONTACTS,
    "contacts_by_tag": _CONTACTS,
    "contact_link_types": _endpoint("name", "name max_links create_time"),
    "companies": _endpoint(
        f"company_name name* email city* state* {_SINCE_UNTIL} company_id<>",
        "id create_time name email",
        id_filters="company_id",
        custom_fields="/v2/companies/model",
    ),
    "company_tags": _endpoint(
        f"name description category_id(NONE) {_APPLIED} {_CHANGED}",
        "name create_time update_time applied_time category_id",
    ),
    "tags": _endpoint(
        f"name description(NONE) category_id(NONE) tag_ids[] {_CHANGED}",
        "name create_time update_time",
        id_filters="tag_ids",
    ),
    "tag_categories": _endpoint(
        f"name description(NONE) {_CHANGED}",
        "name create_time update_time",
        row_path="/v2/tags/categories/{id}",
    ),
    "contact_tags": _endpoint(f"tag_ids[100] {_APPLIED}", "applied_time"),
    "tag_companies": _endpoint(
        f"company_name(NONE) email(NONE) {_APPLIED}", "company_name email applied_time"
    ),
    "tag_contact_counts": _endpoint(f"given_name(NONE) family_name(NONE) email(NONE) {_APPLIED}"),
    "notes": _endpoint(
        f"id<!> ids[] title*~ contact_id assigned_to_user_id {_SINCE_UNTIL}",
        "id create_time update_time",
        id_filters="ids id",
        custom_fields="/v2/notes/model",
    ),
    "tasks": _endpoint(
        "contact_id has_due_date? is_completed? user_id(UNASSIGNED) opportunity_id task_ids[] "
        f"priority=CRITICAL|ESSENTIAL|NONESSENTIAL {_SINCE_UNTIL} id<> title*",
        "id create_time due_time update_time",
        id_filters="task_ids id",
        custom_fields="/v2/tasks/model",
    ),
    "appointments": _endpoint(
        "contact_id user_id start_time<>@ end_time<>@ create_time<>@ update_time<>@",
        "start_time end_time create_time update_time",
        custom_fields="/v2/tasks/model",
    ),
    "appointments_v1": _endpoint("contact_id since@> until@<"),
    "opportunities": _endpoint(
        "stage_id user_id contact_id opportunity_title* lead_source_name* affiliate_id opportunity_id<> "
        "ids[100] contact_phone* contact_city* contact_state* projected_revenue_high<> "
        "projected_revenue_low<>",
        "next_action_time contact_name opportunity_title created_time update_time",
        id_filters="ids opportunity_id",
        custom_fields="/v2/opportunities/model",
    ),
    "opportunity_stages": _endpoint(
        "opportunity_stage_name* opportunity_stage_id<>", "stage_order", id_filters="opportunity_stage_id"
    ),
    "opportunity_stage_moves": _endpoint(
        "opportunity_id user_id", "move_date id", row_path="/v2/opportunities/stageMoves/{id}"
    ),
    "orders": _ORDERS,
    "order_items": _ORDERS,
    "order_payment_plan_items": _ORDERS,
    "invoice_balances": _ORDERS,
    "order_payments": _endpoint(
        "invoice_id payment_id amount pay_status skip_commission?",
        "invoice_id payment_id amount pay_time pay_status skip_commission last_updated_time",
    ),
    "payments": _endpoint(
        f"id<> ids[] amount<!> order_id order_ids[] contact_id {_SINCE_UNTIL} merchant_account_id "
        "merchant_account_type",
        "id amount payment_time contact_id",
        id_filters="ids id",
    ),
    "transactions": _endpoint(
        f"amount<!> order_id contact_id {_SINCE_UNTIL} merchant_account_id merchant_account_type status "
        "transaction_method is_successful?",
        "amount transaction_time contact_id",
    ),
    "payment_methods": _endpoint(
        f"payment_method_id credit_card_id contact_id merchant_account_id {_SINCE_UNTIL}",
        "payment_method_id created_time contact_id merchant_account_id",
    ),
    "merchant_accounts": _endpoint("id name type", "id name", id_filters="id"),
    "subscriptions": _endpoint(
        "contact_id subscription_plan_id status id<!> billing_amount<!> ids[] subscription_plan_ids[]",
        "id contact_id subscription_plan_id modification_time",
        id_filters="ids id",
        custom_fields="/v2/subscriptions/model",
    ),
    "products": _endpoint(
        "name* sku* description* short_description* product_id<> product_ids[]",
        "name sku last_updated_time",
        id_filters="product_ids product_id",
    ),
    "subscription_plans": _endpoint("active? cycle_type=DAILY|WEEKLY|MONTHLY|YEARLY", "id product_id"),
    "product_categories": _endpoint(
        "product_id name* product_category_id<!>", "id", id_filters="product_category_id"
    ),
    "product_category_assignments": _endpoint("product_ids[] product_category_ids[]", "product_category_id"),
    "product_interest_bundles": _endpoint("name", "name", row_path="/v2/productInterestBundles/{id}"),
    "free_trial_discounts": _endpoint(
        "free_trial_days hide_price? subscription_plan_id",
        "free_trial_days hide_price id name subscription_plan_id",
        row_path="/v2/discounts/freeTrials/{id}",
    ),
    "order_total_discounts": _endpoint(
        "apply_to_commissions? discount_strategy=GROSS|NET discount_type=AMOUNT|PERCENT discount_value",
        "apply_to_commissions discount_strategy discount_type discount_value id name",
        row_path="/v2/discounts/orderTotals/{id}",
    ),
    "category_discounts": _CATEGORY_DISCOUNTS,
    "category_discount_assignments": _CATEGORY_DISCOUNTS,
    "product_discounts": _endpoint(
        "apply_to_commissions? discount_type=AMOUNT|PERCENT discount_value product_id",
        "apply_to_commissions discount_type discount_value id name product_id",
        row_path="/v2/discounts/products/{id}",
    ),
    "shipping_discounts": _endpoint(
        "discount_type=AMOUNT|PERCENT discount_value",
        "discount_type discount_value id name",
        row_path="/v2/discounts/shipping/{id}",
    ),
    "affiliates": _endpoint(
        "id<!> name* contact_id referral_contact_id status code*",
        "id date_created name status code",
        id_filters="id",
        custom_fields="/v2/affiliates/model",
    ),
    "affiliate_commissions": _endpoint(_SINCE_UNTIL, "invoice_id time_earned"),
    "affiliate_clawbacks": _endpoint("since@> until@<", "DATE_EARNED"),
    "affiliate_payments": _endpoint(_SINCE_UNTIL, "create_time pay_date pay_amount"),
    "affiliate_redirect_links": _endpoint(
        "name affiliate_id", "name date_created", row_path="/v2/affiliates/redirects/{id}"
    ),
    "affiliate_summaries": _endpoint(f"affiliate_ids[] {_SINCE_UNTIL}", _SUMMARY_ORDERS),
    "affiliate_running_totals": _endpoint("affiliate_ids[]", _SUMMARY_ORDERS),
    "commission_programs": _COMMISSION_PROGRAMS,
    "commission_program_affiliates": _COMMISSION_PROGRAMS,
    "referrals": _endpoint(
        "referral_partner_id<!> contact_id<!> source* description* type=COOKIE|PERMANENT|MANUAL",
        "id referral_time",
    ),
    "campaigns": _endpoint(
        "name~",
        "name publisheddate id completedContactCount activeContacts datecreated lastupdated",
        row_path="/v2/campaigns/{id}",
    ),
    "automations": _endpoint(
        "name*~ id<!> status=published|draft categories[]",
        "name category activeContacts publishedDate",
        id_filters="id",
    ),
    "emails": _endpoint(
        "contact_id email start_created_time@> end_created_time@<", "created_time", row_path="/v2/emails/{id}"
    ),
    "email_templates": _endpoint(orders="id", row_path="/v2/emails/templates/{id}"),
    "email_address_statuses": _endpoint(
        "emails[] statuses[] opted_in?",
        "email status create_time last_click_time last_open_time last_sent_time",
    ),
    "webforms": _endpoint(f"name webform_type {_CHANGED}", "name webform_type create_time update_time"),
    "lead_source_categories": _endpoint(
        "name* description*", "name", row_path="/v2/leadSourceCategories/{id}"
    ),
    "lead_sources": _endpoint(
        "id<!> name* status lead_source_category_id vendor* medium* message* description* start_time@ "
        "end_time@",
        "name status vendor medium start_time end_time create_time update_time",
        id_filters="id",
    ),
    "lead_source_expenses": _EXPENSES,
    "lead_source_recurring_expenses": _endpoint(
        "title amount start_time@ end_time@ next_expense_time@ create_time@ update_time@",
        "title amount start_time end_time next_expense_time create_time update_time",
    ),
    "lead_source_recurring_expense_items": _EXPENSES,
    "files": _endpoint(
        "is_public? contact_id user_id category file_box_type file_name created_time@ updated_time@",
        "file_name updated_time",
        row_path="/v2/files/{id}",
    ),
    "reports": _endpoint(
        "name since_created_time@> until_created_time@<",
        "name created_time",
        row_path="/v2/reporting/reports/{id}",
    ),
    "users": _endpoint(
        "email given_name include_inactive? include_partners? user_ids[]",
        "create_time email name",
        id_filters="user_ids",
    ),
    "user_groups": _endpoint(row_path="/v2/userGroups/{id}"),
}
"""Stream -> what its endpoint can be asked for. All other streams can only be read in full."""


def capabilities_of(stream: str) -> Capabilities:
    """What the endpoint of a stream can be asked for."""
    return CAPABILITIES.get(stream, Capabilities())


def choice_by_ids(collection: Collection) -> Choice | None:
    """How to look up rows of a stream by their ids; None if Keap can't. The caller fills in the setting."""
    capabilities = capabilities_of(collection.name)
    if len(collection.keys) != 1 or collection.batches is not None:
        return None
    if capabilities.id_filters:
        known = capabilities.filters[capabilities.id_filters[0]]
        return Choice("", filter=known.name, each=not known.several, by_id=True, size=known.max_values or 100)
    if capabilities.row_path:
        return Choice("", path=capabilities.row_path, by_id=True)
    return next((choice for choice in collection.chosen if choice.is_pick and choice.by_id), None)
