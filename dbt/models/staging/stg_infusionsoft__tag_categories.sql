-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('tag_categories', {
    'id': 'text',
    'name': 'text',
    'description': 'text',
    'create_time': 'time',
    'update_time': 'time'
}) }}
