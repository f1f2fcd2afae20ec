-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('affiliate_running_totals', {
    'affiliate_id': 'text',
    'clawbacks': 'number',
    'balance': 'number',
    'amount_earned': 'number'
}) }}
