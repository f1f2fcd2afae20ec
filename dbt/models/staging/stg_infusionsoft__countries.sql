-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('countries', {
    'codes': 'json',
    'name': 'text',
    'country_code': 'text'
}) }}
