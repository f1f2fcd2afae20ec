"""The settings of the wing: which tables and fields of XML-RPC to read.

They are declared as all settings are; `wings` adds them to the configuration.
"""

from __future__ import annotations

from tap_infusionsoft.config.setting_types import Flag, Texts

TABLES = Texts(
    "legacy_tables",
    title="Tables (XML-RPC)",
    text="Names or patterns (* and ?) of the tables of XML-RPC to read, such as Contact or Job; each becomes "
    "a stream, such as legacy_contact. Default: none. XML-RPC ends on 2026-12-31.",
)
REPORTS = Texts(
    "legacy_reports",
    title="Reports (XML-RPC)",
    text="Names or patterns (* and ?) of the reports of the classic connector to read by XML-RPC, such as "
    "affiliate_commissions; each becomes a stream, such as legacy_affiliate_commissions. Their parameters "
    "are start_date, end_date and the settings with ids, such as affiliate_ids. Default: none.",
)
ARCHIVE = Flag(
    "legacy_archive",
    default=False,
    title="Last copy (XML-RPC)",
    text="Read the tables that have no counterpart in REST, so that you keep a copy when XML-RPC ends on "
    "2026-12-31.",
)
SECRETS = Texts(
    "legacy_secrets",
    title="Passwords (XML-RPC)",
    text="Fields with passwords to read as well, such as Contact.Password, and members of reports, such as "
    "shipping_ups_shipping_options.accessPassword. Default: none.",
)

SETTINGS = (TABLES, REPORTS, ARCHIVE, SECRETS)
"""All of them, in the order of the documentation."""
