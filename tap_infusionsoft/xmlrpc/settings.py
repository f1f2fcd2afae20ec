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
    text="Fields with passwords to read as well, such as Contact.Password. Default: none.",
)

SETTINGS = (TABLES, ARCHIVE, SECRETS)
"""All of them, in the order of the documentation."""
