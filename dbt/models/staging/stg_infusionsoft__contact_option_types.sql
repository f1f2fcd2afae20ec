-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('contact_option_types', {
    'option_type': 'text'
}) }}
