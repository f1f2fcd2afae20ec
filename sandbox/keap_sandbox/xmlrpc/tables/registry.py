"""All data tables of the XML-RPC API."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.xmlrpc.tables.view import TableView

__all__ = ["TABLES"]

TABLES: Mapping[str, TableView] = {}
"""By name; case matters."""
