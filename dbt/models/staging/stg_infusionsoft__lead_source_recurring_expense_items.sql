-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='lead_source_recurring_expense_items' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('lead_source_recurring_expense_items', {
    'id': 'text',
    'title': 'text',
    'notes': 'text',
    'amount': 'json',
    'amount_decimal': 'number',
    'lead_source_id': 'text',
    'lead_source_recurring_expense_id': 'text',
    'create_time': 'time',
    'update_time': 'time',
    'incurred_time': 'day'
}) }}
