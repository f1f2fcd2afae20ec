-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('webforms', {
    'id': 'text',
    'xid': 'text',
    'name': 'text',
    'funnel_id': 'text',
    'custom_slug': 'text',
    'webform_url': 'text',
    'pretty_webform_url': 'text',
    'thank_you_page_url': 'text',
    'duplicate_check_option': 'text',
    'exit_option': 'text',
    'webform_type': 'text',
    'create_time': 'time',
    'update_time': 'time'
}) }}
