"""Campaigns and automations."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Collection, Endpoint, PerParent, Wire
from tap_infusionsoft.streams.columns import array, flag, integer, key, moment, nested, text

CAMPAIGNS = Collection(
    name="campaigns",
    about="Campaigns.",
    endpoint=Endpoint("/v2/campaigns", items="campaigns"),
    properties={
        "id": key(),
        "name": text(),
        "locked": flag(),
        "date_created": moment(),
        "published_date": moment(),
        "published_status": flag(),
        "error_message": text(),
        "time_zone": text(),
        "published_time_zone": text(),
        "created_by_global_id": text(),
        "active_contact_count": integer(),
        "completed_contact_count": integer(),
    },
)

CAMPAIGN_GOALS = Collection(
    name="campaign_goals",
    about="Goals of campaigns (one call per campaign).",
    endpoint=Endpoint("/v2/campaigns/{campaign_id}/goals", items="goals", paging="none"),
    key=("campaign_id", "id"),
    slices=PerParent(stream="campaigns", columns={"campaign_id": "id"}),
    properties={
        "id": key(),
        "name": text(),
        "type": text(),
        "historical_contact_counts": nested({"24_hours": integer(), "30_days": integer()}),
        "next_sequence_ids": array(text()),
        "previous_sequence_ids": array(text()),
        "campaign_id": key(),
    },
)

CAMPAIGN_SEQUENCES = Collection(
    name="campaign_sequences",
    about="Sequences of campaigns (one call per campaign).",
    endpoint=Endpoint("/v2/campaigns/{campaign_id}/sequences", items="sequences", paging="none"),
    key=("campaign_id", "id"),
    slices=PerParent(stream="campaigns", columns={"campaign_id": "id"}),
    properties={
        "id": key(),
        "name": text(),
        "paths": array(
            nested(
                {
                    "id": text(),
                    "items": array(
                        nested(
                            {
                                "id": text(),
                                "name": text(),
                                "type": text(),
                                "next_item_id": text(),
                                "previous_item_id": text(),
                            }
                        )
                    ),
                }
            )
        ),
        "active_contact_count": integer(),
        "active_contact_count_completed": integer(),
        "historical_contact_count": nested({"24_hours": integer(), "30_days": integer()}),
        "campaign_id": key(),
    },
)

AUTOMATIONS = Collection(
    name="automations",
    about="Automations (advanced automations, formerly campaigns).",
    endpoint=Endpoint("/v2/automations", items="automations", page_size=25),
    wire=Wire(left_out={"automation_count": "the number of rows"}),
    properties={
        "id": key(),
        "title": text(),
        "categories": array(text()),
        "status": text(),
        "locked": flag(),
        "active_contacts": integer(),
        "error_message": text(),
        "published_date": moment(),
        "published_by": text(),
        "published_timezone": text(),
        "current_edit_lock_status": nested(
            {"locked": flag(), "user_id": text(), "user_name": text(), "user_firstname": text()}
        ),
    },
)

AUTOMATION_CATEGORIES = Collection(
    name="automation_categories",
    about="Categories of automations.",
    endpoint=Endpoint("/v2/automationCategory", items="automation_categories", paging="none"),
    properties={
        "id": key(),
        "name": text(),
        "automation_count": integer(),
    },
)

COLLECTIONS = (
    CAMPAIGNS,
    CAMPAIGN_GOALS,
    CAMPAIGN_SEQUENCES,
    AUTOMATIONS,
    AUTOMATION_CATEGORIES,
)
