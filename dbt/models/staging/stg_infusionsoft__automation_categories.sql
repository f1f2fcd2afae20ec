-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('automation_categories', {
    'id': 'text',
    'name': 'text',
    'automation_count': 'integer'
}) }}
