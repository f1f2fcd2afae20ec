"""Affiliates (referral partners), and what they earn and lose."""

from __future__ import annotations

from datetime import timedelta

from tap_infusionsoft.streams.collection import ById, Collection, Endpoint, PerParent, Sums, Wire
from tap_infusionsoft.streams.columns import amount, flag, integer, key, moment, text
from tap_infusionsoft.streams.relations import id_of, key_of, other_id
from tap_infusionsoft.streams.replication import Happened
from tap_infusionsoft.streams.shared_columns import CUSTOM_FIELD_VALUES

# Keap dates commissions and clawbacks by their sale, but shows them only once the sale is paid or refunded.
_LATE = timedelta(days=31)
_OF_EACH_AFFILIATE = PerParent(
    stream="affiliates",
    columns={"affiliate_id": "id"},
    setting="affiliate_ids",
    sums=Sums("affiliate_running_totals", "affiliate_id", ("amount_earned", "clawbacks")),
)

AFFILIATES = Collection(
    name="affiliates",
    about="Affiliates (also called referral partners), with their custom fields.",
    endpoint=Endpoint("/v2/affiliates", items="affiliates", by_id=ById(filter="id")),
    custom_fields="/v2/affiliates/model",
    properties={
        "id": key("Id of the affiliate."),
        "code": text("Code in referral links. contacts.referral_code refers to it."),
        "name": text("Name of the affiliate."),
        "status": text("ACTIVE or INACTIVE."),
        "contact_id": id_of("contacts", "Id of the contact who is the affiliate."),
        "unique_site_id": other_id(
            "Id of the affiliate's portal site; null if there is none.", "No stream lists these."
        ),
        "parent_affiliate_id": id_of(
            "affiliates", "Id of the parent affiliate. '0' and null mean none.", none="0"
        ),
        "notify_on_sale": flag("Whether the affiliate is notified of sales."),
        "notify_on_lead": flag("Whether the affiliate is notified of leads."),
        "track_leads_days": integer("Number of days for which a lead counts as theirs."),
        "custom_fields": CUSTOM_FIELD_VALUES,
        "date_created": moment("When the affiliate was created."),
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
        "affiliate_id": key_of("affiliates", "Id of the affiliate who earned the commission."),
        "invoice_id": id_of("orders", "Id of the invoice that was paid, not orders.id.", column="invoice_id"),
        "time_earned": moment("When the commission was earned. This is the bookmark."),
        "amount_earned": amount("Amount of the commission. affiliate_clawbacks has what was taken back."),
        "product_name": text("Name of the product or line item that it is for."),
        "description": text("Description of the product or line item."),
        "contact_id": id_of("contacts", "Id of the contact who bought."),
        "contact_first_name": text("First name of that contact."),
        "contact_last_name": text("Last name of that contact."),
        "sales_affiliate_id": id_of("affiliates", "Id of the affiliate who made the sale."),
        "sales_affiliate_name": text("Name of that affiliate."),
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
        "affiliate_id": key_of("affiliates", "Id of the affiliate who lost the commission."),
        "invoice_id": id_of("orders", "Id of the invoice, not orders.id.", column="invoice_id"),
        "date_earned": moment("Date and time of the commission. This is the bookmark."),
        "amount": amount("Amount taken back, a negative number as far as is known."),
        "product_name": text("Name of the product that it is for."),
        "subscription_plan_name": text(
            "Name of the subscription plan that it is for; null if it is for none."
        ),
        "description": text("Description of what it is for."),
        "contact_id": id_of("contacts", "Id of the contact who bought."),
        "given_name": text("First name of that contact."),
        "family_name": text("Last name of that contact."),
        "sale_affiliate_id": id_of("affiliates", "Id of the affiliate who made the sale."),
        "sold_by_given_name": text("First name of that affiliate."),
        "sold_by_family_name": text("Last name of that affiliate."),
    },
)

COLLECTIONS = (AFFILIATES, AFFILIATE_COMMISSIONS, AFFILIATE_CLAWBACKS)
