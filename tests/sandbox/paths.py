"""Which of the sandbox's collections the ids in Keap's paths come from."""

# Path parameter -> collection
PARENTS = {
    "affiliate_id": "affiliates", "automation_id": "automations", "campaign_id": "campaigns",
    "category_id": "product_categories", "commission_program_id": "commission_programs",
    "company_id": "companies", "contact_id": "contacts", "email_template_id": "email_templates",
    "file_id": "files", "lead_source_category_id": "lead_source_categories", "lead_source_id": "lead_sources",
    "opportunity_id": "opportunities", "order_id": "orders", "product_id": "products", "report_id": "reports",
    "redirect_id": "affiliate_redirect_links", "stage_id": "opportunity_stages",
    "stage_move_id": "opportunity_stage_moves", "subscription_id": "subscriptions",
    "tag_category_id": "tag_categories", "tag_id": "tags", "task_id": "tasks", "user_group_id": "user_groups",
    "user_id": "users", "webform_id": "webforms", "email": "email_address_statuses",
}  # fmt: skip
# Paths whose parameter does not tell the collection -> collection
SINGLES = {
    "/v2/affiliates/{id}": "affiliates",
    "/v2/emails/{id}": "emails",
    "/v2/productInterestBundles/{id}": "product_interest_bundles",
    "/v2/discounts/freeTrials/{discount_id}": "free_trial_discounts",
    "/v2/discounts/orderTotals/{discount_id}": "order_total_discounts",
    "/v2/discounts/productCategories/{discount_id}": "category_discounts",
    "/v2/discounts/products/{discount_id}": "product_discounts",
    "/v2/discounts/shipping/{discount_id}": "shipping_discounts",
}
# Second id in a path -> (collection, field with the first id, field with its own id)
NESTED = {
    "note_id": ("notes", "contact_id", "id"),
    "order_item_id": ("order_items", "order_id", "id"),
    "product_option_id": ("product_options", "product_id", "id"),
    "subscription_plan_id": ("subscription_plans", "product_id", "id"),
    "lead_source_expense_id": ("lead_source_expenses", "lead_source_id", "id"),
    "lead_source_recurring_expense_id": ("lead_source_recurring_expenses", "lead_source_id", "id"),
    "province_code": ("provinces", "country_code", "code"),
}
