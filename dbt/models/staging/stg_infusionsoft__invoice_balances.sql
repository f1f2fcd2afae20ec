-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('invoice_balances', {
    'order_id': 'text',
    'invoice_id': 'text',
    'contact_id': 'text',
    'total': 'json',
    'total_decimal': 'number',
    'total_paid': 'json',
    'total_paid_decimal': 'number',
    'refund_total': 'json',
    'refund_total_decimal': 'number',
    'amount_due': 'json',
    'amount_due_decimal': 'number',
    'due_time': 'time',
    'modification_time': 'time'
}) }}
