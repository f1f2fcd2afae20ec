-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='contact_lead_scores' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('contact_lead_scores', {
    'score': 'text',
    'last_updated': 'time',
    'contact_id': 'text'
}) }}
