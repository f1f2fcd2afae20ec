-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('reports', {
    'id': 'text',
    'name': 'text',
    'user_ids': 'json',
    'created_time': 'day',
    'updated_time': 'time'
}) }}
