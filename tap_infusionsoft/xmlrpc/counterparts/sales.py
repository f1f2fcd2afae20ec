"""Orders, invoices, payments and subscriptions."""

from __future__ import annotations

from tap_infusionsoft.xmlrpc.counterparts.declarations import joined, table
from tap_infusionsoft.xmlrpc.counterparts.people import CONTACT

_UNIT = "Keap does not say in which unit REST sends it: whole units, as far as is known."
_ADDRESS = "shipping_information.address"

JOB = table(
    "Job",
    "orders",
    f"""
    Id = id : id
    JobTitle = title
    JobNotes = notes
    ContactId = contact_id : id
    OrderType = order_type : words
    JobStatus ~ status : words | REST has the status of the invoice.
    OrderStatus ~ status : paid
    StartDate = order_time : day of time
    DueDate = due_time : day of time
    DateCreated = creation_time : time
    LastUpdated = modification_time : time
    ProductId > order_items.product_id via id | An order has several.
    JobRecurringId > order_items.subscription_id via id
    InvoiceId = invoice_id : id | Most likely gone from the table.
    ShipFirstName = shipping_information.given_name
    ShipMiddleName - missing
    ShipLastName = shipping_information.family_name
    ShipCompany = shipping_information.company
    ShipPhone = shipping_information.phone_number
    ShipStreet1 = {_ADDRESS}.line1
    ShipStreet2 = {_ADDRESS}.line2
    ShipCity = {_ADDRESS}.locality
    ShipState = {_ADDRESS}.region/region_code : region
    ShipZip = {_ADDRESS}.postal_code/zip_code
    ShipCountry = {_ADDRESS}.country/country_code : region
    """,
    notes="In REST an order, its invoice and its items are one object.",
)

INVOICE = table(
    "Invoice",
    "orders",
    """
    Id = invoice_id : id
    JobId = id : id
    ContactId = contact_id : id
    InvoiceTotal = total_decimal : amount
    TotalDue ~ total_due_decimal : amount | In REST what was due at first, even if it is paid.
    TotalPaid = total_paid_decimal : amount
    PromoCode = promo_code
    AffiliateId = sales_affiliate_id : id
    LeadAffiliateId = lead_affiliate_id : id
    Synced = synced : flag
    PayStatus ~ status : paid
    CreditStatus ~ credit_status | A number in the table; nobody says which word REST has for it.
    RefundStatus ~ refund_status | A number in the table; nobody says which word REST has for it.
    Description ~ title
    DateCreated ~ creation_time : time | The order's.
    LastUpdated ~ modification_time : time | The order's.
    ProductSold > order_items.product_id via id | The ids of all items.
    InvoiceType - missing
    PayPlanStatus - missing
    """,
    match="Id=invoice_id",
    notes="In REST an invoice is part of its order; only its number is left: orders.invoice_id.",
)

INVOICE_ITEM = table(
    "InvoiceItem",
    "order_items",
    """
    Id - key
    OrderItemId = id : id
    InvoiceId > orders.invoice_id via order_id
    Description ~ description
    InvoiceAmt ~ line_amount : amount
    Discount ~ discount_decimal : amount
    LastUpdated ~ modification_time : time | The order's.
    DateCreated - missing
    CommissionStatus - missing
    """,
    match="OrderItemId=id",
)

ORDER_ITEM = table(
    "OrderItem",
    "order_items",
    """
    Id = id : id
    OrderId = order_id : id
    ItemName = name
    ItemDescription = description
    Notes = notes
    Qty = quantity : number
    PPU = price_per_unit_decimal : amount
    CPU = cost_per_unit_decimal : amount
    ItemType = item_type : item type
    ProductId = product_id : id
    SubscriptionPlanId = subscription_plan_id : id
    InvoiceItemId - missing | Most likely gone from the table, too.
    """,
)

INVOICE_PAYMENT = table(
    "InvoicePayment",
    "order_payments",
    f"""
    Id = id : id
    InvoiceId = invoice_id : id
    PaymentId = payment_id : id
    Amt = amount : amount | {_UNIT}
    PayDate = pay_time : day of time
    PayStatus ~ pay_status : words | Nobody lists the words of the table.
    SkipCommission = skip_commission : flag
    LastUpdated = last_updated_time : time
    """,
)

PAY_PLAN = table(
    "PayPlan",
    "orders",
    """
    Id - key
    InvoiceId = invoice_id : id
    FirstPayAmt = payment_plan.initial_payment_amount.decimal : amount
    InitDate = payment_plan.initial_payment_date : day
    StartDate = payment_plan.plan_start_date : day
    AmtDue ~ total_decimal : amount
    DateDue ~ due_time : day of time
    Type - missing
    """,
    match="InvoiceId=invoice_id",
    rows="payment_plan",
    only_legacy="the table may have a plan for an invoice that is paid at once",
)

PAY_PLAN_ITEM = table(
    "PayPlanItem",
    "order_payment_plan_items",
    """
    Id - key
    PayPlanId - REST has order_id and item_number instead.
    AmtDue = amount_due_decimal : amount
    AmtPaid = amount_paid_decimal : amount
    DateDue = due_date : day
    Status ~ status | A code in the table; nobody says what its numbers mean.
    """,
    match="",
    only_legacy="the table may have a plan for an invoice that is paid at once",
    notes="No id is in both: rows cannot be put side by side, only counted.",
)

PAYMENT = table(
    "Payment",
    "payments",
    """
    Id = id : id
    ContactId = contact_id : id
    PayAmt = amount : amount
    PayDate = payment_time : day of time
    PayType = type
    PayNote = note
    Commission = commissioned : flag
    Synced = synced : flag
    RefundId ~ refund_payment_id : id | In REST the payment that refunds this one.
    InvoiceId > orders.invoice_id via order_ids
    ChargeId > transactions.external_reference_id via id | By transactions.payment_id.
    UserId - missing
    """,
)

C_CHARGE = table(
    "CCharge",
    "transactions",
    """
    Id - key
    PaymentId = payment_id : id
    Amt = amount : amount
    CCId = payment_method.credit_card_id : id
    MerchantId = merchant_account_id : id
    RefNum = external_reference_id
    OrderNum ~ order_ids[] : list | Ids of orders in REST.
    ApprCode - missing
    PaymentGatewayId - missing
    """,
    match="PaymentId=payment_id",
    guessed=True,
    only_rest="REST has attempts that failed, too, and payments without a card",
)

CREDIT_CARD = table(
    "CreditCard",
    "payment_methods",
    """
    Id = credit_card_id : id
    ContactId = contact_id : id
    CardType = card_info.brand : brand
    Last4 = card_info.last_four
    ExpirationMonth = card_info.expiration_month : number
    ExpirationYear = card_info.expiration_year : number
    Status - REST says only whether a card has expired.
    NameOnCard - missing
    FirstName - missing
    LastName - missing
    Email - missing
    PhoneNumber - missing
    BillName - missing
    BillAddress1 - missing
    BillAddress2 - missing
    BillCity - missing
    BillState - missing
    BillZip - missing
    BillCountry - missing
    ShipName - missing
    ShipFirstName - missing
    ShipMiddleName - missing
    ShipLastName - missing
    ShipCompanyName - missing
    ShipPhoneNumber - missing
    ShipAddress1 - missing
    ShipAddress2 - missing
    ShipCity - missing
    ShipState - missing
    ShipZip - missing
    ShipCountry - missing
    MaestroIssueNumber - missing
    StartDateMonth - missing
    StartDateYear - missing
    CardNumber - Neither API can read it.
    CVV2 - Neither API can read it.
    """,
    match="Id=credit_card_id",
    only_legacy="the table keeps cards that were deleted (Status 2)",
    only_rest="REST has cards without an id in the table",
    notes="Billing and shipping addresses of cards are in the table only: take a last copy.",
)

_SUBSCRIPTION = f"""
    ContactId = contact_id : id
    ProductId = product_id : id
    SubscriptionPlanId = subscription_plan_id : id
    Qty = quantity : number
    BillingAmt = billing_amount : amount | {_UNIT}
    BillingCycle = billing_cycle : cycle
    Frequency = billing_frequency : number
    Status = active : active word
    AutoCharge = auto_charge : flag
    StartDate = start_date : day
    EndDate = end_date : day
    LastBillDate = last_bill_date : day
    NextBillDate = next_bill_date : day
    MaxRetry = max_charge_attempts : number
    NumDaysBetweenRetry = days_between_retries : number
    MerchantAccountId = merchant_account_id : id
    AffiliateId = sale_affiliate_id : id
    LeadAffiliateId = lead_affiliate_id : id
    PromoCode = promo_code
    ReasonStopped = reason_stopped
    ShippingOptionId = shipping_option_id : id
    CC1 > payment_methods.credit_card_id via payment_method_id
    CC2 - REST has one card of a subscription.
    OriginatingOrderId > order_items.order_id via id | The first order that has an item of the subscription.
    PaidThruDate - missing
    PaymentGatewayId - missing
    ProgramId - REST has the plan: subscription_plan_id.
"""

RECURRING_ORDER = table("RecurringOrder", "subscriptions", f"Id = id : id {_SUBSCRIPTION}")

RECURRING_ORDER_WITH_CONTACT = table(
    "RecurringOrderWithContact",
    "subscriptions",
    f"""
    RecurringOrderId = id : id
    Id ~ id : id | Most accounts do not have this field.
    {_SUBSCRIPTION}
    HTMLSignature - missing
    Signature - missing
    """,
    match="RecurringOrderId=id",
    joined=joined(
        CONTACT.parts[0],
        """
        FirstName MiddleName LastName Nickname Title Suffix SpouseName Email EmailAddress2 EmailAddress3
        Phone1 Phone1Ext Phone1Type Phone2 Phone2Ext Phone2Type StreetAddress1 StreetAddress2 City State
        PostalCode ZipFour1 Country
        """,
    ),
    notes="The columns of contacts are in the stream contacts, to be joined by contact_id.",
)

TABLES = (
    JOB,
    INVOICE,
    INVOICE_ITEM,
    ORDER_ITEM,
    INVOICE_PAYMENT,
    PAY_PLAN,
    PAY_PLAN_ITEM,
    PAYMENT,
    C_CHARGE,
    CREDIT_CARD,
    RECURRING_ORDER,
    RECURRING_ORDER_WITH_CONTACT,
)
