"""The settings of the wing: which tables and fields of XML-RPC to read.

They are declared as all settings are; `wings` adds them to the configuration.
"""

from __future__ import annotations

from typing import Any

from tap_infusionsoft.config.setting_types import Flag, ListOfObjects, Text, Texts


class _Id(Text[None], frozen=True, kw_only=True):
    """An id; a text or a number."""

    default: None = None

    @property
    def _json_type(self) -> dict[str, Any]:
        return {"type": ["string", "integer"]}

    def _check(self, value: Any, label: str) -> str:
        found = str(value).strip()
        if isinstance(value, bool) or not (found.isascii() and found.isdigit()):
            raise self._wrong(label, value, "an id, which is a whole number")
        return found


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
    text="Fields with passwords to read as well, such as Contact.Password, members of reports, such as "
    "shipping_ups_shipping_options.accessPassword, and columns of saved searches, such as "
    "SavedSearch.Username. Default: none.",
)
QUERIES = ListOfObjects(
    "legacy_queries",
    noun="query",
    keys=(
        Text("name", default=None, required=True, text="Name of the stream that the query becomes."),
        Text("table", default=None, required=True, text="Table to ask, such as Contact."),
        Text(
            "query",
            default=None,
            text="Which rows, as in the classic connector: {'City':'Ogden%', 'Id':'~>~500'}. Default: all.",
        ),
        Texts("fields", text="Fields to read; the key is always included. Default: all."),
        Texts("ids", kind="ids", text="Ids of the rows to read one by one, instead of query."),
        Text("order_by", default=None, text="Order of the rows: LastUpdated desc."),
        Flag(
            "bookmark",
            default=False,
            text="Read only what changed since the last run, as LastSuccessfulRun in query does. By default, "
            "every run reads all rows of the query.",
        ),
    ),
    title="Queries (XML-RPC)",
    text="Classic queries to read as separate streams, a list of objects. Keys: name and table; "
    "optionally query, in the classic connector's syntax, fields, ids, order_by and bookmark. Default: none.",
)
SEARCHES = ListOfObjects(
    "legacy_searches",
    noun="search",
    keys=(
        _Id("id", default=None, required=True, text="Id of the saved search, in the table SavedFilter."),
        _Id("user_id", default=None, required=True, text="Id of a user who may run it, in the table User."),
        Texts("fields", text="Columns to read. Default: all."),
        Text(
            "name",
            default=None,
            text="What its stream is called: legacy_saved_search_ and this name. Default: the id.",
        ),
    ),
    title="Saved searches (XML-RPC)",
    text="Saved searches to read by XML-RPC as separate streams, a list of objects. Keys: id and "
    "user_id; optionally fields and name. Default: none.",
)

SETTINGS = (TABLES, REPORTS, ARCHIVE, SECRETS, QUERIES, SEARCHES)
"""All of them, in the order of the documentation."""
