-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='user_signatures' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('user_signatures', {
    'user_id': 'text',
    'signature_html': 'text',
    'size': 'integer',
    'is_too_large': 'boolean'
}) }}
