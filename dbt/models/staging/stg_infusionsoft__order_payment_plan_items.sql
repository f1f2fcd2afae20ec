-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('order_payment_plan_items', {
    'order_id': 'text',
    'item_number': 'integer',
    'contact_id': 'text',
    'order_time': 'time',
    'status': 'text',
    'due_date': 'day',
    'amount_due': 'json',
    'amount_due_decimal': 'number',
    'amount_paid': 'json',
    'amount_paid_decimal': 'number',
    'modification_time': 'time'
}) }}
