-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('order_payments', {
    'id': 'text',
    'amount': 'number',
    'note': 'text',
    'invoice_id': 'text',
    'payment_id': 'text',
    'pay_time': 'time',
    'pay_status': 'text',
    'last_updated_time': 'time',
    'skip_commission': 'boolean',
    'refund_invoice_payment_id': 'text',
    'order_id': 'text'
}) }}
