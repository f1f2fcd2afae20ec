"""Addresses of Keap that give rows which a stream reads from another address."""

from __future__ import annotations

from dataclasses import dataclass

RECORDS = (
    "affiliates", "companies", "contacts", "notes", "opportunities", "orders", "subscriptions", "tasks",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Served:
    """One address, or one of each kind of record.

    Attributes:
        path: Below ``/crm/rest``; ``{record}`` stands for each kind of record.
        stream: The stream that brings its rows.
        why: How these differ from those of the address.
    """

    path: str
    stream: str
    why: str

    @property
    def paths(self) -> list[str]:
        """Its addresses."""
        if "{record}" not in self.path:
            return [self.path]
        return [self.path.replace("{record}", record) for record in RECORDS]


_EACH = "the same rows, without a call for each contact"

SERVED = (
    Served(
        "/v2/affiliates/{affiliate_id}/referrals", "referrals", "the same rows, of all affiliates at once"
    ),
    Served(
        "/v1/affiliates/commissions",
        "affiliate_commissions",
        "the same rows; v1 does not say who earned them",
    ),
    Served("/v2/automations/ids", "automations", "the same automations, with everything else about them"),
    Served("/v2/contacts/{contact_id}/tags", "contact_tags", _EACH),
    Served("/v2/contacts/-/tags", "contact_tags", "the same rows, asked for by contact"),
    Served(
        "/v2/tags/{tag_id}/contacts",
        "contact_tags",
        "the same rows; read instead where Keap has withdrawn the other address",
    ),
    Served("/v2/contacts/{contact_id}/notes", "notes", _EACH),
    Served("/v2/contacts/{contact_id}/paymentMethods", "payment_methods", _EACH),
    Served(
        "/v2/reporting/reports/{report_id}:run",
        "saved_search_<name>",
        "each saved search is a stream of its own",
    ),
    Served("/v2/{record}/model", "custom_fields", "one stream for all kinds of record"),
    Served("/v2/{record}/model/customFields/groups", "custom_field_groups", "likewise"),
    Served("/v2/{record}/model/customFields/tabs", "custom_field_tabs", "likewise"),
)
