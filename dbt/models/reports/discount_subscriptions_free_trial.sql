-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "DiscountId",
    own.name as "name",
    own.description as "description",
    own.free_trial_days as "freeTrialDays",
    own.hide_price as "hidePrice",
    own.subscription_plan_id as "subscriptionPlanId",
    cast(null as {{ dbt.type_string() }}) as "applyDiscountToCommission"
from {{ ref('stg_infusionsoft__free_trial_discounts') }} as own
