{# What dbt lacks: JSON and months, for PostgreSQL and DuckDB. #}

{% macro type_json() %}{{ return(adapter.dispatch('type_json', 'infusionsoft')()) }}{% endmacro %}
{% macro default__type_json() %}{{ infusionsoft.not_supported() }}{% endmacro %}
{% macro postgres__type_json() %}jsonb{% endmacro %}
{% macro duckdb__type_json() %}json{% endmacro %}


{# A column as JSON: objects and lists have types of their own in some tables. #}
{% macro as_json(column, dtype) %}{{ return(adapter.dispatch('as_json', 'infusionsoft')(column, dtype)) }}{% endmacro %}
{% macro default__as_json(column, dtype) %}{{ infusionsoft.not_supported() }}{% endmacro %}
{% macro postgres__as_json(column, dtype) -%}
{%- if dtype == 'jsonb' -%} {{ column }}
{%- elif dtype in ('json', 'text', 'character varying') -%} cast({{ column }} as jsonb)
{%- else -%} to_jsonb({{ column }})
{%- endif -%}
{%- endmacro %}
{% macro duckdb__as_json(column, dtype) -%}
{%- if dtype in ('json', 'varchar') -%} cast({{ column }} as json)
{%- else -%} to_json({{ column }})
{%- endif -%}
{%- endmacro %}


{#
  The text at a path inside a JSON value; null if there is none.

  Args:
    json: The value.
    path: The names that lead there.
#}
{% macro json_text(json, path) %}{{ return(adapter.dispatch('json_text', 'infusionsoft')(json, path)) }}{% endmacro %}
{% macro default__json_text(json, path) %}{{ infusionsoft.not_supported() }}{% endmacro %}
{% macro postgres__json_text(json, path) -%}
({{ json }} #>> '{ {{- path | join(',') -}} }')
{%- endmacro %}
{% macro duckdb__json_text(json, path) -%}
json_extract_string({{ json }}, '$
{%- for name in path %}."{{ name }}"{% endfor -%} ')
{%- endmacro %}


{# A JSON list as a column of JSON values that SQL can join to: `cross join <this>`. Its column is called value. #}
{% macro json_rows(json, alias) %}{{ return(adapter.dispatch('json_rows', 'infusionsoft')(json, alias)) }}{% endmacro %}
{% macro default__json_rows(json, alias) %}{{ infusionsoft.not_supported() }}{% endmacro %}
{% macro postgres__json_rows(json, alias) -%}
lateral jsonb_array_elements(case when jsonb_typeof({{ json }}) = 'array' then {{ json }} end) as {{ alias }}(value)
{%- endmacro %}
{% macro duckdb__json_rows(json, alias) -%}
lateral (
    select unnest(case when json_type({{ json }}) = 'ARRAY' then cast({{ json }} as json[]) end) as value
) as {{ alias }}
{%- endmacro %}


{#
  The first object in a JSON list whose member `field` has a value; null if there is none.

  Keap keeps addresses of several kinds this way: {"field": "EMAIL1", "email": "ann@example.com"}.
#}
{% macro json_item(json, value) %}{{ return(adapter.dispatch('json_item', 'infusionsoft')(json, value)) }}{% endmacro %}
{% macro default__json_item(json, value) %}{{ infusionsoft.not_supported() }}{% endmacro %}
{% macro postgres__json_item(json, value) -%}
jsonb_path_query_first({{ json }}, '$[*] ? (@.field == "{{ value }}")')
{%- endmacro %}
{% macro duckdb__json_item(json, value) -%}
list_filter(cast({{ json }} as json[]), lambda one: json_extract_string(one, '$.field') = '{{ value }}')[1]
{%- endmacro %}


{# The values at a path inside each element of a JSON list, as a text with commas; null if there are none. #}
{% macro json_joined(json, path) %}{{ return(adapter.dispatch('json_joined', 'infusionsoft')(json, path)) }}{% endmacro %}
{% macro default__json_joined(json, path) %}{{ infusionsoft.not_supported() }}{% endmacro %}
{% macro postgres__json_joined(json, path) -%}
(select string_agg(one.value #>> '{ {{- path | join(',') -}} }', ',' order by one.place)
 from jsonb_array_elements(case when jsonb_typeof({{ json }}) = 'array' then {{ json }} end)
     with ordinality as one(value, place))
{%- endmacro %}
{% macro duckdb__json_joined(json, path) -%}
nullif(array_to_string(list_transform(
    cast({{ json }} as json[]), lambda one: json_extract_string(one, '${% for name in path %}."{{ name }}"{% endfor %}')
), ','), '')
{%- endmacro %}


{# The first days of the months from one day to another, in a column called month. #}
{% macro months(first, last) %}{{ return(adapter.dispatch('months', 'infusionsoft')(first, last)) }}{% endmacro %}
{% macro default__months(first, last) %}{{ infusionsoft.not_supported() }}{% endmacro %}
{% macro postgres__months(first, last) -%}
select cast(generate_series(date_trunc('month', {{ first }}), date_trunc('month', {{ last }}), interval '1 month') as date) as month
{%- endmacro %}
{% macro duckdb__months(first, last) -%}
select cast(unnest(generate_series(
    cast(date_trunc('month', {{ first }}) as timestamp), cast(date_trunc('month', {{ last }}) as timestamp), interval 1 month
)) as date) as month
{%- endmacro %}


{% macro not_supported() %}
{{ exceptions.raise_compiler_error("infusionsoft: this package runs on PostgreSQL and DuckDB, not on " ~ target.type ~ ".") }}
{% endmacro %}
