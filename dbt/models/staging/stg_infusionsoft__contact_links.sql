-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='contact_links' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('contact_links', {
    'contact1_id': 'text',
    'contact2_id': 'text',
    'link_type_id': 'text',
    'link_type_name': 'text'
}) }}
