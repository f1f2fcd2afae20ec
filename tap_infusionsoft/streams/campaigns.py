"""Campaigns and automations."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Born, Collection, Endpoint, PerParent, Wire
from tap_infusionsoft.streams.columns import array, flag, integer, key, moment, nested, text
from tap_infusionsoft.streams.flat_columns import flat
from tap_infusionsoft.streams.relations import id_of, ids_of, key_of, other_id

_OF_EACH_CAMPAIGN = PerParent(
    stream="campaigns", columns={"campaign_id": "id"}, shows=("name", "published_date", "published_status")
)
_COUNTS = {
    "24_hours": integer("Contacts in the last 24 hours."),
    "30_days": integer("Contacts in the last 30 days."),
}

CAMPAIGNS = Collection(
    name="campaigns",
    about="Campaigns.",
    endpoint=Endpoint("/v2/campaigns", items="campaigns", born=Born("date_created", order_by="datecreated")),
    properties={
        "id": key("Id of the campaign."),
        "name": text("Name of the campaign."),
        "locked": flag("Whether the campaign is locked for editing."),
        "date_created": moment("When the campaign was created."),
        "published_date": moment("When the campaign was published; null if it was not."),
        "published_status": flag("Whether the campaign is published."),
        "error_message": text("What is wrong with the campaign; null if nothing is."),
        "time_zone": text(
            "Time zone of the campaign, such as America/New_York. Times of this stream "
            "are in UTC all the same."
        ),
        "published_time_zone": text("Time zone in which the campaign was published."),
        "created_by_global_id": id_of(
            "users", "Global id of the user who created the campaign, not users.id.", column="global_user_id"
        ),
        "active_contact_count": integer("How many contacts are in the campaign now."),
        "completed_contact_count": integer("How many contacts have completed the campaign."),
    },
)

CAMPAIGN_GOALS = Collection(
    name="campaign_goals",
    about="Goals of campaigns (one call per campaign).",
    endpoint=Endpoint("/v2/campaigns/{campaign_id}/goals", items="goals", paging="none"),
    key=("campaign_id", "id"),
    slices=_OF_EACH_CAMPAIGN,
    properties={
        "id": key("Id of the goal."),
        "name": text("Name of the goal."),
        "type": text("Type of goal, such as WebForm, Purchase or Tag. Keap adds types to this list."),
        "historical_contact_counts": nested(_COUNTS, "How many contacts came to the goal of late."),
        "next_sequence_ids": ids_of("campaign_sequences", "Ids of the sequences after the goal."),
        "previous_sequence_ids": ids_of("campaign_sequences", "Ids of the sequences before the goal."),
        "campaign_id": key_of("campaigns", "Id of the campaign."),
    },
)

CAMPAIGN_SEQUENCES = Collection(
    name="campaign_sequences",
    about="Sequences of campaigns (one call per campaign).",
    endpoint=Endpoint("/v2/campaigns/{campaign_id}/sequences", items="sequences", paging="none"),
    key=("campaign_id", "id"),
    slices=_OF_EACH_CAMPAIGN,
    properties={
        "id": key("Id of the sequence."),
        "name": text("Name of the sequence."),
        "paths": array(
            nested(
                {
                    "id": other_id("Id of the path.", "Paths are in this list only."),
                    "items": array(
                        nested(
                            {
                                "id": other_id("Id of the step.", "Steps are in this list only."),
                                "name": text("Name of the step."),
                                "type": text(
                                    "Type of step, such as Email or Tag. Keap adds types to this list."
                                ),
                                "next_item_id": other_id(
                                    "Id of the next step; null for the last.", "It is in the same path."
                                ),
                                "previous_item_id": other_id(
                                    "Id of the previous step; null for the first.", "It is in the same path."
                                ),
                            }
                        ),
                        "The steps of the path.",
                    ),
                }
            ),
            "The paths through the sequence, with their steps.",
        ),
        "active_contact_count": integer("How many contacts are in the sequence now."),
        "active_contact_count_completed": integer("How many contacts have completed the sequence."),
        "historical_contact_count": nested(_COUNTS, "How many contacts came to the sequence of late."),
        "campaign_id": key_of("campaigns", "Id of the campaign."),
    },
)

AUTOMATIONS = Collection(
    name="automations",
    about="Automations (advanced automations, formerly campaigns).",
    endpoint=Endpoint("/v2/automations", items="automations", page_size=25),
    wire=Wire(total="automation_count"),
    properties={
        "id": key("Id of the automation."),
        "title": text("Title of the automation."),
        "categories": ids_of("automation_categories", "Ids of its categories."),
        "status": text("PUBLISHED or DRAFT."),
        "locked": flag("Whether the automation is locked for editing."),
        "active_contacts": integer("How many contacts are in the automation now."),
        "error_message": text("What is wrong with the automation; null if nothing is."),
        "published_date": moment("When the automation was published; null if it was not."),
        "published_by": id_of("users", "Id of the user who published it; null if nobody did."),
        "published_timezone": text("Time zone in which the automation was published."),
        "current_edit_lock_status": nested(
            {
                "locked": flag("Whether somebody is editing it."),
                "user_id": id_of("users", "Id of the user who is; null for nobody."),
                "user_name": text("User name of that user."),
                "user_firstname": text("First name of that user."),
            },
            "Who is editing the automation.",
        ),
        "current_edit_lock_user_id": flat(
            "current_edit_lock_status.user_id",
            id_of("users", "Id of the user who is editing the automation; null for nobody."),
        ),
    },
)

AUTOMATION_CATEGORIES = Collection(
    name="automation_categories",
    about="Categories of automations.",
    endpoint=Endpoint("/v2/automationCategory", items="automation_categories", paging="none"),
    properties={
        "id": key("Id of the category."),
        "name": text("Name of the category."),
        "automation_count": integer("How many automations are in the category."),
    },
)

COLLECTIONS = (
    CAMPAIGNS,
    CAMPAIGN_GOALS,
    CAMPAIGN_SEQUENCES,
    AUTOMATIONS,
    AUTOMATION_CATEGORIES,
)
