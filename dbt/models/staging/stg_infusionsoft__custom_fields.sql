-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('custom_fields', {
    'record': 'text',
    'id': 'text',
    'label': 'text',
    'field_name': 'text',
    'field_type': 'text',
    'record_type': 'text',
    'group_id': 'text',
    'group_name': 'text',
    'default_value': 'text',
    'options': 'json'
}) }}
