{#
  Selects the live rows of a stream's table, with one type for each column, whatever made the table.

  Args:
    stream: Name of the stream, and of its table.
    columns: Column -> what it holds: text, integer, number, boolean, time, day or json.
    renamed: Column -> its name in the model.
    with_deleted: Keep rows that are marked as deleted, and add the column deleted_at.

  A column that is not in the table, because it was deselected in the catalog, is null. A table that is not there
  has no rows, and dbt warns. Custom fields follow under their own names and types.
#}
{% macro staged(stream, columns, renamed={}, with_deleted=false) -%}
{%- set table = source('infusionsoft', stream) -%}
{%- set relation = infusionsoft.relation_of(stream) if execute else none -%}
{%- set found = {} -%}
{%- if relation is not none -%}
  {%- for column in adapter.get_columns_in_relation(relation) -%}
    {%- do found.update({column.name: column.dtype | lower}) -%}
  {%- endfor -%}
{%- elif execute -%}
  {%- do exceptions.warn("infusionsoft: there is no table " ~ table ~ ", so models of the stream " ~ stream
      ~ " are empty. Select the stream in the tap, unless you don't need it.") -%}
{%- endif -%}
select
{%- for name, kind in columns.items() %}
    {{ infusionsoft.as_kind(kind, adapter.quote(name), found[name]) if name in found else infusionsoft.nothing(kind) }} as {{ adapter.quote(renamed.get(name, name)) }}{{ "," if not loop.last }}
{%- endfor %}
{%- for name in found if name.startswith('cf_') and name not in columns %}
    , {{ adapter.quote(name) }}
{%- endfor %}
{%- if with_deleted %}
    , {{ infusionsoft.as_kind('time', '_sdc_deleted_at', found['_sdc_deleted_at']) if '_sdc_deleted_at' in found else infusionsoft.nothing('time') }} as deleted_at
{%- endif %}
{% if relation is none -%}
from (select 1 as no_table) as no_table
where 1 = 0
{%- else -%}
from {{ table }}
{%- if '_sdc_deleted_at' in found and not with_deleted %}
where _sdc_deleted_at is null
{%- endif %}
{%- endif %}
{%- endmacro %}


{#
  Returns the table of a stream; none if it was not loaded.

  Raises a compiler error if the schema has no tables at all: then it is the wrong one.
#}
{% macro relation_of(stream) %}
{%- set schema = var('infusionsoft_schema') -%}
{%- set database = var('infusionsoft_database', target.database) -%}
{%- set relation = adapter.get_relation(database=database, schema=schema, identifier=stream) -%}
{%- if relation is none -%}
  {%- set count = run_query("select count(*) from information_schema.tables where table_schema = '"
      ~ schema | replace("'", "''") ~ "'").rows[0][0] -%}
  {%- if count == 0 -%}
    {%- do exceptions.raise_compiler_error("infusionsoft: the schema " ~ schema ~ " in the database " ~ database
        ~ " has no tables. Set the var infusionsoft_schema to the schema that the tap's target loads into.") -%}
  {%- endif -%}
{%- endif -%}
{{ return(relation) }}
{% endmacro %}


{# A column of the table as what it holds, whatever its type there is. #}
{% macro as_kind(kind, column, dtype) %}
{%- if kind == 'text' -%} cast({{ column }} as {{ dbt.type_string() }})
{%- elif kind == 'integer' -%} cast({{ column }} as bigint)
{%- elif kind == 'number' -%} {{ infusionsoft.as_number(column, dtype) }}
{%- elif kind == 'boolean' -%} cast({{ column }} as boolean)
{%- elif kind == 'time' -%} {{ infusionsoft.as_time(column, dtype) }}
{%- elif kind == 'day' -%} cast({{ infusionsoft.as_time(column, dtype) if dtype != 'date' else column }} as date)
{%- elif kind == 'json' -%} {{ infusionsoft.as_json(column, dtype) }}
{%- else -%} {{ exceptions.raise_compiler_error("infusionsoft: there is no kind of column " ~ kind ~ ".") }}
{%- endif -%}
{% endmacro %}


{# Null with the type of such a column. #}
{% macro nothing(kind) %}
{%- set types = {'text': dbt.type_string(), 'integer': 'bigint', 'number': 'numeric(38, 9)', 'boolean': 'boolean',
    'time': 'timestamp', 'day': 'date', 'json': infusionsoft.type_json()} -%}
cast(null as {{ types[kind] }})
{%- endmacro %}


{# Numbers that are exact already stay as they are: a cast could round them. #}
{% macro as_number(column, dtype) %}
{%- if dtype.startswith('numeric') or dtype.startswith('decimal') -%} {{ column }}
{%- else -%} cast({{ column }} as numeric(38, 9))
{%- endif -%}
{% endmacro %}


{# A time in UTC, without a zone. Columns without a zone are in UTC already: see the README on PGTZ. #}
{% macro as_time(column, dtype) %}
{%- if dtype in ('timestamp with time zone', 'timestamptz') -%} ({{ column }} at time zone 'UTC')
{%- else -%} cast({{ column }} as timestamp)
{%- endif -%}
{% endmacro %}
