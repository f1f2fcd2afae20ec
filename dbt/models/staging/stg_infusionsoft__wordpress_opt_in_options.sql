-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('wordpress_opt_in_options', {
    'option_key': 'text',
    'name': 'text'
}) }}
