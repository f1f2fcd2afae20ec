-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('email_templates', {
    'id': 'text',
    'piece_title': 'text',
    'categories': 'json',
    'from_address': 'text',
    'to_address': 'text',
    'cc_address': 'text',
    'bcc_address': 'text',
    'subject': 'text',
    'content_type': 'text',
    'merge_context': 'text'
}) }}
