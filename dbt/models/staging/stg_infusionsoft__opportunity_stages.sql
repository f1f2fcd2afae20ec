-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('opportunity_stages', {
    'id': 'text',
    'name': 'text',
    'position': 'integer',
    'target_number_days': 'integer',
    'probability': 'integer',
    'created_time': 'day',
    'updated_time': 'day',
    'checklist_items': 'json'
}) }}
