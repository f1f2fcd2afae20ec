{# The day that numbers are as of: the var infusionsoft_as_of, by default today in the var infusionsoft_timezone. #}
{% macro as_of() -%}
{%- if var('infusionsoft_as_of', none) -%} cast('{{ var("infusionsoft_as_of") }}' as date)
{%- else -%} cast({{ dbt.current_timestamp() }} at time zone '{{ var("infusionsoft_timezone") | replace("'", "''") }}' as date)
{%- endif -%}
{%- endmacro %}


{# The day on which a time in UTC falls, in the time zone of the var infusionsoft_timezone. #}
{% macro local_day(time) -%}
cast(({{ time }} at time zone 'UTC') at time zone '{{ var("infusionsoft_timezone") | replace("'", "''") }}' as date)
{%- endmacro %}


{# The day of an order. Noon UTC is how Keap writes a day without a time, and means that day everywhere. #}
{% macro order_day(time) -%}
case when cast({{ time }} as time) = cast('12:00:00' as time) then cast({{ time }} as date) else {{ infusionsoft.local_day(time) }} end
{%- endmacro %}


{# An amount of money, with as many decimals as the var infusionsoft_decimals says; 0 if it is null. #}
{% macro amount(expression) -%}
cast(coalesce({{ expression }}, 0) as numeric(18, {{ var('infusionsoft_decimals') }}))
{%- endmacro %}


{# The share of one count in another, from 0 to 1 with four decimals; null if there is nothing to share. #}
{% macro share(part, whole) -%}
cast(1.0 * ({{ part }}) / nullif({{ whole }}, 0) as numeric(9, 4))
{%- endmacro %}
