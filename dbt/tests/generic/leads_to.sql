{#
  Fails for ids that lead nowhere, as `relationships` does. A stream that was not loaded proves nothing, so it passes.

  Args:
    to: The model with the other rows.
    field: Its column with their ids.
    stream: The stream that the model is made from.
    no_id: A value that means that there is no other row.
#}
{% test leads_to(model, column_name, to, field, stream, no_id='') %}
{%- if execute and infusionsoft.relation_of(stream) is none %}
select 1 as not_loaded where 1 = 0
{%- else %}
select child.{{ column_name }} as leads_nowhere
from {{ model }} as child
left join {{ to }} as parent on child.{{ column_name }} = parent.{{ field }}
where child.{{ column_name }} is not null
    and child.{{ column_name }} <> '{{ no_id }}'
    and parent.{{ field }} is null
{%- endif %}
{% endtest %}
