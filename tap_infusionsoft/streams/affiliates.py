"""Affiliates (referral partners), and what they earn and lose."""

from __future__ import annotations

from datetime import timedelta

from tap_infusionsoft.streams.collection import ById, Collection, Endpoint, PerParent, Wire
from tap_infusionsoft.streams.columns import CUSTOM_FIELD_VALUES, flag, integer, key, moment, number, text
from tap_infusionsoft.streams.replication import Happened

# Keap dates commissions and clawbacks by their sale, but shows them only once the sale is paid or refunded.
_LATE = timedelta(days=31)
_OF_EACH_AFFILIATE = PerParent(stream="affiliates", columns={"affiliate_id": "id"}, setting="affiliate_ids")

AFFILIATES = Collection(
    name="affiliates",
    about="Affiliates (also called referral partners), with their custom fields.",
    endpoint=Endpoint("/v2/affiliates", items="affiliates", by_id=ById(filter="id")),
    custom_fields="/v2/affiliates/model",
    properties={
        "id": key("Id of the affiliate."),
        "code": text("Code in referral links."),
        "name": text(),
        "status": text("ACTIVE or INACTIVE."),
        "contact_id": text("Id of the contact who is the affiliate."),
        "unique_site_id": text(),
        "parent_affiliate_id": text(),
        "notify_on_sale": flag(),
        "notify_on_lead": flag(),
        "track_leads_days": integer("Number of days for which a lead counts as theirs."),
        "custom_fields": CUSTOM_FIELD_VALUES,
        "date_created": moment(),
    },
)

AFFILIATE_COMMISSIONS = Collection(
    name="affiliate_commissions",
    about="Commissions that affiliates earned.",
    endpoint=Endpoint("/v2/affiliates/{affiliate_id}:commissions", items="affiliate_commissions"),
    changes=Happened(key="time_earned", since="since_time", until="until_time", lookback=_LATE),
    row_key=(
        "affiliate_id",
        "invoice_id",
        "time_earned",
        "contact_id",
        "sales_affiliate_id",
        "product_name",
        "description",
        "amount_earned",
    ),
    slices=_OF_EACH_AFFILIATE,
    wire=Wire(
        left_out=dict.fromkeys(
            ("amount_earned", "clawbacks", "commission_total"),
            "sums of the page that Keap cut; affiliate_summaries has them for each affiliate",
        )
    ),
    properties={
        "affiliate_id": key("Id of the affiliate who earned the commission."),
        "invoice_id": text(),
        "time_earned": moment("This is the bookmark."),
        "amount_earned": number(),
        "product_name": text(),
        "description": text(),
        "contact_id": text("Id of the contact who bought."),
        "contact_first_name": text(),
        "contact_last_name": text(),
        "sales_affiliate_id": text("Id of the affiliate who made the sale."),
        "sales_affiliate_name": text(),
    },
)

AFFILIATE_CLAWBACKS = Collection(
    name="affiliate_clawbacks",
    about="Commissions that were taken back, from REST v1 (v2 has only their totals).",
    endpoint=Endpoint("/v1/affiliates/{affiliate_id}/clawbacks", items="clawbacks", paging="offset"),
    changes=Happened(key="date_earned", since="since", until="until", lookback=_LATE),
    row_key=(
        "affiliate_id",
        "invoice_id",
        "date_earned",
        "contact_id",
        "sale_affiliate_id",
        "product_name",
        "subscription_plan_name",
        "description",
        "amount",
    ),
    slices=_OF_EACH_AFFILIATE,
    properties={
        "affiliate_id": key("Id of the affiliate who lost the commission."),
        "invoice_id": text(),
        "date_earned": moment("This is the bookmark."),
        "amount": number(),
        "product_name": text(),
        "subscription_plan_name": text(),
        "description": text(),
        "contact_id": text("Id of the contact who bought."),
        "given_name": text("First name of that contact."),
        "family_name": text("Last name of that contact."),
        "sale_affiliate_id": text("Id of the affiliate who made the sale."),
        "sold_by_given_name": text(),
        "sold_by_family_name": text(),
    },
)

COLLECTIONS = (AFFILIATES, AFFILIATE_COMMISSIONS, AFFILIATE_CLAWBACKS)
