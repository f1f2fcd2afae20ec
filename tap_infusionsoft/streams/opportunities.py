"""Opportunities and their stages."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Born, Collection, Endpoint, Fields, Wire
from tap_infusionsoft.streams.columns import amount, array, flag, integer, key, midnight, moment, nested, text
from tap_infusionsoft.streams.flat_columns import flat
from tap_infusionsoft.streams.relations import id_of, other_id
from tap_infusionsoft.streams.replication import NewestFirst
from tap_infusionsoft.streams.shared_columns import CUSTOM_FIELD_VALUES

_FIELDS = frozenset({"custom_fields", "created_by", "last_updated_by", "status_id"})
# Only accounts that still have the legacy opportunities feature accept these.
_LEGACY_FIELDS = frozenset({"monthly_revenue", "order_revenue", "objection", "status", "stage_entrance_time"})

_LEGACY = "Null in accounts without the legacy opportunities."
_STAGE_DETAILS = {
    "probability": integer("Chance of winning in this stage, in percent, 0 to 100."),
    "stage_order": integer("Position of the stage in the pipeline."),
    "target_num_days": integer("Days after which an opportunity should leave the stage."),
    "checklist_items": array(
        nested(
            {
                "id": other_id("Id of the item.", "It is one of opportunity_stages.checklist_items[].id."),
                "description": text("What is to be done."),
                "required": flag("Whether it must be done before the next stage."),
                "instance_id": other_id("Id of the item in this opportunity.", "No stream lists them."),
                "item_order": integer("Position in the list."),
                "done_date": moment("Time when it was done; null if it was not."),
            }
        ),
        "What is to be done in the stage.",
    ),
}

OPPORTUNITIES = Collection(
    name="opportunities",
    about="Opportunities, with their custom fields.",
    endpoint=Endpoint(
        "/v2/opportunities",
        items="opportunities",
        born=Born("created_time", order_by="created_time"),
        fields=Fields(names=_FIELDS | _LEGACY_FIELDS, sure=_FIELDS, apart=True),
    ),
    changes=NewestFirst(key="last_updated_time", order_by="update_time"),
    custom_fields="/v2/opportunities/model",
    properties={
        "id": key("Id of the opportunity."),
        "contact": nested(
            {
                "id": id_of("contacts", "Id of the contact."),
                "email": text("Email address of the contact."),
                "city": text("City of the contact."),
                "state": text("State or region of the contact."),
                "first_name": text("First name of the contact."),
                "last_name": text("Last name of the contact."),
                "company_name": text("Name of the contact's company."),
                "job_title": text("Job title of the contact."),
                "phone_number": text("Phone number of the contact."),
            },
            "The contact who may buy.",
        ),
        "contact_id": flat("contact.id", id_of("contacts", "Id of the contact who may buy.")),
        "stage": nested(
            {
                "id": id_of("opportunity_stages", "Id of the stage.", may_dangle=True),
                "name": text("Name of the stage."),
                "details": nested(_STAGE_DETAILS, "The stage itself."),
                "reasons": array(text(), "Reasons that were given for the change of stage."),
            },
            "The stage that the opportunity is in.",
        ),
        "stage_id": flat(
            "stage.id",
            id_of(
                "opportunity_stages",
                "Id of the stage that the opportunity is in. Which stages are won or "
                "lost is in application_settings.opportunity.",
                may_dangle=True,
            ),
        ),
        "user": nested(
            {
                "id": id_of("users", "Id of the user."),
                "first_name": text("First name of the user."),
                "last_name": text("Last name of the user."),
            },
            "The user who owns the opportunity.",
        ),
        "user_id": flat(
            "user.id", id_of("users", "Id of the user who owns the opportunity; null if none does.")
        ),
        "opportunity_title": text("Title of the opportunity."),
        "next_action_time": moment("Time of the next action."),
        "next_action_notes": text("What is to be done next."),
        "opportunity_notes": text("Notes on the opportunity."),
        "estimated_close_time": moment("Time when it is expected to be decided."),
        "include_in_forecast": flag("Whether it counts in sales forecasts."),
        "projected_revenue_low": amount("The least that it is expected to bring."),
        "projected_revenue_high": amount("The most that it is expected to bring."),
        "custom_fields": CUSTOM_FIELD_VALUES,
        "created_time": moment("Time when the opportunity was created."),
        "last_updated_time": moment("Time of the last change. This is the bookmark."),
        "affiliate_id": id_of(
            "affiliates", "Id of the affiliate who brought it; null or '0' if none did.", none="0"
        ),
        "lead_source": text("Name of the lead source."),
        "monthly_revenue": amount(f"What it is expected to bring each month. {_LEGACY}"),
        "order_revenue": amount(f"What it is expected to bring once. {_LEGACY}"),
        "objection": text(f"What the contact objects to. {_LEGACY}"),
        "status": text(f"Name of the status. {_LEGACY}"),
        "status_id": other_id("Id of the status.", "No stream lists statuses."),
        "stage_entrance_time": moment(f"Time when it entered its stage. {_LEGACY}"),
        "last_updated_by": id_of("users", "Id of the user who last changed it."),
        "created_by": id_of("users", "Id of the user who created it."),
    },
)

OPPORTUNITY_STAGES = Collection(
    name="opportunity_stages",
    about="Stages of the sales pipeline.",
    endpoint=Endpoint("/v2/opportunities/stages", items="stages"),
    properties={
        "id": key("Id of the stage."),
        "name": text("Name of the stage."),
        "position": integer("Position in the pipeline."),
        "target_number_days": integer("Days after which an opportunity should leave the stage."),
        "probability": integer("Chance of winning in this stage, in percent, 0 to 100."),
        "created_time": midnight("Day when the stage was created."),
        "updated_time": midnight("Day of the last change."),
        "checklist_items": array(
            nested(
                {
                    "id": other_id("Id of the item.", "Items are in this list only."),
                    "description": text("What is to be done."),
                    "required": flag("Whether it must be done before the next stage."),
                    "order": integer("Position in the list."),
                }
            ),
            "What is to be done in the stage.",
        ),
    },
    wire=Wire(renamed={"position": "order"}),
)

OPPORTUNITY_STAGE_MOVES = Collection(
    name="opportunity_stage_moves",
    about="Moves of opportunities between stages.",
    endpoint=Endpoint(
        "/v2/opportunities/stageMoves", items="stage_moves", born=Born("move_time", order_by="move_date")
    ),
    changes=NewestFirst(key="move_time", order_by="move_date"),
    properties={
        "id": key("Id of the move."),
        "opportunity_id": id_of("opportunities", "Id of the opportunity that was moved."),
        "move_time": moment("Time of the move. This is the bookmark."),
        "move_from_stage_id": id_of(
            "opportunity_stages",
            "Id of the stage before; '0' if it was the first.",
            none="0",
            may_dangle=True,
        ),
        "move_to_stage_id": id_of("opportunity_stages", "Id of the stage after it.", may_dangle=True),
        "prev_stage_move_time": moment("Time of the move before; null if it was the first."),
        "user_id": id_of("users", "Id of the user of the move."),
        "created_by": id_of("users", "Id of the user who recorded it."),
        "create_time": moment("Time when the move was recorded."),
    },
)

COLLECTIONS = (
    OPPORTUNITIES,
    OPPORTUNITY_STAGES,
    OPPORTUNITY_STAGE_MOVES,
)
