-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('business_profile', {
    'record': 'text',
    'name': 'text',
    'email': 'text',
    'website': 'text',
    'phone': 'text',
    'address': 'json',
    'time_zone': 'text',
    'logo_url': 'text',
    'currency_code': 'text',
    'language_tag': 'text',
    'business_type': 'text',
    'business_goals': 'json',
    'business_primary_color': 'text',
    'business_secondary_color': 'text'
}) }}
