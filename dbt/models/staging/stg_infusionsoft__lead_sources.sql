-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('lead_sources', {
    'id': 'text',
    'name': 'text',
    'description': 'text',
    'vendor': 'text',
    'medium': 'text',
    'message': 'text',
    'status': 'text',
    'lead_source_category_id': 'text',
    'start_time': 'day',
    'end_time': 'day',
    'create_time': 'time',
    'update_time': 'time'
}) }}
