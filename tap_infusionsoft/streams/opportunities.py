"""Opportunities and their stages."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Collection, Endpoint, Fields
from tap_infusionsoft.streams.columns import (
    CUSTOM_FIELD_VALUES,
    array,
    flag,
    integer,
    key,
    moment,
    nested,
    number,
    text,
)
from tap_infusionsoft.streams.flat_columns import flat
from tap_infusionsoft.streams.replication import NewestFirst

_FIELDS = frozenset({"custom_fields", "created_by", "last_updated_by", "status_id"})
# Only accounts that still have the legacy opportunities feature accept these.
_LEGACY_FIELDS = frozenset({"monthly_revenue", "order_revenue", "objection", "status", "stage_entrance_time"})

OPPORTUNITIES = Collection(
    name="opportunities",
    about="Opportunities, with their custom fields.",
    endpoint=Endpoint(
        "/v2/opportunities",
        items="opportunities",
        fields=Fields(names=_FIELDS | _LEGACY_FIELDS, sure=_FIELDS, apart=True),
    ),
    changes=NewestFirst(key="last_updated_time", order_by="update_time"),
    custom_fields="/v2/opportunities/model",
    properties={
        "id": key(),
        "contact": nested(
            {
                "id": text(),
                "email": text(),
                "city": text(),
                "state": text(),
                "first_name": text(),
                "last_name": text(),
                "company_name": text(),
                "job_title": text(),
                "phone_number": text(),
            }
        ),
        "contact_id": flat("contact.id", text("Id of the contact (contacts.id).")),
        "stage": nested(
            {
                "id": text(),
                "name": text(),
                "details": nested(
                    {
                        "probability": integer(),
                        "stage_order": integer(),
                        "target_num_days": integer(),
                        "checklist_items": array(
                            nested(
                                {
                                    "id": text(),
                                    "description": text(),
                                    "required": flag(),
                                    "instance_id": text(),
                                    "item_order": integer(),
                                    "done_date": moment(),
                                }
                            )
                        ),
                    }
                ),
                "reasons": array(text()),
            }
        ),
        "stage_id": flat(
            "stage.id", text("Id of the stage that the opportunity is in (opportunity_stages.id).")
        ),
        "user": nested({"id": text(), "first_name": text(), "last_name": text()}),
        "user_id": flat(
            "user.id", text("Id of the user who owns the opportunity (users.id); null without one.")
        ),
        "opportunity_title": text(),
        "next_action_time": moment(),
        "next_action_notes": text(),
        "opportunity_notes": text(),
        "estimated_close_time": moment(),
        "include_in_forecast": flag(),
        "projected_revenue_low": number(),
        "projected_revenue_high": number(),
        "custom_fields": CUSTOM_FIELD_VALUES,
        "created_time": moment(),
        "last_updated_time": moment(),
        "affiliate_id": text(),
        "lead_source": text(),
        "monthly_revenue": number(),
        "order_revenue": number(),
        "objection": text(),
        "status": text(),
        "status_id": text(),
        "stage_entrance_time": moment(),
        "last_updated_by": text(),
        "created_by": text(),
    },
)

OPPORTUNITY_STAGES = Collection(
    name="opportunity_stages",
    about="Stages of the sales pipeline.",
    endpoint=Endpoint("/v2/opportunities/stages", items="stages"),
    properties={
        "id": key(),
        "name": text(),
        "order": integer(),
        "target_number_days": integer(),
        "probability": integer(),
        "created_time": moment(),
        "updated_time": moment(),
        "checklist_items": array(
            nested({"id": text(), "description": text(), "required": flag(), "order": integer()})
        ),
    },
)

OPPORTUNITY_STAGE_MOVES = Collection(
    name="opportunity_stage_moves",
    about="Moves of opportunities between stages.",
    endpoint=Endpoint("/v2/opportunities/stageMoves", items="stage_moves"),
    changes=NewestFirst(key="move_time", order_by="move_date"),
    properties={
        "id": key(),
        "opportunity_id": text(),
        "move_time": moment(),
        "move_from_stage_id": text(),
        "move_to_stage_id": text(),
        "prev_stage_move_time": moment(),
        "user_id": text(),
        "created_by": text(),
        "create_time": moment(),
    },
)

COLLECTIONS = (
    OPPORTUNITIES,
    OPPORTUNITY_STAGES,
    OPPORTUNITY_STAGE_MOVES,
)
