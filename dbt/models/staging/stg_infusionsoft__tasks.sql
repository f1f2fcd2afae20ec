-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('tasks', {
    'id': 'text',
    'title': 'text',
    'description': 'text',
    'type': 'text',
    'priority': 'text',
    'completed': 'boolean',
    'create_time': 'time',
    'modification_time': 'time',
    'completion_time': 'time',
    'due_time': 'time',
    'remind_time_mins': 'integer',
    'assigned_to_user_id': 'text',
    'created_by_user_id': 'text',
    'last_updated_by_user_id': 'text',
    'contact_id': 'text',
    'opportunity_id': 'text',
    'accepted': 'boolean',
    'custom_fields': 'json'
}) }}
