"""What each of Keap's lists can be asked for: its filters, its orders, and single rows.

Source: the descriptions of the parameters in Keap's SDK 2.0.26. `filters.py` says how a filter is written.
"""

from __future__ import annotations

from tap_infusionsoft.queries.filter_rules import Askable, read


def _list(filters: str = "", orders: str = "", own: str = "", single: str = "", custom: str = "") -> Askable:
    by_name = {one.name: one for one in map(read, filters.split())}
    return Askable(by_name, tuple(orders.split()), tuple(own.split()), single, custom)


_ORDERS = _list(
    "id<!> ids[] product_id contact_id invoice_id invoice_xid paid? created_since_time@> created_until_time@< "
    "modified_since_time@> modified_until_time@< title* order_type=ONLINE|OFFLINE shipping_locality "
    "shipping_region_code shipping_postal_code shipping_country_code",
    "id order_time modification_time",
    own="ids id",
    custom="/v2/orders/model",
)
_PERIOD = "since_time@> until_time@<"
_APPLIED = "since_applied_time@> until_applied_time@<"
_CHANGED = "since_create_time@> until_create_time@< since_update_time@> until_update_time@<"
_CATEGORY_DISCOUNTS = _list("id<!> ids[] name* description* product_category_id", "id name", own="ids id")
_PROGRAMS = _list("name affiliate_id", "name date_created", single="/v2/affiliates/commissionPrograms/{id}")
_SUM_ORDERS = "affiliate_id amount_earned balance clawbacks"
_CONTACTS = _list(
    "email* given_name* family_name* middle_name* company_id contact_ids[] ids[] start_update_time@> "
    "end_update_time@< phone_number*3+phone_fields phone_fields[]=PHONE1|PHONE2|PHONE3|PHONE4|PHONE5 billing_address_line1 "
    "billing_address_locality billing_address_region billing_address_postal_code billing_address_country_code "
    "shipping_address_line1 shipping_address_locality shipping_address_region shipping_address_postal_code "
    "shipping_address_country_code other_address_line1 other_address_locality other_address_region "
    "other_address_postal_code other_address_country_code city* state* website* lead_source_name* contact_id<>",
    "id create_time email update_time",
    own="ids contact_ids contact_id",
    custom="/v2/contacts/model",
)
_INCURRED = _list(
    "title amount incurred_time@ create_time@ update_time@",
    "title amount incurred_time create_time update_time",
)

LISTS = {
    "contacts": _CONTACTS,
    "contacts_by_tag": _CONTACTS,
    "contact_link_types": _list("name", "name max_links create_time"),
    "companies": _list(
        f"company_name name* email city* state* {_PERIOD} company_id<>",
        "id create_time name email",
        own="company_id",
        custom="/v2/companies/model",
    ),
    "company_tags": _list(
        f"name description category_id(NONE) {_APPLIED} {_CHANGED}",
        "name create_time update_time applied_time category_id",
    ),
    "tags": _list(
        f"name description(NONE) category_id(NONE) tag_ids[] {_CHANGED}",
        "name create_time update_time",
        own="tag_ids",
    ),
    "tag_categories": _list(
        f"name description(NONE) {_CHANGED}",
        "name create_time update_time",
        single="/v2/tags/categories/{id}",
    ),
    "contact_tags": _list(f"tag_ids[100] {_APPLIED}", "applied_time"),
    "tag_companies": _list(f"company_name(NONE) email(NONE) {_APPLIED}", "company_name email applied_time"),
    "tag_contact_counts": _list(f"given_name(NONE) family_name(NONE) email(NONE) {_APPLIED}"),
    "notes": _list(
        f"id<!> ids[] title*~ contact_id assigned_to_user_id {_PERIOD}",
        "id create_time update_time",
        own="ids id",
        custom="/v2/notes/model",
    ),
    "tasks": _list(
        "contact_id has_due_date? is_completed? user_id(UNASSIGNED) opportunity_id task_ids[] "
        f"priority=CRITICAL|ESSENTIAL|NONESSENTIAL {_PERIOD} id<> title*",
        "id create_time due_time update_time",
        own="task_ids id",
        custom="/v2/tasks/model",
    ),
    "appointments": _list(
        "contact_id user_id start_time<>@ end_time<>@ create_time<>@ update_time<>@",
        "start_time end_time create_time update_time",
        custom="/v2/tasks/model",
    ),
    "appointments_v1": _list("contact_id since@> until@<"),
    "opportunities": _list(
        "stage_id user_id contact_id opportunity_title* lead_source_name* affiliate_id opportunity_id<> ids[100] "
        "contact_phone* contact_city* contact_state* projected_revenue_high<> projected_revenue_low<>",
        "next_action_time contact_name opportunity_title created_time update_time",
        own="ids opportunity_id",
        custom="/v2/opportunities/model",
    ),
    "opportunity_stages": _list(
        "opportunity_stage_name* opportunity_stage_id<>", "stage_order", own="opportunity_stage_id"
    ),
    "opportunity_stage_moves": _list(
        "opportunity_id user_id", "move_date id", single="/v2/opportunities/stageMoves/{id}"
    ),
    "orders": _ORDERS,
    "order_items": _ORDERS,
    "order_payment_plan_items": _ORDERS,
    "invoice_balances": _ORDERS,
    "order_payments": _list(
        "invoice_id payment_id amount pay_status skip_commission?",
        "invoice_id payment_id amount pay_time pay_status skip_commission last_updated_time",
    ),
    "payments": _list(
        f"id<> ids[] amount<!> order_id order_ids[] contact_id {_PERIOD} merchant_account_id merchant_account_type",
        "id amount payment_time contact_id",
        own="ids id",
    ),
    "transactions": _list(
        f"amount<!> order_id contact_id {_PERIOD} merchant_account_id merchant_account_type status "
        "transaction_method is_successful?",
        "amount transaction_time contact_id",
    ),
    "payment_methods": _list(
        f"payment_method_id credit_card_id contact_id merchant_account_id {_PERIOD}",
        "payment_method_id created_time contact_id merchant_account_id",
    ),
    "merchant_accounts": _list("id name type", "id name", own="id"),
    "subscriptions": _list(
        "contact_id subscription_plan_id status id<!> billing_amount<!> ids[] subscription_plan_ids[]",
        "id contact_id subscription_plan_id modification_time",
        own="ids id",
        custom="/v2/subscriptions/model",
    ),
    "products": _list(
        "name* sku* description* short_description* product_id<> product_ids[]",
        "name sku last_updated_time",
        own="product_ids product_id",
    ),
    "subscription_plans": _list("active? cycle_type=DAILY|WEEKLY|MONTHLY|YEARLY", "id product_id"),
    "product_categories": _list("product_id name* product_category_id<!>", "id", own="product_category_id"),
    "product_category_assignments": _list("product_ids[] product_category_ids[]", "product_category_id"),
    "product_interest_bundles": _list("name", "name", single="/v2/productInterestBundles/{id}"),
    "free_trial_discounts": _list(
        "free_trial_days hide_price? subscription_plan_id",
        "free_trial_days hide_price id name subscription_plan_id",
        single="/v2/discounts/freeTrials/{id}",
    ),
    "order_total_discounts": _list(
        "apply_to_commissions? discount_strategy=GROSS|NET discount_type=AMOUNT|PERCENT discount_value",
        "apply_to_commissions discount_strategy discount_type discount_value id name",
        single="/v2/discounts/orderTotals/{id}",
    ),
    "category_discounts": _CATEGORY_DISCOUNTS,
    "category_discount_assignments": _CATEGORY_DISCOUNTS,
    "product_discounts": _list(
        "apply_to_commissions? discount_type=AMOUNT|PERCENT discount_value product_id",
        "apply_to_commissions discount_type discount_value id name product_id",
        single="/v2/discounts/products/{id}",
    ),
    "shipping_discounts": _list(
        "discount_type=AMOUNT|PERCENT discount_value",
        "discount_type discount_value id name",
        single="/v2/discounts/shipping/{id}",
    ),
    "affiliates": _list(
        "id<!> name* contact_id referral_contact_id status code*",
        "id date_created name status code",
        own="id",
        custom="/v2/affiliates/model",
    ),
    "affiliate_commissions": _list(_PERIOD, "invoice_id time_earned"),
    "affiliate_clawbacks": _list("since@> until@<", "DATE_EARNED"),
    "affiliate_payments": _list(_PERIOD, "create_time pay_date pay_amount"),
    "affiliate_redirect_links": _list(
        "name affiliate_id", "name date_created", single="/v2/affiliates/redirects/{id}"
    ),
    "affiliate_summaries": _list(f"affiliate_ids[] {_PERIOD}", _SUM_ORDERS),
    "affiliate_running_totals": _list("affiliate_ids[]", _SUM_ORDERS),
    "commission_programs": _PROGRAMS,
    "commission_program_affiliates": _PROGRAMS,
    "referrals": _list(
        "referral_partner_id<!> contact_id<!> source* description* type=COOKIE|PERMANENT|MANUAL",
        "id referral_time",
    ),
    "campaigns": _list(
        "name~",
        "name publisheddate id completedContactCount activeContacts datecreated lastupdated",
        single="/v2/campaigns/{id}",
    ),
    "automations": _list(
        "name*~ id<!> status=published|draft categories[]",
        "name category activeContacts publishedDate",
        own="id",
    ),
    "emails": _list(
        "contact_id email start_created_time@> end_created_time@<", "created_time", single="/v2/emails/{id}"
    ),
    "email_templates": _list(orders="id", single="/v2/emails/templates/{id}"),
    "email_address_statuses": _list(
        "emails[] statuses[] opted_in?",
        "email status create_time last_click_time last_open_time last_sent_time",
    ),
    "webforms": _list(f"name webform_type {_CHANGED}", "name webform_type create_time update_time"),
    "lead_source_categories": _list("name* description*", "name", single="/v2/leadSourceCategories/{id}"),
    "lead_sources": _list(
        "id<!> name* status lead_source_category_id vendor* medium* message* description* start_time@ end_time@",
        "name status vendor medium start_time end_time create_time update_time",
        own="id",
    ),
    "lead_source_expenses": _INCURRED,
    "lead_source_recurring_expenses": _list(
        "title amount start_time@ end_time@ next_expense_time@ create_time@ update_time@",
        "title amount start_time end_time next_expense_time create_time update_time",
    ),
    "lead_source_recurring_expense_items": _INCURRED,
    "files": _list(
        "is_public? contact_id user_id category file_box_type file_name created_time@ updated_time@",
        "file_name updated_time",
        single="/v2/files/{id}",
    ),
    "reports": _list(
        "name since_created_time@> until_created_time@<",
        "name created_time",
        single="/v2/reporting/reports/{id}",
    ),
    "users": _list(
        "email given_name include_inactive? include_partners? user_ids[]",
        "create_time email name",
        own="user_ids",
    ),
    "user_groups": _list(single="/v2/userGroups/{id}"),
}
"""Stream -> what its list can be asked for; the others can only be read whole."""
