"""Opportunities, which are leads here, their stages, and their moves from stage to stage."""

from __future__ import annotations

from keap_sandbox.xmlrpc.tables.cells import ALL, ident, number, text, time, whole
from keap_sandbox.xmlrpc.tables.declaring import table
from keap_sandbox.xmlrpc.tables.records import each

__all__ = ["TABLES"]

_LEAD = table(
    "Lead",
    each("opportunities"),
    ident("Id", "id", "R"),
    ident("AffiliateId", "affiliate_id"),
    ident("ContactID", "contact.id"),
    ident("CreatedBy", "created_by"),
    time("DateCreated", "created_time", "EDR"),
    time("DateInStage", "stage_entrance_time", "R", inferred=True),
    time("EstimatedCloseDate", "estimated_close_time"),
    whole("IncludeInForecast", "include_in_forecast", "R", inferred=True),
    time("LastUpdated", "last_updated_time", "EDR"),
    ident("LastUpdatedBy", "last_updated_by"),
    text("Leadsource", "lead_source", "AR"),
    number("MonthlyRevenue", "monthly_revenue", "R", inferred=True),
    time("NextActionDate", "next_action_time"),
    text("NextActionNotes", "next_action_notes"),
    text("Objection", "objection"),
    text("OpportunityNotes", "opportunity_notes"),
    text("OpportunityTitle", "opportunity_title"),
    number("OrderRevenue", "order_revenue", "R", inferred=True),
    number("ProjectedRevenueHigh", "projected_revenue_high"),
    number("ProjectedRevenueLow", "projected_revenue_low"),
    ident("StageID", "stage.id"),
    ident("StatusID", "status_id"),
    ident("UserID", "user.id"),
    access=ALL,
    record="opportunities",
)

_STAGE = table(
    "Stage",
    each("opportunity_stages"),
    ident("Id", "id"),
    text("StageName", "name"),
    whole("StageOrder", "order"),
    whole("TargetNumDays", "target_number_days"),
)

_MOVE = table(
    "StageMove",
    each("opportunity_stage_moves"),
    ident("Id", "id"),
    ident("CreatedBy", "created_by"),
    time("DateCreated", "create_time"),
    time("MoveDate", "move_time"),
    ident("MoveFromStage", "move_from_stage_id"),
    ident("MoveToStage", "move_to_stage_id"),
    ident("OpportunityId", "opportunity_id"),
    time("PrevStageMoveDate", "prev_stage_move_time"),
    ident("UserId", "user_id"),
)

TABLES = (_LEAD, _STAGE, _MOVE)
