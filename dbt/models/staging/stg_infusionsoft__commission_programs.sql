-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('commission_programs', {
    'id': 'text',
    'name': 'text',
    'priority': 'text',
    'notes': 'text',
    'create_time': 'day',
    'affiliate_ids': 'json'
}) }}
