-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('campaigns', {
    'id': 'text',
    'name': 'text',
    'locked': 'boolean',
    'date_created': 'time',
    'published_date': 'time',
    'published_status': 'boolean',
    'error_message': 'text',
    'time_zone': 'text',
    'published_time_zone': 'text',
    'created_by_global_id': 'text',
    'active_contact_count': 'integer',
    'completed_contact_count': 'integer'
}) }}
