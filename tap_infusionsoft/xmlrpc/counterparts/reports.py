"""The reports of the classic connector: which method each called, and which stream has its rows now.

Source of names and methods: the connector's help page, and Infusionsoft's own documentation of 2013. Members
that neither names are guessed, and say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_infusionsoft.xmlrpc.counterparts.declarations import ReportMove, counterparts

if TYPE_CHECKING:
    from collections.abc import Mapping

_AFFILIATES = {"affiliateId": "affiliate_ids"}
_DATES = {"filterStartDate": "start_date", "filterEndDate": "end_date"}
_PROGRAM_MEMBERS = """
    Id = id : id
    Name = name
    Priority = priority : number
    Notes = notes
    AffiliateId - REST has affiliate_ids: all who are in the program.
"""
_OF_AFFILIATE = "AffiliateId = affiliate_id : id | Added by the tap.\n"
_ONCE_FOR_ALL = "The old report took one id a call; the stream has all rows, or those of the setting."
_EACH_AFFILIATE = "The old rows did not say whose they are; the stream has affiliate_id."
_CALCULATED = "Reads the same rows, so nothing is lost; what the method computed is a column of the tap."

_DISCOUNT = """
    DiscountId = id : id | Added by the tap.
    name = name
    description = description
"""
_COMMISSION = "applyDiscountToCommission = apply_to_commissions : flag"
_PERCENT_OR_AMOUNT = """
    pctOrAmt ~ discount_type | A number there; nobody says what its values mean.
    amount = discount_value : number
"""
_ADDED = "OptionId = id : id | Added by the tap."
_SHIPPING = """
    id = id : id
    name = name
    description = description
    type = type : words
    active ~ status : words | True or false there.
    international = international : flag
    orderBased = order_based : flag
"""
_OPAQUE = (
    "REST has the details in settings, whose format Keap does not document. The tap takes out what it knows."
)


def _shipping(report: str, method: str, members: str = "") -> ReportMove:
    """A report about one kind of shipping option."""
    return ReportMove(
        report,
        f"ShippingService.{method}",
        ("shipping_methods",),
        {"optionId": "shipping_method_ids"},
        counterparts(f"{_ADDED} {_SHIPPING} {members}"),
        notes=_OPAQUE,
    )


def _discount(report: str, method: str, stream: str, members: str, setting: str) -> ReportMove:
    """A report about one discount."""
    return ReportMove(
        report,
        f"DiscountService.{method}",
        (stream,),
        {"id": setting},
        counterparts(_DISCOUNT + members),
        notes=_ONCE_FOR_ALL,
    )


AFFILIATES = (
    ReportMove(
        "Affiliate - Clawbacks",
        "APIAffiliateService.affClawbacks",
        ("affiliate_clawbacks",),
        _AFFILIATES | _DATES,
        counterparts(
            _OF_AFFILIATE
            + """
            SubscriptionPlanName = subscription_plan_name
            Amount = amount : amount
            DateEarned = date_earned : time
            Description = description
            ProductName = product_name
            InvoiceId = invoice_id : id
            ContactId = contact_id : id
            FirstName = given_name
            LastName = family_name
            SaleAffId = sale_affiliate_id : id
            SoldByFirstName = sold_by_given_name
            SoldByLastName = sold_by_family_name
            """
        ),
        notes=f"{_EACH_AFFILIATE} REST has the rows in v1 only; v2 has their sum, in affiliate_summaries.",
        guessed=True,
    ),
    ReportMove(
        "Affiliate - Commissions",
        "APIAffiliateService.affCommissions",
        ("affiliate_commissions",),
        _AFFILIATES | _DATES,
        counterparts(
            _OF_AFFILIATE
            + """
            AmtEarned = amount_earned : amount
            DateEarned = time_earned : time
            Description = description
            ProductName = product_name
            InvoiceId = invoice_id : id
            ContactId = contact_id : id
            ContactFirstName = contact_first_name
            ContactLastName = contact_last_name
            SaleAffId = sales_affiliate_id : id
            SoldByFirstName - REST has the whole name: sales_affiliate_name.
            SoldByLastName - REST has the whole name: sales_affiliate_name.
            """
        ),
        notes=_EACH_AFFILIATE,
    ),
    ReportMove(
        "Affiliate - Payments",
        "APIAffiliateService.affPayouts",
        ("affiliate_payments",),
        _AFFILIATES | _DATES,
        counterparts(
            _OF_AFFILIATE
            + """
            PayAmt = pay_amount : amount
            Id ~ id : id
            PayDate ~ pay_date : day
            PayType ~ pay_type : words
            PayNote ~ pay_notes
            """
        ),
        notes=f"{_EACH_AFFILIATE} Of the old members only PayAmt is certain.",
        guessed=True,
    ),
    ReportMove(
        "Affiliate - Redirect Links",
        "AffiliateService.getRedirectLinksForAffiliate",
        ("affiliate_redirect_links",),
        _AFFILIATES,
        counterparts(
            """
            Id ~ id : id
            Name ~ name
            AffiliateId ~ affiliate_id : id
            LocalUrlCode ~ local_url_code
            RedirectUrl ~ redirect_url
            ProgramIds ~ program_ids[] : list
            """
        ),
        notes="The names of the old members are documented nowhere.",
        guessed=True,
    ),
    ReportMove(
        "Affiliate Summary",
        "APIAffiliateService.affSummary",
        ("affiliate_summaries",),
        {"affiliateIds": "affiliate_ids"} | _DATES,
        counterparts(
            """
            AffiliateId = affiliate_id : id
            AmountEarned = amount_earned : amount
            Clawbacks = clawbacks : amount
            Balance = balance : amount
            """
        ),
    ),
    ReportMove(
        "Affiliate - Running Totals",
        "APIAffiliateService.affRunningTotals",
        ("affiliate_running_totals",),
        {"affiliateIds": "affiliate_ids"},
        counterparts(
            """
            AffiliateId = affiliate_id : id
            AmountEarned = amount_earned : amount
            Clawbacks = clawbacks : amount
            RunningBalance = balance : amount
            Payments - REST does not have it: add up affiliate_payments.pay_amount.
            """
        ),
    ),
    ReportMove(
        "Affiliate Program - All Programs",
        "AffiliateProgramService.getAffiliatePrograms",
        ("commission_programs", "commission_program_details"),
        members=counterparts(_PROGRAM_MEMBERS),
    ),
    ReportMove(
        "Affiliate Program - Affiliate's Programs",
        "AffiliateProgramService.getProgramsForAffiliate",
        ("commission_programs", "commission_program_affiliates"),
        _AFFILIATES,
        counterparts(
            f"{_PROGRAM_MEMBERS} ForAffiliateId > commission_program_affiliates.affiliate_id via id"
            " | Added by the tap."
        ),
        notes=(
            "Which affiliate is in which program is in commission_program_affiliates, a row for each pair."
        ),
    ),
    ReportMove(
        "Affiliate Program - Program's Affiliates",
        "AffiliateProgramService.getAffiliatesByProgram",
        ("commission_program_affiliates", "affiliates", "contacts"),
        {"programId": "commission_program_ids"},
        kept="The fields of the tables Affiliate and Contact, custom fields too",
        notes=(
            "Join commission_program_affiliates with affiliates by affiliate_id, and that with contacts by "
            "contact_id. The fields are those of the tables Affiliate and Contact, above."
        ),
        guessed=True,
    ),
    ReportMove(
        "Affiliate Program - Resources",
        "AffiliateProgramService.getResourcesForAffiliateProgram",
        ("commission_program_resources",),
        {"programId": "commission_program_ids"},
        kept="The fields of the table AffResource, most likely",
        notes=(
            "The old members are documented nowhere. The fields are those of the table AffResource, above."
        ),
        guessed=True,
    ),
)

CONTACTS_AND_TABLES = (
    ReportMove(
        "Contacts - By Email Address",
        "ContactService.findByEmail",
        ("contacts",),
        {"email": "contact_emails"},
        kept="The chosen fields of the table Contact",
        notes="Both look in all three addresses of a contact. REST takes a * at the end.",
    ),
    ReportMove(
        "Contacts - By ID",
        "ContactService.load",
        ("contacts",),
        {"contactId": "contact_ids"},
        kept="The chosen fields of the table Contact",
    ),
    ReportMove(
        "Contacts - By Tags",
        "DataService.query",
        ("contacts_by_tag", "contact_tags"),
        {"GroupId": "tag_ids"},
        kept="The chosen fields of the table Contact or ContactGroupAssign",
        notes="contacts_by_tag has whole contacts, contact_tags which contact has which tag since when.",
    ),
    ReportMove(
        "Data - Record by ID",
        "DataService.load",
        (),
        {"recordId": "queries"},
        kept="The chosen fields of the table",
        notes="The stream is that of the table, above. The setting queries takes ids.",
    ),
    ReportMove(
        "Data - Query a Data Table",
        "DataService.query",
        (),
        {"queryData": "queries"},
        kept="The chosen fields of the table",
        notes=(
            "The stream is that of the table, above. The setting queries takes the old conditions as far as "
            "REST can answer them; it has no LIKE in the middle of a text, no ~null~ and no OR."
        ),
    ),
)

DISCOUNTS = (
    _discount(
        "Discount - Category",
        "getCategoryDiscount",
        "category_discounts",
        _COMMISSION,
        "category_discount_ids",
    ),
    ReportMove(
        "Discount - Category Assignments",
        "DiscountService.getCategoryAssignmentsForCategoryDiscount",
        ("category_discount_assignments",),
        {"id": "category_discount_ids"},
        counterparts(
            """
            DiscountId = category_discount_id : id | Added by the tap.
            id - key
            specialItemId = category_discount_id : id
            productCategoryId = product_category_id : id
            """
        ),
        notes=_ONCE_FOR_ALL,
    ),
    _discount(
        "Discount - Order's Discount",
        "getOrderTotalDiscount",
        "order_total_discounts",
        f"{_COMMISSION} {_PERCENT_OR_AMOUNT} payType = discount_strategy : words",
        "order_total_discount_ids",
    ),
    _discount(
        "Discount - Product Total",
        "getProductTotalDiscount",
        "product_discounts",
        f"{_COMMISSION} {_PERCENT_OR_AMOUNT} productId = product_id : id",
        "product_discount_ids",
    ),
    _discount(
        "Discount - Shipping",
        "getShippingTotalDiscount",
        "shipping_discounts",
        f"{_PERCENT_OR_AMOUNT} applyDiscountToCommission - missing",
        "shipping_discount_ids",
    ),
    _discount(
        "Discount - Subscription's Free Trial",
        "getFreeTrial",
        "free_trial_discounts",
        """
        freeTrialDays = free_trial_days : number
        hidePrice = hide_price : flag
        subscriptionPlanId = subscription_plan_id : id
        applyDiscountToCommission - missing
        """,
        "free_trial_discount_ids",
    ),
)

SALES = (
    ReportMove(
        "Get File",
        "FileService.getFile",
        ("file_data", "files"),
        {"fileId": "file_ids"},
        counterparts(
            """
            FileId = file_id : id | Added by the tap.
            Data = data | In base64 on both sides.
            FileName = file_name
            Extension - It is the end of file_name.
            Size = size : number
            IsTooLarge = is_too_large : flag
            """
        ),
        notes="Name, size and owner of a file are in files.",
    ),
    ReportMove(
        "Invoice - Amount Due",
        "InvoiceService.calculateAmountOwed",
        ("invoice_balances",),
        {"invoiceId": "invoice_ids"},
        counterparts(
            """
            InvoiceId = invoice_id : id | Added by the tap.
            AmountOwed = amount_due_decimal : amount
            """
        ),
        notes=_CALCULATED,
    ),
    ReportMove(
        "Invoice - Available Payment Options",
        "InvoiceService.getAllPaymentOptions",
        ("application_settings", "merchant_accounts"),
        kept="The names of the ways to pay",
        notes=(
            "REST has no such list. ecommerce.payment_types and ecommerce.credit_card_types of "
            "application_settings come closest."
        ),
    ),
    ReportMove(
        "Invoice - Payments",
        "InvoiceService.getPayments",
        ("order_payments", "payments"),
        {"invoiceId": "invoice_ids"},
        counterparts(
            """
            Id > payments.id via payment_id | The payment; a payment may pay several invoices.
            PayDate = pay_time : day of time
            PayAmt = amount : amount
            PayNote = note
            InvoiceId = invoice_id : id
            PayType > payments.type via payment_id
            ContactId > payments.contact_id via payment_id
            RefundId ~ refund_invoice_payment_id : id
            Synced > payments.synced via payment_id
            ChargeId - missing
            UserId - missing
            """
        ),
    ),
    ReportMove(
        "Invoice - Available Shipping Options",
        "InvoiceService.getAllShippingOptions",
        ("shipping_methods",),
        members=counterparts(
            f"{_SHIPPING} Available - The old answer was a list, or only true: sources disagree."
        ),
        guessed=True,
    ),
    ReportMove(
        "Product - Inventory",
        "ProductService.getInventory",
        ("product_inventory",),
        {"productId": "product_ids"},
        counterparts(
            """
            ProductId = product_id : id | Added by the tap.
            Inventory = inventory_count : number
            """
        ),
    ),
    ReportMove(
        "Webform IDs",
        "WebFormService.getMap",
        ("webforms",),
        members=counterparts(
            """
            FormId = id : id
            Title = name
            """
        ),
        notes="The old report had legacy forms only: webform_type LEGACY.",
    ),
)

SEARCHES = (
    ReportMove(
        "Search - Available Fields",
        "SearchService.getAllReportColumns",
        ("report_fields",),
        {"savedSearchId": "saved_searches"},
        counterparts(
            """
            key = name
            label = label
            """
        ),
        notes="REST needs no user id.",
    ),
    ReportMove(
        "Search - Saved Search",
        "SearchService.getSavedSearchResultsAllFields",
        (),
        {"savedSearchId": "saved_searches"},
        kept="All columns of the search",
        notes=(
            "Each search is a stream named after it. REST needs no user id, and runs it as the key's owner."
        ),
    ),
    ReportMove(
        "Search - Saved Search New",
        "SearchService.getSavedSearchResults",
        (),
        {"savedSearchId": "saved_searches"},
        kept="The chosen columns of the search",
        notes="Choose columns in the catalog.",
    ),
)

SHIPPING = (
    ReportMove(
        "Shipping - Available Shipping Options",
        "ShippingService.getAllShippingOptions",
        ("shipping_methods",),
        members=counterparts(_SHIPPING),
        notes="The names of the old members are documented nowhere.",
        guessed=True,
    ),
    _shipping(
        "Shipping - Flate Rate Shipping Options", "getFlatRateShippingOption", "price = price : amount"
    ),
    _shipping(
        "Shipping - Order Quantity Shipping Options",
        "getOrderQuantityShippingOption",
        """
        baseShippingPrice = base_shipping_price : amount
        pricePerItem = price_per_item : amount
        minimumShippingPrice = minimum_shipping_price : amount
        """,
    ),
    _shipping("Shipping - Order Shipping Options", "getOrderTotalShippingOption"),
    ReportMove(
        "Shipping - Order Shipping Ranges",
        "ShippingService.getOrderTotalShippingRanges",
        ("shipping_methods",),
        {"optionId": "shipping_method_ids"},
        members=counterparts(
            """
            OptionId = id : id | Added by the tap.
            id - key
            lower ~ ranges[].lower : number
            upper ~ ranges[].upper : number
            price ~ ranges[].price : amount
            """
        ),
        notes=f"The names of the old members are documented nowhere. {_OPAQUE}",
        guessed=True,
    ),
    _shipping("Shipping - Product Shipping Options", "getProductBasedShippingOption"),
    _shipping(
        "Shipping - UPS Shipping Options",
        "getUpsShippingOption",
        """
        deliveryType = delivery_type : list
        pickupType = pickup_type
        packagingType = packaging_type
        destinationType = destination_type
        accountNumber - credential
        accessLicenseNumber - credential
        accessUserId - credential
        accessPassword - credential
        """,
    ),
    _shipping("Shipping - Weight-Based Shipping Options", "getWeightBasedShippingOption"),
)

REPORT_AREAS: Mapping[str, tuple[ReportMove, ...]] = {
    "Affiliates and their programs": AFFILIATES,
    "Contacts and tables": CONTACTS_AND_TABLES,
    "Discounts": DISCOUNTS,
    "Files, invoices, products and web forms": SALES,
    "Saved searches": SEARCHES,
    "Shipping": SHIPPING,
}
"""Title of an area -> its reports."""
REPORT_MOVES: Mapping[str, ReportMove] = {one.report: one for area in REPORT_AREAS.values() for one in area}
"""Name of a report -> what becomes of it."""
