"""The setting ``legacy_searches``: its entries, checked as far as possible without a call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_infusionsoft.errors import ConfigError
from tap_infusionsoft.xmlrpc.id_conditions import MOST_ID
from tap_infusionsoft.xmlrpc.settings import SEARCHES, SECRETS

if TYPE_CHECKING:
    from collections.abc import Mapping

STREAM = "legacy_saved_search_"
"""How the names of the streams begin."""
SECRET_COLUMNS = ("SSN", "LastSSN", "Username", "Password")
"""Columns that are left out unless `legacy_secrets` names them. Source: the vendor's list of columns."""
TABLE = "SavedSearch"
"""What `legacy_secrets` calls saved searches, as in ``SavedSearch.Password``."""

_NAME = re.compile(r"[a-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class LegacySearch:
    """One entry of the setting.

    Attributes:
        id: Id of the saved search.
        user: Id of the user in whose name it is run. What a search finds depends on what the user may see.
        fields: The columns to read; empty for all.
        name: What the user calls it; empty for nothing.
        secrets: Columns with credentials that may be read.
    """

    id: str
    user: str
    fields: tuple[str, ...] = ()
    name: str = ""
    secrets: frozenset[str] = frozenset()

    @property
    def stream(self) -> str:
        """Name of its stream."""
        return f"{STREAM}{self.name or self.id}"

    @property
    def setting(self) -> str:
        """What messages and the state call it."""
        return f"{SEARCHES.name}.{self.name or self.id}"

    def error(self, text: str) -> ConfigError:
        """The error for a search that cannot be read.

        Args:
            text: What is wrong, and what to do about it.
        """
        return ConfigError(f"{self.setting}: {text}.")

    @property
    def hidden(self) -> frozenset[str]:
        """The columns that are left out, in lower case."""
        return frozenset(name.lower() for name in SECRET_COLUMNS if name not in self.secrets)


def read_searches(config: Mapping[str, Any]) -> list[LegacySearch]:
    """Check the setting.

    Args:
        config: The configuration.

    Raises:
        ConfigError: An entry is wrong; the message names it.
    """
    prefix = f"{TABLE}."
    secrets = frozenset(
        one.removeprefix(prefix) for one in SECRETS.read(config) or () if one.startswith(prefix)
    )
    found: dict[str, LegacySearch] = {}
    for place, entry in enumerate(SEARCHES.read(config) or (), 1):
        search = _read(place, entry, secrets)
        if search.stream in found:
            raise search.error(
                f"two searches have the stream {search.stream}. Give each its own name, such as by_jane"
            )
        found[search.stream] = search
    return [*found.values()]


def _read(place: int, entry: Mapping[str, Any], secrets: frozenset[str]) -> LegacySearch:
    """Make a search of an entry whose keys have been checked.

    Args:
        place: Number of the entry, counted from 1.
        entry: The entry; None for keys that it leaves out.
        secrets: Columns with credentials that the user wants.
    """
    for key in ("id", "user_id"):
        if not entry[key]:
            raise ConfigError(
                f"{SEARCHES.name}: search {place} has no {key}. Add it: the table SavedFilter lists saved "
                "searches with the users who may run them."
            )
        if int(entry[key]) > MOST_ID:
            raise ConfigError(
                f"{SEARCHES.name}: {key} of search {place} is {entry[key]}, and XML-RPC has no id above "
                f"{MOST_ID}. Correct it."
            )
    name = (entry["name"] or "").strip()
    search = LegacySearch(entry["id"], entry["user_id"], entry["fields"] or (), name, secrets)
    if name and not _NAME.fullmatch(name):
        raise ConfigError(
            f"{SEARCHES.name}: the name of search {place} is {name[:60]!r}. It becomes part of the name of a "
            "stream, so it must have only lower-case letters, digits and underscores, at most 40 characters."
        )
    if entry["fields"] is not None and (not search.fields or "" in search.fields):
        raise search.error("fields is empty or has an empty value. Fill it in, or leave it out")
    for one in search.fields:
        if one.lower() in search.hidden:
            raise search.error(
                f"fields: {one} may hold a credential. To read it, name {TABLE}.{one} in {SECRETS.name} too"
            )
    return search
