"""Sample settings, countries, user groups, contact links, and what affiliates use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.sample_data.affiliates import PLAN_PERCENT, PRODUCT_PERCENT, default_percent
from keap_sandbox.sample_data.generators import DAY, EPOCH_END, EPOCH_START, PerContact
from keap_sandbox.sample_data.shop import DEFAULT_MERCHANT, SAMPLE_PLANS, SAMPLE_PRODUCTS, product_key
from keap_sandbox.tables import moment_of
from keap_sandbox.timestamps import iso

if TYPE_CHECKING:
    from keap_sandbox.sample_data.account_view import AccountView
    from keap_sandbox.tables import Row

__all__ = [
    "COMPANY", "OPTION_TYPES", "ContactLinks", "business_profile", "configuration", "countries", "link_types",
    "program_details", "program_resources", "provinces", "redirects", "user_groups",
]  # fmt: skip

OPTION_TYPES = ("Customer", "Lead", "Other", "Vendor", "Prospect & more")

_COUNTRIES: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...] = (
    ("US", "USA", "United States", (("US-AZ", "Arizona"), ("US-TX", "Texas"), ("US-OR", "Oregon"))),
    ("CA", "CAN", "Canada", (("CA-ON", "Ontario"), ("CA-QC", "Québec"))),
    ("GB", "GBR", "United Kingdom", (("GB-ENG", "England"), ("GB-SCT", "Scotland"))),
    ("DE", "DEU", "Germany", (("DE-BY", "Bayern"), ("DE-BE", "Berlin"))),
    ("BR", "BRA", "Brazil", (("BR-SP", "São Paulo"),)),
    ("AU", "AUS", "Australia", (("AU-NSW", "New South Wales"),)),
    ("JP", "JPN", "Japan", (("JP-27", "Osaka"),)),
    ("CI", "CIV", "Côte d'Ivoire", ()),
    ("VA", "VAT", "Holy See", ()),
)


def countries(_: AccountView) -> dict[int, Row]:
    """Return the countries."""
    return {
        key: {"codes": {"alpha2": two, "alpha3": three}, "name": name}
        for key, (two, three, name, _) in enumerate(_COUNTRIES, 1)
    }


def provinces(_: AccountView) -> dict[int, Row]:
    """Return the provinces. Their `country_code` is the alpha-3 code."""
    rows = [
        {"code": code, "name": name, "country": three, "country_code": three}
        for _, three, _, provinces_of_country in _COUNTRIES
        for code, name in provinces_of_country
    ]
    return dict(enumerate(rows, 1))


def user_groups(_: AccountView) -> dict[int, Row]:
    """Return the user groups."""
    names = ("Sales", "Support", "Büro & Lager")
    return {2 * key: {"id": str(2 * key), "name": name} for key, name in enumerate(names, 1)}


def link_types(_: AccountView) -> dict[int, Row]:
    """Return the kinds of links between contacts."""
    names = (("Spouse", 1), ("Parent ↔ child", 12), ("Colleague", 100))
    return {
        key: {
            "id": str(key),
            "name": name,
            "max_links": max_links,
            "create_time": iso(EPOCH_START - key * DAY),
        }
        for key, (name, max_links) in enumerate(names, 1)
    }


class ContactLinks(PerContact):
    """Links between contacts."""

    salt, percent = 71, 3

    def other(self, index: int) -> int:
        """Return the id of the second contact, the one created after the first."""
        people = self.account.people
        first = people.index(self.contact(index)) or 0
        return people.key((first + 1) % people.count)

    def owner(self, index: int, path: str) -> str | None:
        """Return the id of one of the two contacts."""
        if path == "contact1_id":
            return str(self.contact(index))
        if path == "contact2_id":
            return str(self.other(index))
        raise KeyError(path)

    def row(self, index: int) -> Row:
        """Return the complete row. Only the contact shows the id of a link."""
        kind = 1 + self.chance(index) % 3
        return {
            "id": str(self.key(index)),
            "contact1_id": str(self.contact(index)),
            "contact2_id": str(self.other(index)),
            "link_type_id": str(kind),
            "link_type_name": ("Spouse", "Parent ↔ child", "Colleague")[kind - 1],
        }


def redirects(account: AccountView) -> dict[int, Row]:
    """Return the redirect links of affiliates."""
    rows: dict[int, Row] = {}
    for number, affiliate in enumerate(account.tables["affiliates"].keys()):
        joined = moment_of(account.tables["affiliates"].row(affiliate)["date_created"]) or EPOCH_START
        key, url = 21 + 4 * (number ^ 1), f"https://sandbox.example/p/{number}?ü=1"
        rows[key] = {
            "id": str(key),
            "name": ("Course", "Free guide", "Ünïcode")[number % 3] + f" {number}",
            "code": f"go{number}",
            "affiliate_id": str(affiliate) if number % 4 else None,
            "local_url_code": f"go{number}",
            "redirect_url": url,
            "website_address": url,
            "program_ids": ["1", "2"][: number % 3],
            "date_created": iso(min(joined - joined % DAY + (1 + number % 9) * DAY, EPOCH_END)),
        }
    return rows


def _share(percent: float) -> Row:
    return {"sale_percent": percent, "sale_amount": 0.0, "lead_percent": 0.0, "lead_amount": percent / 2}


def _commission(percent: float) -> Row:
    return {
        "payout_type": ("UPFRONT", "PAYMENT_RECEIVED")[int(percent) % 2],
        "dollar_amount": 0.0,
        "percentage": percent,
        "unused": _share(0.0),
        "level_1": _share(percent),
        "level_2": _share(percent / 5),
    }


def program_details(key: int) -> Row:
    """Return the fields that only a single commission program shows."""
    name, _, price, _, _ = SAMPLE_PRODUCTS[key % len(SAMPLE_PRODUCTS)]
    plan, _, plan_name, _, plan_price, _ = SAMPLE_PLANS[key % len(SAMPLE_PLANS)]
    return {
        "default_commission": _commission(default_percent(key)),
        "product_commissions": [
            _commission(PRODUCT_PERCENT)
            | {
                "product_id": str(product_key(key % len(SAMPLE_PRODUCTS))),
                "product_name": name,
                "product_price": price / 100,
            }
        ],
        "subscription_commissions": [
            _commission(PLAN_PERCENT)
            | {"name": plan_name, "subscription_id": str(plan), "plan_price": plan_price / 100}
        ]
        if key % 2
        else [],
    }


def program_resources(account: AccountView) -> dict[int, Row]:
    """Return the banners, emails and pages for affiliates. One can belong to several programs."""
    programs = list(account.tables["commission_programs"].keys())
    kinds = (("EMAIL", "Mail ✉"), ("BANNER", "Banner 300x250"), ("PAGE", "Landing page"))
    return {
        7 + number: {
            "id": str(7 + number),
            "title": title,
            "type": kind,
            "notes": None if number else "Send on Mondays",
            "url": None if kind == "EMAIL" else f"https://sandbox.example/{kind.lower()}",
            "order": number,
            "content_html": "<p>Hello ☺</p>" if kind == "EMAIL" else None,
            "page_width": 300 if kind == "BANNER" else None,
            "page_height": 250 if kind == "BANNER" else None,
            "commission_programs": [
                {"commission_program_id": str(program)} for program in programs[: number + 1]
            ],
        }
        for number, (kind, title) in enumerate(kinds)
    }


COMPANY = "Sandbox Inc."
"""Name of the first account."""


def business_profile(name: str = COMPANY) -> Row:
    """Return the business profile of the account with this name."""
    return {
        "name": name,
        "email": "hello@sandbox.example",
        "website": "https://sandbox.example",
        "phone": "(480) 555-0100",
        "address": {
            "line1": "1 Office Park",
            "line2": None,
            "locality": "Chandler",
            "region": "Arizona",
            "country_code": "USA",
            "postal_code": "85224",
        },
        "time_zone": "America/Phoenix",
        "logo_url": None,
        "currency_code": "USD",
        "language_tag": "en-US",
        "business_type": "Coaching",
        "business_goals": ["GROW_LIST", "SELL_ONLINE"],
        "business_primary_color": "#36a635",
        "business_secondary_color": None,
    }


def configuration() -> dict[str, Row]:
    """Return all modules of the settings, by the name that `fields` accepts."""
    kinds = {"appointment_types": "Call,Visit", "share_opportunity_with_related_user": False}
    return {
        "APPLICATION": {
            "company": {
                "name": "Sandbox Inc.",
                "country": "United States",
                "email": "hello@sandbox.example",
                "city": "Chandler",
                "state": "AZ",
                "zip": "85224",
                "phone": "(480) 555-0100",
                "website": "https://sandbox.example",
                "street_address_1": "1 Office Park",
                "street_address_2": "",
                "phone_ext": None,
                "caller_id_number": None,
                "web_logo_url": None,
            },
            "time_zone": "America/Phoenix",
            "default_view_locale": "en_US",
            "features_enabled": {"marketing": True},
        },
        "AFFILIATE": {
            "commission": {"levels": 2, "calculation_type": "Total", "participant_types": "Lead,Sale"},
            "choose_affiliate": True,
            "custom_affiliate_url": None,
            "display_affiliate_ip_address": False,
            "do_not_notify_affiliate": False,
            "use_referral_history_if_no_tracking_cookie": True,
            "skip_pay_if_unused": False,
        },
        "APPOINTMENT": dict(kinds),
        "CONTACT": {
            "title_types": "Mr.,Mrs.,Ms.,Dr.",
            "suffix_types": "Jr.,Sr.",
            "contact_types": ",".join(OPTION_TYPES),
            "phone_types": "Work,Home,Mobile",
            "fax_types": "Work,Home",
            "address_labels": {"line_1": "Street", "line_2": "Suite", "line_3": None},
            "disable_contact_edit_in_client_login": False,
            "default_new_contact_form": "0",
        },
        "ECOMMERCE": {
            "currency": "USD",
            "default_country": "United States",
            "default_merchant": DEFAULT_MERCHANT,
            "credit_card_types": "Visa,MasterCard,American Express",
            "default_tax": "7",
            "payment_types": "Credit Card,Check,Cash",
            "default_to_auto_charge": True,
            "default_charge_max_retry_attempts": 3,
            "default_number_of_days_between_charge_attempts": 5,
            "merchant_account_max_retry_attempts": 3,
            "promo_codes": "SUMMER20,WELCOME",
            "track_cost_per_unit": False,
            "track_inventory": True,
        },
        "EMAIL": {
            "default_opt_in_link": "Confirm",
            "default_opt_out_link": "Unsubscribe",
            "whitelisted_domains": "",
            "hide_emails_to_and_from_domains": None,
            "append_contact_key_to_links": False,
        },
        "FORMS": {"spam_filters_enabled": True},
        "FULFILLMENT": {"default_message_to": None, "default_message_fields": "Name,Address"},
        "INVOICE": {"tax_label": "Sales tax"},
        "NOTE": dict(kinds),
        "OPPORTUNITY": {
            "states": {
                "active": {"stages": "10,20,30,40"},
                "win": {"reasons": "Price,Service", "stage": "50"},
                "loss": {"reasons": "Price,Timing", "stage": "60"},
            },
            "default_stage": "10",
        },
        "TASK": dict(kinds),
        "TEMPLATE": {"default_country_code": 1, "default_user_id": "1"},
    }
