"""Commission programs, and their affiliates, links, totals, payments and referrals."""

from __future__ import annotations

from msgspec.structs import replace

from tap_infusionsoft.streams.collection import (
    Born,
    Choice,
    Collection,
    Endpoint,
    PerBatch,
    PerParent,
    Sums,
    Wire,
)
from tap_infusionsoft.streams.columns import (
    amount,
    array,
    integer,
    key,
    midnight,
    moment,
    nested,
    number,
    text,
)
from tap_infusionsoft.streams.relations import id_of, ids_of, key_of
from tap_infusionsoft.streams.replication import Happened, NewestFirst
from tap_infusionsoft.streams.row_transforms import inside

_RATES = {
    "sale_percent": number("Percentage of a sale, 0 to 100."),
    "sale_amount": amount("Fixed amount for a sale."),
    "lead_percent": number("Percentage for a lead, 0 to 100."),
    "lead_amount": amount("Fixed amount for a lead."),
}
_COMMISSION = {
    "payout_type": text("When it is earned: UPFRONT or PAYMENT_RECEIVED."),
    "dollar_amount": amount("Fixed amount for a sale on level 1. Keap recommends level_1."),
    "percentage": number("Percentage of a sale on level 1, 0 to 100. Keap recommends level_1."),
    "unused": nested(_RATES, "Rates for unused commissions."),
    "level_1": nested(_RATES, "Rates for recipients on level 1."),
    "level_2": nested(_RATES, "Rates for recipients on level 2."),
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
        "id": key("Id of the commission program."),
        "name": text("Name of the program."),
        "priority": text("Priority of the program, a number sent as text."),
        "notes": text("Notes on the program."),
        "create_time": midnight("When the program was created."),
        "affiliate_ids": ids_of("affiliates", "Ids of the affiliates in the program."),
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
        shows=("name", "priority", "notes", "affiliate_ids"),
    ),
    properties={
        "id": key_of("commission_programs", "Id of the commission program."),
        "name": text("Name of the program."),
        "priority": text("Priority of the program, a number sent as text."),
        "notes": text("Notes on the program."),
        "create_time": midnight("When the program was created."),
        "affiliate_ids": ids_of("affiliates", "Ids of the affiliates in the program."),
        "default_commission": nested(_COMMISSION, "The default rates of the program."),
        "product_commissions": array(
            nested(
                {
                    **_COMMISSION,
                    "product_id": id_of("products", "Id of the product.", may_dangle=True),
                    "product_name": text("Name of the product."),
                    "product_price": amount("Price of the product."),
                }
            ),
            "Rates for single products.",
        ),
        "subscription_commissions": array(
            nested(
                {
                    **_COMMISSION,
                    "name": text("Name of the subscription plan."),
                    "subscription_id": id_of(
                        "subscription_plans",
                        "Id of the subscription plan, in spite of its name.",
                        may_dangle=True,
                    ),
                    "plan_price": amount("Price of the plan."),
                }
            ),
            "Rates for single subscription plans.",
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
        "commission_program_id": key_of("commission_programs", "Id of the program."),
        "affiliate_id": key_of("affiliates", "Id of the affiliate."),
        "commission_program_name": text("Name of the program."),
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
        "id": key("Id of the resource."),
        "title": text("Title of the resource."),
        "type": text("EMAIL, BANNER or PAGE."),
        "notes": text("Notes on the resource."),
        "url": text("URL of the resource."),
        "position": integer("Position in lists, from 0: lower numbers come first."),
        "content_html": text("HTML of an EMAIL or PAGE."),
        "page_width": integer("Width of a PAGE in pixels."),
        "page_height": integer("Height of a PAGE in pixels."),
        "commission_programs": array(
            nested({"commission_program_id": id_of("commission_programs", "Id of the program.")}),
            "All commission programs that use the resource.",
        ),
        "commission_program_id": key_of("commission_programs", "Id of the program that it was read for."),
    },
    wire=Wire(renamed={"position": "order"}),
)

AFFILIATE_REDIRECT_LINKS = Collection(
    name="affiliate_redirect_links",
    about="Redirect (tracking) links of affiliates.",
    endpoint=Endpoint(
        "/v2/affiliates/redirects",
        items="affiliate_links",
        born=Born("date_created", order_by="date_created"),
    ),
    chosen=(Choice("affiliate_ids", filter="affiliate_id", each=True),),
    properties={
        "id": key("Id of the link."),
        "name": text("Name of the link."),
        "code": text("Code in the tracking URL."),
        "affiliate_id": id_of("affiliates", "Id of the affiliate."),
        "local_url_code": text("The code again, under its old name: Keap recommends code."),
        "redirect_url": text("The destination again, under its old name: Keap recommends website_address."),
        "website_address": text("URL that the link leads to."),
        "program_ids": ids_of("commission_programs", "Ids of the commission programs."),
        "date_created": midnight("When the link was created."),
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
        "affiliate_id": key_of("affiliates", "Id of the affiliate."),
        "clawbacks": amount(
            "Sum of the commissions that were taken back, a negative number as far as is known."
        ),
        "balance": amount(
            "Balance, as Keap computes it. Whether payments to the affiliate count is not documented."
        ),
        "amount_earned": amount("Sum of the commissions earned, before clawbacks."),
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
        "affiliate_commission_total": amount("Sum of the commissions of the affiliate."),
        "view_ledger_url": text("URL of the affiliate's ledger."),
        "affiliate_id": key_of("affiliates", "Id of the affiliate."),
    },
)

AFFILIATE_PAYMENTS = Collection(
    name="affiliate_payments",
    about="Payments to affiliates (one call per affiliate).",
    endpoint=Endpoint("/v2/affiliates/{affiliate_id}/payments", items="affiliate_payments"),
    changes=Happened(key="pay_date", since="since_time", until="until_time"),
    slices=PerParent(
        stream="affiliates",
        columns={"affiliate_id": "id"},
        setting="affiliate_ids",
        sums=Sums("affiliate_running_totals", "affiliate_id", ("balance",)),
    ),
    properties={
        "id": key("Id of the payment."),
        "pay_date": midnight("When the affiliate was paid. This is the bookmark."),
        "pay_notes": text("Notes on the payment."),
        "pay_amount": amount("Amount paid."),
        "pay_type": text(
            "CASH, CHECK, CREDIT_CARD, CREDIT_CARD_MANUAL, MONEY_ORDER, ADJUSTMENT, CREDIT or REFUND."
        ),
        "create_time": moment("When the payment was recorded."),
        "affiliate_id": key_of("affiliates", "Id of the affiliate."),
    },
)

REFERRALS = Collection(
    name="referrals",
    about="Referrals: which affiliate brought which contact.",
    endpoint=Endpoint(
        "/v2/referrals", items="referrals", born=Born("referral_time", order_by="referral_time")
    ),
    changes=NewestFirst(key="referral_time", order_by="referral_time"),
    properties={
        "id": key("Id of the referral."),
        "description": text("Description of the referral."),
        "source": text("Source of the referral."),
        "contact_id": id_of("contacts", "Id of the contact who was referred."),
        "referral_partner_id": id_of("affiliates", "Id of the affiliate who referred the contact."),
        "referral_time": moment("When the contact was referred. This is the bookmark."),
        "expiration_time": moment("When the referral expires; null if it does not."),
        "ip_address": text("IP address that the referral came from."),
        "referral_type": text("COOKIE, MANUAL or PERMANENT."),
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
