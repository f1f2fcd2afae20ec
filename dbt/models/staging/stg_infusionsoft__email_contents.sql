-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='email_contents' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('email_contents', {
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
    'provider_source_id': 'text',
    'plain_content': 'text',
    'html_content': 'text'
}) }}
