-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('emails', {
    'id': 'text',
    'subject': 'text',
    'headers': 'text',
    'contact_id': 'text',
    'sent_to_address': 'text',
    'sent_to_cc_address_list': 'json',
    'sent_to_bcc_address_list': 'json',
    'sent_from_address': 'text',
    'sent_from_reply_address': 'text',
    'sent_time': 'time',
    'received_time': 'time',
    'opened_time': 'time',
    'clicked_time': 'time',
    'original_provider_id': 'text',
    'original_provider': 'text',
    'provider_source_id': 'text'
}) }}
