"""Tasks, notes and appointments; opportunities and their stages."""

from __future__ import annotations

from tap_infusionsoft.xmlrpc.counterparts.declarations import TableMove, part, table

CONTACT_ACTION = TableMove(
    "ContactAction",
    (
        part(
            "notes",
            """
            Id = id : id
            ContactId = contact_id : id
            ActionType = type
            ActionDescription = title
            CreationNotes = text
            UserID = assigned_to_user_id : id
            CreationDate = create_time : time
            CreatedBy = created_by_user_id : id
            LastUpdated = update_time : time
            LastUpdatedBy = last_updated_by_user_id : id
            ObjectType - constant
            IsAppointment - constant
            ActionDate - Only tasks and appointments have it.
            EndDate - Only appointments have it.
            CompletionDate - Only tasks have it.
            PopupDate - Only tasks have it.
            Priority - Only tasks have it.
            Accepted - Only tasks have it.
            OpportunityId - Only tasks have it.
            """,
        ),
        part(
            "tasks",
            """
            Id = id : id
            ContactId = contact_id : id
            ActionType = type
            ActionDescription = title
            CreationNotes = description | Keap's REST document names the old field.
            UserID = assigned_to_user_id : id
            ActionDate = due_time : time
            CompletionDate = completion_time : time
            Priority ~ priority : priority
            Accepted = accepted : flag
            OpportunityId = opportunity_id : id
            CreationDate = create_time : time
            CreatedBy = created_by_user_id : id
            LastUpdated = modification_time : time
            LastUpdatedBy = last_updated_by_user_id : id
            PopupDate - REST has remind_time_mins: the minutes before due_time.
            ObjectType - constant
            IsAppointment - constant
            EndDate - Only appointments have it.
            """,
        ),
        part(
            "appointments",
            """
            Id = id : id
            ContactId = contact_id : id
            ActionDescription = title
            CreationNotes = description
            UserID = user_id : id
            ActionDate = start_time : time
            EndDate = end_time : time
            CreationDate = create_time : time
            LastUpdated = update_time : time
            CreatedBy - missing
            LastUpdatedBy - missing
            ActionType - missing
            PopupDate - missing
            ObjectType - constant
            IsAppointment - constant
            CompletionDate - Only tasks have it.
            Priority - Only tasks have it.
            Accepted - Only tasks have it.
            OpportunityId - Only tasks have it.
            """,
        ),
    ),
    notes="One table, three streams. Their ids are of one sequence, so a row is in one of them only.",
)

LEAD = table(
    "Lead",
    "opportunities",
    """
    Id = id : id
    OpportunityTitle = opportunity_title
    ContactID = contact_id : id
    StageID = stage_id : id
    StatusID = status_id : id
    UserID = user_id : id
    AffiliateId = affiliate_id : id
    Leadsource = lead_source
    Objection = objection
    OpportunityNotes = opportunity_notes
    NextActionDate = next_action_time : time
    NextActionNotes = next_action_notes
    EstimatedCloseDate = estimated_close_time : time
    DateInStage = stage_entrance_time : time
    IncludeInForecast = include_in_forecast : flag
    ProjectedRevenueHigh = projected_revenue_high : amount
    ProjectedRevenueLow = projected_revenue_low : amount
    MonthlyRevenue = monthly_revenue : amount
    OrderRevenue = order_revenue : amount
    DateCreated = created_time : time
    CreatedBy = created_by : id
    LastUpdated = last_updated_time : time
    LastUpdatedBy = last_updated_by : id
    """,
    notes=(
        "REST sends monthly_revenue, order_revenue, objection, status and stage_entrance_time only to "
        "accounts with the legacy opportunities."
    ),
)

STAGE = table(
    "Stage",
    "opportunity_stages",
    """
    Id = id : id
    StageName = name
    StageOrder = position : number
    TargetNumDays = target_number_days : number
    """,
)

STAGE_MOVE = table(
    "StageMove",
    "opportunity_stage_moves",
    """
    Id = id : id
    OpportunityId = opportunity_id : id
    UserId = user_id : id
    MoveDate = move_time : time
    MoveFromStage = move_from_stage_id : id
    MoveToStage = move_to_stage_id : id
    PrevStageMoveDate = prev_stage_move_time : time
    CreatedBy = created_by : id
    DateCreated = create_time : time
    """,
)

TABLES = (
    CONTACT_ACTION,
    LEAD,
    STAGE,
    STAGE_MOVE,
)
