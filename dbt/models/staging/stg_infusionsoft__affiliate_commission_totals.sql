-- Generated from the tap's declarations by `make docs`: do not edit.
{{ config(enabled='affiliate_commission_totals' in var('infusionsoft_extra_streams')) }}
{{ infusionsoft.staged('affiliate_commission_totals', {
    'affiliate_commission_total': 'number',
    'view_ledger_url': 'text',
    'affiliate_id': 'text'
}) }}
