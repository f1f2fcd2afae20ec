"""Products, their categories and options, plans, and bundles."""

from __future__ import annotations

from tap_infusionsoft.xmlrpc.counterparts.declarations import TableMove, part, table

PRODUCT = table(
    "Product",
    "products",
    """
    Id = id : id
    ProductName = name
    Sku = sku
    Description = description
    ShortDescription = short_description
    ProductPrice = price_decimal : amount
    Status = active : active
    Shippable = shippable : flag
    Weight = weight : number
    Taxable = taxable : flag
    CountryTaxable = country_taxable : flag
    StateTaxable = state_taxable : flag
    CityTaxable = city_taxable : flag
    IsPackage = is_package : flag
    HideInStore = storefront_hidden : flag
    NeedsDigitalDelivery = needs_digital_delivery : flag
    TopHTML = top_html
    BottomHTML = bottom_html
    InventoryLimit = inventory.inventory_limit : number
    InventoryNotifiee = inventory.email_for_inventory_notifications
    ShippingTime ~ delivery_description
    LargeImage > product_legacy_images.data via id
    DateCreated = create_time : time
    LastUpdated = update_time : time
    SubCategory - missing | Most likely gone from the table, too.
    """,
)

PRODUCT_CATEGORY = table(
    "ProductCategory",
    "product_categories",
    """
    Id = id : id
    CategoryDisplayName = name
    CategoryOrder = display_order_index : number
    ParentId = parent_category_id : id
    CategoryImage - REST has it in a separate call, which the tap does not make.
    """,
)

PRODUCT_CATEGORY_ASSIGN = table(
    "ProductCategoryAssign",
    "product_category_assignments",
    """
    Id - key
    ProductCategoryId = product_category_id : id
    ProductId = product_ids : id
    """,
    match="ProductCategoryId=product_category_id ProductId=product_ids",
    rows="product_ids",
    notes="In REST a row is a category with a list of its products.",
)

PRODUCT_OPTION = table(
    "ProductOption",
    "product_options",
    """
    Id = id : id
    ProductId = product_id : id
    Label = option_label
    Name - missing
    OptionType ~ option_type : words | Nobody lists the words of the table.
    Order = display_order : number
    IsRequired = required : flag
    MinChars = text_rules.minimum_characters : number
    MaxChars = text_rules.maximum_characters : number
    AllowSpaces = text_rules.allow_spaces : flag
    CanContain ~ text_rules.only_contains : words
    CanStartWith ~ text_rules.only_starts_with : words
    CanEndWith ~ text_rules.only_ends_with | A code in the table; nobody says what its numbers mean.
    TextMessage ~ text_rules.error_message
    """,
)

PRODUCT_OPT_VALUE = table(
    "ProductOptValue",
    "product_options",
    """
    Id = list_items.item_id : id
    ProductOptionId = id : id
    Label = list_items.item_label
    Sku ~ list_items.item_code
    Name ~ list_items.item_label
    OptionIndex = list_items.item_display_order : number
    PriceAdjustment = list_items.price_adjustment : amount | Keap does not say in which unit REST sends it.
    IsDefault - missing
    """,
    match="Id=list_items.item_id",
    rows="list_items",
)

SUBSCRIPTION_PLAN = table(
    "SubscriptionPlan",
    "subscription_plans",
    """
    Id = id : id
    ProductId = product_id : id
    Active = active : flag
    Cycle = cycle_type : cycle
    Frequency = frequency : number
    NumberOfCycles = total_cycles : number
    PlanPrice = plan_price_decimal : amount
    Prorate > products.subscription_plans[].prorate via product_id
    PreAuthorizeAmount - missing
    """,
)

C_PROGRAM = table(
    "CProgram",
    "subscription_plans",
    """
    Id ~ id : id
    ProductId ~ product_id : id
    ProgramName ~ subscription_plan_name
    Active ~ active : flag
    DefaultCycle ~ cycle_type : cycle
    DefaultFrequency ~ frequency : number
    DefaultPrice ~ plan_price_decimal : amount
    Description > products.description via product_id
    ShortDescription > products.short_description via product_id
    Sku > products.sku via product_id
    Status > products.active via product_id
    Taxable > products.taxable via product_id
    HideInStore > products.storefront_hidden via product_id
    LargeImage > product_legacy_images.data via product_id
    BillingType - missing
    Family - missing
    SubCategory - missing | Most likely gone from the table, too.
    """,
    guessed=True,
    notes=("A program of the old table is a plan joined to its product, as it seems. Look at your own rows."),
)

_INTEREST = """
    Id = {rows}.id : id
    ObjectId ~ id : id | The bundle.
    ObjType - REST has interests of bundles only.
    ProductType ~ {rows}.type : words
    Qty = {rows}.quantity : number
    DiscountPercent = {rows}.discount_percent : number
"""

PRODUCT_INTEREST = TableMove(
    "ProductInterest",
    (
        part(
            "product_interest_bundles",
            f"""
            {_INTEREST.format(rows="product_interests")}
            ProductId = product_interests.interest_id : id
            SubscriptionPlanId - In the other list.
            """,
            match="Id=product_interests.id",
            rows="product_interests",
        ),
        part(
            "product_interest_bundles",
            f"""
            {_INTEREST.format(rows="subscription_plan_interests")}
            ProductId - In the other list.
            SubscriptionPlanId ~ subscription_plan_interests.interest_id : id
            """,
            match="Id=subscription_plan_interests.id",
            rows="subscription_plan_interests",
        ),
    ),
    notes="Two lists inside the bundles of REST: interests in products, and in plans.",
    only_legacy="REST has the interests of bundles, not those of opportunities",
)

PRODUCT_INTEREST_BUNDLE = table(
    "ProductInterestBundle",
    "product_interest_bundles",
    """
    Id = id : id
    BundleName = name
    Description = description
    """,
)

TABLES = (
    PRODUCT,
    PRODUCT_CATEGORY,
    PRODUCT_CATEGORY_ASSIGN,
    PRODUCT_OPTION,
    PRODUCT_OPT_VALUE,
    SUBSCRIPTION_PLAN,
    C_PROGRAM,
    PRODUCT_INTEREST,
    PRODUCT_INTEREST_BUNDLE,
)
