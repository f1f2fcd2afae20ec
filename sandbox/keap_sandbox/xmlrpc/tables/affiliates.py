"""Affiliates, their referrals, and what commission programs offer them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.sample_data.affiliates import default_percent
from keap_sandbox.tables import Row, mix
from keap_sandbox.xmlrpc.tables.cells import ALL, Read, codes, day, ident, number, text, whole, words
from keap_sandbox.xmlrpc.tables.declaring import table
from keap_sandbox.xmlrpc.tables.records import each

if TYPE_CHECKING:
    from keap_sandbox.account import Account

__all__ = ["TABLES"]

_DEFAULT_PROGRAM = 1


def _percent(account: Account, row: Row) -> float:
    """Return the share of a sale that the affiliate's commission program pays."""
    programs = account.commission_programs
    joined = (key for key in programs if row["id"] in (programs.row(key).get("affiliate_ids") or ()))
    return default_percent(next(joined, _DEFAULT_PROGRAM))


def _password(account: Account, row: Row) -> object:
    return f"made-up-{mix(int(row['id']) + account.seed) % 10**8:08d}"


def _constant(value: float) -> Read:
    return lambda *_: value


_AFFILIATE = table(
    "Affiliate",
    each("affiliates"),
    ident("Id", "id", "R"),
    text("AffCode", "code"),
    text("AffName", "name"),
    ident("ContactId", "contact_id"),
    whole("DefCommissionType", _constant(2)),
    number("LeadAmt", lambda account, row: _percent(account, row) / 2),
    whole("LeadCookieFor", "track_leads_days"),
    number("LeadPercent", _constant(0.0)),
    whole("NotifyLead", "notify_on_lead"),
    whole("NotifySale", "notify_on_sale"),
    ident("ParentId", "parent_affiliate_id"),
    text("Password", _password),
    whole("PayoutType", lambda account, row: 4 + int(_percent(account, row)) % 2),
    number("SaleAmt", _constant(0.0)),
    number("SalePercent", _percent),
    whole("Status", codes("status", ACTIVE=1, INACTIVE=0)),
    access=ALL,
    record="affiliates",
    needs=("commission_programs",),
)

_REFERRAL = table(
    "Referral",
    each("referrals"),
    ident("Id", "id", "R"),
    ident("AffiliateId", "referral_partner_id"),
    ident("ContactId", "contact_id"),
    day("DateExpires", "expiration_time"),
    day("DateSet", "referral_time"),
    text("Info", "description"),
    text("IPAddress", "ip_address"),
    text("Source", "source"),
    whole("Type", codes("referral_type", COOKIE=0, PERMANENT=1, MANUAL=2)),
    access="AR",
)


def _programs(_: Account, row: Row) -> object:
    return [one.get("commission_program_id") for one in row.get("commission_programs") or ()]


_RESOURCE = table(
    "AffResource",
    each("program_resources"),
    ident("Id", "id"),
    text("Notes", "notes"),
    text("ProgramIds", _programs),
    text("ResourceHREF", "url"),
    text("ResourceHTML", "content_html"),
    text("ResourceOrder", "order"),
    text("ResourceType", words("type")),
    text("Title", "title"),
    access=ALL,
)

TABLES = (_AFFILIATE, _REFERRAL, _RESOURCE)
