-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('appointments', {
    'id': 'text',
    'title': 'text',
    'description': 'text',
    'location': 'text',
    'contact_id': 'text',
    'user_id': 'text',
    'start_time': 'time',
    'end_time': 'time',
    'create_time': 'time',
    'update_time': 'time'
}) }}
