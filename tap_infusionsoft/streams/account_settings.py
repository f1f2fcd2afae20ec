"""The account itself: its profile, settings and locales."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Collection, Endpoint, Fields, PerParent, PerValue, Wire
from tap_infusionsoft.streams.columns import array, flag, integer, key, nested, text
from tap_infusionsoft.streams.row_transforms import bare, with_columns

_ONE_ROW = ({"record": "account"},)
_RECORD = key("Always the same value, because there is only one row.")

BUSINESS_PROFILE = Collection(
    name="business_profile",
    about="Profile of the business that owns the account (one row).",
    endpoint=Endpoint("/v2/businessProfile", items=None, paging="none"),
    key=("record",),
    slices=PerValue(_ONE_ROW),
    properties={
        "record": _RECORD,
        "name": text(),
        "email": text(),
        "website": text(),
        "phone": text(),
        "address": nested(
            {
                "line1": text(),
                "line2": text(),
                "locality": text(),
                "region": text(),
                "country_code": text(),
                "postal_code": text(),
            }
        ),
        "time_zone": text(),
        "logo_url": text(),
        "currency_code": text(),
        "language_tag": text(),
        "business_type": text(),
        "business_goals": array(text()),
        "business_primary_color": text(),
        "business_secondary_color": text(),
    },
)

APPLICATION_SETTINGS = Collection(
    name="application_settings",
    about="Settings of the account, by module (one row).",
    endpoint=Endpoint(
        "/v2/settings/applications:getConfiguration",
        items=None,
        paging="none",
        fields=Fields(
            # Without `fields`, Keap returns only the module `application`.
            names=frozenset(
                {
                    "AFFILIATE",
                    "APPOINTMENT",
                    "CONTACT",
                    "ECOMMERCE",
                    "EMAIL",
                    "FORMS",
                    "FULFILLMENT",
                    "INVOICE",
                    "NOTE",
                    "OPPORTUNITY",
                    "TASK",
                    "TEMPLATE",
                }
            ),
            apart=True,
        ),
    ),
    key=("record",),
    slices=PerValue(_ONE_ROW),
    properties={
        "record": _RECORD,
        "affiliate": nested(
            {
                "commission": nested(
                    {"levels": integer(), "calculation_type": text(), "participant_types": text()}
                ),
                "choose_affiliate": flag(),
                "custom_affiliate_url": text(),
                "display_affiliate_ip_address": flag(),
                "do_not_notify_affiliate": flag(),
                "use_referral_history_if_no_tracking_cookie": flag(),
                "skip_pay_if_unused": flag(),
            }
        ),
        "appointment": nested({"appointment_types": text(), "share_opportunity_with_related_user": flag()}),
        "application": nested(
            {
                "company": nested(
                    {
                        "name": text(),
                        "country": text(),
                        "email": text(),
                        "city": text(),
                        "state": text(),
                        "zip": text(),
                        "phone": text(),
                        "website": text(),
                        "street_address_1": text(),
                        "street_address_2": text(),
                        "phone_ext": text(),
                        "caller_id_number": text(),
                        "web_logo_url": text(),
                    }
                ),
                "time_zone": text(),
                "default_view_locale": text(),
                "features_enabled": nested({"marketing": flag()}),
            }
        ),
        "contact": nested(
            {
                "title_types": text(),
                "suffix_types": text(),
                "contact_types": text(),
                "phone_types": text(),
                "fax_types": text(),
                "address_labels": nested({"line_1": text(), "line_2": text(), "line_3": text()}),
                "disable_contact_edit_in_client_login": flag(),
                "default_new_contact_form": text(),
            }
        ),
        "ecommerce": nested(
            {
                "currency": text(),
                "default_country": text(),
                "default_merchant": text(),
                "credit_card_types": text(),
                "default_tax": text(),
                "payment_types": text(),
                "default_to_auto_charge": flag(),
                "default_charge_max_retry_attempts": integer(),
                "default_number_of_days_between_charge_attempts": integer(),
                "merchant_account_max_retry_attempts": integer(),
                "promo_codes": text(),
                "track_cost_per_unit": flag(),
                "track_inventory": flag(),
            }
        ),
        "email": nested(
            {
                "default_opt_in_link": text(),
                "default_opt_out_link": text(),
                "whitelisted_domains": text(),
                "hide_emails_to_and_from_domains": text(),
                "append_contact_key_to_links": flag(),
            }
        ),
        "forms": nested({"spam_filters_enabled": flag()}),
        "fulfillment": nested({"default_message_to": text(), "default_message_fields": text()}),
        "invoice": nested({"tax_label": text()}),
        "note": nested({"appointment_types": text(), "share_opportunity_with_related_user": flag()}),
        "opportunity": nested(
            {
                "states": nested(
                    {
                        "active": nested({"stages": text()}),
                        "win": nested({"reasons": text(), "stage": text()}),
                        "loss": nested({"reasons": text(), "stage": text()}),
                    }
                ),
                "default_stage": text(),
            }
        ),
        "task": nested({"appointment_types": text(), "share_opportunity_with_related_user": flag()}),
        "template": nested({"default_country_code": integer(), "default_user_id": text()}),
    },
)

APPLICATION_STATUS = Collection(
    name="application_status",
    about="Whether the account is enabled (one row).",
    endpoint=Endpoint("/v2/settings/applications:isEnabled", items=None, paging="none"),
    key=("record",),
    slices=PerValue(_ONE_ROW),
    wire=Wire(renamed={"is_enabled": "isEnabled"}),
    selected_by_default=False,
    properties={
        "record": _RECORD,
        "is_enabled": flag(),
    },
)

CONTACT_OPTION_TYPES = Collection(
    name="contact_option_types",
    about="Contact types of the account.",
    endpoint=Endpoint("/v2/settings/contactOptionTypes", items="option_types", paging="none"),
    key=("option_type",),
    wire=Wire(bare=True, unpack=bare("option_type")),
    properties={
        "option_type": key(),
    },
)

USER_INFO = Collection(
    name="user_info",
    about="The user who owns the key (one row).",
    endpoint=Endpoint("/v2/oauth/connect/userinfo", items=None, paging="none"),
    selected_by_default=False,
    properties={
        "email": text(),
        "sub": text(),
        "id": key(),
        "keap_id": text(),
        "family_name": text(),
        "given_name": text(),
        "middle_name": text(),
        "preferred_name": text(),
        "is_admin": flag(),
        "tenant_id": text(),
    },
)

COUNTRIES = Collection(
    name="countries",
    about="Countries, with the names that Keap uses.",
    endpoint=Endpoint("/v2/locales/countries", items="countries", paging="none"),
    key=("country_code",),
    wire=Wire(unpack=with_columns(country_code="codes.alpha3")),
    properties={
        "codes": nested({"alpha2": text(), "alpha3": text()}),
        "name": text(),
        "country_code": key(),
    },
)

PROVINCES = Collection(
    name="provinces",
    about="Provinces of countries (one call per country).",
    endpoint=Endpoint("/v2/locales/countries/{country_code}/provinces", items="provinces", paging="none"),
    key=("country_code", "code"),
    slices=PerParent(stream="countries", columns={"country_code": "country_code"}),
    selected_by_default=False,
    properties={
        "code": key(),
        "name": text(),
        "country": text(),
        "country_code": key(),
    },
)

COLLECTIONS = (
    BUSINESS_PROFILE,
    APPLICATION_SETTINGS,
    APPLICATION_STATUS,
    CONTACT_OPTION_TYPES,
    USER_INFO,
    COUNTRIES,
    PROVINCES,
)
