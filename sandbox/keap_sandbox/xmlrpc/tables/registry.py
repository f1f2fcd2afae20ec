"""All data tables of the XML-RPC API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keap_sandbox.xmlrpc.tables import (
    affiliates,
    forms,
    opportunities,
    payments,
    people,
    sales,
    shop,
    tags,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keap_sandbox.xmlrpc.tables.view import TableView

__all__ = ["TABLES"]

_AREAS = (people, tags, forms, sales, payments, shop, opportunities, affiliates)

TABLES: Mapping[str, TableView] = {view.name: view for area in _AREAS for view in area.TABLES}
"""By name; case matters."""
