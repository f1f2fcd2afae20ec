-- Generated from the tap's declarations by `make docs`: do not edit.
{{ infusionsoft.staged('referrals', {
    'id': 'text',
    'description': 'text',
    'source': 'text',
    'contact_id': 'text',
    'referral_partner_id': 'text',
    'referral_time': 'time',
    'expiration_time': 'time',
    'ip_address': 'text',
    'referral_type': 'text'
}) }}
