-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='webform_html' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('webform_html', {
    'webform_id': 'text',
    'update_time': 'time',
    'html': 'text',
    'size': 'integer',
    'is_too_large': 'boolean'
}) }}
