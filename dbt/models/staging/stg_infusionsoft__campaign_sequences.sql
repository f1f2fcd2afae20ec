-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('campaign_sequences', {
    'id': 'text',
    'name': 'text',
    'paths': 'json',
    'active_contact_count': 'integer',
    'active_contact_count_completed': 'integer',
    'historical_contact_count': 'json',
    'campaign_id': 'text'
}) }}
