{# What the views with the names and columns of old need. #}

{# The columns of custom fields of a staging model, each after a comma. #}
{% macro custom_fields(relation, alias) -%}
{%- if execute -%}
{%- for column in adapter.get_columns_in_relation(relation) if column.name.startswith('cf_') -%}
, {{ alias }}.{{ adapter.quote(column.name) }}
{% endfor -%}
{%- endif -%}
{%- endmacro %}


{# The name of a table of the old API in lower case, with underscores between its words: ContactGroup, contact_group. #}
{% macro snake_case(name) -%}
{{ return(modules.re.sub('(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])', '_', name) | lower) }}
{%- endmacro %}


{# All rows of a saved search; none if the var infusionsoft_saved_search does not name its stream. #}
{% macro saved_search(stream) -%}
{%- set relation = infusionsoft.relation_of(stream) if execute and stream else none -%}
{%- if relation is not none -%}
{%- set columns = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
select * from {{ relation }}
{%- if '_sdc_deleted_at' in columns %}
where _sdc_deleted_at is null
{%- endif %}
{%- else -%}
{%- if execute and stream -%}
{%- do exceptions.warn("infusionsoft: there is no table " ~ stream ~ ", so the reports about saved searches are empty."
    " Name the stream of a saved search in the var infusionsoft_saved_search, and select it in the tap.") -%}
{%- endif -%}
select {{ infusionsoft.nothing('text') }} as row_key
from (select 1 as no_table) as no_table
where 1 = 0
{%- endif -%}
{%- endmacro %}
