-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('affiliate_redirect_links', {
    'id': 'text',
    'name': 'text',
    'code': 'text',
    'affiliate_id': 'text',
    'local_url_code': 'text',
    'redirect_url': 'text',
    'website_address': 'text',
    'program_ids': 'json',
    'date_created': 'day'
}) }}
