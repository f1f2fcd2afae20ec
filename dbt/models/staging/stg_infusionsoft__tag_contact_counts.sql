-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='tag_contact_counts' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('tag_contact_counts', {
    'count': 'integer',
    'tag_id': 'text'
}) }}
