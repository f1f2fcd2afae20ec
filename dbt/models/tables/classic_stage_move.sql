-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.opportunity_id as "OpportunityId",
    own.user_id as "UserId",
    own.move_time as "MoveDate",
    own.move_from_stage_id as "MoveFromStage",
    own.move_to_stage_id as "MoveToStage",
    own.prev_stage_move_time as "PrevStageMoveDate",
    own.created_by as "CreatedBy",
    own.create_time as "DateCreated"
from {{ ref('stg_infusionsoft__opportunity_stage_moves') }} as own
