-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('user_groups', {
    'id': 'text',
    'name': 'text'
}) }}
