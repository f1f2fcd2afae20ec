-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('email_address_statuses', {
    'email': 'text',
    'opted_in': 'boolean',
    'status': 'text',
    'create_time': 'time',
    'last_click_time': 'time',
    'last_open_time': 'time',
    'last_sent_time': 'time'
}) }}
