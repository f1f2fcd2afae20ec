"""The account itself: its profile, settings and locales."""

from __future__ import annotations

from tap_infusionsoft.streams.collection import Collection, Endpoint, Fields, PerParent, PerValue, Wire
from tap_infusionsoft.streams.columns import array, flag, integer, key, nested, text
from tap_infusionsoft.streams.flat_columns import flat
from tap_infusionsoft.streams.relations import id_of, key_of, other_id
from tap_infusionsoft.streams.row_transforms import bare, with_columns

_ONE_ROW = ({"record": "account"},)
_ACTIVITY = {
    "appointment_types": text("Types to choose from, separated by commas."),
    "share_opportunity_with_related_user": flag("Whether opportunities are shared with the related user."),
}
_RECORD = key("Always the same value, because there is only one row.")

BUSINESS_PROFILE = Collection(
    name="business_profile",
    about="Profile of the business that owns the account (one row).",
    endpoint=Endpoint("/v2/businessProfile", items=None, paging="none"),
    key=("record",),
    slices=PerValue(_ONE_ROW),
    properties={
        "record": _RECORD,
        "name": text("Name of the business."),
        "email": text("Email address of the business."),
        "website": text("URL of its website."),
        "phone": text("Its phone number."),
        "address": nested(
            {
                "line1": text("Street address, first line."),
                "line2": text("Street address, second line."),
                "locality": text("City."),
                "region": text("State or region, spelled out."),
                "country_code": id_of("countries", "Country, ISO 3166-1 alpha-3.", column="country_code"),
                "postal_code": text("Postal code."),
            },
            "Address of the business.",
        ),
        "time_zone": text(
            "Time zone of the business, such as America/New_York. Times of other "
            "streams are in UTC all the same."
        ),
        "logo_url": text("URL of its logo."),
        "currency_code": text(
            "Currency of the account (ISO 4217). Plain amounts of other streams are in it."
        ),
        "language_tag": text("Language of the account, such as en-US."),
        "business_type": text("Type of business."),
        "business_goals": array(text(), "Goals of the business, such as Grow Business."),
        "business_primary_color": text("First color of the brand."),
        "business_secondary_color": text("Second color of the brand."),
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
                    {
                        "levels": integer("Levels of commissions."),
                        "calculation_type": text("How commissions are calculated."),
                        "participant_types": text("Who takes part in commissions."),
                    },
                    "Settings of commissions.",
                ),
                "choose_affiliate": flag("The setting choose_affiliate."),
                "custom_affiliate_url": text("URL for affiliates that the account has set."),
                "display_affiliate_ip_address": flag("Whether IP addresses of affiliates are shown."),
                "do_not_notify_affiliate": flag("Whether affiliates are not notified."),
                "use_referral_history_if_no_tracking_cookie": flag(
                    "Whether the history of referrals counts if there is no tracking cookie."
                ),
                "skip_pay_if_unused": flag("The setting skip_pay_if_unused."),
            },
            "Settings of affiliates.",
        ),
        "appointment": nested(dict(_ACTIVITY), "Settings of appointments."),
        "application": nested(
            {
                "company": nested(
                    {
                        "name": text("Name of the company."),
                        "country": text("Country, spelled out."),
                        "email": text("Email address."),
                        "city": text("City."),
                        "state": text("State."),
                        "zip": text("ZIP code."),
                        "phone": text("Phone number."),
                        "website": text("URL of the website."),
                        "street_address_1": text("Street address, first line."),
                        "street_address_2": text("Street address, second line."),
                        "phone_ext": text("Extension of the phone number."),
                        "caller_id_number": text("Phone number shown to those who are called."),
                        "web_logo_url": text("URL of the logo."),
                    },
                    "The company that owns the account.",
                ),
                "time_zone": text("Time zone of the account, such as America/New_York."),
                "default_view_locale": text("Locale in which the account is shown, such as en_US."),
                "features_enabled": nested(
                    {"marketing": flag("Whether marketing is enabled.")}, "Enabled features."
                ),
            },
            "Settings of the account itself.",
        ),
        "contact": nested(
            {
                "title_types": text("Titles of contacts, separated by commas."),
                "suffix_types": text("Suffixes of contacts, separated by commas."),
                "contact_types": text("Types of contacts (contacts.contact_type), separated by commas."),
                "phone_types": text("Types of phone numbers, separated by commas."),
                "fax_types": text("Types of fax numbers, separated by commas."),
                "address_labels": nested(
                    {
                        "line_1": text("Label of the first line."),
                        "line_2": text("Label of the second line."),
                        "line_3": text("Label of the third line."),
                    },
                    "Labels of the lines of addresses.",
                ),
                "disable_contact_edit_in_client_login": flag(
                    "Whether contacts cannot edit themselves when they log in."
                ),
                "default_new_contact_form": text("Id of the form for new contacts; no stream lists these."),
            },
            "Settings of contacts.",
        ),
        "ecommerce": nested(
            {
                "currency": text(
                    "Currency of the account, ISO 4217. Plain amounts of other streams are in it."
                ),
                "default_country": text("Default country, spelled out."),
                "default_merchant": id_of(
                    "merchant_accounts", "Id of the default merchant account.", may_dangle=True
                ),
                "credit_card_types": text("Types of credit cards that are accepted, separated by commas."),
                "default_tax": text("Default tax, as text."),
                "payment_types": text("Types of payments that are accepted, separated by commas."),
                "default_to_auto_charge": flag("Whether payments are charged automatically by default."),
                "default_charge_max_retry_attempts": integer("Most further tries of a failed charge."),
                "default_number_of_days_between_charge_attempts": integer("Days between those tries."),
                "merchant_account_max_retry_attempts": integer("Most further tries at a merchant account."),
                "promo_codes": text("Promo codes, as Keap sends them."),
                "track_cost_per_unit": flag("Whether the cost per unit is tracked."),
                "track_inventory": flag("Whether the inventory is tracked."),
            },
            "Settings of the shop.",
        ),
        "email": nested(
            {
                "default_opt_in_link": text("Default opt-in link."),
                "default_opt_out_link": text("Default opt-out link."),
                "whitelisted_domains": text("Domains that are always allowed."),
                "hide_emails_to_and_from_domains": text("Domains whose emails are hidden."),
                "append_contact_key_to_links": flag("Whether links get a key of the contact."),
            },
            "Settings of emails.",
        ),
        "forms": nested(
            {"spam_filters_enabled": flag("Whether forms are filtered for spam.")}, "Settings of forms."
        ),
        "fulfillment": nested(
            {
                "default_message_to": text("Default recipient of fulfillment messages."),
                "default_message_fields": text("Default fields of fulfillment messages."),
            },
            "Settings of fulfillment.",
        ),
        "invoice": nested({"tax_label": text("Label of the tax.")}, "Settings of invoices."),
        "note": nested(dict(_ACTIVITY), "Settings of notes."),
        "opportunity": nested(
            {
                "states": nested(
                    {
                        "active": nested(
                            {
                                "stages": text(
                                    "Ids of the stages of open opportunities (opportunity_stages.id), "
                                    "separated by commas."
                                )
                            },
                            "Open opportunities.",
                        ),
                        "win": nested(
                            {
                                "reasons": text("Reasons for a win, separated by commas."),
                                "stage": id_of(
                                    "opportunity_stages",
                                    "Id of the stage of won opportunities.",
                                    may_dangle=True,
                                ),
                            },
                            "Won opportunities.",
                        ),
                        "loss": nested(
                            {
                                "reasons": text("Reasons for a loss, separated by commas."),
                                "stage": id_of(
                                    "opportunity_stages",
                                    "Id of the stage of lost opportunities.",
                                    may_dangle=True,
                                ),
                            },
                            "Lost opportunities.",
                        ),
                    },
                    "Which stages mean open, won and lost.",
                ),
                "default_stage": id_of(
                    "opportunity_stages", "Id of the stage of new opportunities.", may_dangle=True
                ),
            },
            "Settings of opportunities.",
        ),
        "task": nested(dict(_ACTIVITY), "Settings of tasks."),
        "template": nested(
            {
                "default_country_code": integer("Default country code, a number."),
                "default_user_id": id_of("users", "Id of the default user."),
            },
            "Settings of templates.",
        ),
        "default_merchant_account_id": flat(
            "ecommerce.default_merchant",
            id_of("merchant_accounts", "Id of the default merchant account.", may_dangle=True),
        ),
        "default_stage_id": flat(
            "opportunity.default_stage",
            id_of("opportunity_stages", "Id of the stage of new opportunities.", may_dangle=True),
        ),
        "win_stage_id": flat(
            "opportunity.states.win.stage",
            id_of("opportunity_stages", "Id of the stage of won opportunities.", may_dangle=True),
        ),
        "loss_stage_id": flat(
            "opportunity.states.loss.stage",
            id_of("opportunity_stages", "Id of the stage of lost opportunities.", may_dangle=True),
        ),
        "default_user_id": flat("template.default_user_id", id_of("users", "Id of the default user.")),
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
        "is_enabled": flag("Whether the account is enabled."),
    },
)

CONTACT_OPTION_TYPES = Collection(
    name="contact_option_types",
    about="Contact types of the account.",
    endpoint=Endpoint("/v2/settings/contactOptionTypes", items="option_types", paging="none"),
    key=("option_type",),
    wire=Wire(bare=True, unpack=bare("option_type")),
    properties={
        "option_type": key("A type of contact, as in contacts.contact_type."),
    },
)

USER_INFO = Collection(
    name="user_info",
    about="The user who owns the key (one row).",
    endpoint=Endpoint("/v2/oauth/connect/userinfo", items=None, paging="none"),
    selected_by_default=False,
    properties={
        "email": text("Email address of the user."),
        "sub": text("Subject of the credential: who it stands for."),
        "id": key_of("users", "Global id of the user, not users.id.", column="global_user_id"),
        "keap_id": id_of("users", "Keap ID of the user.", column="keap_id"),
        "family_name": text("Last name."),
        "given_name": text("First name."),
        "middle_name": text("Middle name."),
        "preferred_name": text("Preferred name."),
        "is_admin": flag("Whether the user is an administrator."),
        "tenant_id": other_id(
            "Name of the account in Keap, such as xx123.infusionsoft.com.", "No stream lists accounts."
        ),
    },
)

COUNTRIES = Collection(
    name="countries",
    about="Countries, with the names that Keap uses.",
    endpoint=Endpoint("/v2/locales/countries", items="countries", paging="none"),
    key=("country_code",),
    wire=Wire(unpack=with_columns(country_code="codes.alpha3")),
    properties={
        "codes": nested(
            {
                "alpha2": text("ISO 3166-1 alpha-2, such as US."),
                "alpha3": text("ISO 3166-1 alpha-3, such as USA."),
            },
            "Codes of the country.",
        ),
        "name": text("Name of the country."),
        "country_code": key("Country, ISO 3166-1 alpha-3, from codes."),
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
        "code": key("Code of the province, ISO 3166-2, such as US-AZ."),
        "name": text("Name of the province."),
        "country": text("Code of the country, as Keap sends it with the province."),
        "country_code": key_of("countries", "Country, ISO 3166-1 alpha-3.", column="country_code"),
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
