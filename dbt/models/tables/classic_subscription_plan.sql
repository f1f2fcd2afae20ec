-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
select
    own.id as "Id",
    own.product_id as "ProductId",
    own.active as "Active",
    own.cycle_type as "Cycle",
    own.frequency as "Frequency",
    own.total_cycles as "NumberOfCycles",
    own.plan_price_decimal as "PlanPrice",
    cast(null as {{ dbt.type_string() }}) as "Prorate",
    cast(null as {{ dbt.type_string() }}) as "PreAuthorizeAmount"
from {{ ref('stg_infusionsoft__subscription_plans') }} as own
