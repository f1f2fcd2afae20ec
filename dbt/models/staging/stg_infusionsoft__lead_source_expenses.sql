-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('lead_source_expenses', {
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
