-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('affiliates', {
    'id': 'text',
    'code': 'text',
    'name': 'text',
    'status': 'text',
    'contact_id': 'text',
    'unique_site_id': 'text',
    'parent_affiliate_id': 'text',
    'notify_on_sale': 'boolean',
    'notify_on_lead': 'boolean',
    'track_leads_days': 'integer',
    'custom_fields': 'json',
    'date_created': 'time'
}) }}
