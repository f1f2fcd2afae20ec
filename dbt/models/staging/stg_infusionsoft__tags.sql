-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('tags', {
    'id': 'text',
    'name': 'text',
    'description': 'text',
    'category': 'json',
    'category_id': 'text',
    'create_time': 'day',
    'update_time': 'time'
}) }}
