-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('contact_tags', {
    'contact_id': 'text',
    'tag_id': 'text',
    'applied_at': 'time'
}, with_deleted=true) }}
