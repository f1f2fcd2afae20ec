-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.opportunity_title as "OpportunityTitle",
    own.contact_id as "ContactID",
    own.stage_id as "StageID",
    own.status_id as "StatusID",
    own.user_id as "UserID",
    own.affiliate_id as "AffiliateId",
    own.lead_source as "Leadsource",
    own.objection as "Objection",
    own.opportunity_notes as "OpportunityNotes",
    own.next_action_time as "NextActionDate",
    own.next_action_notes as "NextActionNotes",
    own.estimated_close_time as "EstimatedCloseDate",
    own.stage_entrance_time as "DateInStage",
    own.include_in_forecast as "IncludeInForecast",
    own.projected_revenue_high as "ProjectedRevenueHigh",
    own.projected_revenue_low as "ProjectedRevenueLow",
    own.monthly_revenue as "MonthlyRevenue",
    own.order_revenue as "OrderRevenue",
    own.created_time as "DateCreated",
    own.created_by as "CreatedBy",
    own.last_updated_time as "LastUpdated",
    own.last_updated_by as "LastUpdatedBy"
    {{ infusionsoft.custom_fields(ref('stg_infusionsoft__opportunities'), 'own') }}
from {{ ref('stg_infusionsoft__opportunities') }} as own
