-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='deals' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('deals', {
    'id': 'text',
    'name': 'text',
    'value': 'json',
    'value_amount': 'number',
    'value_currency': 'text',
    'contact_ids': 'json',
    'stage_id': 'text',
    'pipeline_id': 'text',
    'stage_assignment_time': 'time',
    'owner_ids': 'json',
    'task_ids': 'json',
    'order_id': 'text',
    'status': 'text',
    'estimated_close_time': 'time',
    'closed_time': 'time',
    'custom_field_values': 'text'
}) }}
