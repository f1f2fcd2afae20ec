-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='user_info' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('user_info', {
    'email': 'text',
    'sub': 'text',
    'id': 'text',
    'keap_id': 'text',
    'family_name': 'text',
    'given_name': 'text',
    'middle_name': 'text',
    'preferred_name': 'text',
    'is_admin': 'boolean',
    'tenant_id': 'text'
}) }}
