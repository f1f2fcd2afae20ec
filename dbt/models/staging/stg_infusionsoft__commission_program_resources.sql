-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('commission_program_resources', {
    'id': 'text',
    'title': 'text',
    'type': 'text',
    'notes': 'text',
    'url': 'text',
    'position': 'integer',
    'content_html': 'text',
    'page_width': 'integer',
    'page_height': 'integer',
    'commission_programs': 'json',
    'commission_program_id': 'text'
}) }}
