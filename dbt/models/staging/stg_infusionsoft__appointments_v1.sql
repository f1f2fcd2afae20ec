-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='appointments_v1' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('appointments_v1', {
    'contact_id': 'text',
    'description': 'text',
    'end_date': 'time',
    'location': 'text',
    'remind_time': 'integer',
    'start_date': 'time',
    'title': 'text',
    'user': 'text',
    'row_key': 'text'
}) }}
