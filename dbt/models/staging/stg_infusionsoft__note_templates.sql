-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('note_templates', {
    'id': 'text',
    'title': 'text',
    'description': 'text',
    'action_type': 'text',
    'assignment_user_id': 'text',
    'notify_users': 'json'
}) }}
