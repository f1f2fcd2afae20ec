"""Commission programs, and their affiliates, links, totals, payments and referrals."""

from __future__ import annotations

from dataclasses import replace

from tap_infusionsoft.streams.collection import Choice, Collection, Endpoint, PerBatch, PerParent, Wire
from tap_infusionsoft.streams.columns import array, integer, key, moment, nested, number, text
from tap_infusionsoft.streams.replication import Happened, NewestFirst
from tap_infusionsoft.streams.row_transforms import inside

_RATES = {
    "sale_percent": number(),
    "sale_amount": number(),
    "lead_percent": number(),
    "lead_amount": number(),
}
_COMMISSION = {
    "payout_type": text("UPFRONT or PAYMENT_RECEIVED."),
    "dollar_amount": number(),
    "percentage": number(),
    "unused": nested(_RATES),
    "level_1": nested(_RATES),
    "level_2": nested(_RATES),
}

COMMISSION_PROGRAMS = Collection(
    name="commission_programs",
    about="Commission programs (also called affiliate programs).",
    endpoint=Endpoint("/v2/affiliates/commissionPrograms", items="commission_programs"),
    chosen=(Choice("affiliate_ids", filter="affiliate_id", each=True),),
    wire=Wire(
        # Only in single rows; commission_program_details has them.
        ignored=frozenset({"default_commission", "product_commissions", "subscription_commissions"}),
    ),
    properties={
        "id": key(),
        "name": text(),
        "priority": text(),
        "notes": text(),
        "create_time": moment(),
        "affiliate_ids": array(text()),
    },
)

COMMISSION_PROGRAM_DETAILS = Collection(
    name="commission_program_details",
    about="Commission programs with their rates (one call per program).",
    endpoint=Endpoint("/v2/affiliates/commissionPrograms/{commission_program_id}", items=None, paging="none"),
    slices=PerParent(
        stream="commission_programs",
        columns={"commission_program_id": "id"},
        setting="commission_program_ids",
    ),
    properties={
        "id": key(),
        "name": text(),
        "priority": text(),
        "notes": text(),
        "create_time": moment(),
        "affiliate_ids": array(text()),
        "default_commission": nested(_COMMISSION),
        "product_commissions": array(
            nested({**_COMMISSION, "product_id": text(), "product_name": text(), "product_price": number()})
        ),
        "subscription_commissions": array(
            nested({**_COMMISSION, "name": text(), "subscription_id": text(), "plan_price": number()})
        ),
    },
)

COMMISSION_PROGRAM_AFFILIATES = replace(
    COMMISSION_PROGRAMS,
    name="commission_program_affiliates",
    about="Which affiliates are in which commission program.",
    key=("commission_program_id", "affiliate_id"),
    chosen=(Choice("commission_program_ids", path="/v2/affiliates/commissionPrograms/{id}"),),
    wire=replace(
        COMMISSION_PROGRAMS.wire,
        unpack=inside("affiliate_ids", commission_program_id="id", commission_program_name="name"),
        renamed={"affiliate_id": "value"},
    ),
    properties={
        "commission_program_id": key("Id of the program."),
        "affiliate_id": key("Id of the affiliate."),
        "commission_program_name": text(),
    },
)

COMMISSION_PROGRAM_RESOURCES = Collection(
    name="commission_program_resources",
    about="Banners, emails and pages for affiliates (one call per program).",
    endpoint=Endpoint(
        "/v2/affiliates/commissionPrograms/{commission_program_id}/resources",
        items="resources",
        paging="none",
    ),
    key=("commission_program_id", "id"),
    slices=PerParent(
        stream="commission_programs",
        columns={"commission_program_id": "id"},
        setting="commission_program_ids",
    ),
    properties={
        "id": key(),
        "title": text(),
        "type": text(),
        "notes": text(),
        "url": text(),
        "order": integer(),
        "content_html": text(),
        "page_width": integer(),
        "page_height": integer(),
        "commission_programs": array(nested({"commission_program_id": text()})),
        "commission_program_id": key(),
    },
)

AFFILIATE_REDIRECT_LINKS = Collection(
    name="affiliate_redirect_links",
    about="Redirect (tracking) links of affiliates.",
    endpoint=Endpoint("/v2/affiliates/redirects", items="affiliate_links"),
    chosen=(Choice("affiliate_ids", filter="affiliate_id", each=True),),
    properties={
        "id": key(),
        "name": text(),
        "code": text(),
        "affiliate_id": text(),
        "local_url_code": text(),
        "redirect_url": text(),
        "website_address": text(),
        "program_ids": array(text()),
        "date_created": moment(),
    },
)

AFFILIATE_SUMMARIES = Collection(
    name="affiliate_summaries",
    about="Earnings, clawbacks and balance of each affiliate between start_date and end_date.",
    endpoint=Endpoint(
        "/v2/affiliates/summaries", items="affiliate_summaries", period=("since_time", "until_time")
    ),
    key=("affiliate_id",),
    slices=PerBatch(stream="affiliates", column="id", filter="affiliate_ids", setting="affiliate_ids"),
    wire=Wire(renamed={"affiliate_id": "affiliateId", "amount_earned": "amountEarned"}),
    properties={
        "affiliate_id": key(),
        "clawbacks": number(),
        "balance": number(),
        "amount_earned": number(),
    },
)

AFFILIATE_RUNNING_TOTALS = replace(
    AFFILIATE_SUMMARIES,
    name="affiliate_running_totals",
    about="Earnings, clawbacks and balance of each affiliate to date.",
    endpoint=replace(AFFILIATE_SUMMARIES.endpoint, period=None),
)

AFFILIATE_COMMISSION_TOTALS = Collection(
    name="affiliate_commission_totals",
    about="Commission total and ledger URL of each affiliate (one call per affiliate).",
    endpoint=Endpoint("/v2/affiliates/{affiliate_id}/commissionTotal", items=None, paging="none"),
    key=("affiliate_id",),
    slices=PerParent(stream="affiliates", columns={"affiliate_id": "id"}, setting="affiliate_ids"),
    selected_by_default=False,
    properties={
        "affiliate_commission_total": number(),
        "view_ledger_url": text(),
        "affiliate_id": key(),
    },
)

AFFILIATE_PAYMENTS = Collection(
    name="affiliate_payments",
    about="Payments to affiliates (one call per affiliate).",
    endpoint=Endpoint("/v2/affiliates/{affiliate_id}/payments", items="affiliate_payments"),
    changes=Happened(key="pay_date", since="since_time", until="until_time"),
    slices=PerParent(stream="affiliates", columns={"affiliate_id": "id"}, setting="affiliate_ids"),
    properties={
        "id": key(),
        "pay_date": moment(),
        "pay_notes": text(),
        "pay_amount": number(),
        "pay_type": text(),
        "create_time": moment(),
        "affiliate_id": key(),
    },
)

REFERRALS = Collection(
    name="referrals",
    about="Referrals: which affiliate brought which contact.",
    endpoint=Endpoint("/v2/referrals", items="referrals"),
    changes=NewestFirst(key="referral_time", order_by="referral_time"),
    properties={
        "id": key(),
        "description": text(),
        "source": text(),
        "contact_id": text(),
        "referral_partner_id": text(),
        "referral_time": moment(),
        "expiration_time": moment(),
        "ip_address": text(),
        "referral_type": text(),
    },
)

COLLECTIONS = (
    COMMISSION_PROGRAMS,
    COMMISSION_PROGRAM_DETAILS,
    COMMISSION_PROGRAM_AFFILIATES,
    COMMISSION_PROGRAM_RESOURCES,
    AFFILIATE_REDIRECT_LINKS,
    AFFILIATE_SUMMARIES,
    AFFILIATE_RUNNING_TOTALS,
    AFFILIATE_COMMISSION_TOTALS,
    AFFILIATE_PAYMENTS,
    REFERRALS,
)
