-- Generated from tap_infusionsoft/xmlrpc/counterparts by `make docs`: do not edit.
{{ infusionsoft.saved_search(var('infusionsoft_saved_search')) }}
