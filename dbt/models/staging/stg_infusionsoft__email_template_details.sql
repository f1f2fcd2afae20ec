-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='email_template_details' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('email_template_details', {
    'id': 'text',
    'piece_title': 'text',
    'categories': 'json',
    'from_address': 'text',
    'to_address': 'text',
    'cc_address': 'text',
    'bcc_address': 'text',
    'subject': 'text',
    'content_type': 'text',
    'merge_context': 'text',
    'text_body': 'text',
    'html_body': 'text'
}) }}
