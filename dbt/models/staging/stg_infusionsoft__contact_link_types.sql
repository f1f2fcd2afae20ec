-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('contact_link_types', {
    'id': 'text',
    'name': 'text',
    'max_links': 'integer',
    'create_time': 'day'
}) }}
