"""A tap in the style of singer-sdk's template: a plain RESTStream with a schema.

It takes the usual arguments of a tap. Its settings are `url`, and `schema`, the path of a JSON schema.
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th


class Contacts(RESTStream[str]):
    """All contacts, page by page."""

    name = "contacts"
    path = "/crm/rest/v2/contacts"
    primary_keys = ("id",)
    records_jsonpath = "$.contacts[*]"
    next_page_token_jsonpath = "$.next_page_token"  # a path

    @property
    def url_base(self) -> str:
        """URL of the server."""
        return str(self.config["url"])

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The schema from the file in the settings."""
        found: dict[str, Any] = json.loads(Path(self.config["schema"]).read_text())
        return found

    def get_url_params(self, context: Any, next_page_token: str | None) -> dict[str, Any]:  # noqa: ARG002
        """Return the query of a page."""
        return {"page_size": 1000, "page_token": next_page_token or ""}


class TapContacts(Tap):
    """The tap for the server of contacts."""

    name = "tap-contacts"
    config_jsonschema = th.PropertiesList(
        th.Property("url", th.StringType, required=True), th.Property("schema", th.StringType, required=True)
    ).to_dict()

    def discover_streams(self) -> list[Contacts]:
        """Return the only stream."""
        return [Contacts(self)]


if __name__ == "__main__":
    TapContacts.cli()
