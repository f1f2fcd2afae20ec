"""Keap endpoints whose rows a stream reads from another endpoint."""

from __future__ import annotations

from dataclasses import dataclass

RECORDS = (
    "affiliates", "companies", "contacts", "notes", "opportunities", "orders", "subscriptions", "tasks",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Served:
    """An endpoint, or one endpoint for each kind of record.

    Attributes:
        path: Path below ``/crm/rest``; ``{record}`` stands for each kind of record.
        stream: The stream that reads its rows.
        why: How the stream's rows differ from those of the endpoint.
    """

    path: str
    stream: str
    why: str

    @property
    def paths(self) -> list[str]:
        """The paths of the endpoints."""
        if "{record}" not in self.path:
            return [self.path]
        return [self.path.replace("{record}", record) for record in RECORDS]


_EACH = "same rows, without a call per contact"

SERVED = (
    Served("/v2/affiliates/{affiliate_id}/referrals", "referrals", "same rows, for all affiliates at once"),
    Served(
        "/v1/affiliates/commissions",
        "affiliate_commissions",
        "same rows; v1 doesn't say who earned them",
    ),
    Served("/v2/automations/ids", "automations", "same automations, with all their fields"),
    Served("/v2/contacts/{contact_id}/tags", "contact_tags", _EACH),
    Served("/v2/contacts/-/tags", "contact_tags", "same rows, requested by contact"),
    Served(
        "/v2/tags/{tag_id}/contacts",
        "contact_tags",
        "same rows; read instead if Keap has withdrawn the other endpoint",
    ),
    Served("/v2/contacts/{contact_id}/notes", "notes", _EACH),
    Served("/v2/contacts/{contact_id}/paymentMethods", "payment_methods", _EACH),
    Served(
        "/v2/reporting/reports/{report_id}:run",
        "saved_search_<name>",
        "one stream per saved search",
    ),
    Served("/v2/{record}/model", "custom_fields", "one stream for all kinds of records"),
    Served(
        "/v2/{record}/model/customFields/groups", "custom_field_groups", "one stream for all kinds of records"
    ),
    Served(
        "/v2/{record}/model/customFields/tabs", "custom_field_tabs", "one stream for all kinds of records"
    ),
)
