-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('automations', {
    'id': 'text',
    'title': 'text',
    'categories': 'json',
    'status': 'text',
    'locked': 'boolean',
    'active_contacts': 'integer',
    'error_message': 'text',
    'published_date': 'time',
    'published_by': 'text',
    'published_timezone': 'text',
    'current_edit_lock_status': 'json',
    'current_edit_lock_user_id': 'text'
}) }}
