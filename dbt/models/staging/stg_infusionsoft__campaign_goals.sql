-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('campaign_goals', {
    'id': 'text',
    'name': 'text',
    'type': 'text',
    'historical_contact_counts': 'json',
    'next_sequence_ids': 'json',
    'previous_sequence_ids': 'json',
    'campaign_id': 'text'
}) }}
