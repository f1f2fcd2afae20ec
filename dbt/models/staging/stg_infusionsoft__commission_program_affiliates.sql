-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('commission_program_affiliates', {
    'commission_program_id': 'text',
    'affiliate_id': 'text',
    'commission_program_name': 'text'
}) }}
