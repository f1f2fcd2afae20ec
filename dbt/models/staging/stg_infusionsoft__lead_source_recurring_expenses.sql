-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('lead_source_recurring_expenses', {
    'id': 'text',
    'title': 'text',
    'notes': 'text',
    'amount': 'json',
    'amount_decimal': 'number',
    'lead_source_id': 'text',
    'start_time': 'day',
    'end_time': 'day',
    'next_expense_time': 'day',
    'create_time': 'time',
    'update_time': 'time'
}) }}
