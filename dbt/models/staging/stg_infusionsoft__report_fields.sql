-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('report_fields', {
    'report_id': 'text',
    'name': 'text',
    'label': 'text'
}) }}
