"""Lead sources, affiliates, campaigns, templates."""

from __future__ import annotations

from tap_infusionsoft.xmlrpc.counterparts.declarations import table

LEAD_SOURCE = table(
    "LeadSource",
    "lead_sources",
    """
    Id = id : id
    Name = name
    Description = description
    LeadSourceCategoryId = lead_source_category_id : id
    Vendor = vendor
    Medium = medium
    Message = message
    Status ~ status : words | Nobody lists the words of the table.
    StartDate = start_time : day
    EndDate = end_time : day
    CostPerLead - missing
    """,
)

LEAD_SOURCE_CATEGORY = table(
    "LeadSourceCategory",
    "lead_source_categories",
    """
    Id = id : id
    Name = name
    Description = description
    """,
)

LEAD_SOURCE_EXPENSE = table(
    "LeadSourceExpense",
    "lead_source_expenses",
    """
    Id = id : id
    LeadSourceId = lead_source_id : id
    LeadSourceRecurringExpenseId = lead_source_recurring_expense_id : id
    Title = title
    Notes = notes
    Amount = amount_decimal : amount
    DateIncurred = incurred_time : day | A time in the table, midnight Eastern; midnight UTC in REST.
    """,
)

LEAD_SOURCE_RECURRING_EXPENSE = table(
    "LeadSourceRecurringExpense",
    "lead_source_recurring_expenses",
    """
    Id = id : id
    LeadSourceId = lead_source_id : id
    Title = title
    Notes = notes
    Amount = amount_decimal : amount
    StartDate = start_time : day | A time in the table, midnight Eastern; midnight UTC in REST.
    EndDate = end_time : day | A time in the table, midnight Eastern; midnight UTC in REST.
    NextExpenseDate = next_expense_time : day | A time in the table, midnight Eastern; midnight UTC in REST.
    """,
)

AFFILIATE = table(
    "Affiliate",
    "affiliates",
    """
    Id = id : id
    AffName = name
    AffCode = code
    ContactId = contact_id : id
    ParentId = parent_affiliate_id : id
    Status = status : status
    NotifyLead = notify_on_lead : flag
    NotifySale = notify_on_sale : flag
    LeadCookieFor = track_leads_days : number
    DefCommissionType - missing | Rates of programs are in commission_program_details.
    PayoutType - missing | That of programs is in commission_program_details.
    LeadAmt - missing | Rates of programs are in commission_program_details.
    LeadPercent - missing | Rates of programs are in commission_program_details.
    SaleAmt - missing | Rates of programs are in commission_program_details.
    SalePercent - missing | Rates of programs are in commission_program_details.
    Password - credential
    """,
    notes="The rates of a single affiliate are in the table only: take a last copy.",
)

AFF_RESOURCE = table(
    "AffResource",
    "commission_program_resources",
    """
    Id = id : id
    Title = title
    Notes = notes
    ResourceType = type : words
    ResourceOrder = position : number
    ResourceHTML = content_html
    ResourceHREF = url
    ProgramIds = commission_programs[].commission_program_id : list
    """,
    notes="REST lists the resources of each program: one that several programs use has several rows.",
    only_legacy="REST has no list of resources that no program uses",
)

REFERRAL = table(
    "Referral",
    "referrals",
    """
    Id = id : id
    AffiliateId = referral_partner_id : id
    ContactId = contact_id : id
    Type = referral_type : referral
    Source = source
    Info = description
    IPAddress = ip_address
    DateSet = referral_time : day of time
    DateExpires = expiration_time : day of time
    """,
)

CAMPAIGN = table(
    "Campaign",
    "campaigns",
    """
    Id = id : id
    Name = name
    Status - REST says whether a campaign is published: published_status.
    """,
    guessed=True,
    notes=(
        "The table has legacy sequences; the campaigns of REST are most likely those of the campaign "
        "builder, too. Whether an id means the same in both is not known."
    ),
    only_legacy="REST may lack legacy sequences",
    only_rest="REST has campaigns of the campaign builder, too",
)

CAMPAIGN_STEP = table(
    "CampaignStep",
    "campaign_sequences",
    """
    Id ~ id : id
    CampaignId ~ campaign_id : id
    StepTitle ~ name
    StepStatus - missing
    TemplateId - missing
    """,
    guessed=True,
    notes="Whether an id means the same in both is not known. Goals are in campaign_goals.",
    only_legacy="REST may lack steps of legacy sequences",
    only_rest="REST has sequences of the campaign builder, too",
)

TEMPLATE = table(
    "Template",
    "email_templates",
    """
    Id = id : id
    PieceTitle = piece_title
    Categories = categories[] : list
    PieceType - REST has templates of emails only.
    """,
    only_legacy="REST has templates of emails, not those of letters, faxes or voice messages",
)

TABLES = (
    LEAD_SOURCE,
    LEAD_SOURCE_CATEGORY,
    LEAD_SOURCE_EXPENSE,
    LEAD_SOURCE_RECURRING_EXPENSE,
    AFFILIATE,
    AFF_RESOURCE,
    REFERRAL,
    CAMPAIGN,
    CAMPAIGN_STEP,
    TEMPLATE,
)
