-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('file_data', {
    'file_id': 'text',
    'file_name': 'text',
    'updated_time': 'time',
    'data': 'text',
    'size': 'integer',
    'is_too_large': 'boolean'
}) }}
