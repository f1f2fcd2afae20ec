-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('notes', {
    'id': 'text',
    'text': 'text',
    'title': 'text',
    'type': 'text',
    'contact_id': 'text',
    'assigned_to_user': 'json',
    'assigned_to_user_id': 'text',
    'create_time': 'time',
    'update_time': 'time',
    'last_updated_by_user_id': 'text',
    'pinned_at': 'time',
    'created_by_user_id': 'text',
    'custom_fields': 'json'
}) }}
