-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('files', {
    'id': 'text',
    'category': 'text',
    'file_name': 'text',
    'is_public': 'boolean',
    'contact_id': 'text',
    'created_by_id': 'text',
    'remote_file_key': 'text',
    'file_box_type': 'text',
    'file_size': 'integer',
    'created_time': 'time',
    'updated_time': 'time'
}) }}
